import { productKey } from '../deal/catalog.ts';
import type { Deal } from '../deal/deal.ts';
import { activeSeats } from '../deal/ledger.ts';
import { markOf } from '../deal/mark.ts';
import { type FailureCode, type Problem, problem } from '../failure.ts';
import { foreignIds, foreignTemplates } from './binding.ts';
import {
  type Comparison,
  type DealAtHand,
  type Difference,
  foreignMark,
  readingHash,
  stopOf,
  stoppedBy,
  summarize,
} from './compare.ts';
import { completePlan } from './complete-plan.ts';
import { type Facts, isChanged } from './facts.ts';
import { fewProblems } from './limits.ts';
import type { Reading } from './reading.ts';
import { planWithdrawal, withdrawalQuestion } from './withdrawal.ts';

/** A comparison and what was asked about it -> what the deal asks for. Pure: the same input gives the same reading. */
export function plan(comparison: Comparison, facts: Facts): Reading {
  if (comparison.is === 'decided') return comparison.reading;
  const { summary: deal, hash, ledger, isBindingDue, rules, lowered, raised } = comparison;
  const foreign = isBindingDue
    ? [...foreignIds(ledger, facts.groups), ...foreignTemplates(ledger, comparison.catalog.learnerHosts)]
    : [];
  if (foreign.length > 0) return { kind: 'blocked', deal, hash, problems: [foreignMark(rules, foreign)] };
  // More is made at once, and what is less is looked at after that.
  if (lowered.length > 0 && raised.length === 0 && comparison.problems.length === 0) {
    const withdrawal = planWithdrawal(comparison, facts);
    const question = withdrawalQuestion(withdrawal);
    const stop = stopOf(ledger, comparison);
    return stop?.question === question.id
      ? { kind: 'nothing', deal, hash, reason: stoppedBy(stop) }
      : { kind: 'fewer', deal, hash, withdrawal, question };
  }
  if (isChanged(comparison)) return readMore(comparison, facts);
  if (!facts.isRosterThere) return readMore(comparison, facts);
  return readSame(comparison);
}

function readMore(difference: Difference, facts: Facts): Reading {
  const { summary: deal, hash } = difference;
  const completed = completePlan(difference, facts);
  if ('problems' in completed) {
    return { kind: 'blocked', deal, hash, problems: fewProblems(completed.problems) };
  }
  return 'swap' in completed
    ? { kind: 'swapping', deal, hash, ...completed }
    : { kind: 'more', deal, hash, ...completed };
}

function readSame({ deal: read, summary: deal, hash, ledger, isSettledAnew, sold }: Difference): Reading {
  const { groupLabels, groupIds } = read.written;
  const titles = Object.fromEntries(sold.map(({ product }) => [productKey(product), product.title]));
  const delivered = { seatCount: activeSeats(ledger), groupLabels, groupIds, titles };
  return { kind: 'same', deal, hash, delivered, ledger, isSettledAnew };
}

/** A merged deal is answered for with the surviving one, which has a run of its own; `own` is what that would do. */
export function planMergedDeal(askedDealId: string, atHand: DealAtHand, own: Reading): Reading {
  const { deal: survivor } = atHand;
  const isLeftAlone = own.kind === 'nothing' && LEFT_ALONE.has(own.reason.code);
  return {
    kind: 'merged',
    deal: summarize(atHand, markOf(survivor, atHand.rules.sealer)),
    hash: readingHash(atHand),
    reason: mergedInto(askedDealId, survivor),
    leftAlone: isLeftAlone ? own.reason : null,
  };
}

/** Why a won deal may be none of ours. */
const LEFT_ALONE: ReadonlySet<FailureCode> = new Set([
  'deal.won_before',
  'deal.left_out',
  'deal.closed_long_ago',
]);

function mergedInto(askedDealId: string, { dealId }: Deal): Problem {
  return problem('deal.merged', `Deal ${askedDealId} was merged into deal ${dealId}.`);
}
