import { sql } from 'kysely';
import type { Actor } from '../domain/seats/seat-state.ts';
import { emailKey } from '../domain/seats/seat-state.ts';
import { noteDeed } from './audit-log.ts';
import type { StoreTransaction } from './change-seat.ts';
import { type KnownPerson, readPerson } from './people.ts';
import type { StoreSchema } from './schema.ts';
import type { SeatStore } from './seat-store.ts';
import { inTransaction } from './transaction.ts';

/** Stands in texts where an address stood. */
const ERASED = '(erased)';

/** Every column that may hold what a person is known by. A test finds what is missing here. */
export const PERSONAL_COLUMNS = {
  seats: {
    text: ['learner_email', 'learner_key', 'learner_name', 'redeemer_user_id', 'redeemer_email'],
    json: [],
  },
  seat_events: { text: ['actor_name', 'reason'], json: ['changed'] },
  operations: { text: ['outcome', 'actor_name', 'reason'], json: ['input'] },
  redemptions: { text: ['user_id', 'email'], json: [] },
  findings: { text: ['key', 'text', 'cure'], json: [] },
  nudges: { text: ['why'], json: [] },
  audit_log: { text: ['actor_name'], json: ['detail'] },
  orders: { text: ['deal_name', 'company_name'], json: [] },
  sync_positions: { text: [], json: ['state'] },
} as const satisfies Partial<
  Record<keyof StoreSchema, { readonly text: readonly string[]; readonly json: readonly string[] }>
>;

/** Of these columns the value goes as a whole; in all others only the address does. */
const WHOLE = new Set([
  'learner_email',
  'learner_key',
  'learner_name',
  'redeemer_user_id',
  'redeemer_email',
  'user_id',
  'email',
  'actor_name',
]);

export interface Erasure {
  readonly person: KnownPerson;
  /** Rows that were changed, by table. */
  readonly rows: Readonly<Record<string, number>>;
}

/**
 * Removes a person from seats, events and all else: address, name, and id at the platform. Counts, states and times stay,
 * and so does the id of the CRM's contact, which tells nothing once the CRM has forgotten it and keeps the seat from going
 * to somebody else. Afterwards `FILE_STEPS` take the old pages out of the database's files.
 */
export async function erasePerson(
  { db }: Pick<SeatStore, 'db'>,
  { email, actor, at }: { readonly email: string; readonly actor: Actor; readonly at: Date },
): Promise<Erasure> {
  return await inTransaction(db, async (trx) => {
    const person = await readPerson({ db: trx }, email);
    const known = {
      emails: [...new Set([emailKey(email), ...person.emails.map(emailKey)])],
      whole: new Set([...person.names, ...person.platformUserIds].map(emailKey)),
    };
    const rows: Record<string, number> = {};
    for (const [table, columns] of Object.entries(PERSONAL_COLUMNS)) {
      rows[table] = await scrubTable(trx, table as keyof typeof PERSONAL_COLUMNS, columns, known);
    }
    const name = actor.name !== null && isKnown(actor.name, known) ? ERASED : actor.name;
    const detail = { seats: person.seats.length, rows };
    await noteDeed(trx, { what: 'person erased', actor: { ...actor, name }, detail, at });
    return { person, rows };
  });
}

interface Known {
  /** In normal form. */
  readonly emails: readonly string[];
  /** Names and ids, in normal form: only a whole value is one of these. */
  readonly whole: ReadonlySet<string>;
}

type Row = Readonly<Record<string, unknown>>;

async function scrubTable(
  trx: StoreTransaction,
  table: keyof typeof PERSONAL_COLUMNS,
  { text, json }: (typeof PERSONAL_COLUMNS)[keyof typeof PERSONAL_COLUMNS],
  known: Known,
): Promise<number> {
  const columns: readonly string[] = [...text, ...json];
  if (columns.length === 0) return 0;
  const suspects = sql.join([...known.emails, ...known.whole].map((value) => sql`${`%${escaped(value)}%`}`));
  const matches = columns.map(
    (column) => sql`normalize(${sql.ref(column)}::text, NFKC) ilike any (array[${suspects}])`,
  );
  const { rows } = await sql<Row>`
    select ctid::text as ctid, ${sql.join(columns.map((column) => sql.ref(column)))}
    from ${sql.table(table)} where ${sql.join(matches, sql` or `)} for update`.execute(trx);
  let changed = 0;
  for (const row of rows) {
    const set = columns.flatMap((column) => {
      const before = row[column];
      const isJson = (json as readonly string[]).includes(column);
      const after = isJson ? withoutPerson(before, known) : scrubbed(column, before as string | null, known);
      if (JSON.stringify(after) === JSON.stringify(before)) return [];
      return [sql`${sql.ref(column)} = ${isJson ? sql`${JSON.stringify(after)}::jsonb` : after}`];
    });
    if (set.length === 0) continue;
    changed += 1;
    await sql`update ${sql.table(table)} set ${sql.join(set)} where ctid = ${row.ctid}::tid`.execute(trx);
  }
  return changed;
}

function scrubbed(column: string, value: string | null, known: Known): string | null {
  if (value === null) return null;
  if (WHOLE.has(column)) return isKnown(value, known) ? null : value;
  return withoutAddresses(value, known);
}

/** JSON less the person: a value that is the person goes, and the address in any other text. */
function withoutPerson(value: unknown, known: Known): unknown {
  if (typeof value === 'string') return isKnown(value, known) ? null : withoutAddresses(value, known);
  if (Array.isArray(value)) return value.map((one) => withoutPerson(one, known));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutPerson(one, known)]));
}

function isKnown(value: string, { emails, whole }: Known): boolean {
  const key = emailKey(value);
  return emails.includes(key) || whole.has(key);
}

function withoutAddresses(text: string, { emails }: Known): string {
  const left = text.normalize('NFKC');
  const without = emails.reduce((rest, email) => rest.replace(wholeAddress(email), ERASED), left);
  return without === left ? text : without;
}

/** An address that is not a part of a longer one, which is somebody else's. A full stop behind it ends a sentence. */
function wholeAddress(email: string): RegExp {
  const literal = email.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}._%+-])${literal}(?![\\p{L}\\p{N}@-]|\\.[\\p{L}\\p{N}])`, 'giu');
}

/** For `like`. */
function escaped(value: string): string {
  return value.replace(/[\\%_]/g, (sign) => `\\${sign}`);
}
