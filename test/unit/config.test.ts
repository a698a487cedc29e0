import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HUBSPOT } from '../../src/clients/hubspot/module.ts';
import { SALESFORCE } from '../../src/clients/salesforce/module.ts';
import { ConfigError, loadConfig, requirePublicUrl, requireTi } from '../../src/config/config.ts';
import { crmsInUse, settingsOf } from '../../src/config/crm-settings.ts';
import { misspeltVariables } from '../../src/config/misspelt-variables.ts';
import { GENERAL, POLICY, SEATS, SWEEP, THOUGHT_INDUSTRIES, TI_WEBHOOK } from '../../src/config/variables.ts';
import { DEFAULT_POLICY } from '../../src/contracts/policy.ts';
import { CRMS } from '../../src/processes/crms.ts';
import { isServed } from '../../src/processes/deal-ref.ts';

const ti = { TI_BASE_URL: 'https://acme.thoughtindustries.com', TI_API_KEY: 'sandbox-ti-key' };
const hubspot = {
  HUBSPOT_ACCESS_TOKEN: 'sandbox-hubspot-token',
  HUBSPOT_PORTAL_ID: '62515',
  HUBSPOT_CLIENT_SECRET: 'sandbox-hubspot-secret',
};
const salesforce = {
  SALESFORCE_LOGIN_URL: 'https://acme.my.salesforce.com',
  SALESFORCE_CLIENT_ID: 'sandbox-sf-client',
  SALESFORCE_CLIENT_SECRET: 'sandbox-sf-secret',
  SALESFORCE_ORG_ID: '00D5Y000001MPM7',
  SALESFORCE_WEBHOOK_SECRET: 'sandbox-sf-webhook-secret-0123456789',
};
const everything = { ...ti, ...hubspot, ...salesforce };

/** Variable -> message of every fault. */
function faultsOf(env: NodeJS.ProcessEnv): Record<string, string> {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) {
      return Object.fromEntries(error.faults.map(({ variable, message }) => [variable, message]));
    }
    throw error;
  }
  return {};
}

describe('an environment without faults', () => {
  test('with nothing set, both CRMs and the learning platform are off and all else has its default', () => {
    expect(loadConfig({})).toEqual({
      taskQueue: 'dealseat',
      catalogPath: 'catalog.yaml',
      logLevel: 'info',
      policy: DEFAULT_POLICY,
      sweep: { intervalMs: 600_000, since: null, lagMs: 120_000, lookBackMs: 900_000 },
      seats: {
        intervalMs: 300_000,
        overlapMs: 900_000,
        showEveryMs: 900_000,
        requestsPercent: 20,
        nudgesHour: 9,
      },
      databaseUrl: null,
      seatsFolder: '.dealseat/seats',
      keepPeopleDays: 365,
      temporalUiUrl: null,
      ti: null,
      knownCrms: CRMS,
      crms: {},
      webhook: { host: '127.0.0.1', port: 8080, publicUrl: null },
      tiWebhook: null,
      alerts: { webhook: null, slackUrl: null, mail: null },
      secretKeys: null,
      manualApiKeys: [],
    });
  });

  test('the learner site, the code path, the budget, the API hosts and the version have their defaults', () => {
    const config = loadConfig(everything);
    expect(config.ti).toMatchObject({
      learnerUrl: 'https://acme.thoughtindustries.com',
      codesPath: '/redemptionCodes/{groupId}/codes',
      requestsPerMinute: 15,
    });
    expect(settingsOf(config, HUBSPOT)?.baseUrl).toBe('https://api.hubapi.com');
    expect(settingsOf(config, SALESFORCE)?.apiVersion).toBe('66.0');
  });

  test('an empty or blank variable counts as unset', () => {
    expect(loadConfig({ HUBSPOT_PORTAL_ID: '', TI_BASE_URL: '  ', WEBHOOK_PORT: '' })).toEqual(
      loadConfig({}),
    );
  });

  test("Temporal's own variables are left to Temporal", () => {
    expect(loadConfig({ TEMPORAL_ADDRESS: 'x:7233', TEMPORAL_API_KEY: 'k' })).toEqual(loadConfig({}));
  });

  test('every time bound has a variable of its own', () => {
    const numbers = [...POLICY.keys()].map((key, index) => [key, key === 'holdLeaseMs' ? 1_000 : index + 1]);
    const wanted = Object.fromEntries(numbers);
    const env = [...POLICY].map(([key, { name }]) => [name, String(wanted[key])]);
    expect(loadConfig(Object.fromEntries(env)).policy).toEqual(wanted);
    expect(loadConfig({ DEALSEAT_POLICY_POLL_INTERVAL_MS: '50' }).policy.pollIntervalMs).toBe(50);
  });

  test('an org id is brought to 18 characters', () => {
    expect(settingsOf(loadConfig(everything), SALESFORCE)?.orgId).toBe('00D5Y000001MPM7UAO');
  });

  test('addresses lose their trailing slash and keep a path prefix only where one is allowed', () => {
    const config = loadConfig({
      ...ti,
      TI_LEARNER_URL: 'https://learn.acme.com/',
      WEBHOOK_PUBLIC_URL: 'https://x.example/in/',
    });
    expect(config.ti?.learnerUrl).toBe('https://learn.acme.com');
    expect(config.webhook.publicUrl).toBe('https://x.example/in');
  });

  test.each(['http://127.0.0.1:9', 'http://localhost:9', 'http://[::1]:9', 'http://sandbox:9'])(
    'plain http is allowed where the wire is private: %s',
    (url) => expect(loadConfig({ ...ti, TI_BASE_URL: url }).ti?.baseUrl).toBe(url),
  );

  test('two signing secrets may be valid at once while they rotate', () => {
    const config = loadConfig({
      ...everything,
      HUBSPOT_CLIENT_SECRET: 'old-client-secret-01, new-client-secret-02',
      SALESFORCE_WEBHOOK_SECRET: 'old-path-secret-01,new-path-secret-02',
    });
    expect(settingsOf(config, HUBSPOT)?.clientSecrets.map((secret) => secret.reveal())).toEqual([
      'old-client-secret-01',
      'new-client-secret-02',
    ]);
    expect(
      settingsOf(config, SALESFORCE)?.webhookSecrets.map((secret) => secret.matches('new-path-secret-02')),
    ).toEqual([false, true]);
  });
});

describe('an environment with faults', () => {
  test('all faults are reported together, each under its variable', () => {
    expect(
      Object.keys(
        faultsOf({
          DEALSEAT_TASK_QUEUE: 'a b',
          WEBHOOK_PORT: '70000',
          TI_BASE_URL: 'ftp://x',
          HUBSPOT_PORTAL_ID: 'abc',
          SALESFORCE_ORG_ID: '001000000000000',
          DEALSEAT_POLICY_LOOK_UP_MS: '1.5',
        }),
      ).sort(),
    ).toEqual([
      'DEALSEAT_POLICY_LOOK_UP_MS',
      'DEALSEAT_TASK_QUEUE',
      'HUBSPOT_ACCESS_TOKEN',
      'HUBSPOT_CLIENT_SECRET',
      'HUBSPOT_PORTAL_ID',
      'SALESFORCE_CLIENT_ID',
      'SALESFORCE_CLIENT_SECRET',
      'SALESFORCE_LOGIN_URL',
      'SALESFORCE_ORG_ID',
      'SALESFORCE_WEBHOOK_SECRET',
      'TI_API_KEY',
      'TI_BASE_URL',
      'WEBHOOK_PORT',
    ]);
  });

  test.each([...Object.keys(ti), ...Object.keys(hubspot), ...Object.keys(salesforce)])(
    'half a system is an error: without %s the others are not enough',
    (name) => {
      const { [name]: _, ...rest } = everything as Record<string, string>;
      expect(faultsOf(rest)).toEqual({ [name]: expect.stringContaining('is not set') });
    },
  );

  test.each([
    ['TI_BASE_URL', 'http://acme.thoughtindustries.com'],
    ['TI_BASE_URL', 'https://acme.thoughtindustries.com/incoming/v2'],
    ['TI_BASE_URL', 'acme.thoughtindustries.com'],
    ['TI_CODES_PATH', '/redemptionCodes/codes'],
    ['TI_CODES_PATH', '//evil.example/{groupId}'],
    ['TI_REQUESTS_PER_MINUTE', '0'],
    ['HUBSPOT_PORTAL_ID', '0'],
    ['HUBSPOT_BASE_URL', 'https://api.hubapi.com?x=1'],
    ['SALESFORCE_LOGIN_URL', 'https://login.salesforce.com'],
    ['SALESFORCE_LOGIN_URL', 'https://acme.lightning.force.com'],
    ['SALESFORCE_ORG_ID', '00D5Y000001MPM7UAX'],
    ['SALESFORCE_API_VERSION', '66'],
    ['WEBHOOK_PUBLIC_URL', 'https://x.example/webhooks/hubspot'],
    ['WEBHOOK_PUBLIC_URL', 'http://x.example'],
    ['WEBHOOK_PORT', '-1'],
    ['WEBHOOK_HOST', 'a b'],
    ['DEALSEAT_LOG_LEVEL', 'loud'],
    ['DEALSEAT_TEMPORAL_UI_URL', 'temporal.example.com'],
    ['DEALSEAT_SWEEP_INTERVAL_MS', '9999'],
    ['DEALSEAT_SWEEP_SINCE', '20.11.2026'],
    ['DEALSEAT_SWEEP_SINCE', '2026-11-20T10:00:00'],
    ['DEALSEAT_SWEEP_SINCE', '2026-13-40'],
    ['DEALSEAT_SWEEP_LAG_MS', '-1'],
    ['DEALSEAT_SWEEP_LOOK_BACK_MS', 'ten minutes'],
    ['DEALSEAT_POLICY_POLL_INTERVAL_MS', '0'],
    ['DEALSEAT_POLICY_POLL_INTERVAL_MS', '15s'],
  ])('%s=%s is refused, and the message shows what was found and expected', (name, value) => {
    const faults = faultsOf({ ...everything, [name]: value });
    expect(Object.keys(faults)).toEqual([name]);
    expect(faults[name]).toMatch(/^expected .+, found /);
    expect(faults[name]).toContain(value);
  });

  test.each([
    ['TI_API_KEY', 'canary key'],
    ['HUBSPOT_CLIENT_SECRET', 'canary-of-16-letters,canary-of-16-others,canary-of-16-more-of'],
    ['HUBSPOT_CLIENT_SECRET', 'canary-of-16-letters,'],
    ['HUBSPOT_CLIENT_SECRET', 'canary'],
    ['HUBSPOT_CLIENT_SECRET', 'canary-of-16-letters,canary'],
    ['SALESFORCE_WEBHOOK_SECRET', 'canary'],
    ['SALESFORCE_WEBHOOK_SECRET', 'canary/with/slashes/that/split/the/path'],
    ['MANUAL_API_KEYS', 'canary-key-without-a-name'],
    ['MANUAL_API_KEYS', 'acme:canary-short'],
    ['MANUAL_API_KEYS', 'acme:canary-key-0123456789:everything'],
    ['MANUAL_API_KEYS', 'acme:canary-key-0123456789:seats+'],
    ['MANUAL_API_KEYS', 'acme:canary-key:0123456789'],
    ['MANUAL_API_KEYS', 'acme:canary-key-0123456789,acme:canary-other-0123456789'],
    ['MANUAL_API_KEYS', 'acme:canary-key-0123456789,globex:canary-key-0123456789'],
  ])('a wrong %s is refused without being shown', (name, value) => {
    const faults = faultsOf({ ...everything, [name]: value });
    expect(Object.keys(faults)).toEqual([name]);
    expect(faults[name]).not.toContain('canary');
  });

  test('an unknown time bound is refused with the list of known ones, because a typing error would go unseen', () => {
    const faults = faultsOf({ DEALSEAT_POLICY_POLL_INTERVALL_MS: '5' });
    expect(faults.DEALSEAT_POLICY_POLL_INTERVALL_MS).toContain('DEALSEAT_POLICY_POLL_INTERVAL_MS');
  });

  test('a longest pause below the first pause is refused', () => {
    expect(Object.keys(faultsOf({ DEALSEAT_POLICY_RETRY_MAX_MS: '10' }))).toEqual([
      'DEALSEAT_POLICY_RETRY_MAX_MS',
    ]);
  });

  test.each([
    { DEALSEAT_POLICY_HOLD_LEASE_MS: '3599999' },
    { DEALSEAT_POLICY_ROSTER_ATTEMPT_MS: '2700001' },
    { DEALSEAT_POLICY_HOLD_PAUSE_MS: '1350001' },
  ])('a hold that a step could outlast, or that is never believed, is refused: %j', (env) => {
    expect(Object.keys(faultsOf(env))).toEqual(['DEALSEAT_POLICY_HOLD_LEASE_MS']);
  });

  test('a password inside an address is not shown', () => {
    expect(faultsOf({ ...ti, TI_BASE_URL: 'https://user:canary@acme.example' }).TI_BASE_URL).not.toContain(
      'canary',
    );
  });

  test('whatever the environment holds, reading it ends in a configuration or a ConfigError', () => {
    const groups = [
      GENERAL,
      THOUGHT_INDUSTRIES,
      TI_WEBHOOK,
      ...CRMS.map(({ environment }) => environment.variables),
    ];
    const names = groups.flatMap((group) => Object.keys(group));
    const env = fc.dictionary(fc.constantFrom(...names), fc.string({ unit: 'binary' }));
    fc.assert(fc.property(env, (variables) => expect(() => faultsOf(variables)).not.toThrow()));
  });
});

describe('the address of a PostgreSQL', () => {
  test.each([
    'postgres://me:canary@db.example.com/seats',
    'postgresql://me@db.example.com:5433/seats?sslmode=verify-full',
    'postgres://me@db.example.com/seats?sslmode=verify-ca&sslrootcert=/etc/ca.pem',
    'postgres:///seats?host=/run/postgresql',
  ])('may be %s', (url) => {
    expect(loadConfig({ DATABASE_URL: url }).databaseUrl?.reveal()).toBe(url);
  });

  test.each([
    'db.example.com/seats',
    'mysql://me:canary@db.example.com/seats',
    'postgres://me:canary@db.example.com',
    'postgres://me:canary@db.example.com/',
    'postgres:///seats',
    'postgres://me:canary@db.example.com/seats?sslmode=no-verify',
    'postgres://me:canary@db.example.com/seats?sslmode=verify-ca',
  ])('may not be %s, and its password is not shown', (url) => {
    const faults = faultsOf({ DATABASE_URL: url });
    expect(faults).toEqual({ DATABASE_URL: expect.stringContaining('expected postgres://user:password@') });
    expect(faults.DATABASE_URL).not.toContain('canary');
  });
});

describe('what a part of the program needs', () => {
  test('the worker is told to set the learning platform, the webhook server its public URL', () => {
    const config = loadConfig(hubspot);
    expect(() => requireTi(config)).toThrow(/TI_BASE_URL: is not set/);
    expect(() => requirePublicUrl(config, HUBSPOT)).toThrow(/WEBHOOK_PUBLIC_URL: is not set, and HubSpot/);
  });

  test('nothing that prints a configuration prints a secret', () => {
    const config = loadConfig({ ...everything, MANUAL_API_KEYS: 'acme:sandbox-manual-key-0123' });
    const printed = `${inspect(config, { depth: 9, showHidden: true })} ${JSON.stringify(config)} ${String(config.ti?.apiKey)}`;
    expect(printed).not.toMatch(/sandbox-(ti|hubspot|sf-secret|sf-webhook|manual)/);
    expect(printed).toContain('***');
  });

  test('a key opens provisioning, unless it names its scopes', () => {
    const [acme, support] = loadConfig({
      MANUAL_API_KEYS: 'acme:sandbox-manual-key-0123, support:sandbox-seats-key-0123:seats+codes',
    }).manualApiKeys;
    expect(acme).toMatchObject({ partner: 'acme', scopes: ['provision'] });
    expect(support).toMatchObject({ partner: 'support', scopes: ['seats', 'codes'] });
    expect(support?.key.matches('sandbox-seats-key-0123')).toBe(true);
  });

  test('.env.example names every variable, with its real default', () => {
    const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
    const lines = new Map(
      [...example.matchAll(/^(?:# )?([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
    );
    const ofCrms = CRMS.map(({ environment }) => environment.variables);
    const groups = Object.assign(
      { ...GENERAL, ...THOUGHT_INDUSTRIES, ...TI_WEBHOOK, ...SWEEP, ...SEATS },
      ...ofCrms,
    );
    const policies = [...POLICY.values()].map(({ name, variable }) => [name, variable] as const);
    for (const [name, variable] of [...Object.entries(groups), ...policies]) {
      expect([...lines.keys()]).toContain(name);
      const { fallback = null } = variable as { fallback?: unknown };
      if (typeof fallback === 'string' || typeof fallback === 'number') {
        expect(`${name}=${lines.get(name)}`).toBe(`${name}=${fallback}`);
      }
    }
    const known = new Set([...Object.keys(groups), ...policies.map(([name]) => name)]);
    expect(
      [...lines.keys()].filter((name) => !known.has(name ?? '') && !name?.startsWith('TEMPORAL_')),
    ).toEqual([]);
  });
});

describe('ids have one spelling', () => {
  test('a HubSpot deal id is digits without leading zeros; a Salesforce one is an opportunity', () => {
    const hubspotId = HUBSPOT.dealId.canonical;
    expect(hubspotId('9001')).toBe('9001');
    expect(['', '09001', '-1', '9001 ', '9e3', '9001:x'].map(hubspotId)).toEqual(Array(6).fill(null));
    expect(SALESFORCE.dealId.canonical('0065Y00001Suvw6')).toBe('0065Y00001Suvw6QAB');
    expect(SALESFORCE.dealId.canonical('0015Y00001Suvw6')).toBeNull();
  });

  test('a deal is served when its CRM is on, its account is ours and its id is in that spelling', () => {
    const config = loadConfig(hubspot);
    expect(crmsInUse(config).map(({ module, account }) => [module.name, account])).toEqual([
      ['hubspot', '62515'],
    ]);
    const deal = { crm: 'hubspot', account: '62515', dealId: '9001' };
    expect(isServed(config, deal)).toBe(true);
    expect(isServed(config, { ...deal, account: '62516' })).toBe(false);
    expect(isServed(config, { ...deal, dealId: '09001' })).toBe(false);
    expect(isServed(config, { ...deal, crm: 'salesforce', dealId: '0065Y00001Suvw6QAB' })).toBe(false);
    expect(isServed(config, { ...deal, crm: 'sugar' })).toBe(false);
  });
});

describe('a variable that is misspelt', () => {
  test.each([
    ['HUBSPOT_ACESS_TOKEN', 'HUBSPOT_ACCESS_TOKEN'],
    ['SALEFORCE_ORG_ID', 'SALESFORCE_ORG_ID'],
    ['DEALSEAT_SWEEP_SINCES', 'DEALSEAT_SWEEP_SINCE'],
    ['TI_BASEURL', 'TI_BASE_URL'],
    ['TEMPORAL_ADRESS', 'TEMPORAL_ADDRESS'],
  ])('%s is noticed, and %s is named', (name, meant) => {
    expect(misspeltVariables({ [name]: 'x' })).toEqual([{ name, meant }]);
  });

  test.each([
    'TI_FOO',
    'HUBSPOT_API_KEY',
    'WEBHOOK_URL',
    'PATH',
    'MANUAL',
    'DEALSEAT_TASK_QUEUE',
    'TI_SDK_HOME',
  ])('%s is none: it is ours, or another program’s', (name) => {
    expect(misspeltVariables({ [name]: 'x' })).toEqual([]);
  });

  test('is not looked for where the right one is set too', () => {
    expect(misspeltVariables({ TI_API_KEYS: 'x', TI_API_KEY: 'y' })).toEqual([]);
  });
});
