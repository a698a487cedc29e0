import { context, trace } from '@opentelemetry/api';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import { watchOutgoingCalls } from './outgoing-calls.ts';

export interface Telemetry {
  /**
   * Sends what is waiting, and waits for what is on its way. Never throws: a collector that is down must not keep a part
   * from stopping.
   */
  flush(): Promise<void>;
}

/** A part that stops waits no longer than this for its last spans. */
const FLUSH_TIMEOUT_MS = 3_000;

let started: Promise<Telemetry> | undefined;

/**
 * Sends spans to the collector that the standard OpenTelemetry variables name (`OTEL_EXPORTER_OTLP_ENDPOINT` and its
 * relatives, read by OpenTelemetry's own library); null when they name none. Tracers are global in OpenTelemetry, so
 * this happens once a process, whichever part comes first.
 */
export async function startTelemetry(): Promise<Telemetry | null> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces } = process.env;
  if (!all && !traces) return null;
  started ??= startExport();
  return started;
}

async function startExport(): Promise<Telemetry> {
  const [{ BatchSpanProcessor }, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ]);
  const exporter = new OTLPTraceExporter();
  /** Its own flush waits only for what it sends itself, not for a batch whose time came a moment before. */
  class PatientProcessor extends BatchSpanProcessor {
    override async forceFlush(): Promise<void> {
      await Promise.all([super.forceFlush(), exporter.forceFlush()]);
    }
  }
  return recordSpans(new PatientProcessor({ exporter }));
}

/** From here on every step, request and call of this process is told to the processor. */
export async function recordSpans(processor: SpanProcessor): Promise<Telemetry> {
  const [{ TracerProvider }, { AsyncLocalStorageContextManager }, resources] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/context-async-hooks'),
    import('@opentelemetry/resources'),
  ]);
  const named = resources.resourceFromAttributes({ 'service.name': 'dealseat' });
  const fromEnvironment = resources.detectResources({ detectors: [resources.envDetector] });
  const provider = new TracerProvider({
    // The later one wins: an operator may name the service otherwise.
    resource: resources.defaultResource().merge(named).merge(fromEnvironment),
    spanProcessors: [processor],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  watchOutgoingCalls();
  return { flush: () => provider.forceFlush({ timeoutMillis: FLUSH_TIMEOUT_MS }).catch(() => undefined) };
}
