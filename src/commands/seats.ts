import type { Command } from 'commander';
import { defineFind } from './seats/find-seats.ts';
import { defineList } from './seats/list-seats.ts';
import { defineHistory } from './seats/seat-history.ts';
import type { CommandContext } from './terminal/terminal.ts';

export function define(command: Command, context: CommandContext): void {
  command.enablePositionalOptions();
  defineList(command, context);
  defineFind(command, context);
  defineHistory(command, context);
}
