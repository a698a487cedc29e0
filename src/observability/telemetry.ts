import {
  type Attributes,
  type Context,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { DealRef } from '../domain/deal/deal.ts';
import { DealseatError } from '../domain/failure.ts';

/**
 * Spans of our own steps. They name the step, the deal and the group, never a body, an address or a message: those can
 * hold codes and tokens. Without `startTelemetry` all of this costs nothing.
 */
export interface Step {
  readonly name: string;
  readonly kind?: SpanKind;
  readonly attributes: Attributes;
  /** Default: what is going on around the call. */
  readonly parent?: Context;
}

const TRACER = 'dealseat';

export function startSpan({ name, kind = SpanKind.INTERNAL, attributes, parent }: Step): Span {
  return trace.getTracer(TRACER).startSpan(name, { kind, attributes }, parent ?? context.active());
}

export async function inSpan<T>(step: Step, work: () => Promise<T>): Promise<T> {
  const span = startSpan(step);
  try {
    return await context.with(trace.setSpan(step.parent ?? context.active(), span), work);
  } catch (error) {
    failSpan(span, nameOf(error));
    throw error;
  } finally {
    span.end();
  }
}

/** `what` is a code or the name of an error class. */
export function failSpan(span: Span, what: string): void {
  span.setAttribute('error.type', what);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

export function dealAttributes({ crm, account, dealId }: DealRef): Attributes {
  return { 'dealseat.crm': crm, 'dealseat.account': account, 'dealseat.deal_id': dealId };
}

function nameOf(error: unknown): string {
  if (error instanceof DealseatError) return error.code;
  return error instanceof Error ? error.name : typeof error;
}
