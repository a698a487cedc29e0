import { subscribe } from 'node:diagnostics_channel';
import { type Span, SpanKind, trace } from '@opentelemetry/api';
import { failSpan, startSpan } from './telemetry.ts';

/** What undici tells of a request; the object itself is the same in all messages of one request. */
interface Told {
  readonly request: { readonly origin: string | URL; readonly method: string };
  readonly response?: { readonly statusCode: number };
  readonly error?: { readonly code?: string; readonly name: string };
}

let isWatching = false;

/**
 * One span a call to a remote system, inside the step that makes it. Every client of ours ends in undici, the
 * platform's own `fetch` included, so one place sees them all. Only method, host and status are kept: paths and
 * queries of these systems hold search terms and file names.
 */
export function watchOutgoingCalls(): void {
  if (isWatching) return;
  isWatching = true;
  const spans = new WeakMap<object, Span>();
  const on = (event: string, tell: (message: Told) => void) =>
    subscribe(`undici:request:${event}`, (message) => tell(message as Told));

  on('create', ({ request }) => {
    // A call outside of every step, such as a look at the won stages, belongs to no trace.
    if (trace.getActiveSpan()?.isRecording() !== true) return;
    const { host, hostname } = new URL(request.origin);
    const attributes = { 'http.request.method': request.method, 'server.address': hostname };
    spans.set(request, startSpan({ name: `${request.method} ${host}`, kind: SpanKind.CLIENT, attributes }));
  });
  on('headers', ({ request, response }) => {
    const span = spans.get(request);
    if (span === undefined || response === undefined) return;
    span.setAttribute('http.response.status_code', response.statusCode);
    if (response.statusCode >= 400) failSpan(span, String(response.statusCode));
  });
  on('trailers', ({ request }) => spans.get(request)?.end());
  on('error', ({ request, error }) => {
    const span = spans.get(request);
    if (span === undefined) return;
    failSpan(span, error?.code ?? error?.name ?? 'unknown');
    span.end();
  });
}
