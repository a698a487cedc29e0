import type { Deal } from './deal.ts';

/** The last change of the lines and people of the deal that the CRM tells of, ISO instant; null: it tells of none. */
export function writtenAtOf({
  lineItems,
  contacts,
  unseenContacts,
  writtenAt: associatedAt,
}: Pick<Deal, 'lineItems' | 'contacts' | 'unseenContacts' | 'writtenAt'>): string | null {
  const parts = [...lineItems, ...contacts, ...unseenContacts, { writtenAt: associatedAt }];
  const instants = parts.flatMap(({ writtenAt }) => writtenAt ?? []);
  return instants.reduce<string | null>((last, at) => (last === null || at > last ? at : last), null);
}

interface Instants {
  readonly writtenAt: string | null;
  readonly wonAt: string | null;
  readonly changedAt: string;
}

/**
 * Whether the lines and people of a deal were written about when it was won, or after that, so that more of them may
 * follow: an integration writes a deal in several calls. The record's own last change says nothing, because the win
 * itself is one, and a CRM calculates for a while after it. All instants are of the CRM's own clock.
 */
export function isBeingWritten({ writtenAt, wonAt, changedAt }: Instants, stillMs: number): boolean {
  if (writtenAt === null) return false;
  const written = Date.parse(writtenAt);
  const isLongBeforeWin = written <= Date.parse(wonAt ?? changedAt) - stillMs;
  // The record may have changed since, which shows how late it is by the CRM's clock.
  return !isLongBeforeWin && Date.parse(changedAt) - written < stillMs;
}
