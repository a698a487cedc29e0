import type { Command } from 'commander';
import { defineDecision } from './decide.ts';
import type { CommandContext } from './terminal.ts';

export function define(command: Command, context: CommandContext): void {
  defineDecision(command, context, 'approve');
}
