#!/usr/bin/env node
import { Command } from 'commander';
import { demoCommand } from './commands/demo.ts';

const program = new Command('dealseat')
  .description('Closed Won deals become learning seats, exactly once.')
  .addCommand(demoCommand());

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode ??= 1;
}
