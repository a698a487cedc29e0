import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CsvError, parse } from 'csv-parse/sync';
import type { OperationAsk } from '../../domain/seats/operation.ts';
import { countOf } from '../../domain/words.ts';
import { MAX_ASKS } from '../../seats/desk.ts';
import type { OperationView } from '../../seats/views.ts';
import { OperationsRefused } from '../../store/operations-refused.ts';
import { EXIT } from '../terminal/exit-code.ts';
import { printJson, table } from '../terminal/print.ts';
import { type CommandContext, UsageError } from '../terminal/terminal.ts';
import { follow } from './follow-operation.ts';
import type { SeatSession } from './seat-session.ts';

export interface ManyOptions {
  readonly reason: string;
  readonly by: string;
  readonly from?: string;
  readonly key?: string;
  readonly wait?: boolean;
  readonly json?: boolean;
}

const SEAT_ID = /^[0-9a-f-]{4,36}$/i;

/** The ids of the file, or those on the command line where they are several; null: another way names one seat. */
export async function manySeats(
  words: readonly string[],
  { from }: Pick<ManyOptions, 'from'>,
): Promise<readonly string[] | null> {
  if (from === undefined) return words.length > 1 && words.every((word) => SEAT_ID.test(word)) ? words : null;
  if (words.length > 0)
    throw new UsageError('Name the seats in the file or on the command line, not in both.');
  const text = await readFile(from, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`The file ${from} cannot be read (${error.code ?? error.message}).`);
  });
  return seatsIn(text);
}

/** The column `seat`, as an export has it. */
function seatsIn(csv: string): readonly string[] {
  try {
    const rows: Record<string, string>[] = parse(csv, {
      bom: true,
      columns: true,
      delimiter: [',', ';', '\t'],
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    });
    const ids = rows.map(({ seat = '' }) => seat);
    const wrong = ids.findIndex((id) => !SEAT_ID.test(id));
    if (ids.length > 0 && wrong === -1) return ids;
    throw new UsageError(
      ids.length === 0
        ? 'The file has no rows; expected one for each seat.'
        : `Row ${wrong + 1} of the file has no id of a seat in the column "seat".`,
    );
  } catch (error) {
    // The parser's own words may quote a code.
    if (error instanceof CsvError)
      throw new UsageError(`Line ${error.lines ?? 1} of the file is not valid CSV.`);
    throw error;
  }
}

/** Asks for the same change of each seat, all or none, and says what came of each. */
export async function actOnMany(
  context: CommandContext,
  session: SeatSession,
  { seatIds, act, options }: { seatIds: readonly string[]; act: OperationAsk; options: ManyOptions },
): Promise<void> {
  const { terminal, exit } = context;
  if (seatIds.length > MAX_ASKS) throw new UsageError(`At most ${countOf(MAX_ASKS, 'seat')} at once.`);
  const { key: id = randomUUID(), by, reason } = options;
  const asks = seatIds.map((seat) => ({
    act,
    seat: { id: seat },
    actor: { kind: 'person', name: by } as const,
    reason,
  }));
  try {
    const { operations } = await session.desk.askMany({ id, asks });
    for (const warning of (await session.warnings?.()) ?? []) terminal.note(warning);
    const isFollowed = options.wait !== false && session.waitsHere;
    const last = isFollowed ? await followAll(context, session, operations) : operations;
    if (options.json) printJson(terminal, last);
    else terminal.write(outcomesText(last));
    if (last.some(({ state }) => state === 'refused' || state === 'failed')) exit(EXIT.failed);
    else if (isFollowed && last.some(({ isOver }) => !isOver)) exit(EXIT.notDelivered);
  } catch (error) {
    if (!(error instanceof OperationsRefused)) throw error;
    if (options.json) printJson(terminal, { refusals: error.refusals });
    else terminal.write(refusalsText(error, seatIds));
    exit(EXIT.failed);
  }
}

async function followAll(
  { terminal }: CommandContext,
  { desk }: SeatSession,
  operations: readonly OperationView[],
): Promise<readonly OperationView[]> {
  const ended: OperationView[] = [];
  for (const operation of operations) {
    terminal.note(`${ended.length + 1} of ${operations.length}: seat ${operation.seatId.slice(0, 8)} …`);
    ended.push(await follow(desk, operation, terminal));
  }
  return ended;
}

function outcomesText(operations: readonly OperationView[]): string {
  const done = operations.filter(({ state }) => state === 'done').length;
  const rows = operations.map(({ id, seatId, state, text }) => [seatId.slice(0, 8), state, text ?? '', id]);
  return `${countOf(done, 'seat')} of ${operations.length} done.\n\n${table(['seat', 'state', 'what came of it', 'operation'], rows)}`;
}

function refusalsText({ message, refusals }: OperationsRefused, seatIds: readonly string[]): string {
  const rows = refusals.map((row) => [
    String(row.index + 1),
    seatIds[row.index]?.slice(0, 8) ?? '',
    `${row.code}: ${row.message}`,
  ]);
  return `${message}.\n\n${table(['row', 'seat', 'why'], rows)}`;
}
