import type { Client } from '@temporalio/client';
import type { History } from '../support/replay.ts';

type Event = NonNullable<History['events']>[number];

/** A place in a run's history to which the server resets it. */
export interface ResetPoint {
  readonly runId: string;
  readonly eventId: NonNullable<Event['eventId']>;
  /** What stands before and after it, for whoever reads of a failed cell. */
  readonly around: string;
}

/** The executions of a workflow id that continue into the latest one, oldest first, without those that are known. */
export async function executionsOf(client: Client, id: string, known: ReadonlySet<string>): Promise<string[]> {
  const runIds: string[] = [];
  let runId: string | null = (await client.workflow.getHandle(id).describe()).runId;
  while (runId !== null && !known.has(runId)) {
    runIds.unshift(runId);
    const { events } = await client.workflow.getHandle(id, runId).fetchHistory();
    runId = events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || null;
  }
  return runIds;
}

/** Every point that Temporal's own pages offer: the end of each turn, the lost and the failed ones too. */
export async function resetPoints(client: Client, id: string, runIds: readonly string[]): Promise<ResetPoint[]> {
  const points: ResetPoint[] = [];
  for (const runId of runIds) {
    const { events } = await client.workflow.getHandle(id, runId).fetchHistory();
    const history = events ?? [];
    for (const [index, event] of history.entries()) {
      if (!endsTurn(event) || !event.eventId) continue;
      points.push({ runId, eventId: event.eventId, around: describe(history, index) });
    }
  }
  return points;
}

function endsTurn(event: Event): boolean {
  return Boolean(
    event.workflowTaskCompletedEventAttributes ??
      event.workflowTaskFailedEventAttributes ??
      event.workflowTaskTimedOutEventAttributes,
  );
}

function isTurn(event: Event): boolean {
  return (
    endsTurn(event) ||
    Boolean(event.workflowTaskScheduledEventAttributes ?? event.workflowTaskStartedEventAttributes)
  );
}

/** `what woke the turn > turn > what the turn did`. */
function describe(history: readonly Event[], index: number): string {
  const named = (events: readonly Event[]) => [...new Set(events.map((event) => nameOf(history, event)))];
  const from = history.slice(0, index).findLastIndex(endsTurn);
  const to = history.findIndex((event, at) => at > index && isTurn(event));
  const woke = history.slice(from + 1, index).filter((event) => !isTurn(event));
  const did = history.slice(index + 1, to === -1 ? undefined : to);
  const list = (events: readonly Event[]) => named(events).join(', ') || 'nothing';
  const event = history[index];
  return `${list(woke)} > ${event ? typeOf(event) : ''} > ${list(did)}`;
}

function nameOf(history: readonly Event[], event: Event): string {
  const scheduledId =
    event.activityTaskStartedEventAttributes?.scheduledEventId ??
    event.activityTaskCompletedEventAttributes?.scheduledEventId ??
    event.activityTaskFailedEventAttributes?.scheduledEventId ??
    event.activityTaskCanceledEventAttributes?.scheduledEventId;
  const scheduled = scheduledId
    ? history.find(({ eventId }) => String(eventId) === String(scheduledId))
    : event;
  const what =
    scheduled?.activityTaskScheduledEventAttributes?.activityType?.name ??
    event.workflowExecutionSignaledEventAttributes?.signalName ??
    event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.name;
  return what ? `${typeOf(event)} ${what}` : typeOf(event);
}

/** As the pages write it: the attributes of an event carry the name of its type. */
function typeOf(event: Event): string {
  const [attributes = 'event'] = Object.entries(event).flatMap(([name, value]) =>
    name.endsWith('EventAttributes') && value ? [name] : [],
  );
  return attributes.charAt(0).toUpperCase() + attributes.slice(1, -'EventAttributes'.length);
}
