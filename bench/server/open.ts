import { openDevServer } from './dev.ts';
import { openPostgresServer } from './postgres.ts';
import type { BenchServer, ServerKind } from './temporal.ts';

/** `store` is for the dev server alone. */
export function openServer(options: {
  readonly kind: ServerKind;
  readonly store: 'file' | 'memory';
  readonly report: (line: string) => void;
}): Promise<BenchServer> {
  return options.kind === 'postgres' ? openPostgresServer(options.report) : openDevServer(options);
}
