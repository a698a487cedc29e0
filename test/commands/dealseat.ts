import { runDealseat } from '../../src/commands/program.ts';

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One call of the command in this process, with an environment of its own and no `.env`. */
export async function dealseat(
  env: Readonly<Record<string, string>>,
  argv: readonly string[],
  interrupted: AbortSignal = new AbortController().signal,
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
    interrupted,
    loadDotEnv: () => undefined,
  });
  return { exitCode, stdout, stderr };
}

/** The one JSON document that a call has printed. Throws when there is more or less than that. */
export function documentOf({ stdout }: Outcome): Record<string, unknown> {
  return JSON.parse(stdout);
}
