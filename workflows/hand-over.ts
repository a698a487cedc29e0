import { CancellationScope, CancelledFailure } from '@temporalio/workflow';
import type { HandOverInput } from '../src/contracts/activities.ts';
import type { MessageReceipt } from '../src/contracts/run.ts';
import { pendingLedger } from '../src/domain/planning/ledger-after.ts';
import type { Plan } from '../src/domain/planning/plan.ts';
import type { EnsuredGroup } from '../src/domain/seats/code-group.ts';
import type { RosterReceipt } from '../src/domain/seats/roster.ts';
import { claimOf, currentDeal } from './claim.ts';
import { undoKeys } from './compensation.ts';
import { messageOutcomesOf, problemOf } from './failures.ts';
import type { Run } from './run.ts';

/** Makes every group, side by side, and waits for their codes. */
export async function provision(run: Run, plan: Plan): Promise<EnsuredGroup[]> {
  const { proxies, state } = run;
  const { policy } = run.input;
  state.update({
    status: 'Provisioning',
    step: 'Creating the code groups',
    seatCount: plan.seatCount,
    groups: plan.groups.map(({ label, title, seatCount }) => ({ label, title, seatCount, groupId: null })),
  });
  const missing = plan.groups.filter(({ delivered }) => delivered === undefined);
  for (const group of missing) registerQuarantine(run, plan, group);
  const { settleMs, settleIntervalMs } = policy;
  const claimed = { deal: plan.deal, ...claimOf(run, plan) };
  const start = showStart(run, plan);
  const made = await settleAll(
    missing.map((group) =>
      proxies
        .creating(`Create ${group.seatCount} codes: ${group.title}`)
        .ensureCodeGroup({ ...claimed, ...start, group, settleMs, settleIntervalMs })
        .then((ensured) => {
          run.claim = { is: 'held', claimed: claimOf(run, plan) };
          run.knownGroups.set(ensured.token, ensured);
          return ensured;
        }),
    ),
  );
  for (const orphan of made.flatMap(({ orphans }) => orphans)) {
    state.warn(`A second group has the token of this deal: ${orphan}`);
  }
  const groups = inPlanOrder(plan, made);
  state.update({
    status: 'AwaitingCodes',
    step: 'Waiting until every code is listed',
    groups: withGroupIds(plan, groups),
  });
  await settleAll([
    noteAmendment(run, plan, groups),
    ...made.map((group) =>
      proxies.polling(`Wait for ${group.seatCount} codes of ${group.label}`).awaitCodes({ group }),
    ),
  ]);
  return groups;
}

/**
 * Once a run, with the claim: a run that tries again after a problem leaves what people were told about it on the deal,
 * and a CRM that reports every edit must not wake it for ever. An amendment shows itself with its note.
 */
function showStart(run: Run, plan: Plan): { readonly start?: { readonly detail: string } } {
  if (plan.revision !== null || run.hasShownStart) return {};
  run.hasShownStart = true;
  return { start: { detail: describeStart(plan) } };
}

function describeStart({ addedSeats }: Plan): string {
  return addedSeats === 0 ? 'The roster is being amended' : `${addedSeats} seats are being made`;
}

/** One for each planned group; those of earlier deliveries stand as they are. */
function inPlanOrder(plan: Plan, made: readonly EnsuredGroup[]): EnsuredGroup[] {
  return plan.groups.flatMap(({ token, label, seatCount, delivered }) => {
    if (delivered === undefined) return made.filter((group) => group.token === token);
    return [{ token, groupId: delivered.groupId, label, seatCount, wasAdopted: true, orphans: [] }];
  });
}

/**
 * All results, or the first failure, but never before every step has ended: compensation must not race a create.
 * Each step's own bounds keep the wait finite.
 */
async function settleAll<T>(steps: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(steps);
  return Promise.all(steps);
}

/** Puts codes into the CRM: learners' links first, because the roster holds what is left over. */
export async function attachRoster(run: Run, handOver: HandOverInput): Promise<RosterReceipt> {
  const { plan } = handOver;
  const { proxies, state } = run;
  state.update({ status: 'HandingOver', step: 'Writing links and roster to the CRM' });
  // People hold what the amended links and file replace, so there is no way back to nothing.
  const isAmendment = plan.revision !== null;
  if (isAmendment) run.isPastPivot = true;
  if (plan.learnerContactIds.length > 0) {
    if (!isAmendment) registerLinks(run, handOver);
    await proxies
      .rostering(`Write links to ${plan.learnerContactIds.length} learners`)
      .writeRedeemLinks(handOver);
  }
  if (!isAmendment) registerRoster(run, plan);
  const roster = await proxies
    .rostering(`Attach the roster of ${plan.seatCount} seats`)
    .attachRoster(handOver);
  run.claim = { is: 'held', claimed: claimOf(run, plan) };
  state.update({ roster });
  return roster;
}

/**
 * The pivot. Shielded from cancellation: once a message may be on its way the run must know what became of it.
 * A refusal that proves that nobody was written to leaves the run before the pivot.
 */
export async function sendMessages(
  run: Run,
  handOver: HandOverInput,
  roster: RosterReceipt,
): Promise<readonly MessageReceipt[]> {
  const { plan } = handOver;
  // A cancel that came during the step before was accepted: this is the last moment to obey it.
  if (CancellationScope.current().consideredCancelled)
    throw new CancelledFailure('Cancelled before the mail');
  // Of an earlier turn with fewer seats: what came since is still to be told, whatever a person says of that mail.
  const isAnswered = run.retryRequest?.mail === 'was_sent' && run.messagesRevision === plan.revision;
  if (run.messagesRevision !== plan.revision) run.messages = null;
  run.messagesRevision = plan.revision;
  if (plan.messages.length === 0 || isAnswered) run.messages ??= [];
  if (run.messages !== null) {
    run.isPastPivot = true;
    return run.messages;
  }
  run.state.update({ step: `Handing ${plan.messages.length} messages to the CRM's e-mail tool` });
  const { settleMs, settleIntervalMs } = run.input.policy;
  const resend = run.retryRequest?.mail === 'resend';
  const outcomes = run.messageOutcomes;
  const wasPastPivot = run.isPastPivot;
  run.isPastPivot = true;
  try {
    const messages = await CancellationScope.nonCancellable(() =>
      run.proxies
        .sending(`Send by ${plan.mailTool.via}`)
        .sendMessages({ ...handOver, roster, resend, outcomes, settleMs, settleIntervalMs }),
    );
    run.messages = messages;
    run.messageOutcomes = {};
    run.state.update({ messages });
    return messages;
  } catch (error) {
    run.messageOutcomes = { ...run.messageOutcomes, ...messageOutcomesOf(error) };
    const { code } = problemOf(error);
    // A claim is looked at before the first message.
    const isUnsent =
      code === 'run.claimed_elsewhere' ||
      code === 'deal.merged' ||
      (plan.messages.length === 1 && PROVES_UNSENT.has(code));
    run.isPastPivot = wasPastPivot || !isUnsent;
    throw error;
  }
}

const PROVES_UNSENT = new Set<string>([
  'crm.mail_rejected',
  'crm.not_found',
  'crm.unauthorized',
  'crm.forbidden',
  'crm.field_missing',
  'crm.invalid_request',
]);

/** Noted on the deal first: whatever becomes of this run, the next one knows which codes may be with the customer. */
async function noteAmendment(run: Run, plan: Plan, groups: readonly EnsuredGroup[]): Promise<void> {
  if (plan.revision === null || run.notedRevision === plan.revision) return;
  const { deal } = run.input;
  const detail = describeStart(plan);
  run.compensations.register(undoKeys.ledger, {
    step: 'Note on the deal what is being handed over',
    undo: async () => {
      await run.proxies
        .undoing('Note again what was delivered before')
        .writeDealStatus({ deal, status: 'Compensating', detail, ledger: plan.base });
      run.notedRevision = null;
      run.deal = { ...run.deal, isUnfinished: plan.base.isPending === true };
      return { outcome: 'undone', detail: 'The ledger of the deal is what it was' };
    },
  });
  await run.proxies.writing('Note which seats are being handed over').writeDealStatus({
    deal,
    status: 'AwaitingCodes',
    detail,
    ledger: pendingLedger(plan, groups),
    underClaim: claimOf(run, plan),
  });
  run.notedRevision = plan.revision;
}

function registerLinks(run: Run, { plan, groups: made }: HandOverInput): void {
  // Not the learners alone: an earlier turn of this run may have had others.
  const { contactIds } = plan;
  const groups = made.flatMap(({ groupId, label, seatCount }, index) => {
    const redeemUrl = plan.groups[index]?.redeemUrl;
    return redeemUrl === undefined ? [] : [{ groupId, label, seatCount, redeemUrl }];
  });
  run.compensations.register(undoKeys.links, {
    step: 'Write redeem links to the learners',
    undo: async () => {
      const { deal } = run.input;
      await run.proxies.undoing('Take the links back').clearRedeemLinks({ deal, contactIds, groups });
      return {
        outcome: 'undone',
        detail: 'No contact of the deal has a link of it any more',
      };
    },
  });
}

function registerRoster(run: Run, { rosterFileName: fileName }: Plan): void {
  run.compensations.register(undoKeys.roster(fileName), {
    step: 'Attach the roster to the deal',
    undo: async () => {
      await run.proxies.undoing('Delete the roster').removeRoster({ deal: currentDeal(run), fileName });
      return { outcome: 'undone', detail: `${fileName} is not on the deal any more` };
    },
  });
}

function registerQuarantine(run: Run, plan: Plan, group: Plan['groups'][number]): void {
  run.compensations.register(undoKeys.group(group.token), {
    step: `Create the code group ${group.label}`,
    undo: async () => {
      const { deal, policy } = run.input;
      const { settleMs, settleIntervalMs } = policy;
      const patience = run.knownGroups.has(group.token) ? {} : { settleMs, settleIntervalMs };
      const { quarantined } = await run.proxies
        .undoing(`Quarantine ${group.label}`)
        .quarantineCodeGroup({ deal, ownerId: plan.ownerId, group, ...patience });
      return quarantined.length === 0
        ? { outcome: 'nothing_to_undo', detail: 'No group was made' }
        : {
            outcome: 'quarantined',
            detail: `Never handed out, on a task for an admin: ${quarantined.join(', ')}`,
          };
    },
  });
}

function withGroupIds(plan: Plan, groups: readonly EnsuredGroup[]) {
  return plan.groups.map(({ label, title, seatCount }, index) => ({
    label: groups[index]?.label ?? label,
    title,
    seatCount,
    groupId: groups[index]?.groupId ?? null,
  }));
}
