#!/usr/bin/env node
/**
 * The way in of every npm script: brings a recent Node and the dependencies where they are missing, then runs the
 * task with them. Plain JavaScript for Node 18 and later, because it runs before anything is installed.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureDependencies } from './setup/dependencies.mjs';
import { ensureNode } from './setup/node.mjs';
import { SetupError } from './setup/step.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const TASKS = {
  demo: ['src/cli.ts', 'demo'],
  dealseat: ['src/cli.ts'],
  verify: ['scripts/verify.ts'],
  faults: ['scripts/long-test.ts', 'faults'],
  chaos: ['scripts/long-test.ts', 'chaos'],
  resets: ['scripts/long-test.ts', 'resets'],
  bench: ['bench/main.ts'],
  build: ['scripts/build.ts'],
  release: ['scripts/release.ts'],
};

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

async function main([task, ...args]) {
  const target = TASKS[task];
  if (target === undefined) {
    throw new SetupError(`there is no task "${task ?? ''}".\nTry: one of ${Object.keys(TASKS).join(', ')}.`);
  }
  const endSetup = (signal) => process.exit(128 + constants.signals[signal]);
  for (const signal of SIGNALS) process.once(signal, endSetup);
  const node = await ensureNode(root);
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` };
  await ensureDependencies(root, node, env);
  for (const signal of SIGNALS) process.off(signal, endSetup);

  const [script, ...fixed] = target;
  const argv = [join(root, script), ...fixed, ...args];
  if (node !== process.execPath) return passThrough(spawn(node, argv, { env, stdio: 'inherit' }));
  // With this very Node the task runs in this process: a service leaves no launcher beside it.
  process.env.PATH = env.PATH;
  process.argv = [node, ...argv];
  return () => import(pathToFileURL(argv[0]).href);
}

/** Makes this process end exactly as the child does, and hands it the signals we get. */
function passThrough(child) {
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      // Ctrl-C on a terminal reaches the whole group, so the child has it already; twice would mean "at once".
      if (signal !== 'SIGINT' || process.stdin.isTTY !== true) child.kill(signal);
    });
  }
  child.once('error', (error) => fail(error));
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const name of SIGNALS) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

function fail(error) {
  process.stderr.write(`dealseat: ${error instanceof SetupError ? error.message : (error.stack ?? error)}\n`);
  process.exit(1);
}

const runTask = await main(process.argv.slice(2)).catch(fail);
// What the task throws is its own, and not a failed setup.
await runTask?.();
