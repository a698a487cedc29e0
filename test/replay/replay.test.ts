import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bundleWorkflowCode, Runtime } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { createLogger } from '../../src/observability/logging.ts';
import { installRuntime } from '../../src/temporal/runtime.ts';
import { createReplayer, type Replayer } from '../support/replay.ts';
import { workflowBundle } from '../support/workflow-bundle.ts';
import { historyFiles, historyText, readHistory, sceneOf } from './histories.ts';
import { SCENES } from './scenes.ts';

const FILES = historyFiles();
/** Any id does: the workflow does not look at its own. */
const WORKFLOW_ID = 'provision:hubspot:62515:9001';

let replayer: Replayer;
beforeAll(async () => {
  installRuntime(createLogger({ level: 'silent' }));
  replayer = createReplayer(await workflowBundle());
});
afterAll(async () => {
  await replayer.close();
  await Runtime.instance().shutdown();
});

describe('A run that an earlier version started', () => {
  test('is kept for every way in which runs end', () => {
    const current = FILES.filter((file) => file.startsWith('histories/'));
    expect(new Set(current.map(sceneOf))).toEqual(new Set(Object.keys(SCENES)));
  });

  for (const file of FILES) {
    test(`goes on with the code of now: ${file}`, async () => {
      await replayer.replay(readHistory(file), WORKFLOW_ID);
    });

    test(`tells nothing about the machine that recorded it: ${file}`, () => {
      const traces = historyText(file).match(/"\d+@[^"]*"|node_modules|file:\/\/|\.ts:\d+/g);
      expect(traces).toBeNull();
    });
  }
});

describe('A change that breaks open runs', () => {
  test('fails the replay', async () => {
    const quiet = () => undefined;
    const twin = await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('./incompatible/index.ts', import.meta.url)),
      logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet },
    });
    const [file = ''] = FILES;
    const other = createReplayer(twin);
    await expect(other.replay(readHistory(file), WORKFLOW_ID)).rejects.toThrow(DeterminismViolationError);
    await other.close();
  });
});
