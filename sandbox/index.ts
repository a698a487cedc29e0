import { hubspotDeals, hubspotFiles, salesforceDeals, salesforceFiles } from './crm-views.ts';
import { createHubSpotDesk } from './desks/hubspot-desk.ts';
import { createSalesforceDesk } from './desks/salesforce-desk.ts';
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
import type { Elsewhere } from './page/layout.ts';
import { hubspotPages, salesforcePages, withPeoplePages } from './people-pages.ts';
import {
  createSalesforceSandbox,
  type SalesforceSandbox,
  type SalesforceSandboxOptions,
} from './salesforce/index.ts';
import { SCENES } from './scenes/all-scenes.ts';
import { playView } from './scenes/play-view.ts';
import { type Report, ScenePlayer } from './scenes/player.ts';
import type { SceneCrm, SceneTimes } from './scenes/scene.ts';
import { SeatService, type SeatServiceAddress } from './seats/seat-service.ts';
import { SeatsOnPage } from './seats/seats-on-page.ts';
import { createStatePage } from './state-page.ts';
import { faultViews, groupViews, mailViews, type StateView } from './state-view.ts';
import { createTiSandbox, type TiSandbox } from './thought-industries/index.ts';
import type { TiSandboxOptions } from './thought-industries/options.ts';
import type { WebhookTarget } from './thought-industries/webhooks.ts';

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
  /** Where a deal that is won, or a code that is redeemed, is reported from now on. Absent: nowhere. */
  readonly webhookTargets?: {
    readonly hubspot?: string;
    readonly salesforce?: string;
    readonly ti?: WebhookTarget;
  };
  /** Absent: the state page plays no scenes. */
  readonly scenes?: ScenesOptions;
  /** Where the service that keeps the seats answers, asked when it is needed. Absent: the page shows no seats. */
  readonly seats?: () => SeatServiceAddress;
}

export interface ScenesOptions {
  /** Tells the webhook server of changed deals, as their CRM would. */
  readonly report: (
    sandbox: Sandbox,
    deals: { readonly crm: SceneCrm; readonly dealIds: readonly string[] },
  ) => Promise<Report>;
  /** How a command begins that a person runs on this sandbox, asked when one is shown. Default: `dealseat`. */
  readonly commands?: () => string | undefined;
  /** Tests shorten them. */
  readonly times?: Partial<SceneTimes>;
}

/** The three stand-ins on HTTP, one outbox, one fault plan and the state page. */
export interface Sandbox {
  readonly ti: TiSandbox & { readonly url: string };
  readonly hubspot: HubSpotSandbox & { readonly url: string };
  readonly salesforce: SalesforceSandbox & { readonly url: string };
  readonly page: {
    readonly url: string;
    /** Shows a link to another page beside its own. */
    link(elsewhere: Elsewhere): void;
  };
  readonly faults: FaultPlan;
  readonly outbox: Outbox;
  /** Every request, oldest first; of a long run only the newest. */
  readonly exchanges: readonly Exchange[];
  close(): Promise<void>;
}

const KEPT_EXCHANGES = 20_000;
const SHOWN_EXCHANGES = 100;

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { ports = {}, webhookTargets = {} } = options;
  const urls: Partial<Record<SandboxSystem, string>> = {};
  const faults = new FaultPlan();
  const outbox = new Outbox();
  const exchanges: Exchange[] = [];
  const systems = createSystems(options, outbox, urls);
  const { ti, hubspot, salesforce } = systems;

  const servers: SandboxServer[] = [];
  const close = async (): Promise<void> => {
    // First the senders: a webhook that is being tried again would outlive its own system.
    await player?.stop();
    hubspot.stop();
    ti.webhooks.stop();
    await salesforce.close();
    await Promise.all(servers.map((server) => server.close()));
  };
  const listenOn = (port: number | undefined) => ({
    ...(port === undefined ? {} : { port }),
    ...(options.host === undefined ? {} : { host: options.host }),
  });
  const startSystem = async (system: SandboxSystem, handler: SandboxHandler): Promise<string> => {
    const onExchange = (exchange: Exchange): void => record(exchanges, exchange);
    const server = await serve({ system, handler, faults, onExchange, ...listenOn(ports[system]) });
    servers.push(server);
    urls[system] = server.url;
    return server.url;
  };
  const desks = [createHubSpotDesk(hubspot.state), createSalesforceDesk(salesforce.state)];
  const links: Elsewhere[] = [];
  let pageUrl: string | undefined;
  const withPages = {
    hubspot: withPeoplePages(hubspot.handler, hubspotPages(hubspot.state), () => pageUrl),
    salesforce: withPeoplePages(salesforce.handler, salesforcePages(salesforce.state), () => pageUrl),
  };
  const { scenes } = options;
  const player =
    scenes &&
    new ScenePlayer({
      ...systems,
      faults,
      report: (deals) => scenes.report(sandbox, deals),
      ...(scenes.times && { times: scenes.times }),
    });
  const startPage = async (): Promise<string> => {
    const view = (): StateView => ({
      ...viewOf(systems, { faults, outbox, exchanges }),
      ...(player && { play: playView(SCENES, player, scenes?.commands?.() ?? 'dealseat') }),
    });
    const handler = createStatePage({
      view,
      desks,
      outbox,
      ti: ti.state,
      learnerUrl: () => urls.ti ?? '',
      links: () => links,
      faults,
      ...(player && { player }),
      ...(options.seats && { seats: new SeatsOnPage(new SeatService(options.seats)) }),
    });
    const server = await servePlain({ handler, ...listenOn(ports.page) });
    servers.push(server);
    pageUrl = server.url;
    return server.url;
  };

  let sandbox: Sandbox;
  try {
    sandbox = {
      ti: { ...ti, url: await startSystem('ti', ti.handler) },
      hubspot: { ...hubspot, url: await startSystem('hubspot', withPages.hubspot) },
      salesforce: { ...salesforce, url: await startSystem('salesforce', withPages.salesforce) },
      page: { url: await startPage(), link: (elsewhere) => void links.push(elsewhere) },
      faults,
      outbox,
      exchanges,
      close,
    };
    hubspot.state.uiDomain = new URL(sandbox.hubspot.url).host;
    if (webhookTargets.hubspot !== undefined) hubspot.setWebhookTarget(webhookTargets.hubspot);
    if (webhookTargets.salesforce !== undefined) salesforce.setWebhookTarget(webhookTargets.salesforce);
    if (webhookTargets.ti !== undefined) ti.webhooks.target = webhookTargets.ti;
    return sandbox;
  } catch (error) {
    await close();
    throw error;
  }
}

interface Systems {
  readonly ti: TiSandbox;
  readonly hubspot: HubSpotSandbox;
  readonly salesforce: SalesforceSandbox;
}

/** `urls` may be filled in later: an address is known only once its server listens. */
function createSystems(
  options: SandboxOptions,
  outbox: Outbox,
  urls: Readonly<Partial<Record<SandboxSystem, string>>>,
): Systems {
  const { seed = true } = options;
  return {
    ti: createTiSandbox(options.ti),
    hubspot: createHubSpotSandbox({
      portalId: 62515,
      token: 'sandbox-hubspot-token',
      clientSecret: 'sandbox-hubspot-secret',
      baseUrl: () => urls.hubspot ?? '',
      withDealseatProperties: true,
      seed,
      ...options.hubspot,
      outbox,
    }),
    salesforce: createSalesforceSandbox({
      orgId: '00D5Y000001MPM7',
      clientId: 'sandbox-sf-client',
      clientSecret: 'sandbox-sf-secret',
      baseUrl: () => urls.salesforce ?? '',
      seed,
      ...options.salesforce,
      outbox,
    }),
  };
}

function viewOf(
  { ti, hubspot, salesforce }: Systems,
  { faults, outbox, exchanges }: Pick<Sandbox, 'faults' | 'outbox' | 'exchanges'>,
): StateView {
  return {
    groups: groupViews(ti.state),
    deals: [...hubspotDeals(hubspot.state), ...salesforceDeals(salesforce.state)],
    files: [...hubspotFiles(hubspot.state), ...salesforceFiles(salesforce.state)],
    mails: mailViews(outbox.mails),
    requests: exchanges.slice(-SHOWN_EXCHANGES).reverse(),
    faults: faultViews(faults.active),
  };
}

function record(exchanges: Exchange[], exchange: Exchange): void {
  exchanges.push(exchange);
  if (exchanges.length > KEPT_EXCHANGES) exchanges.splice(0, KEPT_EXCHANGES / 2);
}
