import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sandboxEnvironment } from '../../sandbox/environment.ts';
import { type Sandbox, startSandbox } from '../../sandbox/index.ts';
import { dealseat, documentOf } from './dealseat.ts';

let sandbox: Sandbox;
let folder = '';

beforeAll(async () => {
  sandbox = await startSandbox({ hubspot: { searchIndexDelayMs: 0 } });
});
afterAll(() => sandbox.close());

/** The files that a call writes, by name. */
async function preview(...argv: string[]) {
  folder = await mkdtemp(join(tmpdir(), 'dealseat-mails-'));
  try {
    const env = {
      ...sandboxEnvironment(sandbox),
      DEALSEAT_CATALOG: 'catalog.example.yaml',
    };
    const outcome = await dealseat(env, ['mail', 'preview', ...argv, '--to', folder]);
    const files = new Map<string, string>();
    for (const name of await readdir(folder)) files.set(name, await readFile(join(folder, name), 'utf8'));
    return { ...outcome, files };
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('dealseat mail preview', () => {
  test('writes the mail of a HubSpot deal in the language of its buyer, with sample codes, and changes nothing', async () => {
    const { state } = sandbox.hubspot;
    state.edit('contacts', '6001', { hs_language: 'de-at' });
    const before = JSON.stringify(state.valuesOf('deals', '9001'));
    const { exitCode, stdout, files } = await preview('hubspot', '9001');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('1-buyerLinks-de-6001.html');
    expect(stdout).toContain('Acme Corp: 25 Lernplätze stehen bereit');
    const html = files.get('1-buyerLinks-de-6001.html') ?? '';
    expect(html).toContain('<title>Acme Corp: 25 Lernplätze stehen bereit</title>');
    expect(html).toContain('<p>Hallo Dana,</p>');
    expect(html.match(/<a href="[^"]*SAMPLE-CODE-\d{4}">/g)).toHaveLength(25);
    expect(files.get('1-buyerLinks-de-6001.txt')).toMatch(/^Subject: Acme Corp: 25 Lernplätze/);
    expect(files.get('roster.csv')).toContain('SAMPLE-CODE-0001');
    // As the delivery: in HubSpot only where the catalog asks for it.
    expect([...files.keys()]).not.toContain('roster.xlsx');
    expect(JSON.stringify(state.valuesOf('deals', '9001'))).toBe(before);
    expect(sandbox.outbox.mails).toEqual([]);
    expect(sandbox.ti.state.groups).toEqual([]);
  });

  test('shows a deal that is not won as if it were, and says so', async () => {
    const { state } = sandbox.salesforce;
    state.updateOpportunity('0065Y00001Suvw6QAB', { StageName: 'Prospecting' });
    const outcome = await preview('salesforce', '0065Y00001Suvw6QAB', '--json');
    expect(outcome.exitCode).toBe(0);
    expect([...outcome.files.keys()]).toContain('roster.xlsx');
    expect(documentOf(outcome)).toMatchObject({
      mails: [{ kind: 'buyerFile', language: 'en', subject: 'Globex Inc: your 20 learning seats are ready' }],
      notes: [expect.stringContaining('would send nothing for this deal now')],
    });
  });

  test('names what is to be fixed first, with exit code 3', async () => {
    const { state } = sandbox.hubspot;
    const dealId = state.createDeal({ name: 'Nobody on it', lineItems: [], contacts: [] });
    const { exitCode, stdout } = await preview('hubspot', dealId);
    expect(exitCode).toBe(3);
    expect(stdout).toContain('To fix first:');
  });

  test('needs a deal, or --sample, which shows each mail in each language', async () => {
    const { exitCode, stderr } = await preview();
    expect(exitCode).toBe(2);
    expect(stderr).toContain('or use --sample');
    const sample = await preview('--sample');
    expect([...sample.files.keys()].filter((name) => name.endsWith('.html'))).toEqual([
      '1-buyerFile-en.html',
      '2-buyerFile-de.html',
      '3-buyerLinks-en.html',
      '4-buyerLinks-de.html',
      '5-learner-en.html',
      '6-learner-de.html',
      '7-nudge-en.html',
      '8-nudge-de.html',
    ]);
  });
});
