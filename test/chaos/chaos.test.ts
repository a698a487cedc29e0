import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { randomFrom } from '../support/random.ts';
import { until } from '../support/until.ts';
import { findings, isDelivered, winDeals } from './deals.ts';
import { type Installation, install, startStandIns } from './installation.ts';
import { eventsOf, Sender } from './sender.ts';

const seed = Number(process.env.DEALSEAT_CHAOS_SEED ?? 1);
const dealCount = Number(process.env.DEALSEAT_CHAOS_DEALS ?? 20);
const isLong = dealCount > 50;
/** Of each thing that is waited for. */
const DEADLINE_MS = isLong ? 40 * 60_000 : 300_000;

test(
  `${dealCount} deals are each delivered once while workers die and servers restart (seed ${seed})`,
  async () => {
    const sandbox = await startStandIns();
    const deals = winDeals(sandbox, dealCount);
    const installation = await install(sandbox, { workerCount: isLong ? 3 : 2 });
    try {
      const sender = new Sender({ sandbox, installation, seed, pauseMs: isLong ? 500 : 1_000 });
      const delivered = () => deals.filter((deal) => isDelivered(sandbox, deal)).length;
      const killing = new AbortController();
      const killer = killAtRandom(installation, killing.signal);
      const reach = (what: string, isReached: () => boolean) => until(what, isReached, DEADLINE_MS);

      const events = eventsOf(deals, seed);
      const half = Math.ceil(events.length / 2);
      const early = sender.send(events.slice(0, half));
      await reach('a quarter of the events was sent', () => sender.sentCount >= half / 2);
      await installation.restartWebhooks();
      await early;
      await reach('a fifth of the deals is delivered', () => delivered() >= dealCount / 5);
      const late = sender.send(events.slice(half));
      await reach('most of the events were sent', () => sender.sentCount >= half * 1.3);
      await installation.restartWebhooks();
      await installation.restartTemporal();
      await late;
      await reach('every deal is delivered', () => delivered() === dealCount);
      killing.abort();
      await killer;
      await untilAllRunsEnd(installation);

      expect(findings(sandbox, deals)).toEqual([]);
      expect(installation.workers.killCount).toBeGreaterThan(0);
      report(installation, sender);
    } finally {
      await installation.stop();
      await sandbox.close();
    }
  },
  6 * DEADLINE_MS,
);

/** Every few seconds one of them; but each gets to work first, on however slow a machine. */
async function killAtRandom({ workers }: Installation, signal: AbortSignal): Promise<void> {
  const random = randomFrom(seed);
  while (!signal.aborted) {
    if (workers.areAllReady) {
      await wait(1_000 + random() * 2_000, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) workers.kill(Math.floor(random() * 10));
    }
    await wait(50);
  }
}

/** A deal can be delivered a moment before its run ends; and the second events have runs of their own. */
async function untilAllRunsEnd({ console }: Installation): Promise<void> {
  const { runs } = console;
  await until(
    'all runs have ended',
    async () => {
      const views = await runs.list({ limit: 1_000 }).catch(() => null);
      return views?.every(({ status }) => status === 'Delivered') ?? false;
    },
    DEADLINE_MS,
  );
}

function report({ workers }: Installation, { resendCount }: Sender): void {
  process.stderr.write(
    `chaos: seed ${seed}, ${dealCount} deals, ${workers.killCount} workers killed, ` +
      `${resendCount} deliveries sent again, every deal delivered once\n`,
  );
}
