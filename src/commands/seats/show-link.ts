import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { jsonOption, printData } from '../terminal/print.ts';
import { byOption, reasonOption } from '../terminal/tell-run.ts';
import { type CommandContext, unlessInterrupted } from '../terminal/terminal.ts';
import { namedSeat, SEAT_OR_DEAL, SEAT_OR_DEAL_HELP } from './named-seat.ts';
import { withSeats } from './seat-session.ts';

interface LinkOptions {
  readonly learner?: string;
  readonly product?: string;
  readonly reason: string;
  readonly by: string;
  readonly json?: boolean;
}

/** `dealseat seats link <seat>`. */
export function defineLink(command: Command, context: CommandContext): void {
  const { terminal } = context;
  command
    .command('link')
    .description('show the redeem link of a seat, for a person who lost it')
    .argument(SEAT_OR_DEAL, SEAT_OR_DEAL_HELP)
    .option('--learner <e-mail>', 'whose seat it is, where a deal is named')
    .option('--product <key>', 'the product of the seat, by its key in the catalog, where a deal is named')
    .addOption(reasonOption().makeOptionMandatory())
    .addOption(byOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Who opens the link first has the seat, so send it to its holder alone. Dealseat notes who asked, when and why, and the
seat counts as handed out. A seat that is free or in use has no link to show.

Examples:
  dealseat seats link 3f1c0a9b --reason "lost the mail"
  dealseat seats link hubspot 9001 --learner kim@example.com --reason "lost the mail"`,
    )
    .action((words: string[], options: LinkOptions) =>
      unlessInterrupted(terminal.interrupted, () =>
        withSeats(context, async (session) => {
          const { id: seatId } = await namedSeat(context, session, { words, ...options });
          const actor = { kind: 'person', name: options.by } as const;
          const { reason } = options;
          const shown = await session.desk.showLink({ id: randomUUID(), seatId, actor, reason });
          printData(terminal, options, { document: shown, text: () => `${shown.link}\n` });
        }),
      ),
    );
}
