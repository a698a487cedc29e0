import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { requireDelivery } from '../chain.ts';
import { createDeal } from '../deals.ts';
import type { Stack } from '../stack.ts';

/** What Temporal keeps of one delivered deal. */
export interface HistorySize {
  readonly groups: number;
  readonly codes: number;
  /** Readings of the code list until it was complete, of the group that took most. */
  readonly polls: number;
  readonly events: number;
  readonly bytes: number;
}

interface Shape {
  readonly groups: 1 | 2;
  readonly codes: number;
  readonly polls: number;
}

const SHAPES: readonly Shape[] = ([1, 2] as const).flatMap((groups) =>
  [5, 500].flatMap((codes) => [1, 10].map((polls) => ({ groups, codes, polls }))),
);
const POLL = 'awaitCodes';
const LOOK_INTERVAL_MS = 10;

export async function measureHistory(stack: Stack): Promise<HistorySize[]> {
  const sizes: HistorySize[] = [];
  for (const shape of SHAPES) sizes.push(await measureRun(stack, shape));
  return sizes;
}

async function measureRun({ sandbox, runs, client }: Stack, shape: Shape): Promise<HistorySize> {
  const { groups, codes, polls } = shape;
  const second = Math.floor(codes / 2);
  const seats = groups === 1 ? { 'LEAD-101': codes } : { 'LEAD-101': codes - second, 'NEGO-201': second };
  const listing = sandbox.ti.state.options;
  if (polls > 1) listing.listingDelayMs = Number.POSITIVE_INFINITY;
  const deal = createDeal(sandbox, 'hubspot', seats);
  const { id } = await runs.dealChanged(deal, { by: 'cli', detail: 'bench' });
  const delivery = requireDelivery(runs, id);
  try {
    if (polls > 1) await Promise.race([delivery, untilPollIsDue(client, id, shape)]);
  } finally {
    listing.listingDelayMs = 0;
  }
  await delivery;
  return { groups, codes, ...(await readHistory(client, id)) };
}

/** Resolves when every group's poll of this number is waited for or under way. */
async function untilPollIsDue(client: Client, id: string, { groups, polls }: Shape): Promise<void> {
  for (;;) {
    const { raw } = await client.workflow.getHandle(id).describe();
    const waiting = (raw.pendingActivities ?? []).filter(
      ({ activityType, attempt }) => activityType?.name === POLL && (attempt ?? 0) >= polls,
    );
    if (waiting.length === groups || raw.workflowExecutionInfo?.closeTime) return;
    await wait(LOOK_INTERVAL_MS);
  }
}

async function readHistory(client: Client, id: string): Promise<Omit<HistorySize, 'groups' | 'codes'>> {
  const handle = client.workflow.getHandle(id);
  const { historySize = 0 } = await handle.describe();
  const { events } = await handle.fetchHistory();
  const history = events ?? [];
  const isPoll = new Set(
    history.flatMap(({ eventId, activityTaskScheduledEventAttributes: scheduled }) =>
      scheduled?.activityType?.name === POLL ? [String(eventId)] : [],
    ),
  );
  const attempts = history.flatMap(({ activityTaskStartedEventAttributes: started }) =>
    started && isPoll.has(String(started.scheduledEventId)) ? [started.attempt ?? 1] : [],
  );
  return { polls: Math.max(...attempts), events: history.length, bytes: historySize };
}
