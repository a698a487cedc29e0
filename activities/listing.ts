import type { Contact } from '../src/domain/deal/deal.ts';
import { DealseatError } from '../src/domain/failure.ts';
import type { Plan, PlannedGroup } from '../src/domain/planning/plan.ts';
import type { RedemptionCode } from '../src/domain/seats/code-group.ts';
import { type CodeFinder, createCodeFinder } from '../src/domain/seats/link-field.ts';
import { type ListedGroup, type SeatedGroup, seatsOf } from '../src/domain/seats/seat.ts';
import { countOf, numberOf } from '../src/domain/words.ts';
import type { CarriedLinks } from './carried-links.ts';
import { listCodes } from './code-lists.ts';
import type { ActivityDeps } from './deps.ts';
import { type KnownDeal, readKnownDeal } from './known-deal.ts';
import { pauseAfterShortList } from './pause-after-short-list.ts';
import type { RecentListings } from './recent-listings.ts';
import { replacedSeats } from './replaced-seats.ts';

export interface SeatedDeal {
  readonly groups: readonly SeatedGroup[];
  /** Seats whose codes took the place of others. */
  readonly replaced: readonly SeatedGroup[];
  /** The link fields of the deal's contacts, as just read. */
  readonly fields: ReadonlyMap<string, string>;
  /** Those of them that the CRM shows. */
  readonly people: ReadonlyMap<string, Contact>;
  /** Finds a code of the deal, withdrawn ones included, in a line of a link field. */
  readonly findCode: CodeFinder;
  /** What it was made from, by group id. */
  readonly listed: ReadonlyMap<string, readonly RedemptionCode[]>;
  /** What the seat store knew; null: nothing. */
  readonly known: KnownDeal | null;
}

/**
 * Lists the codes of every group and makes their seats, by what contacts carry at the end of that, which may be long
 * after its beginning. Goes on only if each group has as many distinct codes as seats and no code stands in two groups.
 * The codes live in the returned value and nowhere else. `takeRecent`: what was listed just before.
 */
export async function listSeats(
  deps: ActivityDeps,
  { deal, carriers, leaving }: Pick<Plan, 'deal' | 'carriers' | 'leaving'>,
  groups: readonly { readonly group: PlannedGroup; readonly groupId: string }[],
  readFields: () => Promise<CarriedLinks>,
  takeRecent: RecentListings['take'] = () => null,
): Promise<SeatedDeal> {
  const listed = new Map<string, ListedGroup>();
  const known = await readKnownDeal(deps, deal, carriers, leaving);
  for (const { group, groupId } of groups) {
    const startedAt = Date.now();
    const codes = takeRecent(groupId) ?? (await listCodes(deps, deal, { ...group, groupId }));
    const found = { listedCount: codes.length, overCount: known?.overIn(groupId) ?? 0 };
    requireCount(found, group, Date.now() - startedAt);
    listed.set(groupId, { group, codes });
  }
  requireDistinct([...listed.values()]);
  const replaced = await replacedSeats(
    deps,
    known,
    groups.map(({ group }) => group),
  );
  const all = [...listed.values(), ...replaced];
  const templates = [...new Set(all.map(({ group }) => group.redeemUrl))];
  let finder: CodeFinder | null = null;
  // Of most deals nobody carries a link, and a large set is memory for nothing then.
  const findCode: CodeFinder = (line) => {
    finder ??= createCodeFinder(new Set(codesOf(all)), templates);
    return finder(line);
  };
  const { links: fields, people } = await readFields();
  const seated = seatsOf(all, fields, findCode, known?.decided(people));
  return {
    groups: seated.slice(0, listed.size),
    replaced: seated.slice(listed.size),
    fields,
    people,
    findCode,
    listed: new Map([...listed].map(([groupId, { codes }]) => [groupId, codes])),
    known,
  };
}

function requireDistinct(listed: readonly ListedGroup[]): void {
  const codes = codesOf(listed).sort();
  const repeated = codes.filter((code, index) => code === codes[index - 1]).length;
  if (repeated === 0) return;
  throw new DealseatError({
    code: 'lms.codes_inconsistent',
    message: `The groups of the deal share codes: ${numberOf(codes.length - repeated)} distinct codes of ${numberOf(codes.length)}`,
  });
}

function codesOf(listed: readonly ListedGroup[]): string[] {
  return listed.flatMap(({ codes }) => codes.map(({ code }) => code));
}

/** An admin may have expired codes that are not to be used any more, so of an older group fewer than were issued may be listed. */
function requireCount(
  { listedCount, overCount }: { readonly listedCount: number; readonly overCount: number },
  { label, seatCount, existing }: PlannedGroup,
  readingMs: number,
): void {
  if (listedCount + overCount < seatCount) {
    throw new DealseatError({
      code: 'lms.codes_not_listed',
      message: `${numberOf(listedCount)} of ${countOf(seatCount, 'code')} of ${label} ${seatCount === 1 ? 'is' : 'are'} listed`,
      retryAfterMs: pauseAfterShortList(seatCount, readingMs),
    });
  }
  if (listedCount > (existing?.issuedCount ?? seatCount)) {
    throw new DealseatError({
      code: 'lms.codes_inconsistent',
      message: `${label} lists ${countOf(listedCount, 'code')} for ${countOf(seatCount, 'seat')}`,
    });
  }
}
