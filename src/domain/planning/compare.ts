import { compareText } from '../compare-text.ts';
import { seeAction } from '../deal/action.ts';
import { writtenAtOf } from '../deal/being-written.ts';
import { type Catalog, productKey } from '../deal/catalog.ts';
import { closeDay } from '../deal/close-day.ts';
import type { Deal } from '../deal/deal.ts';
import {
  activeSeats,
  activeSeatsByProduct,
  formatLedger,
  type Ledger,
  type LedgerGroup,
  NO_SEATS,
  type Stop,
} from '../deal/ledger.ts';
import { type DealMark, hasSeats, isDelivered, markOf } from '../deal/mark.ts';
import { wonAtOf } from '../deal/won-at.ts';
import { type Problem, problem } from '../failure.ts';
import { countOf, numberOf } from '../words.ts';
import { foreignLabels, foreignNames } from './binding.ts';
import { without } from './ledger-after.ts';
import { fewProblems } from './limits.ts';
import { namedAsNow } from './merged-people.ts';
import { closedLongAgo, daysFromCloseToWin, isWonBeforeDealseat } from './old-deals.ts';
import { newLearners, type Person } from './people.ts';
import type { DealSummary } from './plan.ts';
import type { Reading } from './reading.ts';
import type { PlanRules } from './rules.ts';
import { type SoldSeats, seatsByProduct } from './sale.ts';

/** A deal as it was read, and what it is judged by. */
export interface DealAtHand {
  readonly deal: Deal;
  readonly catalog: Catalog;
  readonly rules: PlanRules;
  /** Groups that deals merged into this one were given, as the platform has them. */
  readonly inherited: readonly LedgerGroup[];
}

/** One product whose seats sold are not the seats delivered. */
export interface SeatChange {
  readonly productKey: string;
  readonly delivered: number;
  readonly sold: number;
}

export type Comparison =
  | { readonly is: 'decided'; readonly reading: Reading }
  /** The learning platform or the deal's files must be asked first: `factsNeeded`. */
  | ({ readonly is: 'open' } & Difference);

/** What is sold beside what was delivered. */
export interface Difference extends DealAtHand {
  readonly summary: DealSummary;
  readonly hash: string;
  /** Without what people left as it is. */
  readonly sold: readonly SoldSeats[];
  /** As the deal's field has it, less decisions that are over. */
  readonly ledger: Ledger;
  /** People may have written the ledger. */
  readonly isBindingDue: boolean;
  readonly isSettledAnew: boolean;
  readonly isReconsidered: boolean;
  readonly raised: readonly SeatChange[];
  readonly lowered: readonly SeatChange[];
  /** Who came to a delivered deal since, and is to have a code of what was delivered. */
  readonly newLearners: readonly Person[];
  readonly problems: readonly Problem[];
}

/** By product and seats, so that nothing else that people edit on a delivered deal does anything. Pure. */
export function compare(atHand: DealAtHand): Comparison {
  const { deal, catalog, rules, inherited } = atHand;
  const mark = markOf(deal, rules.sealer);
  const summary = summarize(atHand, mark);
  const hash = readingHash(atHand);
  const decided = (reading: DecidedReading): Comparison => ({
    is: 'decided',
    reading: { deal: summary, hash, ...reading },
  });
  const nothing = (reason: Problem) => decided({ kind: 'nothing', reason });
  const blocked = (problems: readonly Problem[]) =>
    decided({ kind: 'blocked', problems: fewProblems(problems) });

  const isMarked = mark !== null && isDelivered(mark);
  const isOld = isWonBeforeDealseat(deal, catalog, rules);
  if (isOld && !isMarked && inherited.length > 0) return blocked([mergedIntoOld()]);
  const written = withInherited(mark?.ledger ?? null, inherited);
  if (written === 'unreadable') return blocked([unreadable(rules)]);
  const noted = written && namedAsNow(written, deal);
  const foreign = noted === null ? [] : foreignNames(noted, deal, rules.sha256);
  if (foreign.length > 0) return blocked([foreignMark(rules, foreign)]);
  const hadSeats = isMarked || inherited.length > 0;
  if (!hadSeats) {
    if (!deal.isWon) return nothing(notWon(deal));
    if (deal.leftOut !== undefined) return nothing(leftOut(deal.leftOut));
    // A question about a merge does not make an old deal ours.
    if (isOld && (mark === null || deal.mergedDealIds.length > 0)) return nothing(wonBefore());
  }
  const closeDate = closeDay(deal, catalog);
  const closed = hadSeats ? null : closedLongAgo(deal, { mark, closeDate }, rules);
  if (closed === 'imported') return nothing(imported(deal, closeDate, rules));

  const problems: Problem[] = [];
  // Nothing is sold on a deal that is lost or open again, whatever its lines say.
  const delivered = activeSeatsByProduct(noted ?? NO_SEATS);
  const asked = deal.isWon ? seatsByProduct(deal, catalog, { problems, delivered }) : [];
  const isEmpty = deal.lineItems.length === 0 && asked.length === 0 && problems.length === 0;
  if (!hadSeats && isEmpty) problems.push(noLineItems(deal));
  const stop = noted && stopOf(noted, { deal, rules });
  // Whatever is wrong with a deal that a person stopped, nobody is to put it right.
  if (stop && problems.length > 0) return nothing(stoppedBy(stop));
  if (hadSeats && problems.length > 0) return blocked(problems);
  if (isMarked && noted === null) {
    const copied = foreignLabels(mark, deal, catalog, rules.sha256);
    if (copied.length > 0) return blocked([foreignLabelled(copied)]);
    return compareTotals(mark, asked, { rules, decided });
  }
  if (!hadSeats && problems.length === 0 && asked.length === 0) return nothing(noSeats());
  if (closed === 'stale') problems.push(closeDateStale(deal, closeDate, rules));

  const difference = differenceOf(atHand, { asked, noted: noted ?? NO_SEATS, isStopped: stop !== null });
  const { ledger, raised, lowered } = difference;
  if (raised.length > 0) {
    const renamed = perhapsRenamed(difference, catalog);
    if (renamed.length > 0) return blocked(renamed);
  }
  if (problems.length === 0 && raised.length === 0 && lowered.length === 0 && activeSeats(ledger) === 0) {
    if (stop) return nothing(stoppedBy(stop));
    return nothing(asked.length > 0 ? rejected() : nothingLeft());
  }
  if (stop && ledger.isPending && lowered.length === 0) return nothing(stoppedBy(stop));
  const isBindingDue = mark !== null && noted !== null && !mark.isSealed;
  return { is: 'open', ...atHand, summary, hash, ...difference, isBindingDue, problems };
}

type DecidedReading = Reading extends infer R
  ? R extends Reading
    ? Omit<R, 'deal' | 'hash'>
    : never
  : never;

/**
 * Everything that a plan depends on, and nothing that a run itself writes while it waits. Merges and the platform are
 * left out: a run that waits is not woken by them. Before the dot the deal itself, behind it who asks, what the ledger
 * says, and who of those that it names lives on in whom.
 */
export function readingHash({ deal, catalog, rules }: Omit<DealAtHand, 'inherited'>): string {
  const { written, changedAt: _, action: _action, ...read } = deal;
  const { source, today, wonSince, closedLongAgoMs } = rules;
  const { groupIds, seats } = written;
  // A run that takes its first note back leaves a ledger that says nothing, which is no change of the deal.
  const ledger = written.ledger === formatLedger(NO_SEATS, deal, rules.sealer) ? null : written.ledger;
  const hashOf = (content: unknown) => rules.sha256(JSON.stringify(content, withoutHistory)).slice(0, 32);
  const merged = deal.contacts.map(({ formerIds }) => [...formerIds].sort());
  const around = [ledger, merged, groupIds, seats, source, today, wonSince, closedLongAgoMs];
  return `${hashOf([read, catalog])}.${hashOf(around)}`;
}

/** That a line was written once more is no change of what it says, nor is under which ids a contact was known before. */
function withoutHistory(key: string, value: unknown): unknown {
  return key === 'writtenAt' || key === 'formerIds' ? undefined : value;
}

function differenceOf(
  { deal, catalog, rules }: DealAtHand,
  {
    asked,
    noted,
    isStopped,
  }: { readonly asked: readonly SoldSeats[]; readonly noted: Ledger; readonly isStopped: boolean },
) {
  const wonAt = wonAtOf(deal);
  const isAskedByPerson = rules.source === 'person';
  const isLeftOut = ({ productKey: key, delivered, sold }: SeatChange) => {
    if (sold <= delivered) return false;
    const settled = noted.settled[key];
    return isStopped || (!isAskedByPerson && settled?.sold === sold && settled.wonAt === wonAt);
  };
  const isKept = ({ productKey: key, sold }: SeatChange) => {
    const settled = noted.settled[key];
    return settled !== undefined && sold >= settled.sold;
  };
  const changes = changesOf(asked, noted);
  const leftOut = new Set(changes.filter(isLeftOut).map(({ productKey: key }) => key));
  const raised = changes.filter(
    (change) => change.sold > change.delivered && !leftOut.has(change.productKey),
  );
  const lowered = changes.filter((change) => change.sold < change.delivered && !isKept(change));
  const changed = new Set(changes.map(({ productKey: key }) => key));
  // A decision about a number that is sold as it was delivered is over: the same number later is another question.
  const over = Object.keys(noted.settled).filter((key) => !changed.has(key));
  const again = raised.map(({ productKey: key }) => key).filter((key) => noted.settled[key] !== undefined);
  const settled = without(noted.settled, new Set([...over, ...again]));
  return {
    sold: withoutMore(asked, { leftOut, noted }),
    ledger: { ...noted, settled },
    isSettledAnew: over.length > 0,
    isReconsidered: again.length > 0,
    raised,
    lowered,
    newLearners:
      deal.isWon && !isStopped && activeSeats(noted) > 0
        ? newLearners(deal, catalog, noted, isAskedByPerson)
        : [],
  };
}

/** Every product with another number of seats than the customer has, in a stable order. */
function changesOf(sold: readonly SoldSeats[], ledger: Ledger): SeatChange[] {
  const delivered = activeSeatsByProduct(ledger);
  const soldSeats = new Map(sold.map(({ product, seatCount }) => [productKey(product), seatCount]));
  return [...new Set([...delivered.keys(), ...soldSeats.keys()])]
    .sort(compareText)
    .map((key) => ({ productKey: key, delivered: delivered.get(key) ?? 0, sold: soldSeats.get(key) ?? 0 }))
    .filter((change) => change.sold !== change.delivered);
}

function withoutMore(
  sold: readonly SoldSeats[],
  { leftOut, noted }: { readonly leftOut: ReadonlySet<string>; readonly noted: Ledger },
): SoldSeats[] {
  const delivered = activeSeatsByProduct(noted);
  return sold
    .map(({ product, seatCount }) => {
      const key = productKey(product);
      return { product, seatCount: leftOut.has(key) ? (delivered.get(key) ?? 0) : seatCount };
    })
    .filter(({ seatCount }) => seatCount > 0);
}

function withInherited(ledger: DealMark['ledger'], inherited: readonly LedgerGroup[]): DealMark['ledger'] {
  if (ledger === 'unreadable' || inherited.length === 0) return ledger;
  const own = ledger ?? NO_SEATS;
  const known = new Set(own.groups.map(({ token }) => token));
  // The customer was never told of both in one roster, and what the other deal's buyer was given is not known any more.
  return {
    ...own,
    groups: [...own.groups, ...inherited.filter(({ token }) => !known.has(token))],
    isPending: true,
    isSpareOut: true,
  };
}

/**
 * A product whose `match` was changed looks like one that is not sold any more and another that is new: all its seats
 * would be made and mailed once more before anybody is asked.
 */
function perhapsRenamed(
  { lowered, raised, sold }: Pick<Difference, 'lowered' | 'raised' | 'sold'>,
  catalog: Catalog,
): Problem[] {
  const known = new Set(catalog.products.map(productKey));
  const titles = new Map(sold.map(({ product }) => [productKey(product), product.title]));
  const more = raised.map((change) => {
    const key = JSON.stringify(change.productKey);
    const title = titles.get(change.productKey);
    return `"${title}" (${key}): ${countOf(change.delivered, 'seat')} delivered, ${numberOf(change.sold)} sold now`;
  });
  return lowered
    .filter((change) => !known.has(change.productKey))
    .map((change) => {
      const key = JSON.stringify(change.productKey);
      const message =
        `No product of the catalog has the key ${key}, under which ${countOf(change.delivered, 'seat')} ${change.delivered === 1 ? 'is' : 'are'} delivered, while ` +
        `more is sold of ${more.join('; ')}. If that is the same product, add \`key: ${key}\` to its entry; if ` +
        'not, keep an entry with that key';
      return problem('catalog.product_unmapped', message);
    });
}

/** Without a ledger only the total can be compared, and nothing can be amended. */
function compareTotals(
  { seatCount, groupLabels, groupIds }: DealMark,
  sold: readonly SoldSeats[],
  {
    rules,
    decided,
  }: { readonly rules: PlanRules; readonly decided: (reading: DecidedReading) => Comparison },
): Comparison {
  const soldTotal = sold.reduce((sum, { seatCount: seats }) => sum + seats, 0);
  if (seatCount === null || seatCount === soldTotal) {
    const delivered = { seatCount, groupLabels, groupIds };
    return decided({ kind: 'same', delivered, ledger: null, isSettledAnew: false });
  }
  const message = `${countOf(seatCount, 'seat')} ${seatCount === 1 ? 'was' : 'were'} delivered, ${numberOf(soldTotal)} ${soldTotal === 1 ? 'is' : 'are'} sold now, and field ${rules.crm.ledgerField}, which says what was delivered, is empty`;
  return decided({ kind: 'blocked', problems: [problem('deal.mark_unreadable', message)] });
}

export function summarize({ deal, catalog, inherited }: DealAtHand, mark: DealMark | null): DealSummary {
  const ledger = mark === null || mark.ledger === 'unreadable' ? null : mark.ledger;
  return {
    dealId: deal.dealId,
    name: deal.name,
    url: deal.url,
    ownerId: deal.owner?.id ?? null,
    markedStatus: mark?.status || null,
    hasSeats: (mark !== null && hasSeats(mark)) || inherited.length > 0,
    isUnfinished: ledger?.isPending === true && activeSeats(ledger) > 0,
    wonAt: wonAtOf(deal),
    writtenAt: writtenAtOf(deal),
    hold: deal.written.hold,
    print: deal.print,
    ...seenOn(deal, catalog),
    changedAt: deal.changedAt,
  };
}

export function seenOn({ action }: Deal, catalog: Catalog): Pick<DealSummary, 'action'> {
  return action === undefined ? {} : { action: action && seeAction(action, catalog) };
}

function unreadable({ crm }: PlanRules): Problem {
  return problem('deal.mark_unreadable', `Field ${crm.ledgerField} does not hold a ledger of Dealseat`);
}

export function foreignMark({ crm }: PlanRules, names: readonly string[]): Problem {
  return problem(
    'deal.mark_foreign',
    `Field ${crm.ledgerField} names what belongs to another deal: ${names.join(', ')}`,
    { onDeal: 'The Dealseat fields of this deal were copied from another deal.' },
  );
}

function foreignLabelled(labels: readonly string[]): Problem {
  return problem(
    'deal.mark_foreign',
    `The deal names code groups that belong to another deal: ${labels.join(', ')}`,
    { onDeal: 'The Dealseat fields of this deal were copied from another deal.' },
  );
}

function mergedIntoOld(): Problem {
  const message = 'The deal was won before Dealseat began, and a delivered deal was merged into it.';
  return problem('deal.merged_into_old', message);
}

function notWon({ stage }: Deal): Problem {
  return problem('deal.not_won', `The deal is in stage "${stage}", which is not a won stage.`);
}

function wonBefore(): Problem {
  const message = 'The deal was won before Dealseat began, and no person asked for it.';
  return problem('deal.won_before', message);
}

function leftOut(why: string): Problem {
  return problem('deal.left_out', `The deal belongs to ${why}, for which no seats are made.`);
}

function imported(deal: Deal, closeDate: string | null, rules: PlanRules): Problem {
  const message = `${closedBefore(deal, closeDate, rules)}, as imported deals have. No seats were made for it.`;
  return problem('deal.closed_long_ago', message);
}

function closeDateStale(deal: Deal, closeDate: string | null, rules: PlanRules): Problem {
  const message = `${closedBefore(deal, closeDate, rules)}, and was open on that day.`;
  return problem('deal.close_date_stale', message);
}

function closedBefore(deal: Deal, closeDate: string | null, { today }: PlanRules): string {
  const days = closeDate === null ? 0 : daysFromCloseToWin(deal, closeDate, today);
  return `The deal has the close date ${closeDate}, ${countOf(days, 'day')} before it was won`;
}

function noLineItems({ seatFields = [] }: Deal): Problem {
  const empty = seatFields.map(({ name }) => ` Field ${name}, which may hold its seats, is empty.`);
  return problem('deal.no_line_items', `The deal has no line items.${empty.join('')}`);
}

function noSeats(): Problem {
  return problem('deal.no_seats', 'The deal has only products that give no seats.');
}

function nothingLeft(): Problem {
  return problem('deal.not_won', 'The deal sells no seats, and none are with the customer.');
}

function rejected(): Problem {
  return problem('approval.rejected', 'The seats of the deal were rejected before, and it sells no others.');
}

/** Until a person asks for the deal, or it is won anew. */
export function stopOf(
  { stopped }: Ledger,
  { deal, rules }: Pick<DealAtHand, 'deal' | 'rules'>,
): Stop | null {
  if (stopped === undefined || rules.source === 'person') return null;
  return stopped.wonAt === wonAtOf(deal) ? stopped : null;
}

export function stoppedBy({ by }: Stop): Problem {
  return problem('deal.stopped', `The deal was stopped by ${by}.`);
}
