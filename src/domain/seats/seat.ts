import { compareText } from '../compare-text.ts';
import type { PlannedGroup } from '../planning/plan.ts';
import type { RedemptionCode } from './code-group.ts';
import { type Decided, type DecidedFinder, NOTHING_DECIDED } from './decided.ts';
import { type CodeFinder, linesOf } from './link-field.ts';
import type { Linked } from './redeem-link.ts';

/** One code of a group, with all that a hand-over must know of it. Secret: exists only in memory. */
export interface Seat extends Linked {
  readonly isRedeemed: boolean;
  /** Contacts of the deal that carry it, whatever template their link was made with. */
  readonly holders: readonly string[];
  /** The customer may not use it any more. */
  readonly isWithdrawn: boolean;
  /** By the seat store; null: it does not know the code. */
  readonly decided: Decided | null;
}

/** A planned group and its seats, in the order of their codes: every attempt makes the same file, byte for byte. */
export interface SeatedGroup {
  readonly group: PlannedGroup;
  readonly seats: readonly Seat[];
}

const NOBODY: readonly string[] = [];

/** A group as the platform lists it. */
export interface ListedGroup {
  readonly group: PlannedGroup;
  readonly codes: readonly RedemptionCode[];
}

/**
 * The seats of a deal. What the seat store has decided counts; where it knows nothing, who carries a code has it. Where a
 * group has more codes than seats some were withdrawn: those that the store has withdrawn, else the redeemed ones stay
 * first, then those that contacts carry, then in order. Made the same way at every reading. `fields`: the link fields of
 * all contacts of the deal.
 */
export function seatsOf(
  listed: readonly ListedGroup[],
  fields: ReadonlyMap<string, string>,
  findCode: CodeFinder,
  findDecided: DecidedFinder = NOTHING_DECIDED,
): SeatedGroup[] {
  const carriers = new Map<string, string[]>();
  for (const [contactId, field] of fields) {
    for (const line of linesOf(field)) {
      const code = findCode(line);
      if (code !== null) carriers.set(code, [...(carriers.get(code) ?? []), contactId]);
    }
  }
  return listed.map(({ group, codes }) => {
    const template = group.redeemUrl;
    const seats = codes
      .map(({ code, isRedeemed }): Candidate => {
        const decided = findDecided(code);
        const holders = holdersOf(decided, carriers.get(code) ?? NOBODY);
        return { code, template, isRedeemed, holders, isWithdrawn: false, decided };
      })
      .sort((a, b) => compareText(a.code, b.code));
    // Marked and not copied: there may be a hundred thousand.
    for (const seat of withdrawnAmong(seats, seats.length - group.seatCount)) seat.isWithdrawn = true;
    return { group, seats };
  });
}

/** A free seat whose code somebody carries all the same is with that person. */
function holdersOf(decided: Decided | null, carriers: readonly string[]): readonly string[] {
  if (decided === null || decided.isFree) return carriers;
  return decided.holder === null ? NOBODY : [decided.holder];
}

type Candidate = Omit<Seat, 'isWithdrawn'> & { isWithdrawn: boolean };

function withdrawnAmong(seats: readonly Candidate[], surplus: number): readonly Candidate[] {
  const over = seats.filter(({ decided }) => decided?.retired === 'over');
  if (surplus <= 0) return over;
  const others = seats.filter(({ decided }) => decided?.retired !== 'over');
  const lastToGo = [...others].sort((a, b) => rankOf(a) - rankOf(b));
  return [...over, ...lastToGo.slice(Math.max(0, others.length - surplus))];
}

function rankOf({ isRedeemed, holders, decided }: Candidate): number {
  if (decided !== null && decided.retired !== null) return 4;
  // A spare code stands for a seat that somebody uses without one.
  const isSpare = decided?.isSealed === true && !decided.isFree;
  if (isRedeemed || isSpare) return 0;
  if (holders.length > 0) return 1;
  return decided !== null && !decided.isSealed ? 2 : 3;
}
