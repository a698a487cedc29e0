import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES, searchAttributeKeys } from '../../src/contracts/search-attributes.ts';
import {
  type DevServer,
  type DevServerOptions,
  startDevServer,
} from '../../src/temporal/dev-server/dev-server.ts';
import { ensureTemporalBinary } from '../../src/temporal/dev-server/temporal-binary.ts';
import { until } from '../support/until.ts';

let folder: string;
let binary: string;
const started: DevServer[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dealseat-dev-server-'));
  binary = await ensureTemporalBinary(() => undefined);
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function start(options: Partial<DevServerOptions> = {}): Promise<DevServer> {
  const server = await startDevServer({
    ui: false,
    searchAttributes: SEARCH_ATTRIBUTES,
    binary,
    report: () => undefined,
    ...options,
  });
  started.push(server);
  return server;
}

describe('the dev server', () => {
  test('takes a run with every search attribute as soon as it is handed over', async () => {
    const server = await start({ namespace: 'seats' });
    await withClient(server, async (client) => {
      await startUnattendedRun(client);
      const description = await client.workflow.getHandle('deal-1').describe();
      expect(description.typedSearchAttributes.get(searchAttributeKeys.status)).toBe('Planning');
      expect(description.typedSearchAttributes.get(searchAttributeKeys.groupLabels)).toEqual(['acme-lead']);
    });
  });

  test('serves its web pages only where the UI was asked for', async () => {
    const withUi = await start({ ui: true });
    expect((await fetch(withUi.uiUrl ?? '')).status).toBe(200);
    expect((await start()).uiUrl).toBeNull();
  });

  test('keeps runs over a restart when it has a database file', async () => {
    const dbFile = join(folder, 'runs.db');
    const first = await start({ dbFile });
    await withClient(first, startUnattendedRun);
    await first.stop();

    const second = await start({ dbFile });
    await withClient(second, async (client) => {
      const description = await client.workflow.getHandle('deal-1').describe();
      expect(description.status.name).toBe('RUNNING');
    });
  });

  test('is gone once stopped, however often stop is called', async () => {
    const server = await start();
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
    expect(() => process.kill(server.pid, 0)).toThrow('ESRCH');
  });

  test('tells that it has ended, and how, when something else ends it', async () => {
    const server = await start();
    process.kill(server.pid, 'SIGKILL');
    expect(await server.ended).toBe('SIGKILL');
    await server.stop();
  });

  test.each([
    ['the kernel', process.env.PATH],
    ['a shell, where the kernel cannot be asked to', 'shell-only'],
  ])('is ended by %s when whoever started it is killed', async (_, path) => {
    const PATH = path === 'shell-only' ? await folderWithShell() : path;
    const script = join(folder, 'start-and-wait.mjs');
    const source = new URL('../../src/temporal/dev-server/end-with-us.ts', import.meta.url);
    await writeFile(
      script,
      `import { spawn } from 'node:child_process';
      const { endingWithUs } = await import(${JSON.stringify(source.href)});
      const { command, args, watch } = await endingWithUs(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
      const child = spawn(command, args, { stdio: 'ignore', detached: true });
      watch(child);
      console.log(child.pid);
      setInterval(() => {}, 1000);`,
    );
    const env = { ...process.env, PATH };
    const starter = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = await once(starter.stdout, 'data');
    const pid = Number(String(said));
    expect(() => process.kill(pid, 0)).not.toThrow();
    starter.kill('SIGKILL');
    await until('the program is gone', async () => !isRunning(pid));
  });

  test('writes its own log to the file it is given', async () => {
    const logFile = join(folder, 'server.log');
    const server = await start({ logFile, ui: true });
    await withClient(server, async (client) => {
      await expect(client.workflow.getHandle('nobody').describe()).rejects.toThrow('not found');
    });
    await server.stop();
    expect(await readFile(logFile, 'utf8')).toContain('Server 1.');
  });

  test('leaves files that only its user can read, whatever our own umask is, and gets no key of ours', async () => {
    const own = await mkdtemp(join(folder, 'own-'));
    const before = process.umask(0o022);
    process.env.TI_API_KEY = 'not-for-others';
    try {
      const server = await start({ dbFile: join(own, 'temporal.db'), logFile: join(own, 'temporal.log') });
      expect(process.umask()).toBe(0o022);
      if (process.platform === 'linux') {
        expect(await readFile(`/proc/${server.pid}/environ`, 'latin1')).not.toContain('not-for-others');
      }
      await withClient(server, startUnattendedRun);
      const files = await readdir(own);
      expect(files).toEqual(expect.arrayContaining(['temporal.db', 'temporal.db-wal', 'temporal.log']));
      for (const file of files) {
        expect([file, (await stat(join(own, file))).mode & 0o777]).toEqual([file, 0o600]);
      }
    } finally {
      process.umask(before);
      delete process.env.TI_API_KEY;
    }
  });
});

describe('a dev server that cannot start', () => {
  test('tells in its own words why: a port that is taken', async () => {
    const { server, port } = await occupyPort();
    try {
      await expect(start({ port })).rejects.toThrow(/ended while starting[\s\S]*address already in use/);
    } finally {
      server.close();
    }
  });

  test('tells in its own words why: a search attribute of no known type', async () => {
    const searchAttributes = JSON.parse('{"Odd":"Nope"}');
    await expect(start({ searchAttributes })).rejects.toThrow('invalid search attribute value type');
  });

  test('names the binary that does not exist', async () => {
    await expect(start({ binary: '/nowhere/temporal' })).rejects.toThrow('/nowhere/temporal');
  });
});

test('the names for the server and the typed keys of the code are the same attributes', () => {
  expect(SEARCH_ATTRIBUTES).toEqual({
    DealseatStatus: 'Keyword',
    DealseatCrm: 'Keyword',
    DealseatDealId: 'Keyword',
    DealseatDealName: 'Keyword',
    DealseatWaitsFor: 'Keyword',
    DealseatSeats: 'Int',
    DealseatGroupLabels: 'KeywordList',
    DealseatFailureCode: 'Keyword',
    DealseatUndoFailed: 'Bool',
    DealseatReadUpTo: 'Datetime',
  });
});

async function withClient(server: DevServer, use: (client: Client) => Promise<void>): Promise<void> {
  const connection = await Connection.connect({ address: server.address });
  try {
    await use(new Client({ connection, namespace: server.namespace }));
  } finally {
    await connection.close();
  }
}

/** No worker serves its queue: it stays open, which is all these tests need. */
async function startUnattendedRun(client: Client): Promise<void> {
  await client.workflow.start('unattended', {
    workflowId: 'deal-1',
    taskQueue: 'nobody-listens',
    typedSearchAttributes: [
      { key: searchAttributeKeys.status, value: 'Planning' },
      { key: searchAttributeKeys.crm, value: 'hubspot' },
      { key: searchAttributeKeys.dealId, value: '9001' },
      { key: searchAttributeKeys.seats, value: 25 },
      { key: searchAttributeKeys.groupLabels, value: ['acme-lead'] },
      { key: searchAttributeKeys.failureCode, value: 'deal.no_buyer' },
      { key: searchAttributeKeys.undoFailed, value: false },
      { key: searchAttributeKeys.readUpTo, value: new Date('2026-11-20T09:00:00Z') },
    ],
  });
}

async function occupyPort(): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the test server has no port');
  return { server, port: address.port };
}

/** A search path on which nothing but a shell is found. */
async function folderWithShell(): Promise<string> {
  const path = await mkdtemp(join(folder, 'shell-'));
  await symlink('/bin/sh', join(path, 'sh'));
  return path;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
