import { runDealseat } from '../../src/commands/program.ts';
import type { Terminal } from '../../src/commands/terminal/terminal.ts';

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Given = Partial<
  Pick<Terminal, 'interrupted' | 'temporalTimeoutMs' | 'openSeats' | 'openStore' | 'readInput'>
>;

/** The machine of a test is busy with others; a command whose call is late would tell that no worker answered. */
export const PATIENT: Given = { temporalTimeoutMs: 60_000 };

/** One call of the command in this process, with an environment of its own and no `.env`. */
export async function dealseat(
  env: Readonly<Record<string, string>>,
  argv: readonly string[],
  given: Given = {},
): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  const exitCode = await runDealseat(argv, {
    env,
    isInteractive: false,
    write: (text) => {
      stdout += text;
    },
    note: (line) => {
      stderr += `${line}\n`;
    },
    interrupted: new AbortController().signal,
    loadDotEnv: () => undefined,
    ...given,
  });
  return { exitCode, stdout, stderr };
}

/** The one JSON document that a call has printed. Throws when there is more or less than that. */
export function documentOf({ stdout }: Outcome): Record<string, unknown> {
  return JSON.parse(stdout);
}
