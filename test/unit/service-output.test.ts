import { createServer } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { bannerOf, type ServiceFacts } from '../../src/commands/start/banner.ts';
import { lookOf, type Painted } from '../../src/commands/terminal/look.ts';
import { createServiceOutput } from '../../src/commands/terminal/outcome-report.ts';
import { orPortTaken } from '../../src/commands/terminal/ports.ts';
import type { Outcome } from '../../src/contracts/outcomes.ts';

const FACTS: ServiceFacts = {
  version: '0.1.0',
  crms: [
    { crm: 'hubspot', displayName: 'HubSpot', account: '62515', provisionsSince: '2026-11-29T00:00:00.000Z' },
    {
      crm: 'salesforce',
      displayName: 'Salesforce',
      account: '00D5Y',
      provisionsSince: '2026-11-01T08:00:00.000Z',
    },
  ],
  platform: 'acme.thoughtindustries.com',
  catalog: { file: 'catalog.yaml', products: 3, ignored: 1, partners: 1 },
  store: { kind: 'embedded', version: '18.7', place: '.dealseat/seats' },
  sweepIntervalMs: 600_000,
  webhooks: 'http://127.0.0.1:8080',
  publicUrl: 'https://dealseat.example.com',
  metrics: 'http://127.0.0.1:8080/metrics',
  temporal: {
    address: '127.0.0.1:7233',
    namespace: 'default',
    taskQueue: 'dealseat',
    database: '.dealseat/temporal.db',
    ui: 'http://127.0.0.1:8233',
    runs: 'http://127.0.0.1:8233/runs',
    waiting: 'http://127.0.0.1:8233/waiting',
  },
  keyFile: '.dealseat/secret-keys',
};

describe('the banner of the service', () => {
  const text = bannerOf(FACTS, lookOf({})).plain;

  test.each([
    /^Dealseat 0\.1\.0 is ready\.$/m,
    /^ {2}CRM +HubSpot 62515, Salesforce 00D5Y$/m,
    /^ {2}Catalog +catalog\.yaml: 3 products with seats, 1 without, 1 partner$/m,
    /^ {2}Sweep +every 10 min\. Provisions deals won since HubSpot 2026-11-29, Salesforce 2026-11-01T08:00:00Z \(DEALSEAT_SWEEP_SINCE\)$/m,
    /^ {2}Webhooks +http:\/\/127\.0\.0\.1:8080\/webhooks\/, public https:\/\/dealseat\.example\.com\/webhooks\/$/m,
    /^ {2}Metrics +http:\/\/127\.0\.0\.1:8080\/metrics$/m,
    /^ {2}Temporal +127\.0\.0\.1:7233, namespace default, task queue dealseat, database \.dealseat\/temporal\.db$/m,
    /^ {2}Runs +http:\/\/127\.0\.0\.1:8233$/m,
    /^ {2}Keys +\.dealseat\/secret-keys\. Keep a copy/m,
    /dealseat provision hubspot <dealId>$/m,
  ])('has %s', (line) => {
    expect(text).toMatch(line);
  });

  test('says the one day from which all CRMs are swept once', () => {
    const crms = FACTS.crms.map((crm) => ({ ...crm, provisionsSince: '2026-11-29T00:00:00.000Z' }));
    expect(bannerOf({ ...FACTS, crms }, lookOf({})).plain).toContain('deals won since 2026-11-29 (');
  });
});

describe('an outcome', () => {
  const outcome: Outcome = {
    crm: 'hubspot',
    account: '62515',
    dealId: '9001',
    dealName: 'Acme',
    status: 'NeedsAttention',
    waitsFor: 'sales',
    code: 'deal.close_date_missing',
    message: 'Deal 9001 of bea@acme.example has no close date.',
    cure: 'Set the close date of the deal.',
    problemCount: 1,
    seats: null,
    durationMs: 700,
    isUnchanged: false,
  };

  function written(isInteractive: boolean, level: 'info' | 'warn' | 'error'): string {
    let text = '';
    const terminal = {
      env: {},
      isInteractive,
      write: (chunk: string) => {
        text += chunk;
      },
      paint: ({ raw }: Painted) => {
        text += raw;
      },
      note: () => undefined,
      interrupted: new AbortController().signal,
      loadDotEnv: () => undefined,
    };
    createServiceOutput(terminal, level).onOutcome(outcome);
    return text;
  }

  test('is one line of JSON where the output is piped, with message, code and cure, and no address of a person', () => {
    const { message, ...facts } = outcome;
    expect(JSON.parse(written(false, 'info'))).toMatchObject({
      ...facts,
      level: 'warn',
      message: message.replace('bea@acme.example', '***'),
      msg: expect.stringMatching(/^Acme: needs sales: Deal 9001/),
    });
  });

  test('is a line for people on a terminal', () => {
    expect(written(true, 'info')).toMatch(
      /^! \d\d:\d\d:\d\d {2}Acme {2}needs sales: .* → dealseat status hubspot 9001\n$/,
    );
  });

  test('keeps to the level of the log', () => {
    expect(written(true, 'error')).toBe('');
    expect(written(false, 'error')).toBe('');
    expect(written(true, 'warn')).not.toBe('');
  });
});

test('a port that another program has is named with the setting that chooses another one', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const listen = () =>
    new Promise<void>((resolve, reject) => {
      createServer().once('error', reject).listen(port, '127.0.0.1', resolve);
    });
  await expect(orPortTaken('WEBHOOK_PORT', listen)).rejects.toThrow(
    `Port ${port} is taken by another program. Stop that program, or choose another port with WEBHOOK_PORT.`,
  );
  server.close();
});
