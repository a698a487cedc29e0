import { expect, test } from '@jest/globals';
import { startProcess } from '../../bench/driver/child-process.ts';
import { processTree, useOf } from '../../bench/driver/processes.ts';
import { until } from '../support/until.ts';

const NESTED = `
const { spawn } = require('node:child_process');
spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
console.log('has a child');
setInterval(() => undefined, 1000);
`;

test('a program is known with all that it started, what it uses can be read, and a kill ends all of it', async () => {
  const program = startProcess({
    command: process.execPath,
    args: ['-e', NESTED],
    cwd: process.cwd(),
    env: process.env,
  });
  await program.untilSaid('has a child');
  await until('both run', () => program.processIds().length === 2);
  const pids = program.processIds();
  for (const use of useOf(pids)) {
    expect(use.name).toMatch(/node/);
    expect(use.memoryBytes).toBeGreaterThan(0);
  }
  await program.kill();
  expect(processTree(pids)).toEqual([]);
  expect(program.isOver()).toBe(true);
});

test('a program that ends before it is ready says why', async () => {
  const program = startProcess({
    command: process.execPath,
    args: ['-e', 'console.error("no catalog"); process.exit(3)'],
    cwd: process.cwd(),
    env: process.env,
  });
  await expect(program.untilSaid('ready')).rejects.toThrow(
    /did not say "ready" \(exit code 3\):\nno catalog/,
  );
});
