import { createHmac } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { HUBSPOT } from '../../src/clients/hubspot/module.ts';
import { SALESFORCE } from '../../src/clients/salesforce/module.ts';
import { parseRedeemEvent } from '../../src/clients/thought-industries/redeem-event.ts';
import { type Config, loadConfig, requirePublicUrl } from '../../src/config/config.ts';
import { settingsOf } from '../../src/config/crm-settings.ts';
import { Secret } from '../../src/config/secret.ts';
import type { Lane } from '../../src/contracts/lane.ts';
import type { AskedQuestion } from '../../src/contracts/run.ts';
import type { DealRef } from '../../src/domain/deal/deal.ts';
import { createLogger } from '../../src/observability/logging.ts';
import { createMetrics, type Metrics } from '../../src/observability/metrics.ts';
import type { Preview, Provisioner, ProvisioningView, Trigger } from '../../src/runs/port.ts';
import type { SeatDesk } from '../../src/seats/desk.ts';
import { hubspotSource } from '../../webhooks/hubspot/route.ts';
import { salesforceSource } from '../../webhooks/salesforce/route.ts';
import { createWebhookServer, type WebhookServerDeps } from '../../webhooks/server/server.ts';
import type { WebhookSource } from '../../webhooks/server/source.ts';
import { type OnRedemptions, thoughtIndustriesSource } from '../../webhooks/thought-industries/route.ts';

export const PUBLIC_URL = 'https://dealseat.example.com';
export const HUBSPOT_SECRET = 'sandbox-hubspot-secret';
export const SALESFORCE_SECRET = 'sandbox-sf-webhook-secret-0123456789';
/** Not in `ENV`: where they are absent there is no such route. */
export const TI_WEBHOOK_ENV = {
  TI_WEBHOOK_SECRET: 'sandbox-ti-webhook-secret-0123456789',
  TI_WEBHOOK_SIGNING_SECRET: 'sandbox-ti-signing-secret-0123456789',
};
export const MANUAL_KEY = 'sandbox-manual-key-0123456789';
export const ORG = '00D5Y000001MPM7UAO';
/** Fixed, so that signatures do not age while a test runs. */
export const NOW = 1_795_000_000_000;

export const ENV = {
  HUBSPOT_ACCESS_TOKEN: 'sandbox-hubspot-token',
  HUBSPOT_PORTAL_ID: '62515',
  HUBSPOT_CLIENT_SECRET: HUBSPOT_SECRET,
  SALESFORCE_LOGIN_URL: 'https://acme.my.salesforce.com',
  SALESFORCE_CLIENT_ID: 'sandbox-sf-client',
  SALESFORCE_CLIENT_SECRET: 'sandbox-sf-secret',
  SALESFORCE_ORG_ID: ORG,
  SALESFORCE_WEBHOOK_SECRET: SALESFORCE_SECRET,
  WEBHOOK_PUBLIC_URL: PUBLIC_URL,
  MANUAL_API_KEYS: `acme:${MANUAL_KEY},globex:sandbox-globex-key-0123456789`,
};

export const PREVIEW: Preview = {
  id: 'provision:hubspot:62515:9001',
  hash: 'a'.repeat(64),
  seats: 25,
  needsApproval: false,
  groups: [
    {
      label: 'acme-leadership-essentials-2026-11-20-d0123456789abcd',
      title: 'Leadership Essentials',
      seats: 25,
      codesExpireAt: '2027-11-21T11:59:59.000Z',
      codesExpireOn: '2027-11-20',
      access: '365 days',
      client: null,
    },
  ],
  problems: [],
  calls: ['create a redemption code group of 25 seats'],
  skipped: null,
};

export const QUESTION: AskedQuestion = {
  id: 'q0123456789abcdef',
  kind: 'approval',
  answers: ['approve', 'reject'],
  since: '2026-11-20T10:00:05.000Z',
  until: '2026-12-04T10:00:05.000Z',
};

/** A provisioner that remembers what it was asked, and fails where a test says so. */
export class FakeProvisioner implements Provisioner {
  readonly started: { ref: DealRef; trigger: Trigger }[] = [];
  /** By the id of the deal. */
  readonly lanes = new Map<string, Lane | undefined>();
  readonly provisioned: { ref: DealRef; trigger: Trigger; planHash: string | undefined }[] = [];
  readonly described: string[] = [];
  readyCount = 0;
  /** Runs before a start is accepted: throw or wait here. */
  beforeStart: (ref: DealRef) => Promise<void> = async () => {};
  beforeReady: () => Promise<void> = async () => {};
  beforePreview: () => Promise<void> = async () => {};
  previewed: Partial<Preview> = {};

  async dealChanged(
    ref: DealRef,
    trigger: Trigger,
    { lane }: { readonly lane?: Lane } = {},
  ): Promise<{ id: string }> {
    await this.beforeStart(ref);
    this.lanes.set(ref.dealId, lane);
    this.started.push({ ref, trigger });
    return { id: idOf(ref) };
  }

  async provision(ref: DealRef, trigger: Trigger, options: { readonly planHash?: string } = {}) {
    await this.beforeStart(ref);
    this.provisioned.push({ ref, trigger, planHash: options.planHash });
    return { id: idOf(ref), status: 'Planning' };
  }

  async preview(ref: DealRef): Promise<Preview> {
    await this.beforePreview();
    return { ...PREVIEW, id: idOf(ref), ...this.previewed };
  }

  async describe(id: string): Promise<ProvisioningView | null> {
    this.described.push(id);
    if (id !== PREVIEW.id) return null;
    return {
      id,
      crm: 'hubspot',
      account: '62515',
      dealId: '9001',
      status: 'AwaitingCodes',
      detail: '12 of 25 listed',
      seats: 25,
      groupLabels: PREVIEW.groups.map(({ label }) => label),
      problems: [],
      question: QUESTION,
      startedAt: '2026-11-20T10:00:00.000Z',
      closedAt: null,
      runUrl: 'http://localhost:8233/namespaces/default/workflows/x',
    };
  }

  async ready(): Promise<void> {
    this.readyCount += 1;
    await this.beforeReady();
  }
}

function idOf({ crm, account, dealId }: DealRef): string {
  return `provision:${crm}:${account}:${dealId}`;
}

export interface Rig {
  readonly app: FastifyInstance;
  readonly provisioner: FakeProvisioner;
  readonly metrics: Metrics;
  /** Everything logged so far. */
  log(): string;
  setNow(ms: number): void;
  /** Events counted, as `source outcome` -> number. */
  events(): Promise<Record<string, number>>;
  requests(): Promise<Record<string, number>>;
}

type WonStages = () => ReadonlySet<string> | null;

/** As `src/processes` makes them, but for the won stages. */
function sourcesOf(config: Config, wonStages: WonStages, onRedemptions?: OnRedemptions): WebhookSource[] {
  const hubspot = settingsOf(config, HUBSPOT);
  const salesforce = settingsOf(config, SALESFORCE);
  const publicUrl = hubspot ? requirePublicUrl(config, HUBSPOT) : '';
  return [
    ...(hubspot ? [hubspotSource({ crm: HUBSPOT, settings: hubspot, publicUrl, wonStages })] : []),
    ...(salesforce ? [salesforceSource({ crm: SALESFORCE, settings: salesforce })] : []),
    ...(config.tiWebhook
      ? [thoughtIndustriesSource({ config: config.tiWebhook, readEvent: parseRedeemEvent, onRedemptions })]
      : []),
  ];
}

export function createRig(
  options: {
    env?: NodeJS.ProcessEnv;
    wonStages?: WonStages;
    limits?: WebhookServerDeps['limits'];
    desk?: SeatDesk;
    localKey?: string;
    onRedemptions?: OnRedemptions;
  } = {},
): Rig {
  const provisioner = new FakeProvisioner();
  const metrics = createMetrics();
  const written: string[] = [];
  let now = NOW;
  const config = loadConfig({ ...ENV, ...options.env });
  const app = createWebhookServer({
    config,
    sources: sourcesOf(
      config,
      options.wonStages ?? (() => new Set(['closedwon', '1233582150'])),
      options.onRedemptions,
    ),
    provisioner,
    logger: createLogger({ level: 'trace' }, { write: (chunk: string) => written.push(chunk) }),
    metrics,
    now: () => now,
    monotonicMs: () => now,
    ...(options.limits ? { limits: options.limits } : {}),
    ...(options.desk ? { desk: options.desk } : {}),
    ...(options.localKey ? { localKey: new Secret(options.localKey) } : {}),
  });
  return {
    app,
    provisioner,
    metrics,
    log: () => written.join(''),
    setNow: (ms) => {
      now = ms;
    },
    events: async () => counts(await metrics.webhookEvents.get()),
    requests: async () => counts(await metrics.webhookRequests.get()),
  };
}

interface Counted {
  readonly values: readonly {
    readonly value: number;
    readonly labels: Partial<Record<'source' | 'outcome', string | number>>;
  }[];
}

function counts({ values }: Counted): Record<string, number> {
  return Object.fromEntries(values.map(({ labels, value }) => [`${labels.source} ${labels.outcome}`, value]));
}

/** HubSpot's v3 signature, written from its request-validation page and not from the code under test. */
export function signV3(options: {
  secret: string;
  method: string;
  uri: string;
  body: string;
  timestamp: string;
}): string {
  const decoded = options.uri
    .split(/(%[0-9A-F]{2})/)
    .map((part) =>
      /^%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)$/.test(part)
        ? String.fromCharCode(Number.parseInt(part.slice(1), 16))
        : part,
    )
    .join('');
  const text = `${options.method}${decoded}${options.body}${options.timestamp}`;
  return createHmac('sha256', options.secret).update(text, 'utf8').digest('base64');
}

interface HubSpotDelivery {
  readonly body: string;
  readonly path?: string;
  readonly secret?: string;
  readonly timestamp?: string;
  readonly headers?: Record<string, string>;
}

/** A delivery as HubSpot would make it, ready for `app.inject`. */
export function hubspotDelivery({
  body,
  path = '/webhooks/hubspot',
  secret = HUBSPOT_SECRET,
  timestamp = String(NOW),
  headers = {},
}: HubSpotDelivery) {
  return {
    method: 'POST' as const,
    url: path,
    headers: {
      'content-type': 'application/json',
      'x-hubspot-request-timestamp': timestamp,
      'x-hubspot-signature-v3': signV3({ secret, method: 'POST', uri: PUBLIC_URL + path, body, timestamp }),
      ...headers,
    },
    payload: body,
  };
}

export function stageEvent(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    objectId: 9001,
    propertyName: 'dealstage',
    propertyValue: 'closedwon',
    changeSource: 'CRM_UI',
    eventId: 1228532628,
    subscriptionId: 92894,
    portalId: 62515,
    appId: 186886,
    occurredAt: 1_794_999_999_000,
    subscriptionType: 'deal.propertyChange',
    attemptNumber: 0,
    ...changes,
  };
}

export function sendHubSpot(rig: Rig, events: unknown) {
  return rig.app.inject(hubspotDelivery({ body: JSON.stringify(events) }));
}

/** One notification of an outbound message. The user is in it only if the admin chose that field. */
export function notification(id = '0065Y00001Suvw6QAB', type = 'sf:Opportunity', changedBy?: string): string {
  const user = changedBy === undefined ? '' : `<sf:LastModifiedById>${changedBy}</sf:LastModifiedById>`;
  return `<Notification><Id>04l5Y00002lRDRNQA4</Id><sObject xsi:type="${type}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>${id}</sf:Id>${user}<sf:Name>A &amp; B</sf:Name><sf:StageName>Closed Won</sf:StageName></sObject></Notification>`;
}

export function outboundMessage(
  notifications: string,
  options: { org?: string; prolog?: string } = {},
): string {
  return `${options.prolog ?? '<?xml version="1.0" encoding="UTF-8"?>'}
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>${options.org ?? ORG}</OrganizationId>
   <ActionId>04k5Y0000008Q1hQAE</ActionId>
   <SessionId xsi:nil="true"/>
   <EnterpriseUrl>https://acme.my.salesforce.com/services/Soap/c/66.0/00D5Y000001MPM7</EnterpriseUrl>
   <PartnerUrl>https://acme.my.salesforce.com/services/Soap/u/66.0/00D5Y000001MPM7</PartnerUrl>
   ${notifications}
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>`;
}

export function sendSalesforce(
  rig: Rig,
  payload: string | Buffer,
  options: { secret?: string; contentType?: string } = {},
) {
  return rig.app.inject({
    method: 'POST',
    url: `/webhooks/salesforce/${options.secret ?? SALESFORCE_SECRET}`,
    headers: { 'content-type': options.contentType ?? 'text/xml; charset=utf-8', soapaction: '""' },
    payload,
  });
}

export function sendManual(rig: Rig, body: unknown, options: { key?: string; contentType?: string } = {}) {
  return rig.app.inject({
    method: 'POST',
    url: '/webhooks/manual',
    headers: {
      authorization: `Bearer ${options.key ?? MANUAL_KEY}`,
      'content-type': options.contentType ?? 'application/json',
    },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** Waits for a condition, without a pause; fails with `what` when it does not come true on the slowest machine. */
export async function eventually(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 50_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
