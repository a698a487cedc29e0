import { CancellationScope, CancelledFailure } from '@temporalio/workflow';
import type { HandOverInput } from '../src/domain/activities.ts';
import type { Plan } from '../src/domain/plan.ts';
import type { EnsuredGroup, MessageReceipt, RosterReceipt } from '../src/domain/run.ts';
import { problemOf } from './failures.ts';
import type { Run } from './run.ts';

/** Makes every group, side by side, and waits for their codes. */
export async function provision(run: Run, plan: Plan): Promise<EnsuredGroup[]> {
  const { proxies, state } = run;
  const { deal, policy } = run.input;
  state.update({
    status: 'Provisioning',
    step: 'Creating the code groups',
    seatCount: plan.seatCount,
    groups: plan.groups.map(({ label, title, seatCount }) => ({ label, title, seatCount, groupId: null })),
  });
  for (const group of plan.groups) registerQuarantine(run, plan, group);
  const { settleMs, settleIntervalMs } = policy;
  const [, ...groups] = await settleAll([
    proxies
      .writing('Show on the deal that provisioning started')
      .writeDealStatus({ deal, status: 'Provisioning', detail: `${plan.seatCount} seats are being made` }),
    ...plan.groups.map((group) =>
      proxies
        .creating(`Create ${group.seatCount} codes: ${group.title}`)
        .ensureCodeGroup({ group, settleMs, settleIntervalMs }),
    ),
  ]);
  for (const orphan of groups.flatMap(({ orphans }) => orphans)) {
    state.warn(`A second group has the token of this deal: ${orphan}`);
  }
  state.update({
    status: 'AwaitingCodes',
    step: 'Waiting until every code is listed',
    groups: withGroupIds(plan, groups),
  });
  await settleAll(
    groups.map((group) =>
      proxies.polling(`Wait for ${group.seatCount} codes of ${group.label}`).awaitCodes({ group }),
    ),
  );
  return groups;
}

/**
 * All results, or the first failure, but never before every step has ended: compensation must not race a create.
 * Each step's own bounds keep the wait finite.
 */
async function settleAll<T extends readonly unknown[]>(steps: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  await Promise.allSettled(steps);
  return (await Promise.all(steps)) as unknown as T;
}

/** Puts codes into the CRM: learners' links first, because the roster holds what is left over. */
export async function attachRoster(run: Run, handOver: HandOverInput): Promise<RosterReceipt> {
  const { plan } = handOver;
  const { proxies, state, compensations } = run;
  const { deal } = run.input;
  state.update({ status: 'HandingOver', step: 'Writing links and roster to the CRM' });
  if (plan.learnerContactIds.length > 0) {
    compensations.register('links', {
      step: 'Write redeem links to the learners',
      undo: async () => {
        await proxies
          .undoing('Take the links back')
          .clearRedeemLinks({ deal, contactIds: plan.learnerContactIds });
        return {
          outcome: 'undone',
          detail: `${plan.learnerContactIds.length} contacts have no link any more`,
        };
      },
    });
    await proxies
      .rostering(`Write links to ${plan.learnerContactIds.length} learners`)
      .writeRedeemLinks(handOver);
  }
  compensations.register('roster', {
    step: 'Attach the roster to the deal',
    undo: async () => {
      await proxies.undoing('Delete the roster').removeRoster({ deal, fileName: plan.rosterFileName });
      return { outcome: 'undone', detail: `${plan.rosterFileName} is not on the deal any more` };
    },
  });
  const roster = await proxies
    .rostering(`Attach the roster of ${plan.seatCount} seats`)
    .attachRoster(handOver);
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
  if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('Cancelled before the mail');
  if (plan.messages.length === 0 || run.retryRequest?.mail === 'was_sent') run.messages ??= [];
  if (run.messages !== null) {
    run.isPastPivot = true;
    return run.messages;
  }
  run.state.update({ step: `Handing ${plan.messages.length} messages to the CRM's e-mail tool` });
  const { settleMs, settleIntervalMs } = run.input.policy;
  const resend = run.retryRequest?.mail === 'resend';
  run.isPastPivot = true;
  try {
    const messages = await CancellationScope.nonCancellable(() =>
      run.proxies
        .sending(`Send by ${plan.mailTool.via}`)
        .sendMessages({ ...handOver, roster, resend, settleMs, settleIntervalMs }),
    );
    run.messages = messages;
    run.state.update({ messages });
    return messages;
  } catch (error) {
    run.isPastPivot = !(plan.messages.length === 1 && PROVES_UNSENT.has(problemOf(error).code));
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

function registerQuarantine(run: Run, plan: Plan, group: Plan['groups'][number]): void {
  run.compensations.register(quarantineKey(group.token), {
    step: `Create the code group ${group.label}`,
    undo: async () => {
      const { quarantined } = await run.proxies
        .undoing(`Quarantine ${group.label}`)
        .quarantineCodeGroup({ deal: run.input.deal, ownerId: plan.ownerId, group });
      return quarantined.length === 0
        ? { outcome: 'nothing_to_undo', detail: 'No group was made' }
        : {
            outcome: 'quarantined',
            detail: `Never handed out, on a task for an admin: ${quarantined.join(', ')}`,
          };
    },
  });
}

export function quarantineKey(token: string): string {
  return `group ${token}`;
}

function withGroupIds(plan: Plan, groups: readonly EnsuredGroup[]) {
  return plan.groups.map(({ label, title, seatCount }, index) => ({
    label: groups[index]?.label ?? label,
    title,
    seatCount,
    groupId: groups[index]?.groupId ?? null,
  }));
}
