import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Bench } from '../bench.ts';
import { requireDelivery } from '../chain.ts';
import { createDeal } from '../deals.ts';
import type { Stack } from '../stack.ts';

/** What Temporal keeps of one delivered deal. */
export interface HistorySize {
  readonly groups: number;
  readonly codes: number;
  /** Looks at the code list until it was complete, of the group that took most. */
  readonly polls: number;
  readonly events: number;
  /** Of these: the three events of each turn that the workflow code got. */
  readonly turnEvents: number;
  readonly bytes: number;
}

interface Shape {
  readonly groups: 1 | 2;
  readonly codes: number;
}

const SHAPES: readonly Shape[] = ([1, 2] as const).flatMap((groups) =>
  [5, 500].map((codes) => ({ groups, codes })),
);
const MANY_POLLS = 10;
/** The step that looks again; the making of a group has looked before. */
const POLL = 'awaitCodes';
const LOOK_INTERVAL_MS = 10;

export async function measureHistory(bench: Bench): Promise<HistorySize[]> {
  const stack = await bench.stack();
  const once = await measureRuns(stack, 1);
  const often = await measureRuns(stack, MANY_POLLS);
  return SHAPES.flatMap((_, index) => [once, often].flatMap((sizes) => sizes[index] ?? []));
}

/** All shapes side by side, because polls take time; so some run may be polled once or twice more. */
async function measureRuns({ sandbox, runs, client }: Stack, polls: number): Promise<HistorySize[]> {
  const listing = sandbox.ti.state.options;
  if (polls > 1) listing.listingDelayMs = Number.POSITIVE_INFINITY;
  const started = await Promise.all(
    SHAPES.map(async (shape) => {
      const deal = createDeal(sandbox, 'hubspot', seatsOf(shape));
      const { id } = await runs.dealChanged(deal, { by: 'cli', detail: 'bench' });
      return { ...shape, id, delivery: requireDelivery(runs, id) };
    }),
  );
  const deliveries = Promise.all(started.map(({ delivery }) => delivery));
  const due = Promise.all(started.map(({ id }) => untilPollIsDue(client, id, polls)));
  try {
    if (polls > 1) await Promise.race([deliveries, due]);
  } finally {
    listing.listingDelayMs = 0;
  }
  await deliveries;
  return Promise.all(
    started.map(async ({ id, groups, codes }) => ({ groups, codes, ...(await readHistory(client, id)) })),
  );
}

function seatsOf({ groups, codes }: Shape) {
  const second = Math.floor(codes / 2);
  return groups === 1 ? { 'LEAD-101': codes } : { 'LEAD-101': codes - second, 'NEGO-201': second };
}

/** Resolves when the poll of this number is waited for or under way, or the run is over. */
async function untilPollIsDue(client: Client, id: string, polls: number): Promise<void> {
  for (;;) {
    const { raw } = await client.workflow.getHandle(id).describe();
    const isDue = (raw.pendingActivities ?? []).some(
      ({ activityType, attempt }) => activityType?.name === POLL && (attempt ?? 0) >= polls - 1,
    );
    if (isDue || raw.workflowExecutionInfo?.closeTime) return;
    await wait(LOOK_INTERVAL_MS);
  }
}

async function readHistory(client: Client, id: string): Promise<Omit<HistorySize, keyof Shape>> {
  const handle = client.workflow.getHandle(id);
  const { historySize = 0 } = await handle.describe();
  const { events: history } = await handle.fetchHistory();
  const events = history ?? [];
  const pollIds = new Set(
    events.flatMap(({ eventId, activityTaskScheduledEventAttributes: scheduled }) =>
      scheduled?.activityType?.name === POLL ? [String(eventId)] : [],
    ),
  );
  const attempts = events.flatMap(({ activityTaskStartedEventAttributes: started }) =>
    started && pollIds.has(String(started.scheduledEventId)) ? [started.attempt ?? 1] : [],
  );
  const turnEvents = events.filter(
    (event) =>
      event.workflowTaskScheduledEventAttributes ??
      event.workflowTaskStartedEventAttributes ??
      event.workflowTaskCompletedEventAttributes,
  );
  return {
    polls: 1 + Math.max(0, ...attempts),
    events: events.length,
    turnEvents: turnEvents.length,
    bytes: historySize,
  };
}
