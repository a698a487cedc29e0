import type { Lms } from '../../clients/lms.ts';
import { DealseatError } from '../../domain/failure.ts';
import type { RedemptionCode } from '../../domain/seats/code-group.ts';
import type { Decided, DecidedFinder } from '../../domain/seats/decided.ts';
import { createCodeFinder } from '../../domain/seats/link-field.ts';
import { type Seat, type SeatedGroup, seatsOf } from '../../domain/seats/seat.ts';
import { type FoundCode, type ToldCodes, tellCodes } from '../../domain/seats/tell-codes.ts';
import type { StandingCodes } from '../../store/standing-codes.ts';
import { type FoundGroup, platformOf } from './found-groups.ts';
import type { PeopleOnDeal } from './people-on-deal.ts';

/** A found group with a seat for each of its codes. */
export interface FoundSeats {
  readonly found: FoundGroup;
  readonly seats: readonly Seat[];
}

const KEPT: Decided = { retired: null, holder: null, isFree: true, isSealed: true };
const WITHDRAWN: Decided = { retired: 'withdrawn', holder: null, isFree: false, isSealed: false };

/** Of a group with withdrawn codes the roster tells which remained. */
export function seatSold(groups: readonly FoundGroup[], people: PeopleOnDeal): FoundSeats[] {
  const { ledger, links, inRoster } = people;
  const codes = new Set(groups.flatMap(({ codes: all }) => all.map(({ code }) => code)));
  const findCode = createCodeFinder(codes, [...new Set(ledger.groups.map(({ redeemUrl }) => redeemUrl))]);
  const carried = new Set([...links.values()].flatMap((field) => field.split('\n').map(findCode)));
  const decided: DecidedFinder = (code) => {
    if (inRoster === null || carried.has(code)) return null;
    return inRoster.has(code) ? KEPT : WITHDRAWN;
  };
  return groups.map((found) => {
    const { group, codes: all } = found;
    const hasWithdrawn = all.length > group.seatCount;
    return { found, seats: only(seatsOf([found], links, findCode, hasWithdrawn ? decided : undefined)) };
  });
}

export function seatReplacements(groups: readonly FoundGroup[], { links }: PeopleOnDeal): FoundSeats[] {
  const codes = new Set(groups.flatMap(({ codes: all }) => all.map(({ code }) => code)));
  const findCode = createCodeFinder(codes, [...new Set(groups.map(({ group }) => group.redeemUrl))]);
  return groups.map((found) => ({ found, seats: only(seatsOf([found], links, findCode)) }));
}

function only([seated]: readonly SeatedGroup[]): readonly Seat[] {
  return seated?.seats ?? [];
}

/** What was found of one product of the deal. */
export interface FoundProduct {
  readonly productKey: string;
  readonly sold: readonly FoundSeats[];
  readonly replacements: readonly FoundSeats[];
  /** Seats of groups that the platform no longer has. */
  readonly unlisted: number;
}

/** By code: see `FoundCode.hasAccess`. */
export type Accesses = ReadonlyMap<string, boolean | null>;

/** Which codes of a product fill seats. Asks nobody, so it may be told anew when the store has changed. */
export function tellSeats(
  { productKey, sold, replacements, unlisted }: FoundProduct,
  {
    people,
    standing,
    accesses,
  }: { readonly people: PeopleOnDeal; readonly standing: StandingCodes; readonly accesses: Accesses },
): ToldCodes {
  const describe = function* (groups: readonly FoundSeats[], isSold: boolean): Iterable<FoundCode> {
    for (const seat of groups.flatMap(({ seats }) => seats)) {
      const { code, isRedeemed } = seat;
      const stands = standing.of(code);
      if (seat.isWithdrawn || stands === 'retired' || (stands === 'spare' && !isSold)) continue;
      const isHeld = seat.holders.length > 0 || (stands === 'filling' && !isSold);
      const hasAccess = isLoose(seat, standing) ? (accesses.get(code) ?? null) : null;
      yield { code, isHeld, isRedeemed, hasAccess, isLeftOver: isLeftOver(people, seat) };
    }
  };
  return tellCodes({
    seatCount: people.ledger.groups
      .filter(({ product }) => product === productKey)
      .reduce((sum, { active }) => sum + active, 0),
    unlisted,
    withoutCode: standing.withoutCode.get(productKey) ?? 0,
    sold: [...describe(sold, true)],
    replacements: [...describe(replacements, false)],
  });
}

/** It was redeemed, nobody carries it, and the store does not know it. */
function isLoose({ code, holders, isRedeemed, isWithdrawn }: Seat, standing: StandingCodes): boolean {
  return !isWithdrawn && isRedeemed && holders.length === 0 && standing.of(code) === null;
}

/** What stayed with Dealseat for later learners. A buyer has all codes of the roster. */
function isLeftOver({ ledger, inRoster }: PeopleOnDeal, { code, isRedeemed }: Seat): boolean {
  const isKept = ledger.audience === 'learners' && !ledger.isSpareOut;
  return isKept && !isRedeemed && inRoster?.has(code) === true;
}

interface AccessDeps {
  readonly platforms: Readonly<Record<string, Lms>>;
  readonly now: () => number;
}

/** Asks the platform once for each code that was redeemed, that nobody carries, and that the store does not know. */
export async function readAccesses(
  deps: AccessDeps,
  groups: readonly FoundSeats[],
  standing: StandingCodes,
  signal: AbortSignal,
): Promise<Accesses> {
  const accesses = new Map<string, boolean | null>();
  for (const { found, seats } of groups) {
    const listed = new Map(found.codes.map((one) => [one.code, one]));
    for (const seat of seats) {
      const redeemed = isLoose(seat, standing) ? listed.get(seat.code) : undefined;
      if (redeemed !== undefined) accesses.set(seat.code, await readAccess(deps, found, redeemed, signal));
    }
  }
  return accesses;
}

const DAY_MS = 24 * 60 * 60_000;

/** Whether the learner still has what the code gave; null where nobody can tell, or it has ended by itself. */
async function readAccess(
  { platforms, now }: AccessDeps,
  { group: { platform, grants, accessDays, accessUntil } }: FoundGroup,
  { redeemedByUserId: userId, redeemedAt }: RedemptionCode,
  signal: AbortSignal,
): Promise<boolean | null> {
  if (userId === undefined) return null;
  if (accessUntil !== null && Date.parse(accessUntil) <= now()) return null;
  if (accessDays !== null) {
    if (redeemedAt === undefined || Date.parse(redeemedAt) + accessDays * DAY_MS <= now()) return null;
  }
  try {
    const held = await platformOf(platforms, platform).learners.holds({ userId, grants }, signal);
    if (held.some((one) => one.held === 'yes')) return true;
    return held.length > 0 && held.every((one) => one.held === 'no') ? false : null;
  } catch (error) {
    if (error instanceof DealseatError && error.code === 'lms.learner_not_found') return false;
    throw error;
  }
}
