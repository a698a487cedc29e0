import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { countOf, numberOf } from '../domain/words.ts';
import { withSeats } from './seats/seat-session.ts';
import { untilOver } from './seats/until-over.ts';
import { jsonOption, printData } from './terminal/print.ts';
import { type CommandContext, unlessInterrupted } from './terminal/terminal.ts';

export function define(command: Command, context: CommandContext): void {
  const { terminal } = context;
  command
    .command('rotate')
    .description('seal all codes of the store of seats with the newest secret key')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Put the new key in front of the others in DEALSEAT_SECRET_KEYS and restart all workers first. The command may be stopped and
started again at any time, beside the running service. Keep the older keys: ledgers on deals carry their seals.`,
    )
    .action((options: { readonly json?: boolean }) =>
      unlessInterrupted(terminal.interrupted, () =>
        withSeats(context, async ({ desk }) => {
          const id = randomUUID();
          const { isOver: _, ...rotation } = await untilOver(
            context,
            () => desk.rotateKeys({ id }),
            ({ checked, total }) => `Looked at ${numberOf(checked)} of ${countOf(total, 'code')} …`,
          );
          const { resealed, total } = rotation;
          printData(terminal, options, {
            document: rotation,
            text: () =>
              resealed === 0
                ? `The newest key seals all codes already (${numberOf(total)}).\n`
                : `Sealed ${countOf(resealed, 'code')} of ${numberOf(total)} with the newest key.\n`,
          });
        }),
      ),
    );
}
