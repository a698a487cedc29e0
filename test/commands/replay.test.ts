import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ensureTemporalBinary } from '../../src/temporal/dev-server/temporal-binary.ts';
import { codeBlocks, readPage } from '../docs/pages.ts';
import { type FakeTenant, openRig } from '../support/rig.ts';
import { serverAddress } from '../support/server.ts';
import { dealseat, PATIENT } from './dealseat.ts';

const run = promisify(execFile);
const rig = openRig();

/** The section of the page, with the deal of the page in place of the one of the test. */
const [, section = ''] = readPage('docs/engineers.md').text.split('### Replay a run\n');
const lines = codeBlocks({ path: 'docs/engineers.md', text: section }, 'sh').flatMap((block) =>
  block.trim().split('\n'),
);

let folder = '';
let path = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dealseat-replay-'));
  await symlink(await ensureTemporalBinary(() => undefined), join(folder, 'temporal'));
  path = [folder, process.env.PATH].join(delimiter);
});
afterAll(() => rm(folder, { recursive: true }));

function envOf({ deal }: FakeTenant): Record<string, string> {
  return {
    TEMPORAL_ADDRESS: serverAddress(),
    HUBSPOT_PORTAL_ID: deal.account,
    HUBSPOT_ACCESS_TOKEN: 'a-token-that-is-not-used',
    HUBSPOT_CLIENT_SECRET: 'a-secret-that-is-not-used',
  };
}

describe('The section about replay', () => {
  test('is true of a run that was delivered: each of its commands replays it', () =>
    rig.withFakes({}, async (tenant) => {
      await tenant.resultOf(await tenant.start());
      const env = envOf(tenant);
      const answers: string[] = [];
      for (const line of lines) {
        const here = line
          .replaceAll('62515', tenant.deal.account)
          .replace('history.json', join(folder, 'history.json'));
        if (!here.startsWith('dealseat ')) {
          await run('sh', ['-c', here], { env: { ...env, PATH: path, HOME: folder } });
          continue;
        }
        const { exitCode, stdout, stderr } = await dealseat(env, here.split(' ').slice(1), PATIENT);
        expect([exitCode, stderr]).toEqual([0, '']);
        answers.push(stdout);
      }
      expect(answers).toEqual(Array(2).fill(expect.stringContaining('The run replays')));
    }));
});

describe('dealseat replay', () => {
  test('takes every form of a history, and says where one differs that other code has made', () =>
    rig.withFakes({}, async (tenant) => {
      const id = await tenant.start();
      await tenant.resultOf(id);
      const file = join(folder, 'form.json');
      const env = envOf(tenant);
      const show = ['workflow', 'show', '--workflow-id', id, '--output', 'json'];
      const { stdout } = await run(join(folder, 'temporal'), show, {
        env: { ...env, PATH: path, HOME: folder },
      });
      const history = JSON.parse(stdout) as { events: object[] };
      const forms = {
        'the answer of the API': { history },
        'a list of events': history.events,
        'values in place of payloads': withValues(history),
        'short names of enumerations': JSON.parse(
          stdout.replaceAll(/"EVENT_TYPE_(\w+)"/g, (_, name: string) => `"${camel(name)}"`),
        ),
      };
      for (const form of Object.values(forms)) {
        await writeFile(file, JSON.stringify(form));
        expect((await dealseat(env, ['replay', file])).stdout).toContain('The run replays');
      }
      // As if the code had once asked for the codes before it made the group.
      const other = stdout.replaceAll('"name": "ensureCodeGroup"', '"name": "awaitCodes"');
      await writeFile(file, other);
      const { exitCode, stdout: answer } = await dealseat(env, ['replay', file, '--json']);
      expect(exitCode).toBe(1);
      expect(JSON.parse(answer)).toMatchObject({
        replays: false,
        workflowId: id,
        difference: { event: { type: 'ActivityTaskScheduled', name: 'awaitCodes' } },
      });
      expect((await dealseat(env, ['replay', file])).stdout).toContain('The run does not replay');
    }));

  test('refuses a file that holds no history, and says how to get one', async () => {
    const file = join(folder, 'none.json');
    for (const text of ['{}', 'no JSON', '{"events": []}', '{"events": [{"eventType": "Unheard"}]}']) {
      await writeFile(file, text);
      const { exitCode, stderr } = await dealseat({}, ['replay', file]);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('temporal workflow show');
    }
    const { exitCode, stderr } = await dealseat({}, ['replay', join(folder, 'absent.json')]);
    expect([exitCode, stderr.includes('cannot be read')]).toEqual([2, true]);
    expect(await readFile(file, 'utf8')).toContain('Unheard');
  });
});

/** `WORKFLOW_EXECUTION_STARTED` as `WorkflowExecutionStarted`. */
function camel(name: string): string {
  return name.toLowerCase().replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** As the HTTP API and the UI write payloads that hold JSON. */
function withValues(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(withValues);
  if (typeof json !== 'object' || json === null) return json;
  const { metadata, data, payloads } = json as Record<string, unknown>;
  if (Array.isArray(payloads)) return payloads.map(withValues);
  if (metadata !== undefined && typeof data === 'string') {
    return JSON.parse(Buffer.from(data, 'base64').toString('utf8'));
  }
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, withValues(value)]));
}
