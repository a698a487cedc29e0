import { type Command, Option } from 'commander';
import { countOf } from '../../domain/words.ts';
import { FIND_KINDS, type FindKind, type FoundView } from '../../seats/views.ts';
import { EXIT } from '../terminal/exit-code.ts';
import { lookOf, Painted } from '../terminal/look.ts';
import { jsonOption, printJson } from '../terminal/print.ts';
import { type CommandContext, type HarmlessTerminal, unlessInterrupted } from '../terminal/terminal.ts';
import { readAsked } from './read-asked.ts';
import { withSeats } from './seat-session.ts';
import { orderTable, seatTable } from './seat-table.ts';

interface FindOptions {
  readonly as?: FindKind;
  readonly json?: boolean;
}

/** `dealseat seats find <text>`. */
export function defineFind(command: Command, context: CommandContext): void {
  const { terminal } = context;
  command
    .command('find')
    .description('find seats by an e-mail address, a code, the label of a code group, or a company')
    .argument('<text>', 'what to look for; - reads it from standard input')
    .addOption(
      new Option(
        '--as <kind>',
        'what the text is; without it, the first of these that finds something',
      ).choices(FIND_KINDS),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
An address finds the seats that the person holds, held or used. A code or a redeem link finds the seat that it is for. A
label, or a part of a company's or a deal's name, finds deals.
A code on the command line stays in the history of your shell. Use - and type the code, or pipe it in.
Exit code 1: nothing was found.

Examples:
  dealseat seats find kim@example.com
  dealseat seats find -
  dealseat seats find "acme"`,
    )
    .action((given: string, options: FindOptions) =>
      unlessInterrupted(terminal.interrupted, async () => {
        const text = await readAsked(terminal, given);
        await withSeats(context, async ({ desk }) => {
          const found = await desk.find({ text, ...(options.as === undefined ? {} : { by: options.as }) });
          if (found.by === 'code' && given !== '-') {
            terminal.note(
              'The code is now in the history of your shell. `dealseat seats find -` reads it from standard input instead.',
            );
          }
          if (options.json) printJson(terminal, found);
          else terminal.paint(foundText(found, terminal));
          if (found.by === null) context.exit(EXIT.failed);
        });
      }),
    );
}

/** Never has the text that was looked for: it may be a code. */
function foundText({ by, seats, orders, next }: FoundView, terminal: HarmlessTerminal): Painted {
  const look = lookOf(terminal);
  const columns = terminal.isInteractive ? (terminal.columns?.() ?? null) : null;
  if (by === null) {
    return Painted.of(
      'Nothing was found. Dealseat knows the seats of deals that it delivered; a code must be written exactly, a label whole.\n',
    );
  }
  const more = next === null ? '' : ' There are more; look for something narrower.';
  if (seats.length > 0) {
    return Painted.join([
      `${countOf(seats.length, 'seat')} found by ${WORDS[by]}.${more}\n\n`,
      seatTable(seats, { look, columns, withDeal: true }),
      '\n',
      look.style('dim', 'What happened to a seat: dealseat seats history <seat>'),
      '\n',
    ]);
  }
  return Painted.join([
    `${countOf(orders.length, 'deal')} found by ${WORDS[by]}.${more}\n\n`,
    orderTable(orders, { look, columns }),
    '\n',
    look.style('dim', 'The seats of a deal: dealseat seats <crm> <deal>'),
    '\n',
  ]);
}

const WORDS: Readonly<Record<FindKind, string>> = {
  email: 'e-mail address',
  code: 'code',
  label: 'label',
  company: 'the name of the company or deal',
};
