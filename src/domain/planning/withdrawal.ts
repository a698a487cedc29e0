import { compareText } from '../compare-text.ts';
import { mailToolFor } from '../deal/catalog.ts';
import { withdrawnToken } from '../deal/ids.ts';
import { activeSeats, handedLearners, type Ledger, type LedgerGroup } from '../deal/ledger.ts';
import { wonAtOf } from '../deal/won-at.ts';
import { type Problem, problem } from '../failure.ts';
import { countOf, numberOf } from '../words.ts';
import type { Difference, SeatChange } from './compare.ts';
import { rosterFileName, withWorkbook } from './complete-plan.ts';
import type { Facts } from './facts.ts';
import { existingGroup } from './groups.ts';
import { without } from './ledger-after.ts';
import { findBuyer, possibleCarriers } from './people.ts';
import type { PlannedGroup, Withdrawal } from './plan.ts';
import { QUESTION_ID_LENGTH, type Question } from './question.ts';

/** What would be withdrawn, and what the ledger becomes either way. Nothing happens before a person decides. */
export function planWithdrawal(difference: Difference, facts: Facts): Withdrawal {
  const { deal, catalog, rules, ledger, lowered } = difference;
  const remaining = seatsLeft(ledger, lowered, facts);
  const loweredKeys = new Set(lowered.map(({ productKey }) => productKey));
  const groups = ledger.groups
    .filter(({ active }) => active > 0)
    .map((entry) => ({
      ...existingGroup(entry, catalog, facts),
      seatCount: remaining.get(entry.token) ?? entry.active,
    }))
    .sort((a, b) => compareText(a.productKey, b.productKey) || a.part - b.part);
  // The roster is written anew, so nothing is pending after that.
  const { isPending: _, pendingLearners, ...finished } = ledger;
  // Whoever stopped a run that asked this is asked no other question than before.
  const { stopped: _stopped, ...asked } = finished;
  const ifWithdrawn: Ledger = {
    ...finished,
    groups: ledger.groups.map(({ isNew: _isNew, ...entry }) => ({
      ...entry,
      active: remaining.get(entry.token) ?? entry.active,
    })),
    settled: without(ledger.settled, loweredKeys),
  };
  const wonAt = wonAtOf(deal);
  const kept = lowered.map(({ productKey, sold }) => [productKey, { sold, wonAt }] as const);
  const ifKept: Ledger = { ...ledger, settled: { ...ledger.settled, ...Object.fromEntries(kept) } };
  const hash = rules.sha256(JSON.stringify([deal.crm, deal.account, deal.dealId, asked, lowered]));
  const lost = deal.isWon ? '' : `The deal is in stage "${deal.stage}", which is not a won stage. `;
  return {
    deal: { crm: deal.crm, account: deal.account, dealId: deal.dealId },
    dealName: deal.name,
    dealUrl: deal.url,
    companyName: deal.company?.name || null,
    ownerId: deal.owner?.id ?? null,
    audience: ledger.audience ?? catalog.handOver.to,
    isSpareKept: ledger.audience === 'learners' && !ledger.isSpareOut,
    mailTool: mailToolFor(catalog, deal.crm),
    // Whom the list was given; a deal without a clear buyer any more has nobody to take off it.
    buyerContactId: findBuyer(deal, { catalog, roleWord: rules.crm.contactRole }, [])?.id ?? null,
    carriers: possibleCarriers(deal, ledger),
    rosterFileName: rosterFileName({ deal, catalog }, ledger, rules.sha256),
    withdrawnFileName: `withdrawn-${withdrawnToken(deal, hash, rules.sha256)}.csv`,
    ...withWorkbook(catalog, rules),
    problems: lowered.map((change) => describe(change, { lost, groups, ledger, facts })),
    groups,
    withdrawnSeats: activeSeats(ledger) - activeSeats(ifWithdrawn),
    // What is handed over anew after that is for everybody, so nobody's first hand-over is pending beside it.
    ifInterrupted: {
      ...finished,
      ...(pendingLearners === undefined ? {} : { learners: handedLearners(ledger) }),
      isPending: true,
    },
    ifWithdrawn,
    ifKept,
    hash,
  };
}

export function withdrawalQuestion({ hash, problems, withdrawnSeats, ifKept }: Withdrawal): Question {
  return {
    id: hash.slice(0, QUESTION_ID_LENGTH),
    kind: 'withdrawal',
    problems,
    subject: 'Dealseat: more seats were delivered than are sold',
    step: `Waiting for a decision: withdraw ${countOf(withdrawnSeats, 'seat')}, or keep ${withdrawnSeats === 1 ? 'it' : 'them'} with the customer`,
    ifLeft: ifKept,
  };
}

/**
 * Seats that remain in each group of the lowered products: codes nobody used go first, those of the newest group
 * before older ones; used ones only when there are not enough.
 */
function seatsLeft(
  ledger: Ledger,
  lowered: readonly SeatChange[],
  facts: Facts,
): ReadonlyMap<string, number> {
  const remaining = new Map<string, number>();
  for (const { productKey, delivered, sold } of lowered) {
    const newestFirst = ledger.groups
      .filter(({ product }) => product === productKey)
      .sort((a, b) => b.part - a.part);
    let surplus = delivered - sold;
    for (const canGo of [
      (entry: LedgerGroup) => unredeemed(entry, facts),
      ({ active }: LedgerGroup) => active,
    ]) {
      for (const entry of newestFirst) {
        const left = remaining.get(entry.token) ?? entry.active;
        const gone = entry.active - left;
        const going = Math.min(surplus, Math.max(0, canGo(entry) - gone));
        remaining.set(entry.token, left - going);
        surplus -= going;
      }
    }
  }
  return remaining;
}

/** Active codes that nobody has redeemed. */
function unredeemed({ group, active }: LedgerGroup, { groups }: Facts): number {
  return Math.max(0, active - (groups.get(group)?.redeemedCount ?? 0));
}

function describe(
  { productKey, delivered, sold }: SeatChange,
  {
    lost,
    groups,
    ledger,
    facts,
  }: {
    readonly lost: string;
    readonly groups: readonly PlannedGroup[];
    readonly ledger: Ledger;
    readonly facts: Facts;
  },
): Problem {
  const title = groups.find((group) => group.productKey === productKey)?.title ?? productKey;
  const entries = ledger.groups.filter(({ product }) => product === productKey);
  const unused = entries.reduce((sum, entry) => sum + unredeemed(entry, facts), 0);
  const isCounted = entries.every(({ group, active }) => active === 0 || facts.groups.has(group));
  const redeemed = isCounted ? `; ${numberOf(unused)} of the delivered codes are not redeemed` : '';
  return problem(
    'withdrawal.required',
    `${lost}"${title}": ${countOf(delivered, 'seat')} delivered, ${numberOf(sold)} sold now${redeemed}`,
  );
}
