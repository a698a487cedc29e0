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
export async function executionsOf(
  client: Client,
  id: string,
  known: ReadonlySet<string>,
): Promise<string[]> {
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
export async function resetPoints(
  client: Client,
  id: string,
  runIds: readonly string[],
): Promise<ResetPoint[]> {
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

/** `what woke the turn > how the turn ended > what the turn did`. */
function describe(history: readonly Event[], index: number): string {
  const turn = history[index];
  if (turn === undefined) return '';
  const from = history.slice(0, index).findLastIndex(endsTurn);
  const woke = history.slice(from + 1, index).filter((event) => isNews(event));
  const did = history.filter((event) => commandOf(event) === String(turn.eventId));
  const list = (events: readonly Event[]) =>
    [...new Set(events.map((event) => nameOf(history, event)))].join(', ') || 'nothing';
  return `${list(woke)} > ${typeOf(turn)} > ${list(did)}`;
}

/** The turn that ordered this, as the event says; null for what came from outside. */
function commandOf(event: Event): string | null {
  const attributes = attributesOf(event) as { readonly workflowTaskCompletedEventId?: unknown } | undefined;
  const id = attributes?.workflowTaskCompletedEventId;
  return id ? String(id) : null;
}

function isNews(event: Event): boolean {
  const isTurn = event.workflowTaskScheduledEventAttributes ?? event.workflowTaskStartedEventAttributes;
  return !isTurn && !event.activityTaskStartedEventAttributes && commandOf(event) === null;
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
  const name = Object.keys(event).find((key) => isAttributes(event, key)) ?? 'eventEventAttributes';
  return name.charAt(0).toUpperCase() + name.slice(1, -'EventAttributes'.length);
}

function attributesOf(event: Event): unknown {
  return Object.entries(event).find(([name]) => isAttributes(event, name))?.[1];
}

function isAttributes(event: Event, name: string): boolean {
  return name.endsWith('EventAttributes') && Boolean(event[name as keyof Event]);
}
