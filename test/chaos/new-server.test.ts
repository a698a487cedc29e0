import { expect, test } from '@jest/globals';
import type { Sandbox } from '../../sandbox/index.ts';
import { writeCount } from '../support/evidence.ts';
import { until } from '../support/until.ts';
import { findings, isDelivered, type WonDeal, winDeals } from './deals.ts';
import { install, startStandIns } from './installation.ts';
import { Sender } from './sender.ts';

const DEADLINE_MS = 300_000;

test(
  'delivered deals that are announced to an empty Temporal server are left as they are',
  async () => {
    const sandbox = await startStandIns();
    try {
      const deals = winDeals(sandbox, 4);
      await announceToNewServer(sandbox, deals);
      expect(findings(sandbox, deals)).toEqual([]);
      const before = writeCount(sandbox);
      const { mails } = sandbox.outbox;
      const mailCount = mails.length;

      await announceToNewServer(sandbox, deals);
      expect(findings(sandbox, deals)).toEqual([]);
      expect(mails).toHaveLength(mailCount);
      expect(writeCount(sandbox)).toBe(before);
    } finally {
      await sandbox.close();
    }
  },
  3 * DEADLINE_MS,
);

/** An installation that knows nothing, until each deal had a run that ended. */
async function announceToNewServer(sandbox: Sandbox, deals: readonly WonDeal[]): Promise<void> {
  const installation = await install(sandbox, { workerCount: 1 });
  try {
    const { console } = installation;
    expect(await console.runs.list({ limit: 10 })).toEqual([]);
    await new Sender({ sandbox, installation, seed: 1, pauseMs: 1 }).send(deals);
    for (const { id } of deals) {
      expect(await console.runs.result(id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
    }
    await until('every deal says so', () => deals.every((deal) => isDelivered(sandbox, deal)), DEADLINE_MS);
  } finally {
    await installation.stop();
  }
}
