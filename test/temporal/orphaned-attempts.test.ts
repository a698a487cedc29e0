import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Context } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import {
  earlierAttemptMayHaveActed,
  leaveWordThatNothingHappened,
} from '../../activities/earlier-attempts.ts';
import { createLogger } from '../../src/observability/logging.ts';
import type { AttemptJournal } from '../../src/temporal/attempt-journal.ts';
import { noteAttempts } from '../../src/temporal/note-attempts.ts';
import { followDeadProcesses } from '../../src/temporal/orphaned-attempts.ts';
import { openRig } from '../support/rig.ts';
import { serverAddress } from '../support/server.ts';
import { until } from '../support/until.ts';
import { startJournalProcess } from './journal-processes.ts';

const rig = openRig();

/** Nothing but the journal can end an attempt of these tests. */
const POLICY = { silenceMs: 600_000, attemptMs: 600_000, rosterAttemptMs: 600_000 };

const logger = createLogger({ level: 'silent' });
const namespace = 'default';
let connection: NativeConnection;
let client: Client;
let folder: string;
const journals: AttemptJournal[] = [];

beforeAll(async () => {
  connection = await NativeConnection.connect({ address: serverAddress() });
  client = new Client({ connection: await Connection.connect({ address: serverAddress() }) });
});
afterAll(async () => {
  await client.connection.close();
  await connection.close();
});
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'dealseat-orphans-')), 'local');
});
afterEach(async () => {
  for (const journal of journals.splice(0)) journal.close();
  await rm(join(folder, '..'), { recursive: true });
});

/** What a worker does when it starts in a folder. */
async function follow(): Promise<void> {
  const journal = await followDeadProcesses(folder, { connection, namespace, logger });
  if (journal !== null) journals.push(journal);
}

/** Attempts of one step that go on until they are let go. */
function attemptsOf() {
  const seen: { readonly token: string; readonly mayHaveActed: boolean }[] = [];
  const ends: (() => void)[] = [];
  return {
    seen,
    /** Lets all go well that have begun, and those that begin. */
    letGo: () => {
      for (const end of ends) end();
    },
    hang: () => {
      const { base64TaskToken } = Context.current().info;
      seen.push({ token: base64TaskToken, mayHaveActed: earlierAttemptMayHaveActed() });
      return new Promise<void>((resolve) => ends.push(resolve));
    },
  };
}

async function attemptNumber(workflowId: string): Promise<number | undefined> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  return raw.pendingActivities?.[0]?.attempt ?? undefined;
}

describe('a worker that starts', () => {
  test('gives the attempts of a process that is gone to others at once', async () => {
    const step = attemptsOf();
    await rig.withFakes(
      {
        policy: POLICY,
        overrides: (going) => ({
          ensureCodeGroup: async (input) => {
            await step.hang();
            return going.ensureCodeGroup(input);
          },
        }),
      },
      async (tenant) => {
        const id = await tenant.start();
        await until('the first attempt works', () => step.seen.length === 1);
        const killed = await startJournalProcess(folder, { begun: [step.seen[0]?.token ?? ''] });
        await killed.kill();
        await follow();
        await until('another attempt works', () => step.seen.length === 2);
        expect(step.seen[1]?.mayHaveActed).toBe(true);

        // The first token again, as of a process that was away for longer: it names an attempt that has been followed.
        const late = await startJournalProcess(folder, { begun: [step.seen[0]?.token ?? ''] });
        await late.kill();
        await follow();
        expect(await attemptNumber(id)).toBe(2);
        step.letGo();
        expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered' });
        expect(step.seen).toHaveLength(2);
      },
    );
  });

  test('leaves those of a process that lives', async () => {
    const step = attemptsOf();
    await rig.withFakes(
      {
        policy: POLICY,
        overrides: (going) => ({
          ensureCodeGroup: async (input) => {
            await step.hang();
            return going.ensureCodeGroup(input);
          },
        }),
      },
      async (tenant) => {
        const id = await tenant.start();
        await until('the first attempt works', () => step.seen.length === 1);
        await using living = await startJournalProcess(folder, { begun: [step.seen[0]?.token ?? ''] });
        await follow();
        expect(await attemptNumber(id)).toBe(1);
        await living.kill();
        await follow();
        await until('another attempt works', () => step.seen.length === 2);
        step.letGo();
        expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered' });
      },
    );
  });

  test('does not let a killed attempt be taken for an earlier one that had not acted', async () => {
    const step = attemptsOf();
    await rig.withFakes(
      {
        policy: { ...POLICY, retryInitialMs: 20 },
        overrides: (going) => ({
          ensureCodeGroup: async (input) => {
            if (Context.current().info.attempt === 1) {
              leaveWordThatNothingHappened();
              throw new Error('refused');
            }
            await step.hang();
            return going.ensureCodeGroup(input);
          },
        }),
      },
      async (tenant) => {
        const id = await tenant.start();
        await until('the second attempt works', () => step.seen.length === 1);
        expect(step.seen[0]?.mayHaveActed).toBe(false);
        const killed = await startJournalProcess(folder, { begun: [step.seen[0]?.token ?? ''] });
        await killed.kill();
        await follow();
        await until('the third attempt works', () => step.seen.length === 2);
        expect(step.seen[1]?.mayHaveActed).toBe(true);
        step.letGo();
        expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered' });
      },
    );
  });

  test('goes on without a journal where the folder cannot keep one', async () => {
    await writeFile(folder, 'a file');
    expect(await followDeadProcesses(folder, { connection, namespace, logger })).toBeNull();
  });

  test('forgets tokens that Temporal does not know, or cannot be told', async () => {
    const killed = await startJournalProcess(folder, { begun: ['AAAA'] });
    await killed.kill();
    await follow();
    for (const journal of journals.splice(0)) journal.close();
    const again = await startJournalProcess(folder);
    expect(again.found).toEqual([]);
    await again.kill();
  });
});

describe('an attempt', () => {
  const infoOf = (over: object = {}) =>
    ({
      info: {
        isLocal: false,
        taskToken: new Uint8Array([1]),
        workflowExecution: { workflowId: 'workflow', runId: 'run' },
        ...over,
      },
    }) as unknown as Context;
  const input = { args: [], headers: {} };

  test('is noted before its code runs, until it has ended in whatever way', async () => {
    const story: string[] = [];
    const begin = () => {
      story.push('noted');
      return () => void story.push('ended');
    };
    const failing = async () => {
      story.push('runs');
      throw new Error('failed');
    };
    await expect(noteAttempts({ begin })(infoOf()).execute?.(input, failing)).rejects.toThrow('failed');
    expect(story).toEqual(['noted', 'runs', 'ended']);
  });

  test('works also when it cannot be noted', async () => {
    const begin = () => {
      throw new Error('database or disk is full');
    };
    expect(await noteAttempts({ begin })(infoOf()).execute?.(input, async () => 'done')).toBe('done');
  });

  test('that is local is not noted: it ends with its workflow task', async () => {
    const begin = jest.fn(() => () => undefined);
    await noteAttempts({ begin })(infoOf({ isLocal: true })).execute?.(input, async () => 'done');
    expect(begin).not.toHaveBeenCalled();
  });
});
