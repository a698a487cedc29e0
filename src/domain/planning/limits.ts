import { cut } from '../cut.ts';
import type { DealRef } from '../deal/deal.ts';
import { formatLedger, handedLearners, type Ledger } from '../deal/ledger.ts';
import { type Problem, problem } from '../failure.ts';
import { countOf, numberOf } from '../words.ts';
import { notedLedger } from './ledger-after.ts';
import type { Plan } from './plan.ts';
import { QUESTION_ID_LENGTH } from './question.ts';
import type { PlanRules } from './rules.ts';

/** Ten groups of one product. A larger number is a typing error more often than a sale, and a roster of it would not open. */
export const MAX_SEATS_PER_DEAL = 100_000;

/** Two megabytes is what the Temporal server takes for one value; a plan travels with others. */
const MAX_PLAN_LENGTH = 1_000_000;

/** More than people read; the deal's own fields and the server have their limits too. */
const MAX_PROBLEMS = 100;

/** Names in a CRM may have 65,536 characters. */
const MAX_MESSAGE_LENGTH = 2_000;

/** Of the name of whoever stops a deal, and of a deal in a list of many. */
export const MAX_NAME_LENGTH = 200;

/** Of a contact. */
const MAX_ID_LENGTH = 20;

/** Room for a decision about their seats in use; one about more of them is checked when it is to be asked for. */
const DECIDED_LEARNERS = 20;

const TOO_LARGE = { onDeal: 'The deal has too many products, lines or people for one delivery.' };

const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';

/** What is too large for a field of the CRM or for the server, found before anything is made. */
export function sizeProblems(plan: Plan, { sealer, crm }: PlanRules): Problem[] {
  const problems: Problem[] = [];
  const groups = plan.groups.map(({ token, label, seatCount, existing, platform }) => ({
    token,
    platform,
    groupId: existing?.groupId ?? UNKNOWN_ID,
    label,
    seatCount,
    wasAdopted: false,
    isListed: true,
    orphans: [],
  }));
  const roster = { file: plan.rosterFileName, codes: plan.seatCount, sha256: '0'.repeat(64) };
  const ledger = { ...notedLedger(plan, groups), roster };
  const needed = longestLength(ledger, plan.deal, sealer);
  if (needed > crm.ledgerLength) {
    problems.push(
      problem(
        'deal.too_large',
        `The ${countOf(plan.groups.length, 'code group')} of the deal ${plan.groups.length === 1 ? 'needs' : 'need'} ${numberOf(needed)} characters in field ${crm.ledgerField}, which takes ${numberOf(crm.ledgerLength)}`,
        TOO_LARGE,
      ),
    );
  }
  const { length } = JSON.stringify(plan);
  if (length > MAX_PLAN_LENGTH) {
    problems.push(
      problem(
        'deal.too_large',
        `The plan of the deal has ${numberOf(length)} characters for ${countOf(plan.groups.length, 'code group')} and ${countOf(plan.carriers.present.length, 'contact')}; expected at most ${numberOf(MAX_PLAN_LENGTH)}`,
        TOO_LARGE,
      ),
    );
  }
  return problems;
}

/** A decision about seats in use that would make the ledger too long is not asked for. */
export function decisionProblems(
  ledger: Ledger | null,
  deal: DealRef,
  { sealer, crm }: PlanRules,
): Problem[] {
  const needed = ledger === null ? 0 : longestLength(ledger, deal, sealer);
  if (needed <= crm.ledgerLength) return [];
  const message = `The decisions about ${countOf(Object.keys(ledger?.declined ?? {}).length, 'learner')} without a seat need ${numberOf(needed)} characters in field ${crm.ledgerField}, which takes ${numberOf(crm.ledgerLength)}`;
  return [problem('deal.too_large', message, TOO_LARGE)];
}

/**
 * With what may be noted in it later: a decision about every product, one about seats in use of a few learners, and a
 * stop.
 */
function longestLength(ledger: Ledger, deal: DealRef, sealer: PlanRules['sealer']): number {
  const decided = { sold: MAX_SEATS_PER_DEAL, wonAt: ledger.wonAt };
  const settled = Object.fromEntries(ledger.groups.map(({ product }) => [product, decided]));
  const question = 'x'.repeat(QUESTION_ID_LENGTH);
  const stopped = { by: 'x'.repeat(MAX_NAME_LENGTH), wonAt: ledger.wonAt, question };
  const handedOver = {
    at: new Date(0).toISOString(),
    to: 'x'.repeat(MAX_ID_LENGTH),
    by: 'accepted',
  } as const;
  const learners = handedLearners(ledger).slice(0, DECIDED_LEARNERS);
  const declined = { ...Object.fromEntries(learners.map((id) => [id, learners])), ...ledger.declined };
  const longest = { ...ledger, settled: { ...ledger.settled, ...settled }, declined, stopped, handedOver };
  return formatLedger(longest, deal, sealer).length;
}

/** The first of them, and how many more there are. */
export function fewProblems(problems: readonly Problem[]): readonly Problem[] {
  const shown = problems
    .slice(0, MAX_PROBLEMS)
    .map((each) => ({ ...each, message: cut(each.message, MAX_MESSAGE_LENGTH) }));
  const next = problems[MAX_PROBLEMS];
  if (next === undefined) return shown;
  const more = `${countOf(problems.length - MAX_PROBLEMS, 'more problem')} will show once these are fixed`;
  return [...shown, { ...next, message: more }];
}
