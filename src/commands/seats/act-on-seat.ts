import { randomUUID } from 'node:crypto';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { OperationAsk, SeatPerson } from '../../domain/seats/operation.ts';
import { withCure } from '../../domain/words.ts';
import { accessEnd } from '../../seats/ask-body.ts';
import type { FreeSeatOf } from '../../seats/desk.ts';
import type { OperationView, SeatView } from '../../seats/views.ts';
import { dealOfWords } from '../terminal/deal-argument.ts';
import { durationOf } from '../terminal/duration.ts';
import { EXIT } from '../terminal/exit-code.ts';
import { jsonOption, printJson } from '../terminal/print.ts';
import { byOption, noWaitOption, reasonOption } from '../terminal/tell-run.ts';
import { type CommandContext, UsageError, unlessInterrupted } from '../terminal/terminal.ts';
import { actOnMany, manySeats } from './act-on-many.ts';
import { follow } from './follow-operation.ts';
import { namedSeat, SEAT_OR_DEAL, SEAT_OR_DEAL_HELP } from './named-seat.ts';
import { type SeatSession, withSeats } from './seat-session.ts';
import { holderOf } from './seat-table.ts';

interface ActOptions {
  readonly reason: string;
  readonly by: string;
  readonly learner?: string;
  readonly product?: string;
  readonly wait?: boolean;
  readonly json?: boolean;
  readonly accessEndedByHand?: boolean;
  readonly to?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly contact?: string;
  readonly give?: 'code' | 'access';
  readonly until?: string;
  readonly newCode?: boolean;
  readonly from?: string;
  readonly key?: string;
}

interface Act {
  readonly kind: OperationAsk['kind'];
  readonly summary: string;
  readonly detail: string;
  readonly examples: readonly string[];
  readonly options: readonly Option[];
  readonly ask: (options: ActOptions) => OperationAsk;
}

const byHand = new Option(
  '--access-ended-by-hand',
  'an admin has ended the access in the learning platform, so Dealseat leaves it alone',
);

const person = [
  new Option('--to <e-mail>', 'who gets the seat').makeOptionMandatory(),
  new Option('--first-name <name>', 'the first name of that person'),
  new Option('--last-name <name>', 'the last name of that person'),
  new Option('--contact <id>', 'the id of that person in the CRM, for a contact of the deal'),
];

const until = new Option('--until <day>', 'the last day of access, such as 2027-01-31, or an instant')
  .argParser(parseEnd)
  .makeOptionMandatory();

/** What may be asked of many seats at once: it is the same for each of them. */
const MANY: readonly OperationAsk['kind'][] = ['revoke', 'extend', 'shorten', 'reissue'];

const many = [
  new Option('--from <csv>', 'of all seats of this file: its column "seat" has their ids, as an export does'),
  new Option(
    '--key <text>',
    'with --from or several seats: repeat the command with the same text, and nothing is done twice',
  ),
];

const ACTS: readonly Act[] = [
  {
    kind: 'revoke',
    summary: 'take a seat back: its access ends, and a free seat takes its place',
    detail:
      'Ends the access in the learning platform. A code that somebody has seen is replaced by another one. The old seat\nkeeps its history.',
    examples: [
      'dealseat seats revoke 3f1c0a9b --reason "left the company"',
      'dealseat seats revoke hubspot 9001 --learner kim@example.com --reason "left the company"',
      'dealseat seats revoke --from leavers.csv --key leavers-2026-12 --reason "left the company"',
    ],
    options: [byHand],
    ask: (options) => ({ kind: 'revoke', input: endedByHand(options) }),
  },
  {
    kind: 'reassign',
    summary: 'take a seat back and give it to another person',
    detail: 'As revoke, and then the other person gets the seat.',
    examples: ['dealseat seats reassign 3f1c0a9b --to ana@example.com --reason "takes over from Kim"'],
    options: [
      ...person,
      new Option('--give <what>', 'access: directly in the learning platform; code: a code of their own')
        .choices(['access', 'code'])
        .default('access'),
      byHand,
    ],
    ask: (options) => ({
      kind: 'reassign',
      input: { to: personOf(options), by: options.give ?? 'access', ...endedByHand(options) },
    }),
  },
  {
    kind: 'extend',
    summary: 'move the end of access of a seat in use to a later day',
    detail: 'The day lasts until it is over everywhere.',
    examples: ['dealseat seats extend 3f1c0a9b --until 2027-06-30 --reason "was ill"'],
    options: [until],
    ask: (options) => ({ kind: 'extend', input: { until: options.until ?? '' } }),
  },
  {
    kind: 'shorten',
    summary: 'move the end of access of a seat in use to an earlier day',
    detail: 'The day must be in the future. To end the access at once, use revoke.',
    examples: ['dealseat seats shorten 3f1c0a9b --until 2027-01-31 --reason "contract ends"'],
    options: [until],
    ask: (options) => ({ kind: 'shorten', input: { until: options.until ?? '' } }),
  },
  {
    kind: 'reissue',
    summary: 'issue the code of a seat again, for a person who lost it',
    detail:
      'Without --new-code the same code counts, and its link is brought back to the contact. With --new-code the old code is\nretired, because another person may have it.',
    examples: [
      'dealseat seats reissue 3f1c0a9b --reason "lost the mail"',
      'dealseat seats reissue 3f1c0a9b --new-code --reason "forwarded the mail to a mailing list"',
    ],
    options: [new Option('--new-code', 'retire the code and take another one')],
    ask: (options) => ({
      kind: 'reissue',
      input: { how: options.newCode === true ? 'new_code' : 'same_code' },
    }),
  },
  {
    kind: 'grant',
    summary: 'give a free seat to a person directly in the learning platform, without a code',
    detail:
      'Takes the free seat that you name; or, with a deal and --product, any free seat of that product. No mail is sent by\nDealseat.',
    examples: [
      'dealseat seats grant 7a20bb14 --to ana@example.com --reason "signed up by phone"',
      'dealseat seats grant hubspot 9001 --product leadership --to ana@example.com --reason "signed up by phone"',
    ],
    options: person,
    ask: (options) => ({ kind: 'grant', input: { to: personOf(options) } }),
  },
];

/** `revoke`, `reassign`, `extend`, `shorten`, `reissue` and `grant`. */
export function defineActs(command: Command, context: CommandContext): void {
  for (const act of ACTS) defineAct(command, context, act);
}

function defineAct(command: Command, context: CommandContext, act: Act): void {
  const { terminal } = context;
  const isGrant = act.kind === 'grant';
  const takesMany = MANY.includes(act.kind);
  const own = command
    .command(act.kind)
    .description(act.summary)
    .argument(
      takesMany ? SEAT_OR_DEAL.replace('<', '[').replace('>', ']') : SEAT_OR_DEAL,
      isGrant
        ? SEAT_OR_DEAL_HELP.replace('--learner', '--product')
        : takesMany
          ? SEAT_OR_DEAL_HELP.replace('its beginning;', 'its beginning, or several of these;')
          : SEAT_OR_DEAL_HELP,
    );
  if (!isGrant) own.option('--learner <e-mail>', 'whose seat it is, where a deal is named');
  own.option('--product <key>', 'the product of the seat, by its key in the catalog, where a deal is named');
  for (const option of [...act.options, ...(takesMany ? many : [])]) own.addOption(option);
  own
    .addOption(reasonOption().makeOptionMandatory())
    .addOption(byOption())
    .addOption(noWaitOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `\n${act.detail}\n\nExit code 0: done; 1: refused or failed, and the seat is as it was; 3: it waits for what the text says.\n\nExamples:\n${act.examples.map((line) => `  ${line}`).join('\n')}`,
    )
    .action((words: string[], options: ActOptions) =>
      unlessInterrupted(terminal.interrupted, () =>
        withSeats(context, async (session) => {
          const { product } = options;
          const seatIds = takesMany && options.learner === undefined ? await manySeats(words, options) : null;
          if (seatIds !== null) {
            await actOnMany(context, session, { seatIds, act: act.ask(options), options });
            return;
          }
          if (words.length === 0) throw new UsageError('Name a seat, or a file of seats with --from <csv>.');
          const seat: SeatView | FreeSeatOf =
            isGrant && product !== undefined
              ? { deal: dealOfWords(terminal.env, words), productKey: product }
              : await namedSeat(context, session, { words, ...options });
          const operation = await session.desk.ask({
            id: randomUUID(),
            act: act.ask(options),
            seat: 'deal' in seat ? seat : { id: seat.id, version: seat.version },
            actor: { kind: 'person', name: options.by },
            reason: options.reason,
          });
          const named = 'deal' in seat ? `a free seat of ${seat.productKey}` : describeSeat(seat);
          if (!options.json)
            terminal.write(`${WORDS[act.kind]}: ${named}, by ${options.by}: ${options.reason}.\n`);
          await tellOutcome(context, session, operation, options);
        }),
      ),
    );
}

const WORDS: Readonly<Record<OperationAsk['kind'], string>> = {
  revoke: 'Taking back',
  reassign: 'Giving to another person',
  extend: 'Extending the access',
  shorten: 'Shortening the access',
  reissue: 'Issuing again',
  grant: 'Giving access',
};

/** `seat 3f1c0a9b of Kim <kim@example.com> (Leadership Essentials, hubspot 9001)`. */
function describeSeat(seat: SeatView): string {
  const holder = holderOf(seat);
  const whose = holder === '' ? '' : ` of ${holder}`;
  return `seat ${seat.id.slice(0, 8)}${whose} (${seat.productTitle}, ${seat.crm} ${seat.dealId})`;
}

/** Waits for the end of an operation, or until it waits for somebody; says what came of it. */
export async function tellOutcome(
  { terminal, exit }: CommandContext,
  { desk, waitsHere, warnings }: SeatSession,
  asked: OperationView,
  options: { readonly wait?: boolean; readonly json?: boolean },
): Promise<void> {
  const startedAt = performance.now();
  for (const warning of (await warnings?.()) ?? []) terminal.note(warning);
  const isFollowed = options.wait !== false && waitsHere;
  const last = isFollowed ? await follow(desk, asked, terminal) : asked;
  const took = durationOf(performance.now() - startedAt);
  if (options.json) printJson(terminal, last);
  else terminal.write(`${outcomeText(last, { took, waitsHere })}\n`);
  if (last.state === 'refused' || last.state === 'failed') exit(EXIT.failed);
  else if (isFollowed && !last.isOver) exit(EXIT.notDelivered);
}

function outcomeText(
  { id, state, isOver, text, failure, nextSeatId }: OperationView,
  { took, waitsHere }: { readonly took: string; readonly waitsHere: boolean },
): string {
  const said = failure === null ? (text ?? '') : withCure(`${failure.code}: ${text ?? ''}`, failure.cure);
  if (state === 'done') {
    const next = nextSeatId === null ? '' : ` The seat in its place is ${nextSeatId.slice(0, 8)}.`;
    return `Done (${took}). ${said}${next}`.trim();
  }
  if (isOver) return `${state === 'refused' ? 'Refused' : 'Failed'} (${took}): ${said}`;
  const see = `See: dealseat seats operation ${id}`;
  if (failure !== null) return `It waits: ${said}\nThen: dealseat seats operation ${id} --retry`;
  return waitsHere
    ? `On record, and under way. ${see}`
    : `On record. Dealseat does it when the service runs: dealseat start. ${see}`;
}

function endedByHand({ accessEndedByHand }: ActOptions) {
  return accessEndedByHand === true ? { accessEndedByHand: true } : {};
}

function personOf({ to = '', firstName, lastName, contact }: ActOptions): SeatPerson {
  return {
    email: to,
    firstName: firstName ?? null,
    lastName: lastName ?? null,
    contactId: contact ?? null,
  };
}

function parseEnd(text: string): string {
  const parsed = accessEnd.safeParse(text.trim());
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(
    'Expected a day such as 2027-01-31, or an instant such as 2027-01-31T12:00:00Z.',
  );
}
