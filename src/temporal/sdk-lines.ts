import { ApplicationFailure } from '@temporalio/common';
import type { LogLevel } from '@temporalio/worker';
import { PROVISION_DEAL } from '../contracts/run.ts';
import { parseProvisioningId } from '../domain/deal/ids.ts';
import { FAILURES, isFailureCode } from '../domain/failure.ts';

export type LineLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

interface SdkLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly meta?: Readonly<Record<string, unknown>> | undefined;
}

interface OperatorLine {
  readonly level: LineLevel;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

const LEVELS: Readonly<Record<LogLevel, LineLevel>> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

/** The SDK's own parts; what our code logs through it comes from `workflow` and `activity`. */
const OWN_PARTS: ReadonlySet<unknown> = new Set(['worker', 'core']);

/** The second worker of a process carries out the steps of the bulk lane, and has no workflows on purpose. */
const EXPECTED = /^No workflows registered/;

/** What the SDK logs, as an operator can use it: failed steps with their reason, and nothing of its normal operation. */
export function operatorLine({ level, message, meta = {} }: SdkLine): OperatorLine {
  const { error, ...fields } = meta;
  const own = LEVELS[level];
  if (message === 'Activity failed') return failedStep(own, fields, error);
  const withError = error === undefined ? fields : { ...fields, err: error };
  if (message === 'Workflow failed') {
    // The outcome of a deal's run is reported by the run itself.
    const isReported = meta.workflowType === PROVISION_DEAL;
    return { level: isReported ? 'debug' : own, fields: withError, message: withReason(message, error) };
  }
  const isNormal = OWN_PARTS.has(meta.sdkComponent) && (own === 'info' || EXPECTED.test(message));
  return { level: isNormal ? 'debug' : own, fields: withError, message };
}

function failedStep(
  level: LineLevel,
  { workflowId, activityType, attempt, durationMs }: Readonly<Record<string, unknown>>,
  error: unknown,
): OperatorLine {
  const deal = typeof workflowId === 'string' ? parseProvisioningId(workflowId) : null;
  const of = deal === null ? '' : ` of ${deal.crm} ${deal.dealId}`;
  const fields = { ...(deal ?? { workflowId }), step: activityType, attempt, durationMs };
  const message = withReason(`Step ${activityType}${of} failed`, error);
  if (!(error instanceof ApplicationFailure) || !isFailureCode(error.type)) {
    return { level, fields: { ...fields, err: error }, message };
  }
  const { type: code, nonRetryable } = error;
  const { cure } = FAILURES[code];
  return { level, fields: { ...fields, code, cure, isRepeated: nonRetryable !== true }, message };
}

function withReason(message: string, error: unknown): string {
  const reason = (error as { readonly message?: unknown } | null | undefined)?.message;
  return typeof reason === 'string' && reason !== '' ? `${message}: ${reason}` : message;
}
