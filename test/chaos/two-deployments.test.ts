import { expect, test } from '@jest/globals';
import type { Sandbox } from '../../sandbox/index.ts';
import { until } from '../support/until.ts';
import { findings, type WonDeal, winDeals } from './deals.ts';
import { type Installation, install, startStandIns } from './installation.ts';
import { Sender } from './sender.ts';

const DEADLINE_MS = 300_000;

const POLICY = {
  // The shortest that the roster's attempt allows: one looks at the other's deals again after a quarter of it.
  DEALSEAT_POLICY_HOLD_LEASE_MS: '20000',
  // The product's own: a process that the machine stops for longer between writing its hold and reading it back is not seen.
  DEALSEAT_POLICY_HOLD_PAUSE_MS: '5000',
};

test(
  'two installations that hear of the same deals at the same instant deliver each once, and say so',
  async () => {
    const sandbox = await startStandIns();
    // Neither finds the other's group by searching in time.
    sandbox.ti.state.options.indexDelayMs = 1_500;
    const deals = winDeals(sandbox, 6);
    const installations = await Promise.all(
      [1, 2].map(() => install(sandbox, { workerCount: 1, policy: POLICY })),
    );
    try {
      const areReady = () => installations.every(({ workers }) => workers.areAllReady);
      await until('both installations work', areReady, DEADLINE_MS);
      await Promise.all(installations.map((installation) => announce(sandbox, installation, deals)));
      const results = await Promise.all(
        installations.flatMap(({ console }) => deals.map(({ id }) => console.runs.result(id))),
      );
      expect(results.map(({ status, seatCount }) => [status, seatCount])).toEqual(
        results.map(() => ['Delivered', 3]),
      );
      expect(findings(sandbox, deals)).toEqual([]);
      const warnings = results.flatMap((result) => result.warnings);
      expect(warnings.length).toBeGreaterThan(0);
      for (const warning of warnings) expect(warning).toContain('held by another deployment');
    } finally {
      for (const installation of installations) await installation.stop();
      await sandbox.close();
    }
  },
  2 * DEADLINE_MS,
);

test(
  'deals of an installation that was lost in the middle are finished by the next one, with the same groups',
  async () => {
    const sandbox = await startStandIns();
    const { options, groups } = sandbox.ti.state;
    options.listingDelayMs = Number.POSITIVE_INFINITY;
    const deals = winDeals(sandbox, 4);
    try {
      const lost = await install(sandbox, { workerCount: 1, policy: POLICY });
      try {
        await announce(sandbox, lost, deals);
        await until('every group is made', () => groups.length === deals.length, DEADLINE_MS);
      } finally {
        await lost.stop();
      }
      options.listingDelayMs = 0;
      const next = await install(sandbox, { workerCount: 1, policy: POLICY });
      try {
        await announce(sandbox, next, deals);
        const results = await Promise.all(deals.map(({ id }) => next.console.runs.result(id)));
        expect(results.map(({ status }) => status)).toEqual(deals.map(() => 'Delivered'));
        expect(findings(sandbox, deals)).toEqual([]);
      } finally {
        await next.stop();
      }
    } finally {
      await sandbox.close();
    }
  },
  2 * DEADLINE_MS,
);

function announce(sandbox: Sandbox, installation: Installation, deals: readonly WonDeal[]): Promise<void> {
  return new Sender({ sandbox, installation, seed: 1, pauseMs: 1 }).send(deals);
}
