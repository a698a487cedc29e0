import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { dayInWords } from '../domain/texts/days.ts';
import { countOf } from '../domain/words.ts';
import type { ErasureView, PersonView } from '../seats/views.ts';
import { readAsked } from './seats/read-asked.ts';
import { withSeats } from './seats/seat-session.ts';
import { untilOver } from './seats/until-over.ts';
import { jsonOption, printData, table } from './terminal/print.ts';
import { byOption } from './terminal/tell-run.ts';
import { type CommandContext, UsageError, unlessInterrupted } from './terminal/terminal.ts';

const EMAIL_HELP = 'the e-mail address of the person, in any spelling; - reads it from standard input';
const SHELL = 'An address on the command line stays in the history of your shell: use - where that matters.';

interface EraseOptions {
  readonly yes?: boolean;
  readonly by: string;
  readonly json?: boolean;
}

export function define(command: Command, context: CommandContext): void {
  const { terminal } = context;
  command
    .command('export')
    .description('show all that the store of seats knows of a person')
    .argument('<email>', EMAIL_HELP)
    .addOption(jsonOption())
    .addHelpText('after', `\n${SHELL}`)
    .action((given: string, options: { readonly json?: boolean }) =>
      unlessInterrupted(terminal.interrupted, async () => {
        const email = addressOf(await readAsked(terminal, given));
        await withSeats(context, async ({ desk }) => {
          const person = await desk.person(email);
          printData(terminal, options, { document: person, text: () => personText(person) });
        });
      }),
    );
  command
    .command('erase')
    .description('remove a person from the store of seats; states and counts stay')
    .argument('<email>', EMAIL_HELP)
    .option('--yes', 'erase; without it, the command only shows what it would erase')
    .addOption(byOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Removes the address, the name and the user id from seats, their history, acts, redemptions, findings and the audit log,
and writes the tables anew, so that the files of the database hold nothing of them. If the command is stopped before its
end, run it again. Erase the person in the CRM and in the
learning platform first: what Dealseat reads again, it stores again.
${SHELL}`,
    )
    .action((given: string, options: EraseOptions) =>
      unlessInterrupted(terminal.interrupted, async () => {
        const email = addressOf(await readAsked(terminal, given));
        await withSeats(context, async ({ desk }) => {
          const person = await desk.person(email);
          if (!options.yes) {
            printData(terminal, options, {
              document: { erased: false, person },
              text: () => `${personText(person)}\nNothing was erased. To erase it, add --yes.\n`,
            });
            return;
          }
          const id = randomUUID();
          const { rows } = await untilOver(
            context,
            () => desk.erase({ id, email, by: options.by }),
            ({ done, steps }) => `Erasing: step ${done} of ${steps} …`,
          );
          printData(terminal, options, {
            document: { erased: true, person, rows },
            text: () => erasureText(person, rows),
          });
        });
      }),
    );
}

function addressOf(text: string): string {
  if (/^[^\s@]+@[^\s@]+$/.test(text.trim())) return text.trim();
  throw new UsageError('Expected an e-mail address, such as kim@example.com');
}

function personText({ seats, emails, names, platformUserIds }: PersonView): string {
  if (seats.length === 0) return 'The store knows nothing of this address.\n';
  const facts = [
    ['Addresses', emails],
    ['Names', names],
    ['User ids in the learning platform', platformUserIds],
  ] as const;
  const rows = seats.map((seat) => [
    seat.seatId.slice(0, 8),
    seat.dealName,
    seat.product,
    seat.state,
    seat.as,
    seat.redeemedAt === null ? '' : dayInWords(seat.redeemedAt),
    seat.accessUntil === null ? '' : dayInWords(seat.accessUntil),
  ]);
  return [
    `${countOf(seats.length, 'seat')}.\n`,
    ...facts.flatMap(([name, values]) => (values.length === 0 ? [] : [`${name}: ${values.join(', ')}\n`])),
    '\n',
    table(['seat', 'deal', 'product', 'state', 'as', 'redeemed', 'access until'], rows),
    '\nThe history of each seat: dealseat seats history <seat>\n',
  ].join('');
}

function erasureText(person: PersonView, rows: ErasureView['rows']): string {
  const changed = Object.entries(rows).filter(([, count]) => count > 0);
  if (changed.length === 0) return 'The store knew nothing of this address.\n';
  const contacts = new Set(
    person.seats.flatMap(({ contactId, dealUrl }) => (contactId === null ? [] : [dealUrl])),
  );
  return [
    `Erased from ${changed.map(([name, count]) => `${countOf(count, 'row')} of ${name}`).join(', ')}.\n`,
    '\nDealseat cannot reach these; erase the person there, too:\n',
    ...[...contacts].map((url) => `- the contact of the deal ${url}\n`),
    ...person.platformUserIds.map((id) => `- the user ${id} of the learning platform\n`),
    '- mails that were sent, and backups of the database\n',
  ].join('');
}
