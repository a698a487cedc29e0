import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { History } from './history-json.ts';

/** What became of a history with the code at hand. */
export type Replay =
  | { readonly replays: true; readonly events: number }
  | { readonly replays: false; readonly events: number; readonly difference: Difference };

/** Where code and history part. */
export interface Difference {
  /** The event that the code did not lead to; null when the SDK names none. */
  readonly event: HistoryLine | null;
  /** What the code did in its place, as far as the SDK says. */
  readonly code: string;
  /** The SDK's own words. */
  readonly said: string;
}

export interface HistoryLine {
  readonly id: number;
  /** `ActivityTaskScheduled`. */
  readonly type: string;
  /** Of an activity, a child or a signal; null: it has none. */
  readonly name: string | null;
}

type HistoryEvent = NonNullable<History['events']>[number];

/** Runs the workflow code over a history, and changes nothing outside. */
export async function replayHistory(
  workflowBundle: WorkflowBundleOption,
  history: History,
  workflowId: string,
): Promise<Replay> {
  const events = history.events ?? [];
  try {
    await Worker.runReplayHistory({ workflowBundle }, history, workflowId);
    return { replays: true, events: events.length };
  } catch (error) {
    if (!(error instanceof Error) || !REPLAY_ERRORS.includes(error.name)) throw error;
    return { replays: false, events: events.length, difference: differenceOf(error.message, events) };
  }
}

const REPLAY_ERRORS = ['DeterminismViolationError', 'ReplayError'];

/** What the SDK calls a machine is a command that the code gave. */
const COMMANDS: Readonly<Record<string, string>> = {
  Activity: 'schedules an activity',
  Timer: 'starts a timer',
  ChildWorkflow: 'starts a child workflow',
  SignalExternalWorkflow: 'signals another workflow',
  CancelExternalWorkflow: 'cancels another workflow',
  CompleteWorkflow: 'completes',
  FailWorkflow: 'fails',
  CancelWorkflow: 'ends as cancelled',
  ContinueAsNewWorkflow: 'continues as new',
  UpsertSearchAttributes: 'sets search attributes',
  Update: 'answers an update',
};

function differenceOf(message: string, events: readonly HistoryEvent[]): Difference {
  const said = /message: "((?:[^"\\]|\\.)*)"/.exec(message)?.[1]?.replaceAll('\\"', '"') ?? message;
  const words = said.replace(/^\[TMPRL\d+\] Nondeterminism error: /, '');
  const machine = /^(\w+?)(?:Machine| machine) does not handle/.exec(words)?.[1] ?? '';
  const command = COMMANDS[machine.replace(/Machine$/, '')];
  const event = eventOf(words, events);
  return {
    event: event === undefined ? null : lineOf(event),
    code: command === undefined ? commandIn(words) : `The code ${command} at this point`,
    said,
  };
}

/** Of the same kind as the event, and another one. */
function commandIn(words: string): string {
  const name = /does not match .*command '([^']*)'/.exec(words)?.[1];
  return name === undefined ? words : `The code asks for ${name} at this point`;
}

/** By its number, or by the name that the SDK quotes of it. */
function eventOf(words: string, events: readonly HistoryEvent[]): HistoryEvent | undefined {
  const id = /HistoryEvent\(id: (\d+)/.exec(words)?.[1];
  if (id !== undefined) return events.find((event) => String(event.eventId) === id);
  const quoted = /of scheduled event '([^']+)'/.exec(words)?.[1];
  return quoted === undefined ? undefined : events.find((event) => namesOf(event).includes(quoted));
}

function lineOf(event: HistoryEvent): HistoryLine {
  const [name = null] = namesOf(event);
  return { id: Number(event.eventId), type: typeOf(event), name };
}

/** `activityTaskScheduledEventAttributes` and so on: their key tells what the event is. */
function typeOf(event: HistoryEvent): string {
  const key = Object.keys(event).find((candidate) => candidate.endsWith('EventAttributes')) ?? 'event';
  const type = key.replace(/EventAttributes$/, '');
  return `${type.charAt(0).toUpperCase()}${type.slice(1)}`;
}

function namesOf(event: HistoryEvent): string[] {
  const { activityTaskScheduledEventAttributes: activity } = event;
  const { startChildWorkflowExecutionInitiatedEventAttributes: child } = event;
  const { signalExternalWorkflowExecutionInitiatedEventAttributes: signal } = event;
  const { timerStartedEventAttributes: timer } = event;
  const names = [
    activity?.activityType?.name,
    activity?.activityId,
    child?.workflowId,
    child?.workflowType?.name,
    signal?.signalName,
    timer?.timerId,
  ];
  return names.filter((name): name is string => typeof name === 'string' && name !== '');
}
