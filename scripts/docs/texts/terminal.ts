import { runDealseat } from '../../../src/commands/program.ts';
import type { Terminal } from '../../../src/commands/terminal/terminal.ts';

/** What a call prints on a terminal that is 100 columns wide, with an environment of its own. */
export async function printed(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
  given: Pick<Terminal, 'openSeats'> = {},
): Promise<string> {
  const lines: string[] = [];
  await runDealseat(argv, {
    env,
    isInteractive: false,
    columns: () => 100,
    write: (text) => lines.push(text.trimEnd()),
    note: (line) => lines.push(line),
    interrupted: new AbortController().signal,
    loadDotEnv: () => undefined,
    ...given,
  });
  return lines.join('\n');
}
