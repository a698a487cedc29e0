import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineSignal,
  log,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import {
  ALERT_CHANNELS,
  type AlertActivities,
  type AlertChannel,
  type AlertInput,
  type AlertProgress,
  type AlertState,
  alertId,
  DEAL_WAITS,
  type RaiseAlertInput,
} from '../src/contracts/alert.ts';
import { plainMarkdown } from './plain-markdown.ts';
import { afterLook, withDeal } from './waiting-deals.ts';

const dealWaits = defineSignal<[RaiseAlertInput]>(DEAL_WAITS);

/** Deals that are named in an alert. */
const NAMED = 10;
const LONG_HISTORY = 2_000;

const second = 1_000;
const { stillWaiting, sendAlert } = proxyActivities<AlertActivities>({
  startToCloseTimeout: 30 * second,
  scheduleToCloseTimeout: 3_600 * second,
  retry: { initialInterval: second, maximumInterval: 300 * second },
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
    ({ deal, message, cure }) => {
      isNews = true;
      progress = { ...progress, message, cure, deals: withDeal(progress.deals, deal) };
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
    progress = { ...progress, sentAt: Date.now(), count: count + 1 };
    await Promise.all(ALERT_CHANNELS.map((channel) => orLog(channel, () => sendAlert({ channel, alert }))));
  };

  if (progress.sentAt === null) {
    await condition(() => progress.deals.length > 0);
    await condition(() => false, bounds.gatherMs);
  }
  let pauseMs = bounds.lookMs;
  for (;;) {
    isNews = false;
    const asked = progress.deals;
    const { deals: waiting } = await stillWaiting({ cause, deals: asked });
    progress = { ...progress, deals: afterLook(progress.deals, { asked, waiting }) };
    setCurrentDetails(describe(alertId(cause), progress));
    if (progress.deals.length === 0 && !isNews) break;
    const { sentAt } = progress;
    if (sentAt === null) await send('raised');
    else if (Date.now() - sentAt >= bounds.repeatMs) await send('repeated');
    if (workflowInfo().historyLength > LONG_HISTORY) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof alertOperators>({ cause, bounds, carried: progress });
    }
    await condition(() => false, pauseMs);
    pauseMs = Math.min(2 * pauseMs, bounds.lookMaxMs);
  }
  // What was over before anyone was alerted is not worth a message.
  if (progress.sentAt !== null) await send('resolved');
  await condition(allHandlersFinished);
  if (isNews)
    await continueAsNew<typeof alertOperators>({
      cause,
      bounds,
      carried: { ...progress, sentAt: null, since: Date.now() },
    });
  return { count: progress.count };
}

/** One channel that is away keeps the others from nothing. */
async function orLog(channel: AlertChannel, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    log.error('An alert could not be sent', { channel });
  }
}

function describe(id: string, { deals, message, cure, count }: AlertProgress): string {
  return [
    `**${plainMarkdown(id)}**`,
    '',
    `- Found: ${plainMarkdown(message)}`,
    `- To fix: ${plainMarkdown(cure)}`,
    `- Alerts sent: ${count}`,
    `- Deals that wait: ${deals.length}`,
    ...deals
      .slice(0, NAMED)
      .map(({ name, dealId }) => `  - ${plainMarkdown(name)} (${plainMarkdown(dealId)})`),
  ].join('\n');
}
