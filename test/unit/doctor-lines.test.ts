import { describe, expect, test } from '@jest/globals';
import { FaultPlan } from '../../sandbox/faults.ts';
import { serve } from '../../sandbox/http.ts';
import { checkClock } from '../../src/clients/setup-check.ts';
import { judgeNames } from '../../src/clients/setup-names.ts';
import { type DoctorCheck, ofSetup } from '../../src/commands/doctor/check.ts';
import { judge } from '../../src/commands/doctor/events.ts';
import { documentOf, lineOf, summaryOf } from '../../src/commands/doctor/show.ts';
import { lookOf } from '../../src/commands/terminal/look.ts';
import { surveyConfig } from '../../src/config/config.ts';
import type { Source } from '../../src/contracts/run.ts';

const PLAIN = lookOf({});

const CHECK: DoctorCheck = {
  group: 'HubSpot',
  name: 'HubSpot list 7',
  state: 'failed',
  found: 'the portal has no list of this id',
  cure: 'Correct `handOver.hubspot.listId` in the catalog.',
  tookMs: 12,
};

describe('a line of the doctor', () => {
  test('says what was found and what to do, in sentences', () => {
    expect(lineOf(CHECK, PLAIN).raw).toBe(
      '  failed   HubSpot list 7: the portal has no list of this id. Correct `handOver.hubspot.listId` in the catalog.\n',
    );
  });

  test('has its state in colour where the terminal has colours, and nothing of others that moves the cursor', () => {
    const { raw } = lineOf({ ...CHECK, found: 'a\u001b[2Jb' }, lookOf({ hasColours: true }));
    expect(raw).toContain('\u001b[31mfailed');
    expect(raw).not.toContain('\u001b[2J');
  });

  test('says how long a slow check took', () => {
    const check = { ...CHECK, state: 'ok', found: null, cure: null, tookMs: 1_240 } as const;
    expect(lineOf(check, PLAIN).raw).toBe('  ok       HubSpot list 7  (1.2 s)\n');
  });

  test('is the last one where it says what is wrong and the first thing to do', () => {
    const warning = { ...CHECK, state: 'warning', name: 'Worker', cure: 'Run it.' } as const;
    const fine = { ...CHECK, state: 'ok', cure: null } as const;
    expect(summaryOf([warning, fine, CHECK])).toBe(
      '1 check failed, 1 warning. First: HubSpot list 7: Correct `handOver.hubspot.listId` in the catalog.',
    );
    expect(summaryOf([warning, fine])).toBe('1 warning. First: Worker: Run it.');
    expect(summaryOf([fine])).toBe('Nothing is wrong (1 check).');
  });
});

describe('the JSON of the doctor, which people paste into public reports', () => {
  const misspelt = judgeNames({
    names: ['ana.gray@vendor.example'],
    known: ['anna.gray@vendor.example'],
    none: 'no active user has the e-mail address',
    advice: 'Correct `approval.by.hubspotUsers` in the catalog.',
  });
  const checks: DoctorCheck[] = [
    { ...CHECK, ...ofSetup({ name: 'HubSpot approvers (hubspotUsers)', ...misspelt }) },
    {
      ...CHECK,
      ...ofSetup({
        name: 'Panorama client 7',
        state: 'warning',
        found: 'Acme Corp is disabled',
        customers: ['Acme Corp'],
        advice: 'Enable Acme Corp.',
      }),
    },
    { ...CHECK, found: 'the token pat-eu1-01234567-89ab-cdef-0123-456789abcdef is refused' },
  ];

  test('has no address of a person, no customer and no token, and says what is wrong all the same', () => {
    const text = JSON.stringify(documentOf(checks));
    for (const personal of ['gray', 'vendor.example', 'Acme', 'pat-eu1'])
      expect(text).not.toContain(personal);
    expect(documentOf(checks)).toMatchObject({
      isHealthy: false,
      checks: [
        { found: 'no active user has the e-mail address "***" (the nearest is "***")' },
        { found: '*** is disabled', cure: 'Enable ***.' },
        { found: 'the token *** is refused' },
      ],
    });
  });

  test('on the screen they stand in full, for the administrator who has to correct them', () => {
    const lines = checks.map((check) => lineOf(check, PLAIN).raw).join('');
    for (const name of ['ana.gray@vendor.example', 'anna.gray@vendor.example', 'Acme Corp'])
      expect(lines).toContain(name);
  });
});

describe('a variable that is wrong', () => {
  test('turns off its own system and no other', () => {
    const { config, faults } = surveyConfig({
      DEALSEAT_LOG_LEVEL: 'loud',
      TI_BASE_URL: 'acme',
      TI_API_KEY: 'k',
      HUBSPOT_ACCESS_TOKEN: 'a-token',
      HUBSPOT_PORTAL_ID: '62515',
      HUBSPOT_CLIENT_SECRET: 'short',
      SALESFORCE_LOGIN_URL: 'https://acme.my.salesforce.com',
      SALESFORCE_CLIENT_ID: 'id',
      SALESFORCE_CLIENT_SECRET: 'secret',
      SALESFORCE_ORG_ID: '00D5Y000001MPM7UAO',
      SALESFORCE_WEBHOOK_SECRET: 'a-long-enough-secret',
    });
    expect(faults.map(({ variable }) => variable)).toEqual([
      'DEALSEAT_LOG_LEVEL',
      'TI_BASE_URL',
      'HUBSPOT_CLIENT_SECRET',
    ]);
    expect(config).toMatchObject({ logLevel: 'info', ti: null });
    expect(Object.keys(config.crms)).toEqual(['salesforce']);
  });
});

describe('the clock', () => {
  test.each([
    ['right', 0, 'ok'],
    ['a minute off', 60_000, 'warning'],
    ['ten minutes off', 600_000, 'failed'],
  ] as const)('that is %s is seen beside the dates of answers', async (_, offMs, state) => {
    const date = new Date(Date.now() + offMs).toUTCString();
    const handler = () => ({ status: 401, headers: { date } });
    const server = await serve({ system: 'ti', handler, faults: new FaultPlan() });
    try {
      expect((await checkClock('Clock', server.url)).state).toBe(state);
    } finally {
      await server.close();
    }
  });
});

describe('whether the CRM calls us is judged by what began the last runs', () => {
  const WHERE = 'See its settings.';
  const begun = (...sources: readonly Source[]) =>
    judge(
      'Events',
      // Newest first, an hour apart.
      sources.map((source, hours) => ({ source, at: new Date(Date.UTC(2026, 0, 2) - hours * 3_600_000) })),
      WHERE,
    );

  test.each<readonly [string, readonly Source[], string, string]>([
    ['no run', [], 'skipped', 'not checked: no deal has begun a run yet'],
    [
      'an event',
      ['event', 'sweep', 'sweep', 'sweep'],
      'ok',
      'the last one came 2026-01-02T00:00:00.000Z; events began 1 of the last 4 runs',
    ],
    [
      'one event that was lost',
      ['sweep', 'event'],
      'ok',
      'the last one came 2026-01-01T23:00:00.000Z; events began 1 of the last 2 runs',
    ],
    [
      'only the sweep, so far',
      ['sweep', 'sweep'],
      'skipped',
      'none yet: the runs so far were begun by the sweep',
    ],
    [
      'only the sweep',
      ['sweep', 'sweep', 'sweep'],
      'warning',
      'the last 3 runs were begun by the sweep, not by an event',
    ],
    [
      'events that stopped',
      ['sweep', 'sweep', 'sweep', 'event'],
      'warning',
      'the last 3 runs were begun by the sweep, not by an event; the last event that began a run came 2026-01-01T21:00:00.000Z',
    ],
  ])('%s', (_, sources, state, found) => {
    expect(begun(...sources)).toEqual({ name: 'Events', state, found, cure: state === 'ok' ? null : WHERE });
  });
});
