/**
 * Entry point of a process that takes signed events on two routes: the product's webhook server, and beside it the least
 * that does the same, which is Fastify, the signature check and the start. It ends when the bench does.
 */
import { fastify } from 'fastify';
import { HUBSPOT } from '../src/clients/hubspot/module.ts';
import { settingsOf } from '../src/config/crm-settings.ts';
import { createLogger } from '../src/observability/logging.ts';
import { openConsole } from '../src/processes/open-console.ts';
import { startWebhooks } from '../src/processes/webhooks.ts';
import { installRuntime } from '../src/temporal/runtime.ts';
import { checkHubSpotSignature } from '../webhooks/hubspot/signature.ts';
import type { AcknowledgementOrder, AcknowledgementRoutes } from './acknowledgement-protocol.ts';
import { createContext, PUBLIC_URL } from './service-context.ts';

const order = JSON.parse(process.argv[2] ?? '') as AcknowledgementOrder;
process.on('disconnect', () => process.exit());
installRuntime(createLogger({ level: 'error' }));
const context = createContext(order);
const webhooks = await startWebhooks(context, {
  limits: { normalStartsPerMinute: Number.POSITIVE_INFINITY },
});
const routes: AcknowledgementRoutes = {
  product: `${webhooks.url}/webhooks/hubspot`,
  bare: await startBareRoute(),
};
process.send?.(routes);

async function startBareRoute(): Promise<string> {
  const { clientSecrets = [] } = settingsOf(context.config, HUBSPOT) ?? {};
  const { runs } = openConsole(context);
  const app = fastify();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (_: unknown, body: Buffer) => body);
  app.post('/', async (request) => {
    const body = request.body as Buffer;
    const header = (name: string) => String(request.headers[name]);
    const signed = {
      method: 'POST',
      url: `${PUBLIC_URL}/webhooks/hubspot`,
      body,
      signature: header('x-hubspot-signature-v3'),
      timestamp: header('x-hubspot-request-timestamp'),
    };
    if (checkHubSpotSignature(signed, clientSecrets, Date.now()) !== 'valid') throw new Error('Not signed');
    const [event] = JSON.parse(body.toString());
    const deal = { crm: 'hubspot', account: String(event.portalId), dealId: String(event.objectId) };
    await runs.dealChanged(deal, { by: 'hubspot', detail: String(event.eventId) });
    return { events: 1 };
  });
  return app.listen({ host: '127.0.0.1', port: 0 });
}
