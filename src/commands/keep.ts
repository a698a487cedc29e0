import type { Command } from 'commander';
import { defineDecision } from './terminal/decide.ts';
import type { CommandContext } from './terminal/terminal.ts';

export function define(command: Command, context: CommandContext): void {
  defineDecision(command, context, 'keep');
}
