import { setTimeout as delay } from 'node:timers/promises';
import { InvalidArgumentError, Option } from 'commander';
import { TemporalUnavailableError } from '../../runs/port.ts';
import { Painted } from './look.ts';
import { type HarmlessTerminal, InterruptedError, unlessInterrupted } from './terminal.ts';
import { widthOf } from './text-width.ts';

const DEFAULT_SECONDS = 2;
const MAX_SECONDS = 3_600;

export function watchOption(): Option {
  return new Option(
    '--watch [seconds]',
    `refresh every ${DEFAULT_SECONDS} seconds, or as often as you say, until Ctrl-C`,
  )
    .argParser(parseSeconds)
    .conflicts('json');
}

export function intervalOf(watch: true | number): number {
  return (watch === true ? DEFAULT_SECONDS : watch) * 1_000;
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (seconds >= 1 && seconds <= MAX_SECONDS) return seconds;
  throw new InvalidArgumentError(`Expected a number of seconds from 1 to ${MAX_SECONDS}.`);
}

/** In place on a terminal; elsewhere one after the other, whenever it has changed. Ctrl-C is its ordinary end. */
export async function watchUntilInterrupted(
  terminal: HarmlessTerminal,
  intervalMs: number,
  read: () => Promise<Painted>,
): Promise<void> {
  const { isInteractive } = terminal;
  let last = '';
  if (isInteractive) terminal.paint(new Painted(SCREEN_OF_ITS_OWN, ''));
  try {
    while (!terminal.interrupted.aborted) {
      const text = await orTryAgain(() => unlessInterrupted(terminal.interrupted, read));
      if (isInteractive) terminal.paint(inPlace(text, terminal));
      else if (text.plain !== last) terminal.paint(last === '' ? text : Painted.join(['\n', text]));
      last = text.plain;
      await delay(intervalMs, undefined, { signal: terminal.interrupted }).catch(() => undefined);
    }
  } catch (error) {
    // A server that does not answer must not keep whoever has seen enough.
    if (!(error instanceof InterruptedError)) throw error;
  } finally {
    if (isInteractive) terminal.paint(new Painted(SCREEN_BEFORE, ''));
  }
}

/** With the cursor hidden; and the other way round. */
const SCREEN_OF_ITS_OWN = '\u001b[?1049h\u001b[?25l';
const SCREEN_BEFORE = '\u001b[?25h\u001b[?1049l';

async function orTryAgain(read: () => Promise<Painted>): Promise<Painted> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof TemporalUnavailableError)) throw error;
    return Painted.of('Temporal does not answer; trying again.\n');
  }
}

/** Line over line, so that nothing flickers; what is left of a longer text before is cleared. */
function inPlace(text: Painted, { columns, rows }: Pick<HarmlessTerminal, 'columns' | 'rows'>): Painted {
  const width = Math.max(1, columns?.() ?? Number.POSITIVE_INFINITY);
  let room = (rows?.() ?? Number.POSITIVE_INFINITY) - 1;
  const plain = text.plain.split('\n');
  const shown = text.raw.split('\n').filter((_, index) => {
    room -= Math.max(1, Math.ceil(widthOf(plain[index] ?? '') / width));
    return room >= 0;
  });
  return new Painted(`\u001b[H${shown.join('\u001b[K\n')}\u001b[J`, text.plain);
}
