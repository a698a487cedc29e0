import { readFile } from 'node:fs/promises';
import { afterEach, expect, jest, test } from '@jest/globals';
import { type CommandProcess, cleanEnvironment, startCommand } from './process.ts';

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
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  await expect(readFile(envFile)).rejects.toThrow('ENOENT');
  await expect(fetch(url)).rejects.toThrow();
});
