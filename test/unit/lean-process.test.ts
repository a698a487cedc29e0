import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { LEAN_FLAGS, leanBeginning, MEMORY_VARIABLES } from '../../src/commands/terminal/lean-process.ts';

const NODE = '/usr/bin/node';
const begun = (over: { execArgv?: string[]; argv?: string[]; env?: NodeJS.ProcessEnv } = {}) =>
  leanBeginning({
    execPath: NODE,
    execArgv: [],
    argv: [NODE, '/app/dist/src/cli.js', 'start', '--db', 'x'],
    env: { HOME: '/home/node' },
    ...over,
  });

test('a service begins with small generations and few arenas, and with all that it was started with', () => {
  expect(LEAN_FLAGS).toEqual(
    expect.arrayContaining(['--max-semi-space-size=16', '--heap-growing-percent=20']),
  );
  expect(begun({ execArgv: ['--inspect'] })).toEqual({
    args: [NODE, '--inspect', ...LEAN_FLAGS, '/app/dist/src/cli.js', 'start', '--db', 'x'],
    env: { HOME: '/home/node', ...MEMORY_VARIABLES },
  });
});

test('its threads note no stack of the promises of workflow code, which is half of what that costs', () => {
  const hooked = `
    const v8 = require('node:v8'), { isMainThread, parentPort, Worker } = require('node:worker_threads');
    let count = 0;
    v8.promiseHooks.createHook({ init: () => { count += 1; } });
    Promise.resolve();
    if (!isMainThread) parentPort.postMessage(count > 0);
    else new Worker(process.argv[1], { eval: true }).on('message', (thread) => console.log(JSON.stringify({ main: count > 0, thread })));`;
  const run = (flags: readonly string[]) => {
    const { stdout, stderr } = spawnSync(process.execPath, [...flags, '-e', hooked, hooked], {
      encoding: 'utf8',
    });
    return stdout === '' ? stderr : JSON.parse(stdout);
  };
  expect(run([])).toEqual({ main: true, thread: true });
  expect(run(LEAN_FLAGS)).toEqual({ main: true, thread: false });
});

test('it begins so once', () => {
  expect(begun({ execArgv: ['--max-semi-space-size=4'] })).toBeNull();
});

test('what an operator chose stays', () => {
  expect(begun({ env: { NODE_OPTIONS: '--max-semi-space-size=32' } })).toBeNull();
  expect(begun({ env: { MALLOC_ARENA_MAX: '8' } })?.env).toMatchObject({ MALLOC_ARENA_MAX: '8' });
});

test.each(['list', 'demo', 'provision'])('dealseat %s begins as it is', (command) => {
  expect(begun({ argv: [NODE, '/app/dist/src/cli.js', command] })).toBeNull();
});
