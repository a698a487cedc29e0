import { ConfigError } from '../../config/config.ts';
import { CatalogError } from '../../config/load-catalog.ts';
import { DealseatError, problem } from '../../domain/failure.ts';
import { redactText } from '../../observability/redaction.ts';
import { TemporalUnavailableError } from '../../runs/port.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { problemLine } from './print.ts';
import { InterruptedError, UsageError } from './terminal.ts';

export interface Explanation {
  readonly exitCode: ExitCode;
  readonly message: string;
}

/** What a person is told of an error: what happened and what to do, without a stack unless asked for. */
export function explainError(error: unknown, { withStack }: { readonly withStack: boolean }): Explanation {
  const { exitCode, message } = judge(error);
  const stack = withStack && error instanceof Error && error.stack ? `\n${error.stack}` : '';
  return { exitCode, message: redactText(message + stack) };
}

function judge(error: unknown): Explanation {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof InterruptedError) return { exitCode: EXIT.interrupted, message: 'interrupted' };
  if (error instanceof UsageError || error instanceof ConfigError || error instanceof CatalogError) {
    return { exitCode: EXIT.usage, message };
  }
  if (error instanceof TemporalUnavailableError) return { exitCode: EXIT.temporalUnreachable, message };
  if (error instanceof DealseatError) {
    return { exitCode: EXIT.failed, message: problemLine(problem(error.code, message)) };
  }
  return { exitCode: EXIT.failed, message };
}
