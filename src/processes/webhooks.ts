import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { WebhookLimits } from '../../webhooks/server/limits.ts';
import { createWebhookServer } from '../../webhooks/server/server.ts';
import type { WebhookSource } from '../../webhooks/server/source.ts';
import { traceRequests } from '../../webhooks/server/tracing.ts';
import { type OnRedemptions, thoughtIndustriesSource } from '../../webhooks/thought-industries/route.ts';
import { parseRedeemEvent } from '../clients/thought-industries/redeem-event.ts';
import type { Config } from '../config/config.ts';
import { Secret } from '../config/secret.ts';
import { createMetrics } from '../observability/metrics.ts';
import { startTelemetry } from '../observability/telemetry-export.ts';
import { publishAddress } from '../store/embedded-lock.ts';
import { traceStarts } from '../temporal/tracing.ts';
import type { RunningPart, ServiceContext } from './context.ts';
import { keepRedemptions } from './keep-redemptions.ts';
import { openConsole } from './open-console.ts';
import { seatDeskOf } from './seat-desk.ts';
import { openSources, WEBHOOK_MODULES, type WebhookModule } from './webhook-modules.ts';

export interface RunningWebhooks extends RunningPart {
  readonly url: string;
}

interface WebhookPartOptions {
  /** Keeps redemptions that the learning platform reports. Default: the store keeps them, or a sync reads them. */
  readonly onRedemptions?: OnRedemptions;
  readonly limits?: Partial<WebhookLimits>;
  /** Default: those of the product. */
  readonly modules?: readonly WebhookModule[];
}

/** Resolves once the server listens, whether or not Temporal can be reached yet. */
export async function startWebhooks(
  context: ServiceContext,
  options: WebhookPartOptions = {},
): Promise<RunningWebhooks> {
  const { config, logger } = context;
  const telemetry = await startTelemetry();
  const opened = await openSources(config, options.modules ?? WEBHOOK_MODULES, logger);
  const console = openConsole(context);
  const desk = seatDeskOf(context, console.client);
  const localKey = randomBytes(32).toString('base64url');
  const app = createWebhookServer({
    config,
    sources: [
      ...opened.sources,
      ...platformSources(config, options.onRedemptions ?? keepRedemptions(context, console)),
    ],
    provisioner: traceStarts(console.runs),
    logger,
    metrics: context.metrics ?? createMetrics(),
    ...(context.store === undefined ? {} : { store: context.store }),
    ...(desk === null ? {} : { desk }),
    localKey: new Secret(localKey),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  traceRequests(app);
  const ended = new Promise<void>((resolve) => app.server.once('close', resolve));
  await app.listen({ host: config.webhook.host, port: config.webhook.port });
  const { port } = app.server.address() as AddressInfo;
  const lock = context.store?.lock;
  if (desk !== null && lock) {
    await publishAddress(lock, { url: `http://${ownAddress(config.webhook.host)}:${port}`, token: localKey });
  }
  return {
    url: `http://${config.webhook.host}:${port}`,
    ended,
    stop: async () => {
      opened.stop();
      await app.close();
      await telemetry?.flush();
      await console.close();
    },
  };
}

/** Where this machine reaches a server that listens on all of its addresses. */
function ownAddress(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function platformSources({ tiWebhook }: Config, onRedemptions: OnRedemptions | undefined): WebhookSource[] {
  if (tiWebhook === null) return [];
  return [thoughtIndustriesSource({ config: tiWebhook, readEvent: parseRedeemEvent, onRedemptions })];
}
