import { hubspotDeals, hubspotFiles, salesforceDeals, salesforceFiles } from './crm-views.ts';
import { FaultPlan } from './faults.ts';
import {
  type Exchange,
  type SandboxHandler,
  type SandboxServer,
  type SandboxSystem,
  serve,
  servePlain,
} from './http.ts';
import { createHubSpotSandbox, type HubSpotSandbox, type HubSpotSandboxOptions } from './hubspot/index.ts';
import { Outbox } from './outbox.ts';
import {
  createSalesforceSandbox,
  type SalesforceSandbox,
  type SalesforceSandboxOptions,
} from './salesforce/index.ts';
import { createStatePage } from './state-page.ts';
import { faultViews, groupViews, mailViews, type StateView } from './state-view.ts';
import { createTiSandbox, type TiSandbox } from './thought-industries/index.ts';
import type { TiSandboxOptions } from './thought-industries/options.ts';

export interface SandboxOptions {
  /** Default: any free port. */
  readonly ports?: {
    readonly ti?: number;
    readonly hubspot?: number;
    readonly salesforce?: number;
    readonly page?: number;
  };
  /** Default: this machine only. */
  readonly host?: string;
  readonly ti?: TiSandboxOptions;
  readonly hubspot?: Partial<HubSpotSandboxOptions>;
  readonly salesforce?: Partial<SalesforceSandboxOptions>;
  /** Whether the CRMs start with the example deals. Default true. */
  readonly seed?: boolean;
  /** Where a deal that is won from now on is reported. Absent: nowhere. */
  readonly webhookTargets?: { readonly hubspot?: string; readonly salesforce?: string };
}

/** The three stand-ins on HTTP, one outbox, one fault plan and the state page. */
export interface Sandbox {
  readonly ti: TiSandbox & { readonly url: string };
  readonly hubspot: HubSpotSandbox & { readonly url: string };
  readonly salesforce: SalesforceSandbox & { readonly url: string };
  readonly page: { readonly url: string };
  readonly faults: FaultPlan;
  readonly outbox: Outbox;
  /** Every request, oldest first; of a long run only the newest. */
  readonly exchanges: readonly Exchange[];
  close(): Promise<void>;
}

const KEPT_EXCHANGES = 20_000;
const SHOWN_EXCHANGES = 100;

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { ports = {}, seed = true } = options;
  const host = options.host === undefined ? {} : { host: options.host };
  const faults = new FaultPlan();
  const outbox = new Outbox();
  const exchanges: Exchange[] = [];
  const servers: SandboxServer[] = [];
  const urls: Partial<Record<SandboxSystem, string>> = {};

  const ti = createTiSandbox(options.ti);
  const hubspot = createHubSpotSandbox({
    portalId: 62515,
    token: 'sandbox-hubspot-token',
    clientSecret: 'sandbox-hubspot-secret',
    baseUrl: () => urls.hubspot ?? '',
    withDealseatProperties: true,
    seed,
    ...options.hubspot,
    outbox,
  });
  const salesforce = createSalesforceSandbox({
    orgId: '00D5Y000001MPM7',
    clientId: 'sandbox-sf-client',
    clientSecret: 'sandbox-sf-secret',
    baseUrl: () => urls.salesforce ?? '',
    seed,
    ...options.salesforce,
    outbox,
  });

  const view = (): StateView => ({
    groups: groupViews(ti.state),
    deals: [...hubspotDeals(hubspot.state), ...salesforceDeals(salesforce.state)],
    files: [...hubspotFiles(hubspot.state), ...salesforceFiles(salesforce.state)],
    mails: mailViews(outbox.mails),
    requests: exchanges.slice(-SHOWN_EXCHANGES).reverse(),
    faults: faultViews(faults.active),
  });
  const onExchange = (exchange: Exchange): void => {
    exchanges.push(exchange);
    if (exchanges.length > KEPT_EXCHANGES) exchanges.splice(0, KEPT_EXCHANGES / 2);
  };
  const startSystem = async (system: SandboxSystem, handler: SandboxHandler): Promise<string> => {
    const port = ports[system] === undefined ? {} : { port: ports[system] };
    const server = await serve({ system, handler, faults, onExchange, ...port, ...host });
    servers.push(server);
    urls[system] = server.url;
    return server.url;
  };
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.close()));
  };

  try {
    const tiUrl = await startSystem('ti', ti.handler);
    const hubspotUrl = await startSystem('hubspot', hubspot.handler);
    const salesforceUrl = await startSystem('salesforce', salesforce.handler);
    const isCode = (word: string): boolean => ti.state.code(word) !== undefined;
    const page = await servePlain({
      handler: createStatePage({ view, faults, isCode }),
      ...(ports.page === undefined ? {} : { port: ports.page }),
      ...host,
    });
    servers.push(page);
    const { webhookTargets = {} } = options;
    if (webhookTargets.hubspot !== undefined) hubspot.setWebhookTarget(webhookTargets.hubspot);
    if (webhookTargets.salesforce !== undefined) salesforce.setWebhookTarget(webhookTargets.salesforce);
    return {
      ti: { ...ti, url: tiUrl },
      hubspot: { ...hubspot, url: hubspotUrl },
      salesforce: { ...salesforce, url: salesforceUrl },
      page: { url: page.url },
      faults,
      outbox,
      exchanges,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
