import { log } from '@temporalio/activity';
import type { AlertSender } from '../src/clients/alerts/sender.ts';
import {
  type Alert,
  type AlertActivities,
  type AlertCause,
  type AlertChannel,
  type AlertState,
  alertId,
  causeOf,
  type RaiseAlertInput,
  type WaitingDeal,
  waiterId,
} from '../src/contracts/alert.ts';
import { cut } from '../src/domain/cut.ts';
import type { CrmFacts } from '../src/domain/deal/crm-facts.ts';
import type { CrmName } from '../src/domain/deal/deal.ts';
import type { FailureCode, Problem } from '../src/domain/failure.ts';
import { MAX_NAME_LENGTH } from '../src/domain/planning/limits.ts';
import { alertText } from '../src/domain/texts/alert.ts';
import { cancellationSignal } from './earlier-attempts.ts';

/** What the alerts ask of Temporal; `src/runs/alert-desk.ts` answers. */
export interface AlertDesk {
  /** Opens the alert of the cause, or adds the deal to it. */
  raise(input: RaiseAlertInput): Promise<void>;
  /** How runs stand that are open, by their workflow id; a run that is closed is absent. */
  openRuns(
    deals: readonly WaitingDeal[],
  ): Promise<ReadonlyMap<string, { readonly status: string; readonly code: string | null }>>;
  problemsOf(deal: WaitingDeal): Promise<readonly Pick<Problem, 'code' | 'about'>[]>;
}

export interface AlertDeps {
  readonly desk: AlertDesk;
  readonly channels: Readonly<Partial<Record<AlertChannel, AlertSender>>>;
  readonly crmFacts: Readonly<Record<CrmName, Pick<CrmFacts, 'displayName'>>>;
  readonly onSent: (sent: {
    readonly channel: AlertChannel;
    readonly state: AlertState;
    readonly code: FailureCode;
  }) => void;
}

/** So many runs are asked what they wait for; of more the code alone decides. */
const MAX_ASKED = 20;

export function createAlertActivities({ desk, channels, crmFacts, onSent }: AlertDeps): AlertActivities {
  return {
    async raiseAlert(input) {
      if (Object.keys(channels).length === 0) return { isRaised: false };
      const { deal } = input;
      // A thousand deals may wait for one cause, and all of them are one value of its history.
      await desk.raise({ ...input, deal: { ...deal, name: cut(deal.name, MAX_NAME_LENGTH) } });
      return { isRaised: true };
    },

    async stillWaiting({ cause, deals }) {
      const open = await desk.openRuns(deals);
      const waiting: WaitingDeal[] = [];
      let asked = 0;
      for (const deal of deals) {
        const run = open.get(waiterId(deal));
        if (run === undefined) continue;
        // Any other status: it tries again, and may come back to this.
        if (run.status === 'NeedsAttention') {
          if (run.code !== cause.code) continue;
          // A change of a seat waits for one thing at a time, and its code says for which.
          if (cause.about !== null && deal.operationId === undefined && asked < MAX_ASKED) {
            const waits = await waitsFor(desk, cause, deal);
            if (waits === false) continue;
            // Each other one may keep the look as long.
            asked = waits === 'silent' ? MAX_ASKED : asked + 1;
          }
        }
        waiting.push(deal);
      }
      return { deals: waiting };
    },

    async sendAlert({ channel, alert }) {
      const send = channels[channel];
      if (send === undefined) return { isSent: false };
      await send(messageOf(alert, crmFacts), cancellationSignal());
      onSent({ channel, state: alert.state, code: alert.cause.code });
      return { isSent: true };
    },
  };
}

/** A run that does not answer, such as one without a worker, waits as far as anybody knows. */
async function waitsFor(desk: AlertDesk, cause: AlertCause, deal: WaitingDeal): Promise<boolean | 'silent'> {
  try {
    const problems = await desk.problemsOf(deal);
    return problems.some((problem) => alertId(causeOf(problem, deal)) === alertId(cause));
  } catch (error) {
    log.warn('A run did not say what it waits for', { ...deal, error: String(error) });
    return 'silent';
  }
}

function messageOf(alert: Alert, crmFacts: AlertDeps['crmFacts']) {
  const { key, state, cause, message, cure, dealCount, deals, since, at } = alert;
  const { code, about, scope } = cause;
  const where = scope === null ? null : `${crmFacts[scope.crm]?.displayName ?? scope.crm} ${scope.account}`;
  const { subject, lines } = alertText({ state, code, about, where, message, cure, dealCount, deals, since });
  const data = { state, code, about, scope, message, cure, dealCount, deals, since, at };
  return { key, subject, text: lines.join('\n'), data };
}
