import { createHash } from 'node:crypto';
import { Context } from '@temporalio/activity';
import type { Crm, RecordNow, SendHistory } from '../src/clients/crm.ts';
import type { Patience, ProvisioningActivities, SendMessagesInput } from '../src/contracts/activities.ts';
import { formatLedger } from '../src/domain/deal/ledger.ts';
import { DealseatError, type Problem, problem } from '../src/domain/failure.ts';
import type { PlannedMessage } from '../src/domain/planning/plan.ts';
import type { MessageOutcome, MessageOutcomes } from '../src/domain/seats/message-outcome.ts';
import { type AllottedDeal, allotOnce } from './allotment.ts';
import { composeMessage } from './compose-message.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { cancellationSignal, leaveWord, wordOfAttemptBefore } from './earlier-attempts.ts';
import { lookAtRecord, takeHold } from './hold.ts';
import { boundsOf } from './lags.ts';
import { mayStillPass } from './patience.ts';
import type { RecentListings } from './recent-listings.ts';
import { isFirstHandOver } from './untouched.ts';

/** A message that is found early must not wait for all of the patience. */
const LOOKS = 4;

/** What an attempt that fails leaves for the next one. */
interface Word {
  readonly outcomes: MessageOutcomes;
  /** Send keys of messages that may be out. */
  readonly inDoubt: readonly string[];
  /** How long the answer to one of those was waited for. */
  readonly tookMs?: number;
}

/** One execution of the step. */
interface Sending {
  readonly deps: ActivityDeps;
  readonly crm: Crm;
  readonly input: SendMessagesInput;
  readonly allotted: () => Promise<AllottedDeal>;
  /** An attempt before was killed, so anything may be out. */
  readonly isAllInDoubt: boolean;
  /** Send keys of messages that may be out by an attempt before. */
  readonly inDoubt: Set<string>;
  /** By send key; each message adds its own. */
  readonly outcomes: Map<string, MessageOutcome>;
  /** One patience for all messages: a hundred learners must not cost a hundred waits. */
  readonly lookUntil: number;
  readonly lookIntervalMs: number;
}

/**
 * Irreversible. Every outcome that the tool can tell is returned; what a repeat may cure is thrown, after word is left
 * for the next attempt of what is out by then.
 */
export function sendMessages(
  deps: ActivityDeps,
  rosters: RecentListings,
): ProvisioningActivities['sendMessages'] {
  return async (input) => {
    const word = wordOfAttemptBefore<Word>();
    const isAllInDoubt = Context.current().info.attempt > 1 && word === null;
    const mayLook = isAllInDoubt || word !== null || input.isResumed || input.plan.isAmendment;
    const patienceMs = mayLook ? await patienceOf(deps, input, word?.tookMs) : 0;
    const sending: Sending = {
      deps,
      crm: crmOf(deps, input.plan.deal),
      input,
      allotted: allotOnce(deps, rosters, input),
      isAllInDoubt,
      inDoubt: new Set(word?.inDoubt),
      outcomes: new Map(Object.entries({ ...input.outcomes, ...word?.outcomes })),
      lookUntil: performance.now() + patienceMs,
      lookIntervalMs: Math.min(input.lookUpIntervalMs, Math.ceil(patienceMs / LOOKS)),
    };
    try {
      // After a message may have gone out it must be found again, whoever has the deal now.
      const isFirst = !sending.isAllInDoubt && sending.inDoubt.size === 0;
      const refusal = isFirst ? await noteUnderHold(deps, input) : await noteAfterKilled(sending);
      if (refusal === null) await sendAll(sending);
      else if (isFirst) refuseNext(sending, refusal);
      else doubtAll(sending, refusal);
      return Object.fromEntries(sending.outcomes);
    } catch (error) {
      if (error instanceof DealseatError && !sending.isAllInDoubt) {
        leaveWord({
          outcomes: Object.fromEntries(sending.outcomes),
          inDoubt: [...sending.inDoubt],
          ...(error.class === 'ambiguous' && error.tookMs ? { tookMs: Math.ceil(error.tookMs) } : {}),
        } satisfies Word);
      }
      throw error;
    }
  };
}

function accountOf({ deal, plan }: SendMessagesInput): string {
  return `${deal.crm}:${deal.account}:${plan.mailTool.via}`;
}

async function patienceOf(
  { lags }: ActivityDeps,
  input: SendMessagesInput,
  tookMs: number | undefined,
): Promise<number> {
  const patience = await lags.patience({ account: accountOf(input), size: 1, tookMs }, boundsOf(input));
  return patience();
}

/**
 * Whatever becomes of this run, the next one knows which codes may be with the customer. What keeps the CRM from taking
 * the note is returned: it proves that no message is out.
 */
async function noteUnderHold(deps: ActivityDeps, input: SendMessagesInput): Promise<Problem | null> {
  const record = await takeHold(deps, input);
  // An amendment is noted before its codes are waited for.
  if (record === null && input.plan.isAmendment) return null;
  return orProblem(input, () => note(deps, input, record));
}

/** An attempt that was killed may not have come as far as the note; one that left word has. */
async function noteAfterKilled({ deps, input, isAllInDoubt }: Sending): Promise<Problem | null> {
  if (!isAllInDoubt) return null;
  return orProblem(input, async () => {
    const { record, verdict } = await lookAtRecord(deps, input);
    if (verdict.is !== 'elsewhere' && verdict.is !== 'superseded') await note(deps, input, record);
  });
}

async function orProblem(patience: Patience, work: () => Promise<void>): Promise<Problem | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (!(error instanceof DealseatError) || error.class !== 'attention') throw error;
    if (mayStillPass(error, patience)) throw error;
    return problem(error.code, error.message);
  }
}

async function note(
  deps: ActivityDeps,
  { deal, ledger }: SendMessagesInput,
  record: RecordNow | null,
): Promise<void> {
  const text = formatLedger(ledger, deal, deps.sealer);
  if (record?.ledger !== text) await crmOf(deps, deal).writeDealFields(deal.dealId, { ledger: text });
}

function refuseNext({ input, outcomes }: Sending, found: Problem): void {
  const next = input.plan.messages.find(({ sendKey }) => {
    const known = outcomes.get(sendKey);
    return known === undefined || known.is === 'refused';
  });
  if (next !== undefined) outcomes.set(next.sendKey, { is: 'refused', problem: found });
}

function doubtAll({ input, outcomes }: Sending, found: Problem): void {
  for (const planned of input.plan.messages) {
    const { sendKey } = planned;
    outcomes.set(sendKey, settledOutcome(input, planned, outcomes.get(sendKey)) ?? doubted(planned, found));
  }
}

/** That it cannot be sent now says nothing about the time before. */
function doubted({ contactId, sendKey }: PlannedMessage, { code, message }: Problem): MessageOutcome {
  const told = `The message to contact ${contactId} (${sendKey}) may have been sent by an earlier attempt. The last one met ${code}: ${message}`;
  return { is: 'inDoubt', problem: problem('crm.mail_unknown', told) };
}

/**
 * A message in doubt does not keep the others from being sent: whatever a person finds out about it, nothing else is
 * missing then. A refusal ends the step, because it mostly means all of them.
 */
async function sendAll(sending: Sending): Promise<void> {
  const { input, outcomes, inDoubt } = sending;
  for (const planned of input.plan.messages) {
    const { sendKey } = planned;
    const known = settledOutcome(input, planned, outcomes.get(sendKey));
    if (known !== null) {
      outcomes.set(sendKey, known);
      continue;
    }
    try {
      const outcome = await send(sending, planned);
      outcomes.set(sendKey, outcome);
      inDoubt.delete(sendKey);
      if (outcome.is === 'refused') return;
    } catch (error) {
      if (error instanceof DealseatError && error.class === 'ambiguous') inDoubt.add(sendKey);
      throw error;
    }
  }
}

/** What needs no sending any more. */
function settledOutcome(
  { roster, finding }: SendMessagesInput,
  { audience }: PlannedMessage,
  known: MessageOutcome | undefined,
): MessageOutcome | null {
  if (known?.is === 'sent' || known?.is === 'accepted' || known?.is === 'none') return known;
  // The plan could not know who holds codes: contacts who are no learners any more may hold all that were to be spare.
  if (audience === 'buyer' && roster.codeCount === 0) return { is: 'none', reference: null };
  return known?.is === 'inDoubt' && finding === 'was_sent' ? { is: 'accepted', reference: null } : null;
}

async function send(sending: Sending, planned: PlannedMessage): Promise<MessageOutcome> {
  const { deps, crm, input, outcomes } = sending;
  const { sendKey } = planned;
  const history = historyOf(sending, planned);
  const outcome = await orRefused(input, async () => {
    const message = await composeMessage(sending, planned, history);
    const tool = crm.mailTool(input.plan.mailTool);
    const since = performance.now();
    const result = await tool.deliver(message, history, cancellationSignal());
    const isNew = result.is === 'accepted' && history.mayBeOutSince === null;
    if (isNew && tool.isShown) {
      const made = { account: accountOf(input), size: 1, since };
      deps.lags.watch(made, boundsOf(input), async () => tool.isShown?.(message) ?? true);
    }
    return result;
  });
  if (outcome.is !== 'refused') return outcome;
  const isDoubted = outcomes.get(sendKey)?.is === 'inDoubt' && history.saidMissing === null;
  return history.mayBeOutSince === null && !isDoubted ? outcome : doubted(planned, outcome.problem);
}

/** What only a person can mend, before or while a message is handed over, proves that this attempt sent nothing. */
async function orRefused(
  patience: Patience,
  attempt: () => Promise<MessageOutcome>,
): Promise<MessageOutcome> {
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof DealseatError)) throw error;
    if (error.class !== 'attention' && error.class !== 'never') throw error;
    if (mayStillPass(error, patience)) throw error;
    return { is: 'refused', problem: problem(error.code, error.message) };
  }
}

/**
 * An amendment writes to learners under the key of their first message, and finds people in a tool that remembers them
 * from the first delivery.
 */
function historyOf(sending: Sending, { sendKey, audience, contactId }: PlannedMessage): SendHistory {
  const { input, outcomes, inDoubt, isAllInDoubt, lookUntil, lookIntervalMs } = sending;
  const { plan, isResumed, finding } = input;
  const known = outcomes.get(sendKey);
  const isKnownLearner = audience === 'learner' && plan.base.learners?.includes(contactId) === true;
  const wasHandedOver = plan.isAmendment && (isKnownLearner || plan.mailTool.traits.remembersPeople);
  const isAsked = known?.is === 'inDoubt' || plan.messages.length === 1;
  const sinceAttempt =
    isAllInDoubt || inDoubt.has(sendKey) ? Context.current().info.scheduledTimestampMs : null;
  return {
    isFirst: known === undefined && isFirstHandOver(input),
    mayBeOutSince: known === undefined && (isResumed || wasHandedOver) ? 0 : sinceAttempt,
    lookUntil,
    lookIntervalMs,
    saidMissing: finding === 'resend' && isAsked ? { resendToken: executionToken() } : null,
  };
}

/** Eight hex digits, the same for all attempts: one person asks for few resends of one message. */
function executionToken(): string {
  const { workflowExecution, activityId } = Context.current().info;
  const execution = JSON.stringify([workflowExecution?.runId, activityId]);
  return createHash('sha256').update(execution).digest('hex').slice(0, 8);
}
