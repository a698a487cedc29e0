import { afterAll, describe, expect, test } from '@jest/globals';
import type { Sandbox } from '../../sandbox/index.ts';
import type { DoctorCheck } from '../../src/commands/doctor/check.ts';
import { loadConfig } from '../../src/config/config.ts';
import { formatHold } from '../../src/domain/deal/hold.ts';
import { createLogger } from '../../src/observability/logging.ts';
import { openConsole } from '../../src/processes/open-console.ts';
import { startWebhooks } from '../../src/processes/webhooks.ts';
import { loadTemporalTarget } from '../../src/temporal/connection.ts';
import { freePort } from '../../src/temporal/dev-server/free-port.ts';
import { cleanEnvironment, startCommand } from '../e2e/process.ts';
import { registerNamespace } from '../support/server.ts';
import { dealseat, documentOf, type Outcome } from './dealseat.ts';
import { openServiceRig } from './service-rig.ts';

const SLOW = 120_000;

const stops: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const stop of stops) await stop();
});

const open = openServiceRig({ runsWorker: false, sandbox: { hubspot: { withDealseatProperties: false } } });

describe('doctor', () => {
  test(
    'names what HubSpot and Temporal lack, makes it with --fix, and then finds nothing missing',
    async () => {
      const namespace = await registerNamespace();
      const { env: rigEnv, sandbox } = open();
      const env = { ...rigEnv, TEMPORAL_NAMESPACE: namespace, WEBHOOK_PUBLIC_URL: await serveWebhooks() };
      const writesBefore = writes(sandbox);

      const before = await dealseat(env, ['doctor']);
      expect(before.exitCode).toBe(1);
      expect(before.stdout).toMatch(
        /^ {2}failed +HubSpot deal property dealseat_status: missing\. Run `dealseat doctor --fix`/m,
      );
      expect(before.stdout).toMatch(/^ {2}failed +Temporal search attribute DealseatStatus/m);
      expect(before.stdout).toMatch(/^ {2}warning +Worker on task queue .*: none polls now/m);
      expect(before.stdout).toMatch(/^ {2}warning +Namespace test-\S+: ended runs are kept for 1 day/m);
      expect(before.stdout).toMatch(
        /^ {2}ok +course 8f2a1c34\S+ \(Leadership Essentials\): Leadership Essentials$/m,
      );
      expect(before.stdout).toMatch(/^ {2}ok +HubSpot association label "Buyer" \(buyer\)$/m);
      expect(before.stdout).toMatch(/^ {2}ok +HubSpot transactional e-mail 1234567/m);
      expect(before.stdout).toMatch(/^ {2}ok +Salesforce contact role "Economic Buyer" \(buyer\)$/m);
      expect(before.stdout).toMatch(/^ {2}ok +HubSpot products with the SKUs of the catalog: 4 SKUs$/m);
      expect(before.stdout).toMatch(/^ {2}ok +Salesforce products with the SKUs of the catalog: /m);
      expect(before.stdout).toMatch(/^ {2}warning +Alert channels: none is set/m);
      expect(before.stdout).toMatch(/^ {2}warning +Thought Industries code list: .*cannot be known yet/m);
      expect(before.stdout).toMatch(/^ {2}ok +HubSpot event through WEBHOOK_PUBLIC_URL: .*started no run$/m);
      expect(before.stdout).toMatch(
        /^ {2}ok +Salesforce event through WEBHOOK_PUBLIC_URL: .*\/\*\*\* proved/m,
      );
      expect(before.stdout).toMatch(
        /^\d+ checks failed, \d+ warnings\. First: .+Run `dealseat doctor --fix`/m,
      );
      expect(writes(sandbox)).toBe(writesBefore);
      for (const secret of secretsOf(env)) expect(before.stdout).not.toContain(secret);
      const missing =
        before.stdout.match(/^ {2}failed +.+(?=: missing\. Run `dealseat doctor --fix`)/gm) ?? [];

      const fixed = await dealseat(env, ['doctor', '--fix', '--json']);
      expect(fixed.exitCode).toBe(0);
      const made = statesOf(fixed, 'fixed');
      expect(made).toEqual(missing.map((line) => line.replace(/^ {2}failed +/, '')));

      // The server tells of new search attributes when its cache has seen them.
      const deadline = Date.now() + SLOW / 2;
      let after = await dealseat(env, ['doctor', '--json']);
      while (after.exitCode !== 0 && Date.now() < deadline) after = await dealseat(env, ['doctor', '--json']);
      expect(statesOf(after, 'failed')).toEqual([]);

      expect(statesOf(after, 'skipped')).toContain('HubSpot events that arrived');
      await beginByEvent(env);
      const arrived = async () => {
        const { checks } = documentOf(await dealseat(env, ['doctor', '--json'])) as { checks: DoctorCheck[] };
        return checks.find(({ name }) => name === 'HubSpot events that arrived');
      };
      let found = await arrived();
      while (found?.state !== 'ok' && Date.now() < deadline) found = await arrived();
      expect(found).toMatchObject({
        state: 'ok',
        found: expect.stringMatching(/^the last one came \S+; events began 1 of the last 1 run$/),
      });
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
        DEALSEAT_LOG_LEVEL: 'loud',
        HUBSPOT_CLIENT_SECRET: 'short',
        WEBHOOK_PUBLIC_URL: 'http://127.0.0.1:1',
      };
      const { exitCode, stdout } = await dealseat(env, ['doctor']);
      expect(exitCode).toBe(1);
      expect(stdout).toMatch(/^ {2}failed +DEALSEAT_LOG_LEVEL: expected one of/m);
      expect(stdout).toMatch(/^ {2}failed +HUBSPOT_CLIENT_SECRET: expected/m);
      expect(stdout).toMatch(/^ {2}skipped +HubSpot: its variables have faults/m);
      expect(stdout).toMatch(/^ {2}failed +Catalog nowhere\.yaml: .*cannot be read/m);
      expect(stdout).toMatch(/^ {2}failed +Server 127\.0\.0\.1:1: does not answer\. Check TEMPORAL_ADDRESS/m);
      expect(stdout).toMatch(/^ {2}failed +Thought Industries .*\. Put a valid key into TI_API_KEY\.$/m);
      expect(stdout).toMatch(/^ {2}ok +Salesforce field Opportunity\.Dealseat_Status__c$/m);
      expect(stdout).toMatch(
        /^ {2}failed +Salesforce event through .*: http:\/\/127\.0\.0\.1:1 does not answer this machine/m,
      );
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
      expect((await doctor()).stdout).toMatch(/^ {2}ok +Writing on salesforce deal 006/m);
      expect(state.opportunity(dealId).Dealseat_Status__c ?? null).toBe(before);

      const message = 'Won opportunities cannot be edited.';
      const body = [{ errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message, fields: [] }];
      sandbox.faults.add({ system: 'salesforce', method: 'PATCH', kind: 'status', status: 400, body });
      expect((await doctor()).stdout).toMatch(
        /^ {2}failed +Writing on .*Won opportunities cannot be edited/m,
      );

      // What a run writes between the reading and the write would be written over.
      const hold = { deployment: 'default/x', run: 'r', at: new Date().toISOString(), isDone: false };
      state.updateOpportunity(dealId, { Dealseat_Claim__c: formatHold(hold) });
      const patches = () => sandbox.exchanges.filter(({ method }) => method === 'PATCH').length;
      const written = patches();
      expect((await doctor()).stdout).toMatch(/^ {2}skipped +Writing on .*A run is working on this deal/m);
      expect(patches()).toBe(written);
    },
    SLOW,
  );

  test('tells every fault of the configuration as a check', async () => {
    const { exitCode, stdout } = await dealseat(
      { TI_BASE_URL: 'acme', WEBHOOK_PORT: '-1', TEMPORAL_ADDRESS: '127.0.0.1:1' },
      ['doctor'],
    );
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^ {2}failed +TI_BASE_URL: expected/m);
    expect(stdout).toMatch(/^ {2}failed +WEBHOOK_PORT: expected/m);
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

/** A webhook server of the rig's settings, on an address of its own. */
async function serveWebhooks(): Promise<string> {
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const env = { ...open().env, WEBHOOK_PUBLIC_URL: publicUrl, WEBHOOK_PORT: String(port) };
  const context = {
    config: loadConfig(env),
    target: loadTemporalTarget(env),
    logger: createLogger({ level: 'fatal' }),
  };
  const server = await startWebhooks(context);
  stops.push(() => server.stop());
  return publicUrl;
}

/** No worker takes the run up. */
async function beginByEvent(env: Readonly<Record<string, string>>): Promise<void> {
  const context = {
    config: loadConfig(env),
    target: loadTemporalTarget(env),
    logger: createLogger({ level: 'fatal' }),
  };
  const { runs, close } = openConsole(context);
  stops.push(close);
  const deal = { crm: 'hubspot', account: open().portalId, dealId: '9001' };
  await runs.dealChanged(deal, { by: 'hubspot', detail: 'an event' });
}

function writes({ exchanges }: Sandbox): number {
  const reads = /\/(search|batch\/read|access-token-info|token)$/;
  return exchanges.filter(({ method, path }) => method !== 'GET' && !reads.test(path)).length;
}

function secretsOf(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).flatMap(([name, value]) => (/SECRET|TOKEN|KEY/.test(name) ? [value] : []));
}

function statesOf(outcome: Outcome, state: string): string[] {
  const { checks } = documentOf(outcome) as { checks: { name: string; state: string }[] };
  return checks.filter((check) => check.state === state).map(({ name }) => name);
}
