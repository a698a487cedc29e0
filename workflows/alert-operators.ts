import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineSignal,
  isCancellation,
  log,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import {
  ALERT_CHANNELS,
  type Alert,
  type AlertActivities,
  type AlertChannel,
  type AlertInput,
  type AlertProgress,
  type AlertState,
  alertId,
  DEAL_WAITS,
  type RaiseAlertInput,
  type WaitingDeal,
} from '../src/contracts/alert.ts';
import { numberOf } from '../src/domain/words.ts';
import { plainMarkdown } from './plain-markdown.ts';
import { afterLook, withDeal } from './waiting-deals.ts';

const dealWaits = defineSignal<[RaiseAlertInput]>(DEAL_WAITS);

/** Deals that are named in an alert. */
const NAMED = 10;
const LONG_HISTORY = 2_000;

const second = 1_000;
const RETRY = { initialInterval: second, maximumInterval: 300 * second };
const { sendAlert } = proxyActivities<AlertActivities>({
  startToCloseTimeout: 30 * second,
  scheduleToCloseTimeout: 3_600 * second,
  retry: RETRY,
});
/** The first alert waits for the look. */
const { stillWaiting } = proxyActivities<AlertActivities>({
  startToCloseTimeout: 60 * second,
  scheduleToCloseTimeout: 300 * second,
  retry: RETRY,
});

/**
 * One cause that only the operators can fix, from the first deal that waits for it to the last. They are alerted once,
 * again each day while deals wait, and when none does.
 */
export async function alertOperators({
  cause,
  bounds,
  carried,
}: AlertInput): Promise<{ readonly count: number }> {
  let progress: AlertProgress = carried ?? {
    deals: [],
    message: '',
    cure: '',
    sentAt: null,
    since: Date.now(),
    count: 0,
  };
  let isNews = false;
  setHandler(
    dealWaits,
    ({ deal, message, cure, isUntold }) => {
      isNews = true;
      progress = {
        ...progress,
        message,
        cure,
        deals: withDeal(progress.deals, deal),
        ...(isUntold && progress.sentAt === null && { isUntold }),
      };
    },
    { description: 'One more deal waits for this. Sent by runs.' },
  );

  const send = async (state: AlertState): Promise<void> => {
    const { deals, message, cure, since, count } = progress;
    const at = new Date(Date.now()).toISOString();
    const { workflowId, firstExecutionRunId } = workflowInfo();
    const alert = {
      key: `${workflowId}:${firstExecutionRunId.slice(0, 8)}:${count + 1}`,
      state,
      cause,
      message,
      cure,
      dealCount: deals.length,
      deals: deals.slice(0, NAMED),
      since: new Date(since).toISOString(),
      at,
    };
    const { sentAt } = progress;
    progress = { ...progress, sentAt: Date.now(), count: count + 1 };
    const sent = await Promise.all(ALERT_CHANNELS.map((channel) => sendBy(channel, alert)));
    // What has reached no one is due again at the next look.
    if (sent.includes('failed') && !sent.includes('sent')) progress = { ...progress, sentAt };
  };

  if (progress.sentAt === null) {
    await condition(() => progress.deals.length > 0);
    await condition(() => false, bounds.gatherMs);
  }
  let pauseMs = bounds.lookMs;
  for (;;) {
    isNews = false;
    const asked = progress.deals;
    const waiting = await look({ cause, deals: asked });
    // What no run shows must have been said before it may go.
    const isOwed = progress.isUntold === true && progress.sentAt === null;
    if (!isOwed) progress = { ...progress, deals: afterLook(progress.deals, { asked, waiting }) };
    setCurrentDetails(describe(alertId(cause), progress));
    if (progress.deals.length === 0 && !isNews) break;
    const { sentAt } = progress;
    if (sentAt === null) await send('raised');
    else if (Date.now() - sentAt >= bounds.repeatMs) await send('repeated');
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    // A thousand deals make a history large before it is long.
    if (historyLength > LONG_HISTORY || continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof alertOperators>({ cause, bounds, carried: progress });
    }
    await condition(() => false, pauseMs);
    pauseMs = Math.min(2 * pauseMs, bounds.lookMaxMs);
  }
  // What was over before anyone was alerted is not worth a message; what no run shows cannot be seen to be over.
  if (progress.sentAt !== null && !progress.isUntold) await send('resolved');
  await condition(allHandlersFinished);
  if (isNews)
    await continueAsNew<typeof alertOperators>({
      cause,
      bounds,
      carried: { ...progress, sentAt: null, since: Date.now() },
    });
  return { count: progress.count };
}

/** Deals that cannot be looked up wait still: no one else would be alerted to them. */
async function look(input: Parameters<AlertActivities['stillWaiting']>[0]): Promise<readonly WaitingDeal[]> {
  try {
    return (await stillWaiting(input)).deals;
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    log.warn('An alert could not see which deals still wait');
    return input.deals;
  }
}

/** One channel that is away keeps the others from nothing. */
async function sendBy(channel: AlertChannel, alert: Alert): Promise<'sent' | 'unset' | 'failed'> {
  try {
    return (await sendAlert({ channel, alert })).isSent ? 'sent' : 'unset';
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    log.error('An alert could not be sent', { channel });
    return 'failed';
  }
}

function describe(id: string, { deals, message, cure, count }: AlertProgress): string {
  return [
    `**${plainMarkdown(id)}**`,
    '',
    `- Found: ${plainMarkdown(message)}`,
    `- To fix: ${plainMarkdown(cure)}`,
    `- Alerts sent: ${numberOf(count)}`,
    `- Deals that wait: ${numberOf(deals.length)}`,
    ...deals
      .slice(0, NAMED)
      .map(({ name, dealId }) => `  - ${plainMarkdown(name)} (${plainMarkdown(dealId)})`),
  ].join('\n');
}
