import { createHash } from 'node:crypto';
import { ROOT_CONTEXT, SpanKind, type Context as TraceContext, TraceFlags, trace } from '@opentelemetry/api';
import type { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { parseProvisioningId, provisioningId } from '../domain/deal/ids.ts';
import { dealAttributes, inSpan } from '../observability/telemetry.ts';
import type { Provisioner } from '../runs/port.ts';

/**
 * One span an attempt of an activity, all of a run in one trace. The trace is named by workflow and run id alone, so
 * that it needs nothing in history: workflow code has no interceptor, because one that traces puts headers into
 * history and yields where plain code does not, which would tie every replay to it. The Temporal UI has the
 * workflow's own time line.
 */
export function traceActivity({ info }: Context): ActivityInboundCallsInterceptor {
  const { workflowExecution: run, activityType, attempt } = info;
  return {
    execute(input, next) {
      const deal = run && parseProvisioningId(run.workflowId);
      const step = {
        name: activityType,
        kind: SpanKind.CONSUMER,
        attributes: {
          ...(run ? { 'temporal.workflow_id': run.workflowId, 'temporal.run_id': run.runId } : {}),
          ...(deal ? dealAttributes(deal) : {}),
          ...groupAttributes(input.args[0]),
          'temporal.attempt': attempt,
        },
        ...(run ? { parent: traceOfRun(run.workflowId, run.runId) } : {}),
      };
      return inSpan(step, () => next(input));
    },
  };
}

/** One span a start, inside the request that asked for it. */
export function traceStarts<T extends Pick<Provisioner, 'dealChanged' | 'provision' | 'preview'>>(
  runs: T,
): T {
  const step = (name: string, deal: Parameters<T['dealChanged']>[0]) => ({
    name,
    kind: SpanKind.PRODUCER,
    attributes: { ...dealAttributes(deal), 'temporal.workflow_id': provisioningId(deal) },
  });
  // Each call is handed on whole: an argument that is left out here, such as the lane, is missed by nobody.
  return {
    ...runs,
    dealChanged: (...call) => inSpan(step('start run', call[0]), () => runs.dealChanged(...call)),
    provision: (...call) => inSpan(step('start run', call[0]), () => runs.provision(...call)),
    preview: (...call) => inSpan(step('dry run', call[0]), () => runs.preview(...call)),
  };
}

function groupAttributes(argument: unknown): Record<string, string> {
  const { group } = (argument ?? {}) as { readonly group?: { readonly label?: unknown } };
  return typeof group?.label === 'string' ? { 'dealseat.group_label': group.label } : {};
}

/** A trace of 128 bits and a parent in it that nobody sends, the same in every worker. */
function traceOfRun(workflowId: string, runId: string): TraceContext {
  const digits = createHash('sha256')
    .update(JSON.stringify([workflowId, runId]))
    .digest('hex');
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: digits.slice(0, 32),
    spanId: digits.slice(32, 48),
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });
}
