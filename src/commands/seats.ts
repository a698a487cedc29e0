import type { Command } from 'commander';
import { defineActs } from './seats/act-on-seat.ts';
import { defineAudit } from './seats/audit-seats.ts';
import { defineExport } from './seats/export-seats.ts';
import { defineFind } from './seats/find-seats.ts';
import { defineOperations } from './seats/list-operations.ts';
import { defineList } from './seats/list-seats.ts';
import { defineRebuild } from './seats/rebuild.ts';
import { defineHistory } from './seats/seat-history.ts';
import { defineOperation } from './seats/seat-operation.ts';
import { defineSettle } from './seats/settle-late.ts';
import { defineLink } from './seats/show-link.ts';
import type { CommandContext } from './terminal/terminal.ts';

export function define(command: Command, context: CommandContext): void {
  command.enablePositionalOptions();
  defineList(command, context);
  defineFind(command, context);
  defineHistory(command, context);
  defineActs(command, context);
  defineOperation(command, context);
  defineOperations(command, context);
  defineLink(command, context);
  defineExport(command, context);
  defineRebuild(command, context);
  defineAudit(command, context);
  defineSettle(command, context);
}
