import { expect } from '@jest/globals';
import { startSandbox } from '../../sandbox/index.ts';
import { EXAMPLE_CATALOGUE } from '../../sandbox/thought-industries/catalog.ts';
import { repeatUntilDone } from '../support/repeat-until-done.ts';
import { lmsOf } from './by-hand.ts';
import type { Cell } from './matrix.ts';
import { type Outcome, outcomeOutsideRun } from './outcome.ts';

const EMAIL = 'lee.learner@acme.example';
const DAY_MS = 24 * 60 * 60_000;

/** A learner gets access, for a time, and loses it again; each step may be begun again. */
export async function changeAccess(cell: Cell): Promise<Outcome> {
  const sandbox = await startSandbox({
    seed: false,
    ti: { rateLimit: { limit: 1_000_000, windowMs: 60_000, sendRetryAfter: true } },
  });
  try {
    const { state } = sandbox.ti;
    const { learners, redemptions } = lmsOf(sandbox);
    cell.disturbance?.arm(sandbox, cell.call, cell.after);
    const idsOf = (kind: 'courses' | 'learningPaths' | 'licenses') =>
      EXAMPLE_CATALOGUE[kind].slice(0, 1).map(({ id }) => id);
    const grants = {
      courses: idsOf('courses'),
      learningPaths: idsOf('learningPaths'),
      bundles: [],
      licenses: idsOf('licenses'),
    };
    const person = { email: EMAIL, firstName: 'Lee', lastName: 'Learner' };
    let userId = '';
    const until = new Date(Date.now() + 30 * DAY_MS).toISOString();
    const since = new Date(Date.now() - DAY_MS).toISOString();
    const steps: (() => Promise<void>)[] = [
      async () => {
        ({ userId } = await learners.grant({ ...person, grants }));
      },
      async () => expect((await learners.find(EMAIL))?.id).toBe(userId),
      () => learners.setAccessEnd({ userId, grants, until }),
      () => learners.revoke({ userId, grants }),
      async () => {
        const held = await learners.holds({ userId, grants });
        expect(held.map((each) => each.held)).toEqual(['no', 'no', 'no']);
      },
      async () => {
        expect((await redemptions.events({ since, until, maxPages: 4 })).isComplete).toBe(true);
      },
    ];
    const codes: string[] = [];
    for (const step of steps) codes.push(...(await repeatUntilDone(step)));
    expect(state.users.all.map(({ email }) => email)).toEqual([EMAIL]);
    expect(state.users.destroyed).toEqual([]);
    expect(state.users.invited).toEqual([]);
    return outcomeOutsideRun(sandbox, cell, codes);
  } finally {
    await sandbox.close();
  }
}
