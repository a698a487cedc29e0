import type { Command } from 'commander';
import { dayInWords, momentInWords } from '../../domain/texts/days.ts';
import type { SeatHistoryView } from '../../seats/views.ts';
import { lookOf, Painted } from '../terminal/look.ts';
import { jsonOption, printJson } from '../terminal/print.ts';
import { type CommandContext, type HarmlessTerminal, unlessInterrupted } from '../terminal/terminal.ts';
import { padTo, widthOf } from '../terminal/text-width.ts';
import { withSeats } from './seat-session.ts';
import { holderOf, waitsForText } from './seat-table.ts';

const SEAT_ARGUMENT_HELP = 'the id of the seat, or its beginning as the table shows it';

/** `dealseat seats history <seat>`. */
export function defineHistory(command: Command, context: CommandContext): void {
  const { terminal } = context;
  command
    .command('history')
    .description('show what happened to a seat: who did what, when and why')
    .argument('<seat>', SEAT_ARGUMENT_HELP)
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  dealseat seats history 3f1c0a9b')
    .action((seatId: string, options: { readonly json?: boolean }) =>
      unlessInterrupted(terminal.interrupted, () =>
        withSeats(context, async ({ desk }) => {
          const history = await desk.history(seatId);
          if (options.json) printJson(terminal, history);
          else terminal.paint(historyText(history, terminal));
        }),
      ),
    );
}

function historyText({ seat, events, previousSeatId }: SeatHistoryView, terminal: HarmlessTerminal): Painted {
  const look = lookOf(terminal);
  const facts: (readonly [name: string, value: string | null])[] = [
    ['State', `${seat.stateText}, since ${momentInWords(seat.since)}`],
    ['Holder', holderOf(seat)],
    ['Access until', seat.accessUntil === null ? null : dayInWords(seat.accessUntil)],
    ['Deal', `${seat.dealName} (${seat.crm} ${seat.dealId})`],
    ['Company', seat.companyName],
    ['Code group', seat.groupLabel],
    ['Operation', seat.operationId],
    ['It waits for', waitsForText(seat)],
    ['Id', seat.id],
    ['Before it', previousSeatId],
    ['After it', seat.nextSeatId],
  ];
  const shown = facts.filter(([, value]) => value !== null && value !== '');
  const width = Math.max(...shown.map(([name]) => widthOf(name))) + 2;
  return Painted.join([
    look.style('bold', seat.productTitle),
    '\n',
    ...shown.flatMap(([name, value]) => [look.style('dim', padTo(name, width)), value ?? '', '\n']),
    '\n',
    ...events.flatMap(({ at, text, reason }) => [
      look.style('dim', `${momentInWords(at)}  `),
      `${text}${reason === null ? '' : `. Reason: ${reason}`}\n`,
    ]),
  ]);
}
