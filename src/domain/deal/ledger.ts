/**
 * What a deal was given, kept on the deal itself: it outlives Temporal's retention, and unlike the status it says
 * for each product what learners may already hold. Holds no codes.
 */
export interface Ledger {
  /** When the deal entered the won stage that this was delivered for; null: not known. */
  readonly wonAt: string | null;
  readonly roster: LedgerRoster | null;
  /** Every group that was ever handed out, fully withdrawn ones too: their part numbers stay taken. */
  readonly groups: readonly LedgerGroup[];
  /** By product: the seats sold when a person let the customer keep more than that. */
  readonly kept: Readonly<Record<string, number>>;
  /** An amendment began to hand these groups over and has not finished: the next run does, under the same keys. */
  readonly isPending?: true;
  /** Until it is sold in other numbers, or won anew, nobody is asked about that again. */
  readonly rejected?: Rejection;
}

/** A person would not have more seats made. */
export interface Rejection {
  /** Of the deal at that time, as `Ledger.wonAt`. */
  readonly wonAt: string | null;
  /** By product of which more is sold than delivered: the seats sold. */
  readonly sold: Readonly<Record<string, number>>;
}

/** The file on the deal. Its name was made from the deal's name once and stays when the deal is renamed. */
export interface LedgerRoster {
  readonly file: string;
  readonly codes: number;
  readonly sha256: string;
}

export interface LedgerGroup {
  readonly token: string;
  /** Product key of the catalog. */
  readonly product: string;
  readonly part: number;
  /** Id of the group in the learning platform. */
  readonly group: string;
  /** Codes that the group was made with. */
  readonly issued: number;
  /** Codes that the customer may use; the rest was withdrawn. */
  readonly active: number;
}

export const NO_SEATS: Ledger = { wonAt: null, roster: null, groups: [], kept: {} };

const ROSTER_NAME = /^roster-[a-z0-9-]{1,100}\.csv$/;

/** Compact JSON for one text field of the deal. */
export function formatLedger({ wonAt, roster, groups, kept, isPending, rejected }: Ledger): string {
  return JSON.stringify({
    wonAt,
    roster,
    groups,
    ...(Object.keys(kept).length === 0 ? {} : { kept }),
    ...(isPending ? { pending: true } : {}),
    ...(rejected ? { rejected } : {}),
  });
}

/** People can edit the field, so every text must be expected in it. */
export function parseLedger(text: string | null): Ledger | 'unreadable' | null {
  if (text === null || text.trim() === '') return null;
  const value = parseJson(text);
  if (!isRecord(value)) return 'unreadable';
  const { wonAt = null, roster = null, groups, kept = {}, pending, rejected } = value;
  if (!isInstantOrNull(wonAt)) return 'unreadable';
  if (roster !== null && !isRoster(roster)) return 'unreadable';
  if (!Array.isArray(groups) || !groups.every(isGroup)) return 'unreadable';
  if (new Set(groups.map(({ token }) => token)).size !== groups.length) return 'unreadable';
  if (!isCounts(kept)) return 'unreadable';
  if (rejected !== undefined && !isRejection(rejected)) return 'unreadable';
  return {
    wonAt,
    roster: roster === null ? null : { file: roster.file, codes: roster.codes, sha256: roster.sha256 },
    groups: groups.map(({ token, product, part, group, issued, active }) => ({
      token,
      product,
      part,
      group,
      issued,
      active,
    })),
    kept,
    ...(pending === true ? { isPending: true } : {}),
    ...(rejected === undefined ? {} : { rejected: { wonAt: rejected.wonAt, sold: rejected.sold } }),
  };
}

export function activeSeats({ groups }: Pick<Ledger, 'groups'>): number {
  return groups.reduce((sum, { active }) => sum + active, 0);
}

/** Active seats of each product that was ever delivered. */
export function activeSeatsByProduct({ groups }: Pick<Ledger, 'groups'>): ReadonlyMap<string, number> {
  const seats = new Map<string, number>();
  for (const { product, active } of groups) seats.set(product, (seats.get(product) ?? 0) + active);
  return seats;
}

/** The first part number of a product that no group of it has had. */
export function nextPart({ groups }: Pick<Ledger, 'groups'>, product: string): number {
  const taken = groups.filter((group) => group.product === product).map(({ part }) => part);
  return Math.max(0, ...taken) + 1;
}

function isGroup(value: unknown): value is LedgerGroup {
  if (!isRecord(value)) return false;
  const { token, product, part, group, issued, active } = value;
  const areTexts = [token, product, group].every((text) => typeof text === 'string' && text !== '');
  return areTexts && isCount(part) && part > 0 && isCount(issued) && isCount(active) && active <= issued;
}

function isRoster(value: unknown): value is LedgerRoster {
  if (!isRecord(value)) return false;
  const { file, codes, sha256 } = value;
  return isText(file) && ROSTER_NAME.test(file) && isCount(codes) && isText(sha256);
}

function isRejection(value: unknown): value is Rejection {
  return isRecord(value) && isInstantOrNull(value.wonAt) && isCounts(value.sold);
}

function isInstantOrNull(value: unknown): value is string | null {
  return value === null || (isText(value) && !Number.isNaN(Date.parse(value)));
}

function isCounts(value: unknown): value is Record<string, number> {
  return isRecord(value) && Object.values(value).every(isCount);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
