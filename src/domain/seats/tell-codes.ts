/** A code of a product, of which it must be told whether it fills a seat. */
export interface FoundCode {
  readonly code: string;
  /** It is certain that it fills a seat: a contact carries it, or the store has a seat with it. */
  readonly isHeld: boolean;
  readonly isRedeemed: boolean;
  /** Whether who redeemed it still has the access; null: nobody can tell. */
  readonly hasAccess: boolean | null;
  /** The roster on the deal says that nobody was given it. */
  readonly isLeftOver: boolean;
}

export interface FoundProduct {
  /** Seats by the ledger on the deal. */
  readonly seatCount: number;
  /** Of these, seats of groups that the platform no longer has: whether they had codes of these yet, nobody can tell. */
  readonly unlisted: number;
  /** Seats that the store has without a code. */
  readonly withoutCode: number;
  /** Of groups that were sold. Withdrawn ones are not among them. */
  readonly sold: readonly FoundCode[];
  /** Of groups that were made because codes of these were taken back. */
  readonly replacements: readonly FoundCode[];
}

export interface ToldCodes {
  /** Replacement codes that fill seats. */
  readonly inUse: ReadonlySet<string>;
  /** Their seats were taken back. */
  readonly takenBack: ReadonlySet<string>;
  /** Somebody may have them, and may have had a right to them. They fill no seat. */
  readonly unsure: ReadonlySet<string>;
  /** Sold codes of which it cannot be told whether their seats were taken back, whether they count as such or not. */
  readonly doubtful: number;
  /** Seats that none of the codes fills. */
  readonly missing: number;
}

/**
 * Which codes fill the seats of a product whose codes were replaced, when the database that knew it is lost. Every code that
 * was taken back left one place, and every replacement code in use took one. Together with `missing`, as many codes
 * fill seats as the ledger counts, unless contacts carry more, or some are `unlisted`.
 */
export function tellCodes({ seatCount, unlisted, withoutCode, sold, replacements }: FoundProduct): ToldCodes {
  const held = count(sold, isHeld);
  const room = Math.max(0, seatCount - withoutCode - held - count(replacements, isHeld));
  const used = replacements.filter((one) => !one.isHeld && one.isRedeemed && one.hasAccess !== false);
  const inUse = [...replacements.filter(isHeld), ...used.slice(0, room)];
  const ended = sold.filter(hasLostAccess);
  // More of them than codes that could take their place: access ended for other reasons.
  const proven = ended.length <= replacements.length ? ended : [];

  const places = seatCount - withoutCode - inUse.length;
  const surplus = Math.max(0, sold.length - proven.length - places);
  const others = sold.filter((one) => !one.isHeld && !proven.includes(one));
  const handedOut = others.filter(({ isLeftOver }) => !isLeftOver);
  const leftOver = others.filter(({ isLeftOver }) => isLeftOver);
  // Who redeemed one may only have lost the link.
  const candidates = [
    ...handedOut.filter(isUnused),
    ...handedOut.filter((one) => !isUnused(one)),
    ...leftOver,
  ];
  const chosen = candidates.slice(0, surplus);
  // What the roster says was left over nobody had, so these were taken back if they are no more than the places.
  const certain = handedOut.length <= surplus ? handedOut : [];
  const unsureSold = chosen.filter((one) => !certain.includes(one));

  const loose = replacements.filter((one) => !inUse.includes(one) && !hasLostAccess(one));
  const isUnknownWhose = unlisted > 0 && inUse.length > 0;
  const hasDoubt = unsureSold.length > 0 || loose.length > 0 || isUnknownWhose;
  return {
    inUse: codesOf(inUse),
    takenBack: codesOf([...proven, ...certain, ...replacements.filter(hasLostAccess)]),
    unsure: codesOf([...unsureSold, ...loose]),
    doubtful: hasDoubt ? handedOut.length - certain.length + count(unsureSold, (one) => one.isLeftOver) : 0,
    missing: Math.max(0, places - unlisted - (sold.length - proven.length - chosen.length)),
  };
}

function isHeld(one: FoundCode): boolean {
  return one.isHeld;
}

function isUnused({ isRedeemed }: FoundCode): boolean {
  return !isRedeemed;
}

function hasLostAccess({ isHeld, isRedeemed, hasAccess }: FoundCode): boolean {
  return !isHeld && isRedeemed && hasAccess === false;
}

function count(codes: readonly FoundCode[], is: (one: FoundCode) => boolean): number {
  return codes.filter(is).length;
}

function codesOf(found: readonly FoundCode[]): ReadonlySet<string> {
  return new Set(found.map(({ code }) => code));
}
