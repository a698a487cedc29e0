import { parseJson } from '../parse-json.ts';
import type { DealRef } from './deal.ts';

/**
 * What a deal was given, kept on the deal itself: it outlives Temporal's retention, and unlike the status it says
 * for each product what people may already hold. Holds no codes. Sealed with a secret of the deployment, because people
 * can edit the field it stands in.
 */
export interface Ledger {
  /** When the deal entered the won stage that this was delivered for; null: not known. */
  readonly wonAt: string | null;
  /** Whom its codes were handed to, whatever the catalog says by now; null: to nobody yet. */
  readonly audience: Audience | null;
  readonly roster: LedgerRoster | null;
  /** Every group that was ever handed out, fully withdrawn ones too: their part numbers stay taken. */
  readonly groups: readonly LedgerGroup[];
  /** By product: what a person saw and left as it is. */
  readonly settled: Readonly<Record<string, Settled>>;
  /** Contacts who were handed codes, whoever of them is a learner of the deal now; absent: none, or the buyer has all. */
  readonly learners?: readonly string[];
  /** Whom a hand-over that is pending is for: each of them may have codes of it by now. */
  readonly pendingLearners?: readonly string[];
  /** Codes that were left over went to the buyer, or may have: no learner gets one of them. */
  readonly isSpareOut?: true;
  /** A run began to hand this over and has not finished: the next one does, under the same keys. */
  readonly isPending?: true;
  /** A person stopped the deal. */
  readonly stopped?: Stop;
  /** Learners who are to have no seat, because these who left the deal keep theirs. */
  readonly declined?: Readonly<Record<string, readonly string[]>>;
  /** How the last delivery reached people; absent: none has, or it was before this was noted. */
  readonly handedOver?: HandedOver;
}

export interface HandedOver {
  /** UTC instant. */
  readonly at: string;
  /** Id of the buyer's contact; null: there was none. */
  readonly to: string | null;
  /** `sent`: the e-mail tool says so. `accepted`: it took the messages, and says no more. `roster`: without any message. */
  readonly by: 'sent' | 'accepted' | 'roster';
}

export type Audience = 'buyer' | 'learners';

/** A person saw that another number is sold than the customer has, and left that as it is. */
export interface Settled {
  readonly sold: number;
  /** Of the deal at that time, as `Ledger.wonAt`. */
  readonly wonAt: string | null;
}

export interface Stop {
  readonly by: string;
  readonly wonAt: string | null;
  /** Id of the question that the run asked when it was stopped: it is not asked again. */
  readonly question?: string;
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
  /** Which learning platform holds it, and its id there. */
  readonly platform: string;
  readonly group: string;
  /** Template that its links were made with. */
  readonly redeemUrl: string;
  /** Codes that the group was made with. */
  readonly issued: number;
  /** Codes that the customer may use; the rest was withdrawn. */
  readonly active: number;
  /** It is being handed over for the first time: whoever has no code yet may get one of it. */
  readonly isNew?: true;
}

export const NO_SEATS: Ledger = { wonAt: null, audience: null, roster: null, groups: [], settled: {} };

/** Made with a secret of the deployment (`DEALSEAT_SECRET_KEYS`). */
export interface Sealer {
  /** `<key id>.<MAC of the text>`. */
  seal(text: string): string;
  /** By any key of the deployment. */
  isSealOf(seal: string, text: string): boolean;
}

/** For what is written beside things that people may have written. */
export const NO_SEAL: Sealer = { seal: () => '', isSealOf: () => false };

/** Compact JSON for one text field of the deal. */
export function formatLedger(ledger: Ledger, deal: DealRef, sealer: Sealer): string {
  const content = contentOf(ledger);
  return JSON.stringify({ ...content, mac: sealer.seal(sealedText(content, deal)) });
}

export interface ReadLedger {
  readonly ledger: Ledger;
  /** Written by this deployment for this very deal, and not edited since. */
  readonly isSealed: boolean;
}

/** People can edit the field, so every text must be expected in it. */
export function readLedger(
  text: string | null,
  deal: DealRef,
  sealer: Sealer,
): ReadLedger | 'unreadable' | null {
  if (text === null || text.trim() === '') return null;
  const value = parseJson(text);
  const ledger = toLedger(value);
  if (ledger === null) return 'unreadable';
  const { mac } = value as { readonly mac?: unknown };
  const isSealed = isText(mac) && sealer.isSealOf(mac, sealedText(contentOf(ledger), deal));
  return { ledger, isSealed };
}

/** Equal ledgers have equal contents. Templates repeat, so each stands once. */
function contentOf(ledger: Ledger) {
  const { wonAt, audience, roster, groups, settled, isPending, stopped, handedOver } = ledger;
  const { learners = [], pendingLearners = [], isSpareOut, declined = {} } = ledger;
  const templates = [...new Set(groups.map(({ redeemUrl }) => redeemUrl))];
  const products = Object.keys(settled).sort();
  return {
    wonAt,
    audience,
    roster: roster && { file: roster.file, codes: roster.codes, sha256: roster.sha256 },
    groups: groups.map(({ token, product, part, platform, group, redeemUrl, issued, active, isNew }) => ({
      token,
      product,
      part,
      platform,
      group,
      link: templates.indexOf(redeemUrl),
      issued,
      active,
      ...(isNew ? { new: true } : {}),
    })),
    links: templates,
    ...(products.length === 0
      ? {}
      : {
          settled: Object.fromEntries(
            products.map((product) => [
              product,
              { sold: settled[product]?.sold ?? 0, wonAt: settled[product]?.wonAt ?? null },
            ]),
          ),
        }),
    ...(learners.length > 0 ? { learners: joinIds(learners) } : {}),
    ...(pendingLearners.length > 0 ? { pendingLearners: joinIds(pendingLearners) } : {}),
    ...(isSpareOut ? { spareOut: true } : {}),
    ...(Object.keys(declined).length > 0 ? { declined: joinedDeclined(declined) } : {}),
    ...(isPending ? { pending: true } : {}),
    ...(stopped ? { stopped: stopWithoutMore(stopped) } : {}),
    ...(handedOver ? { handedOver: handedOverWithoutMore(handedOver) } : {}),
  };
}

/** Ids of one CRM begin alike, and there may be a thousand: how all begin, and how each goes on. */
function joinIds(ids: readonly string[]): string {
  const sorted = [...ids].sort();
  const [first = '', last = ''] = [sorted[0], sorted.at(-1)];
  const differs = [...first].findIndex((character, index) => character !== last[index]);
  const prefix = first.slice(0, Math.max(differs, 0));
  return [prefix, ...sorted.map((id) => id.slice(prefix.length))].join(' ');
}

function splitIds(text: string): string[] {
  const [prefix = '', ...rests] = text.split(' ');
  return rests.map((rest) => prefix + rest);
}

/** Many are decided about together, so who stays for them stands once. */
function joinedDeclined(declined: NonNullable<Ledger['declined']>): [string, string][] {
  const byKept = Map.groupBy(Object.entries(declined), ([, kept]) => joinIds(kept));
  const joined = [...byKept].map(([kept, those]): [string, string] => [
    joinIds(those.map(([id]) => id)),
    kept,
  ]);
  return joined.sort(([a], [b]) => (a < b ? -1 : 1));
}

function splitDeclined(joined: readonly (readonly [string, string])[]): NonNullable<Ledger['declined']> {
  return Object.fromEntries(
    joined.flatMap(([those, kept]) => splitIds(those).map((id) => [id, splitIds(kept)] as const)),
  );
}

function isDeclined(value: unknown): value is [string, string][] {
  return (
    Array.isArray(value) &&
    value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isText))
  );
}

function sealedText(content: ReturnType<typeof contentOf>, { crm, account, dealId }: DealRef): string {
  return JSON.stringify(['ledger', crm, account, dealId, content]);
}

function toLedger(value: unknown): Ledger | null {
  if (!isRecord(value)) return null;
  const {
    wonAt = null,
    audience = null,
    roster = null,
    groups,
    links = [],
    settled = {},
    learners = '',
    pendingLearners = '',
    spareOut,
    declined = [],
    pending,
    stopped,
    handedOver,
  } = value;
  if (!isInstantOrNull(wonAt)) return null;
  if (audience !== null && audience !== 'buyer' && audience !== 'learners') return null;
  if (roster !== null && !isRoster(roster)) return null;
  if (!Array.isArray(links) || !links.every(isText)) return null;
  if (!Array.isArray(groups) || !groups.every(isGroup)) return null;
  if (groups.some(({ link }) => links[link] === undefined)) return null;
  if (new Set(groups.map(({ token }) => token)).size !== groups.length) return null;
  // Of such a group newcomers may get codes; without the mark that holds back those of the roster, this is no run's text.
  if (pending !== true && groups.some(({ new: isNew }) => isNew === true)) return null;
  if (!isText(learners) || !isText(pendingLearners) || (pendingLearners !== '' && pending !== true))
    return null;
  if (!isSettledByProduct(settled)) return null;
  if (!isDeclined(declined)) return null;
  if (stopped !== undefined && !isStop(stopped)) return null;
  if (handedOver !== undefined && !isHandedOver(handedOver)) return null;
  return {
    wonAt,
    audience,
    roster: roster === null ? null : { file: roster.file, codes: roster.codes, sha256: roster.sha256 },
    groups: groups.map(({ token, product, part, platform, group, link, issued, active, new: isNew }) => ({
      token,
      product,
      part,
      platform,
      group,
      redeemUrl: links[link] ?? '',
      issued,
      active,
      ...(isNew === true ? { isNew: true as const } : {}),
    })),
    settled: Object.fromEntries(
      Object.entries(settled).map(([product, { sold, wonAt: at }]) => [product, { sold, wonAt: at }]),
    ),
    ...(learners === '' ? {} : { learners: splitIds(learners) }),
    ...(pendingLearners === '' ? {} : { pendingLearners: splitIds(pendingLearners) }),
    ...(spareOut === true ? { isSpareOut: true } : {}),
    ...(declined.length === 0 ? {} : { declined: splitDeclined(declined) }),
    ...(pending === true ? { isPending: true } : {}),
    ...(stopped === undefined ? {} : { stopped: stopWithoutMore(stopped) }),
    ...(handedOver === undefined ? {} : { handedOver: handedOverWithoutMore(handedOver) }),
  };
}

/** Everyone who was handed codes, or may have been by a hand-over that is pending. */
export function handedLearners({ learners = [], pendingLearners = [] }: Ledger): string[] {
  return [...new Set([...learners, ...pendingLearners])];
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

type GroupEntry = Omit<LedgerGroup, 'redeemUrl' | 'isNew'> & {
  readonly link: number;
  readonly new?: unknown;
};

function isGroup(value: unknown): value is GroupEntry {
  if (!isRecord(value)) return false;
  const { token, product, part, platform, group, link, issued, active } = value;
  const areTexts = [token, product, platform, group].every((text) => isText(text) && text !== '');
  const areCounts = isCount(part) && part > 0 && isCount(link) && isCount(issued) && isCount(active);
  return areTexts && areCounts && active <= issued;
}

function isRoster(value: unknown): value is LedgerRoster {
  if (!isRecord(value)) return false;
  const { file, codes, sha256 } = value;
  return isText(file) && ROSTER_NAME.test(file) && isCount(codes) && isText(sha256);
}

const ROSTER_NAME = /^roster-[a-z0-9-]{1,100}\.csv$/;

function isSettledByProduct(value: unknown): value is Record<string, Settled> {
  return (
    isRecord(value) &&
    Object.values(value).every(
      (entry) => isRecord(entry) && isCount(entry.sold) && isInstantOrNull(entry.wonAt),
    )
  );
}

function isStop(value: unknown): value is Stop {
  if (!isRecord(value) || !isText(value.by) || !isInstantOrNull(value.wonAt)) return false;
  return value.question === undefined || isText(value.question);
}

/** The known keys alone, in one order. */
function stopWithoutMore({ by, wonAt, question }: Stop): Stop {
  return { by, wonAt, ...(question === undefined ? {} : { question }) };
}

function isHandedOver(value: unknown): value is HandedOver {
  if (!isRecord(value)) return false;
  const { at, to, by } = value;
  if (!isText(at) || !isInstantOrNull(at)) return false;
  return (to === null || isText(to)) && (by === 'sent' || by === 'accepted' || by === 'roster');
}

function handedOverWithoutMore({ at, to, by }: HandedOver): HandedOver {
  return { at, to, by };
}

function isInstantOrNull(value: unknown): value is string | null {
  return value === null || (isText(value) && !Number.isNaN(Date.parse(value)));
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
