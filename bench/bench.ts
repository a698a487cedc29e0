import type { Effort } from './options.ts';
import type { ServerKind } from './server/temporal.ts';
import { type Stack, startStack } from './stack.ts';

/** What every measure works with. */
export interface Bench {
  readonly effort: Effort;
  readonly server: ServerKind;
  readonly report: (line: string) => void;
  /** Started by the first measure that needs it, and shared. */
  stack(): Promise<Stack>;
  close(): Promise<void>;
}

export function openBench(options: Pick<Bench, 'effort' | 'server' | 'report'>): Bench {
  let stack: Promise<Stack> | undefined;
  return {
    ...options,
    stack: () => {
      stack ??= startStack(options);
      return stack;
    },
    close: async () => {
      const started = await stack?.catch(() => undefined);
      await started?.stop();
    },
  };
}
