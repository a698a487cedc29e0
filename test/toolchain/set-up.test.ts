import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Clone } from './clone.ts';

/** A stand-in for the command: says what it got, then does as it is told. */
const PROGRAM = `
const [order, value] = process.argv.slice(2);
if (order === 'wait') {
  process.on('SIGTERM', () => { console.log('told to stop'); process.exit(3); });
  setInterval(() => {}, 1000);
}
console.log(JSON.stringify({ args: process.argv.slice(2), version: process.version, path: process.env.PATH }));
if (order === 'exit') process.exit(Number(value));
if (order === 'die') process.kill(process.pid, value);
`;

/** Makes the running Node believe that it is an old one. */
const PRETEND_NODE_20 = [
  '--import',
  'data:text/javascript,Object.defineProperty(process,"version",{value:"v20.20.2"})',
];

let clone: Clone;

beforeEach(async () => {
  clone = await Clone.create(PROGRAM);
});

afterEach(async () => {
  await clone.remove();
});

describe('a task', () => {
  beforeEach(() => clone.installedBefore());

  test('gets its arguments unchanged, and nothing of the set-up on its standard output', async () => {
    const { stdout, stderr } = await clone.run(['dealseat', 'list', '--json', 'a b']);
    expect(JSON.parse(stdout).args).toEqual(['list', '--json', 'a b']);
    expect(stderr).toBe('');
  });

  test('the demo is the command with one argument', async () => {
    const { stdout } = await clone.run(['demo', '--keep']);
    expect(JSON.parse(stdout).args).toEqual(['demo', '--keep']);
  });

  test('ends with the exit code of the command', async () => {
    expect((await clone.run(['dealseat', 'exit', '7'])).exitCode).toBe(7);
    expect((await clone.run(['dealseat', 'exit', '0'])).exitCode).toBe(0);
  });

  test('ends by the signal that ended the command', async () => {
    expect((await clone.run(['dealseat', 'die', 'SIGKILL'])).signal).toBe('SIGKILL');
  });

  test('hands a signal on and waits until the command has ended by itself', async () => {
    const { child, end } = clone.start(['dealseat', 'wait']);
    if (child.stdout !== null) await once(child.stdout, 'data');
    child.kill('SIGTERM');
    const { exitCode, stdout } = await end;
    expect(stdout).toContain('told to stop');
    expect(exitCode).toBe(3);
  });

  test('that does not exist is refused with the names of those that do', async () => {
    const { exitCode, stderr } = await clone.run(['deploy']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /no task "deploy"[\s\S]*demo, dealseat, verify, faults, chaos, resets, bench, build/,
    );
  });
});

describe('dependencies', () => {
  test('are installed on the first run, announced with how long it may take, and not again', async () => {
    const first = await clone.run(['dealseat']);
    expect(first.stderr).toMatch(/npm ci \(about a minute/);
    expect(first.exitCode).toBe(0);
    const second = await clone.run(['dealseat']);
    expect(second.stderr).toBe('');
    expect(await clone.npmCalls()).toEqual([expect.stringMatching(/^ci /)]);
  });

  test('are installed again when the lock file names another version', async () => {
    await clone.installedBefore();
    const lock = {
      packages: { '': {}, 'node_modules/undici': { version: '8.14.0', integrity: 'sha512-b' } },
    };
    await writeFile(clone.path('package-lock.json'), JSON.stringify(lock));
    await clone.run(['dealseat']);
    expect(await clone.npmCalls()).toHaveLength(1);
  });

  test('are installed again after an install that was cut off', async () => {
    await clone.write('node_modules/undici/package.json', '{}');
    await clone.run(['dealseat']);
    expect(await clone.npmCalls()).toHaveLength(1);
  });

  test('optional packages of other platforms are not missed', async () => {
    await clone.installedBefore();
    const packages = {
      '': {},
      'node_modules/undici': { version: '8.13.1', integrity: 'sha512-a' },
      'node_modules/other-os': { version: '1.0.0', integrity: 'sha512-c', optional: true },
    };
    await writeFile(clone.path('package-lock.json'), JSON.stringify({ packages }));
    await clone.run(['dealseat']);
    expect(await clone.npmCalls()).toEqual([]);
  });

  test('are installed once when four runs start together', async () => {
    const runs = await Promise.all(
      [1, 2, 3, 4].map((value) => clone.run(['dealseat', 'exit', String(value)])),
    );
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([1, 2, 3, 4]);
    expect(await clone.npmCalls()).toHaveLength(1);
    expect(await readdir(clone.path('.cache'))).toEqual([]);
  });

  test('a lock whose owner died without letting go is taken over', async () => {
    const { child, end } = clone.start(['dealseat', 'exit', '0']);
    await end;
    await clone.write('.cache/setup.lock', String(child.pid));
    await clone.write('node_modules/.package-lock.json', '{}');
    expect((await clone.run(['dealseat', 'exit', '5'])).exitCode).toBe(5);
  });

  test('a failed install shows npm’s words and what to try, and leaves no lock', async () => {
    await clone.npmDoes('console.error("npm error network refused"); process.exit(1)');
    const { exitCode, stderr, stdout } = await clone.run(['dealseat']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/npm ci[\s\S]*failed \(exit code 1\)[\s\S]*npm error network refused[\s\S]*Try: /);
    expect(stdout).toBe('');
    expect(await readdir(clone.path('.cache'))).toEqual([]);
  });

  test('an interrupted install ends at once and leaves no lock', async () => {
    await clone.npmDoes('setInterval(() => {}, 1000)');
    const { child, end } = clone.start(['dealseat']);
    if (child.stderr !== null) await once(child.stderr, 'data');
    child.kill('SIGTERM');
    expect((await end).exitCode).toBe(143);
    expect(await readdir(clone.path('.cache'))).toEqual([]);
  });
});

describe('a Node that is too old', () => {
  beforeEach(() => clone.installedBefore());

  /** What npm would leave: a binary in the package's folder under `--prefix`. */
  const BRINGS_NODE = `
    const name = args.at(-1).split('@')[0];
    const bin = args[args.indexOf('--prefix') + 1] + '/node_modules/' + name + '/bin';
    fs.mkdirSync(bin, { recursive: true });
    fs.writeFileSync(bin + '/node', '#!/bin/sh\\nif [ "$1" = --version ]; then echo v' + args.at(-1).split('@')[1]
      + '; else exec ' + process.execPath + ' "$@"; fi', { mode: 0o755 });
  `;

  test('is replaced from npm inside the clone, once, and comes first on PATH', async () => {
    await clone.npmDoes(BRINGS_NODE);
    const first = await clone.run(['dealseat'], PRETEND_NODE_20);
    expect(first.stderr).toMatch(/Node v20\.20\.2 is too old; fetching/);
    expect(JSON.parse(first.stdout).path).toMatch(new RegExp(`^${clone.path('.cache/node/')}`));
    expect(JSON.parse(first.stdout).version).toBe(process.version);

    expect((await clone.run(['dealseat'], PRETEND_NODE_20)).stderr).toBe('');
    expect(await clone.npmCalls()).toEqual([expect.stringContaining('--ignore-scripts --no-save')]);
  });

  test('that cannot be replaced is an error that names the version to install', async () => {
    await clone.npmDoes('process.exit(1)');
    const { exitCode, stderr } = await clone.run(['dealseat'], PRETEND_NODE_20);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('install Node 24.11 or later yourself');
  });

  test('a fetched Node that does not run here is not kept', async () => {
    await clone.npmDoes(BRINGS_NODE.replace('echo v', 'exit 1; echo v'));
    const { exitCode, stderr } = await clone.run(['dealseat'], PRETEND_NODE_20);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('does not run here');
    expect(await readdir(clone.path('.cache/node'))).toEqual([]);
  });
});
