import { type HarmlessTerminal, UsageError } from '../terminal/terminal.ts';

/** What was given on the command line; for - what stands on standard input, which no history of a shell keeps. */
export async function readAsked(terminal: HarmlessTerminal, given: string): Promise<string> {
  if (given !== '-') return given;
  const { readInput, isInteractive, note } = terminal;
  if (isInteractive) note('Type what to look for, then press Enter:');
  const text = ((await readInput?.()) ?? '').trim();
  if (text !== '') return text;
  throw new UsageError('Expected what to look for on standard input; found nothing');
}
