import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { EXIT } from '../../src/commands/terminal/exit-code.ts';
import { isWatched } from '../../src/commands/terminal/terminal.ts';
import { catalogJsonSchema } from '../../src/config/load-catalog.ts';
import { dealseat, documentOf } from './dealseat.ts';

const COMMANDS = [
  'demo',
  'start',
  'worker',
  'webhooks',
  'sandbox',
  'provision',
  'status',
  'list',
  'retry',
  'cancel',
  'approve',
  'reject',
  'withdraw',
  'keep',
  'sweep',
  'verify',
  'replay',
  'doctor',
  'catalog',
  'mail',
  'seats',
];

const EXAMPLE = 'catalog.example.yaml';
/** Port 1 of this machine: nothing listens there. */
const NO_TEMPORAL = {
  TEMPORAL_ADDRESS: '127.0.0.1:1',
  HUBSPOT_ACCESS_TOKEN: 't',
  HUBSPOT_PORTAL_ID: '62515',
  HUBSPOT_CLIENT_SECRET: 'a-secret-of-the-test',
};

describe('help', () => {
  test('names every command and every exit code', async () => {
    const { exitCode, stdout } = await dealseat({}, ['--help']);
    expect(exitCode).toBe(0);
    for (const name of COMMANDS) expect(stdout).toMatch(new RegExp(`^ +${name} `, 'm'));
    for (const code of Object.values(EXIT)) expect(stdout).toMatch(new RegExp(`^ +${code} `, 'm'));
  });

  test('of the version is that of the package', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    expect(await dealseat({}, ['--version'])).toMatchObject({ exitCode: 0, stdout: `${version}\n` });
  });

  test.each(COMMANDS)('of %s tells its usage, however it is asked for', async (name) => {
    const asked = await dealseat({}, [name, '--help']);
    expect(asked.exitCode).toBe(0);
    expect(asked.stdout).toContain(`Usage: dealseat ${name}`);
    expect(asked.stdout).toMatch(new RegExp(`^Examples:\n  .*dealseat ${name}`, 'm'));
    expect(await dealseat({}, ['help', name])).toEqual(asked);
  });

  test('the page about the command names every command and every exit code', async () => {
    const page = await readFile('docs/command.md', 'utf8');
    for (const name of COMMANDS) expect(page).toContain(`\`dealseat ${name}`);
    for (const code of Object.values(EXIT)) expect(page).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'));
  });
});

describe('wrong usage ends with exit code 2 and one clear line', () => {
  test.each([
    [['bogus'], "unknown command 'bogus'"],
    [['status'], 'missing required argument'],
    [['status', 'nonsense'], '"nonsense" names no deal'],
    [['status', 'sugar', '9001'], 'Unknown CRM "sugar"; expected hubspot or salesforce'],
    [['status', 'hubspot', '90x1'], 'not a valid hubspot deal id; expected the digits'],
    [['status', 'hubspot', '9001', '9002'], 'found 3 words'],
    [
      ['verify', 'salesforce', '0065Y00001Suvw6'],
      'salesforce is off: its SALESFORCE_* variables are not set',
    ],
    [['provision', 'hubspot', '9001', '--plan', 'abc'], 'Expected the 64 hex digits'],
    [
      ['provision', 'hubspot', '9001', '--dry-run', '--wait'],
      "'--dry-run' cannot be used with option '--wait'",
    ],
    [['retry', 'hubspot', '9001', '--resend', '--mail-was-sent'], "'--resend' cannot be used with option"],
    [['retry', 'hubspot', '9001', '--resend'], '--resend needs --question <id>'],
    [['cancel', 'hubspot', '9001'], "'--reason <text>' not specified"],
    [['approve', 'hubspot', '9001', '--reason', 'paid'], "'--question <id>' not specified"],
    [['list', '--status', 'Lost'], 'Allowed choices are Planning'],
    [['list', '--limit', '0'], 'Expected a whole number from 1'],
    [['catalog', 'check', 'nowhere.yaml'], 'nowhere.yaml cannot be read (ENOENT)'],
    [['demo', '--catalog', 'nowhere.yaml'], 'nowhere.yaml cannot be read (ENOENT)'],
    [['demo', '--fault', '{"system":"moon"}'], 'system: expected ti, hubspot or salesforce'],
    [['sandbox', '--ports', 'many'], 'Expected a port from 0 to 65535'],
  ])('%j: %s', async (argv, message) => {
    const { exitCode, stdout, stderr } = await dealseat(NO_TEMPORAL, argv);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });

  test('a misspelt variable is noticed, and named as it is meant', async () => {
    const { stderr } = await dealseat(
      { ...NO_TEMPORAL, HUBSPOT_ACESS_TOKEN: 'x', HUBSPOT_ACCESS_TOKEN: '' },
      ['list'],
    );
    expect(stderr).toContain(
      'HUBSPOT_ACESS_TOKEN is not a known setting; did you mean HUBSPOT_ACCESS_TOKEN?',
    );
  });

  test('every fault of the environment is told at once, under the name of its variable', async () => {
    const env = { HUBSPOT_PORTAL_ID: 'acme', WEBHOOK_PORT: 'http', HUBSPOT_CLIENT_SECRET: 'very secret' };
    const { exitCode, stderr } = await dealseat(env, ['list']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('HUBSPOT_PORTAL_ID: expected the digits');
    expect(stderr).toContain('HUBSPOT_ACCESS_TOKEN: is not set');
    expect(stderr).toContain('WEBHOOK_PORT: expected a port');
    expect(stderr).not.toContain('very secret');
  });

  test('a worker without secret keys does not start, and says how to make one', async () => {
    const env = { ...NO_TEMPORAL, TI_BASE_URL: 'https://acme.thoughtindustries.com', TI_API_KEY: 'k' };
    const { exitCode, stderr } = await dealseat({ ...env, DEALSEAT_CATALOG: EXAMPLE }, ['worker']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/DEALSEAT_SECRET_KEYS: is not set.*openssl rand -base64 32/);
  });

  test('a service without any CRM does not start', async () => {
    const { exitCode, stderr } = await dealseat({}, ['webhooks']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('no CRM is set');
  });
});

describe('a Temporal that cannot be reached', () => {
  test.each([
    ['list', ['list']],
    ['cancel', ['cancel', 'provision:hubspot:62515:9001', '--reason', 'test']],
  ])('ends %s with exit code 4, and a JSON document where one was asked for', async (_, argv) => {
    const outcome = await dealseat(NO_TEMPORAL, [...argv, '--json']);
    expect(outcome.exitCode).toBe(4);
    expect(outcome.stderr).toContain('Temporal cannot be reached at 127.0.0.1:1');
    expect(documentOf(outcome)).toEqual({
      error: { exitCode: 4, message: expect.stringContaining('set TEMPORAL_ADDRESS') },
    });
  });

  test('shows the stack only to those who debug', async () => {
    const { stderr } = await dealseat({ ...NO_TEMPORAL, DEALSEAT_LOG_LEVEL: 'debug' }, ['list']);
    expect(stderr).toMatch(/^ +at /m);
  });
});

test('--version prints the version of the package', async () => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8'));
  expect(await dealseat({}, ['--version'])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
});

test('an interrupted command ends with exit code 130', async () => {
  const interrupting = new AbortController();
  interrupting.abort();
  const outcome = await dealseat(NO_TEMPORAL, ['list', '--json'], { interrupted: interrupting.signal });
  expect(outcome.exitCode).toBe(130);
  expect(documentOf(outcome)).toEqual({ error: { exitCode: 130, message: 'interrupted' } });
});

test.each([
  ['a terminal', { isTTY: true, columns: 80 }, true],
  ['a terminal without columns, as of a new pseudo-terminal', { isTTY: true, columns: 0 }, false],
  ['a pipe', {}, false],
])('%s is watched by a person: %#', (_, stream, expected) => {
  expect(isWatched(stream as NodeJS.WriteStream)).toBe(expected);
});

describe('the catalog command', () => {
  test('accepts the example, and says what it could not check', async () => {
    const { exitCode, stdout } = await dealseat({}, ['catalog', 'check', EXAMPLE]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`${EXAMPLE}: valid. 3 products with seats, 1 without, 1 partner.`);
    expect(stdout).toContain('This command does not look up content and client ids');
  });

  test('warns where a reminder of buyers becomes a task, also as JSON', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dealseat-catalog-'));
    try {
      const file = join(folder, 'catalog.yaml');
      const example = await readFile(EXAMPLE, 'utf8');
      const list = example.replace(/hubspot: \{ via.*/, 'hubspot: { via: list, listId: 7 }');
      await writeFile(file, `${list}\nnudges: [{ afterDays: 7, to: buyer }]\n`);
      const { exitCode, stdout } = await dealseat({}, ['catalog', 'check', file]);
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(
        /Warning: Reminders of buyers in HubSpot: the e-mail tool list cannot do so.*singleSend/,
      );
      const outcome = await dealseat({}, ['catalog', 'check', file, '--json']);
      expect(documentOf(outcome)).toMatchObject({
        isValid: true,
        warnings: [expect.stringMatching(/HubSpot/)],
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('names every fault of a file, also as JSON', async () => {
    const outcome = await dealseat({}, ['catalog', 'check', 'package.json', '--json']);
    expect(outcome.exitCode).toBe(2);
    expect(outcome.stderr).toMatch(/package\.json has \d+ faults:/);
    expect(documentOf(outcome)).toMatchObject({ error: { exitCode: 2 } });
  });

  test('prints the JSON schema that docs/catalog.schema.json holds', async () => {
    const { stdout } = await dealseat({}, ['catalog', 'schema']);
    expect(JSON.parse(stdout)).toEqual(catalogJsonSchema());
    expect(await readFile('docs/catalog.schema.json', 'utf8')).toBe(stdout);
  });
});
