import { readdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { until } from '../support/until.ts';
import { type CommandProcess, cleanEnvironment, startCommand, startLine } from './process.ts';

jest.setTimeout(240_000);

let started: CommandProcess | undefined;

afterEach(() => {
  started?.child.kill('SIGKILL');
});

/** Settings of a real deployment, whose systems a sandbox must not meet. */
const REAL = {
  TEMPORAL_ADDRESS: '127.0.0.1:9',
  TI_BASE_URL: 'https://acme.example',
  TI_API_KEY: 'real-key',
  HUBSPOT_ACCESS_TOKEN: 'real-token',
  DEALSEAT_CATALOG: '/nowhere/catalog.yaml',
};

test('dealseat start --sandbox runs all of it in one terminal, whatever is set, and leaves nothing', async () => {
  started = startCommand(['start', '--sandbox', '--temporal-port', '0', '--ui-port', '0'], {
    env: { ...cleanEnvironment(), ...REAL },
  });
  const { child, ended, stdout, untilSaid } = started;
  const [, url = ''] = await untilSaid(/^Open this page +(http:\S+)$/m);
  const page = await (await fetch(url)).text();
  expect(page).toContain('Acme leadership rollout');
  // The deals are still to be won, by whoever plays.
  expect(page).not.toContain('Closed Won');
  expect(stdout()).toContain('No setting of yours is read.');
  const [, envFile = ''] = /env \$\(cat (\S+)\) npm run dealseat -- list$/m.exec(stdout()) ?? [];
  const variables = await readFile(envFile, 'utf8');
  expect(variables).not.toMatch(/acme\.example|real-/);
  // Empty, so that the `.env` of a real deployment adds nothing.
  expect(variables).toMatch(/^TEMPORAL_API_KEY=$/m);
  const win = new URLSearchParams({ action: 'win', crm: 'hubspot', deal: '9001' });
  expect((await fetch(`${url}/act`, { method: 'POST', body: win })).status).toBe(200);
  await until('the deal to be delivered', async () =>
    (await (await fetch(`${url}/deals/hubspot/9001`)).text()).includes('>Delivered<'),
  );
  const commands = `env $(cat ${envFile}) npm run dealseat --`;
  expect(await saidBy(`${commands} seats hubspot 9001`)).toContain('25 seats: 0 used');
  expect(await saidBy(`${commands} people export kim.lee@acme.example`)).toContain('kim.lee@acme.example');
  expect(await saidBy(`${commands} keys rotate`)).toContain('all codes already (25)');
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  await expect(readdir(dirname(envFile))).rejects.toThrow('ENOENT');
  await expect(fetch(url)).rejects.toThrow();
});

/** What a command of another terminal prints. */
async function saidBy(line: string): Promise<string> {
  const { ended, stdout, stderr } = startLine(line);
  await ended;
  return stdout() + stderr();
}
