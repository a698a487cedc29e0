import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly format: 'table' | 'json';
  readonly writesDocs: boolean;
  readonly effort: Effort;
}

/** How often each thing is measured. */
export interface Effort {
  readonly latencyRounds: number;
  readonly throughputRounds: number;
  readonly dealsInFlight: number;
  readonly memoryRounds: number;
}

const FULL: Effort = { latencyRounds: 20, throughputRounds: 1, dealsInFlight: 100, memoryRounds: 2 };
const QUICK: Effort = { latencyRounds: 2, throughputRounds: 1, dealsInFlight: 10, memoryRounds: 1 };

export const USAGE = `Usage: npm run bench -- [options]

  --json         print the figures as JSON
  --write-docs   also write docs/benchmarks.md
  --quick        few rounds: shows that the bench works, the figures mean little
`;

export class UsageError extends Error {}

/** Null: the user asked for help. Throws `UsageError`. */
export function readOptions(args: readonly string[]): BenchOptions | null {
  const { json, quick, help, 'write-docs': writesDocs } = parse(args);
  if (help) return null;
  if (quick && writesDocs) throw new UsageError('--quick makes no figures that could be written to the docs');
  return { format: json ? 'json' : 'table', writesDocs, effort: quick ? QUICK : FULL };
}

function parse(args: readonly string[]) {
  const flag = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({
      args: [...args],
      options: { json: flag, 'write-docs': flag, quick: flag, help: { ...flag, short: 'h' } },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
