import { describe, expect, test } from '@jest/globals';
import { formatHold } from '../../src/domain/deal/hold.ts';
import { cleanEnvironment, startCommand } from '../e2e/process.ts';
import { registerNamespace } from '../support/server.ts';
import { dealseat, documentOf, type Outcome } from './dealseat.ts';
import { openServiceRig } from './service-rig.ts';

const SLOW = 120_000;

const open = openServiceRig({ runsWorker: false, sandbox: { hubspot: { withDealseatProperties: false } } });

describe('doctor', () => {
  test(
    'names what HubSpot and Temporal lack, makes it with --fix, and then finds nothing missing',
    async () => {
      const namespace = await registerNamespace();
      const env = { ...open().env, TEMPORAL_NAMESPACE: namespace };

      const before = await dealseat(env, ['doctor']);
      expect(before.exitCode).toBe(1);
      expect(before.stdout).toMatch(
        /^missing +HubSpot deal property dealseat_status: Run `dealseat doctor --fix`/m,
      );
      expect(before.stdout).toMatch(/^missing +Temporal search attribute DealseatStatus/m);
      expect(before.stdout).toMatch(/^note +Worker on task queue .*: None polls now/m);
      expect(before.stdout).toMatch(/^note +Catalog .*content and client ids: No API shows/m);
      const missing = before.stdout.match(/^missing +.+(?=: Run `dealseat doctor --fix`)/gm) ?? [];

      const fixed = await dealseat(env, ['doctor', '--fix', '--json']);
      expect(fixed.exitCode).toBe(0);
      const made = statesOf(fixed, 'fixed');
      expect(made).toEqual(missing.map((line) => line.replace(/^missing +/, '')));

      // The server tells of new search attributes when its cache has seen them.
      const deadline = Date.now() + SLOW / 2;
      let after = await dealseat(env, ['doctor', '--json']);
      while (after.exitCode !== 0 && Date.now() < deadline) after = await dealseat(env, ['doctor', '--json']);
      expect(statesOf(after, 'missing')).toEqual([]);
      expect(statesOf(after, 'failed')).toEqual([]);
    },
    SLOW,
  );

  test(
    'goes on after a system that refuses, and tells each finding in one line',
    async () => {
      const env = {
        ...open().env,
        TI_API_KEY: 'wrong',
        DEALSEAT_CATALOG: 'nowhere.yaml',
        TEMPORAL_ADDRESS: '127.0.0.1:1',
      };
      const { exitCode, stdout } = await dealseat(env, ['doctor']);
      expect(exitCode).toBe(1);
      expect(stdout).toMatch(/^failed +Catalog nowhere\.yaml: .*cannot be read/m);
      expect(stdout).toMatch(/^failed +Temporal 127\.0\.0\.1:1, namespace test-\S+: /m);
      expect(stdout).toMatch(/^failed +Thought Industries .*lms\.unauthorized/m);
      expect(stdout).toMatch(/^ok +Salesforce field Opportunity\.Dealseat_Status__c$/m);
    },
    SLOW,
  );

  test(
    'proves with --deal that a won deal can be written, or tells the rule that forbids it',
    async () => {
      const { env, sandbox } = open();
      const { state } = sandbox.salesforce;
      const dealId = '0065Y00001Suvw6QAB';
      const doctor = () => dealseat(env, ['doctor', '--deal', 'salesforce', dealId]);
      const before = state.opportunity(dealId).Dealseat_Status__c ?? null;
      expect((await doctor()).stdout).toMatch(/^ok +Writing on salesforce deal 006/m);
      expect(state.opportunity(dealId).Dealseat_Status__c ?? null).toBe(before);

      const message = 'Won opportunities cannot be edited.';
      const body = [{ errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message, fields: [] }];
      sandbox.faults.add({ system: 'salesforce', method: 'PATCH', kind: 'status', status: 400, body });
      expect((await doctor()).stdout).toMatch(/^failed +Writing on .*Won opportunities cannot be edited/m);

      // What a run writes between the reading and the write would be written over.
      const hold = { deployment: 'default/x', run: 'r', at: new Date().toISOString(), isDone: false };
      state.updateOpportunity(dealId, { Dealseat_Claim__c: formatHold(hold) });
      const writes = () => sandbox.exchanges.filter(({ method }) => method === 'PATCH').length;
      const written = writes();
      expect((await doctor()).stdout).toMatch(/^note +Writing on .*A run is working on this deal/m);
      expect(writes()).toBe(written);
    },
    SLOW,
  );

  test('tells every fault of the configuration as a check', async () => {
    const { exitCode, stdout } = await dealseat({ TI_BASE_URL: 'acme', WEBHOOK_PORT: '-1' }, ['doctor']);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^failed +Configuration: TI_BASE_URL: expected/m);
    expect(stdout).toMatch(/^failed +Configuration: WEBHOOK_PORT: expected/m);
  });
});

test(
  'a command that needs an answer of the run says that no worker is there',
  async () => {
    const { dealseat } = open();
    const noWorker = 'no worker is polling task queue';
    const started = await dealseat('provision', 'hubspot', '9001');
    expect(started).toMatchObject({ exitCode: 0, stderr: expect.stringContaining(noWorker) });
    for (const argv of [
      ['retry', 'hubspot', '9001'],
      ['provision', 'hubspot', '9001', '--dry-run'],
    ]) {
      const asked = await dealseat(...argv);
      expect(asked).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(noWorker) });
    }
  },
  SLOW,
);

describe('a namespace without the search attributes', () => {
  test.each([
    ['provision', ['provision', 'hubspot', '9001']],
    ['worker', ['worker']],
  ])(
    'refuses %s, which says so and how to add them, with exit code 2',
    async (_, argv) => {
      const env = { ...cleanEnvironment(), ...open().env, TEMPORAL_NAMESPACE: await registerNamespace() };
      const command = startCommand(argv, { env });
      expect(await command.ended).toBe(2);
      expect(command.stderr()).toMatch(/Dealseat\w+.*`dealseat doctor --fix`\.$/m);
      expect(command.stderr()).not.toContain('TEMPORAL_*');
    },
    SLOW,
  );
});

test.each(['start', 'worker'])(
  'dealseat %s ends with exit code 4 when the Temporal that is named is not there',
  async (name) => {
    const env = { ...cleanEnvironment(), ...open().env, TEMPORAL_ADDRESS: '127.0.0.1:1' };
    const command = startCommand([name], { env });
    expect(await command.ended).toBe(4);
    expect(command.stderr()).toContain('Temporal cannot be reached at 127.0.0.1:1.');
  },
  SLOW,
);

function statesOf(outcome: Outcome, state: string): string[] {
  const { checks } = documentOf(outcome) as { checks: { name: string; state: string }[] };
  return checks.filter((check) => check.state === state).map(({ name }) => name);
}
