import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { type CommandProcess, cleanEnvironment, startCommand } from './process.ts';

const SLOW = 300_000;
const processes: CommandProcess[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const { child } of processes.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

function start(argv: readonly string[], options: Parameters<typeof startCommand>[1]): CommandProcess {
  const started = startCommand(argv, options);
  processes.push(started);
  return started;
}

/** Points the service at the stand-ins of `dealseat sandbox`; the deals they are made with are no sweep's business. */
async function environmentOf(sandbox: CommandProcess): Promise<NodeJS.ProcessEnv> {
  // The last of the lines.
  await sandbox.untilSaid(/^DEALSEAT_CATALOG=.+\.yaml$/m);
  const lines = sandbox.stdout().trim().split('\n');
  return {
    ...cleanEnvironment(),
    ...Object.fromEntries(lines.map((line) => line.split('=', 2) as [string, string])),
    WEBHOOK_PORT: '0',
    WEBHOOK_PUBLIC_URL: 'https://dealseat.example.com',
    DEALSEAT_SWEEP_LAG_MS: '86400000',
    // An attempt that a busy server lost on its way to the worker comes back only by its bound.
    DEALSEAT_POLICY_ATTEMPT_MS: '30000',
    DEALSEAT_POLICY_ROSTER_ATTEMPT_MS: '40000',
    DEALSEAT_POLICY_PASSING_MS: '500',
    DEALSEAT_POLICY_STILL_MS: '200',
    DEALSEAT_POLICY_HOLD_PAUSE_MS: '200',
    DEALSEAT_POLICY_POLL_INTERVAL_MS: '200',
  };
}

/** The process of the built-in server, a child of the service. */
function serverOf({ child }: CommandProcess): number {
  const processes = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,comm='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const server = processes.find(
    ([, parent, name]) => parent === String(child.pid) && /temporal/.test(name ?? ''),
  );
  if (server === undefined) throw new Error('The service has no Temporal server of its own');
  return Number(server[0]);
}

const START = ['start', '--temporal-port', '0', '--ui-port', '0'];

test(
  'dealseat start delivers what a CRM reports, stops in order on SIGTERM, and knows its runs after a restart',
  async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'dealseat-start-'));
    folders.push(cwd);
    const env = await environmentOf(start(['sandbox', '--ports', '0'], { cwd }));

    const service = start(START, { cwd, env });
    const [, address = ''] = await service.untilSaid(/"temporal":\{"address":"([^"]+)".*Dealseat is ready/);
    const client = { cwd, env: { ...env, TEMPORAL_ADDRESS: address } };
    const provisioned = start(['provision', 'salesforce', '0065Y00001Suvw6', '--wait'], client);
    expect(await provisioned.ended).toBe(0);
    expect(provisioned.stdout()).toMatch(/^Status +Delivered, /m);

    const [takenPort = ''] = address.split(':').slice(-1);
    const elsewhere = await mkdtemp(join(tmpdir(), 'dealseat-start-'));
    folders.push(elsewhere);
    const second = start(['start', '--temporal-port', takenPort], { cwd: elsewhere, env });
    const third = start(START, { cwd, env });
    expect(await second.ended).toBe(2);
    expect(second.stderr()).toContain(`Port ${takenPort} is taken`);

    expect(await third.ended).toBe(1);
    expect(third.stderr()).toMatch(/Process \d+ \(dealseat start\) has had the embedded database of seats/);
    expect(third.stderr()).toContain('set DATABASE_URL to a PostgreSQL');

    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(0);
    const order = [...service.stderr().matchAll(/"Stopped the ([\w ]+)"/g)].map(([, name]) => name);
    expect(order).toEqual(['worker', 'webhook server', 'Temporal server', 'database of seats']);

    const again = start(START, { cwd, env });
    const [, newAddress = ''] = await again.untilSaid(/"temporal":\{"address":"([^"]+)".*Dealseat is ready/);
    const status = start(['list', '--json'], { cwd, env: { ...env, TEMPORAL_ADDRESS: newAddress } });
    expect(await status.ended).toBe(0);
    expect(JSON.parse(status.stdout())).toMatchObject([
      { dealId: '0065Y00001Suvw6QAB', status: 'Delivered' },
    ]);
    again.child.kill('SIGINT');
    expect(await again.ended).toBe(0);
  },
  SLOW,
);

test(
  'dealseat start ends with exit code 1 when its own Temporal server has died',
  async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'dealseat-start-'));
    folders.push(cwd);
    const env = await environmentOf(start(['sandbox', '--ports', '0'], { cwd }));
    const service = start(START, { cwd, env });
    await service.untilSaid(/Dealseat is ready/);

    process.kill(serverOf(service), 'SIGKILL');
    expect(await service.ended).toBe(1);
    expect(service.stderr()).toContain('The Temporal server ended on its own; stopping');
    expect(service.stderr()).toContain('SIGKILL');
  },
  SLOW,
);

test(
  'the webhook server stops in order while Temporal is away, requests are under way and a caller has gone',
  async () => {
    const env = {
      ...cleanEnvironment(),
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      SALESFORCE_LOGIN_URL: 'http://127.0.0.1:1',
      SALESFORCE_CLIENT_ID: 'no-client',
      SALESFORCE_CLIENT_SECRET: 'no-secret',
      SALESFORCE_ORG_ID: '00D5Y000001MPM7',
      SALESFORCE_WEBHOOK_SECRET: 'no-secret-0123456789',
      WEBHOOK_PORT: '0',
      WEBHOOK_PUBLIC_URL: 'https://dealseat.example.com',
    };
    const webhooks = start(['webhooks'], { env });
    const [, url] = await webhooks.untilSaid(/"url":"([^"]+)".*The webhook server listens/);
    const gone = new AbortController();
    const abandoned = fetch(`${url}/readyz`, { signal: gone.signal }).catch(() => 'gone');
    const waiting = fetch(`${url}/readyz`);
    // Answered only after the two before it were taken.
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    gone.abort();
    expect(await abandoned).toBe('gone');

    const askedAt = Date.now();
    webhooks.child.kill('SIGTERM');
    expect((await waiting).status).toBe(503);
    expect(await webhooks.ended).toBe(0);
    expect(webhooks.stderr()).toContain('Stopped the webhook server');
    expect(webhooks.stderr()).not.toContain('Channel has been shut down');
    // The caller would have kept its connection for 72 s.
    expect(Date.now() - askedAt).toBeLessThan(40_000);
  },
  SLOW,
);
