import { hubspotProbe } from '../../webhooks/hubspot/probe.ts';
import { hubspotSource } from '../../webhooks/hubspot/route.ts';
import { salesforceProbe } from '../../webhooks/salesforce/probe.ts';
import { salesforceSource } from '../../webhooks/salesforce/route.ts';
import type { WebhookProbe } from '../../webhooks/server/probe.ts';
import type { WebhookSource } from '../../webhooks/server/source.ts';
import type { CrmModule } from '../clients/crm-module.ts';
import { HUBSPOT } from '../clients/hubspot/module.ts';
import { watchWonStages } from '../clients/hubspot/watch-won-stages.ts';
import { SALESFORCE } from '../clients/salesforce/module.ts';
import { type Config, requirePublicUrl } from '../config/config.ts';
import { settingsOf } from '../config/crm-settings.ts';
import type { Logger } from '../observability/logging.ts';
import { readingForEvents } from './event-terms.ts';

/** The events of one CRM, with all that its route needs: the webhook room itself loads no client. */
export interface WebhookModule {
  readonly crm: CrmModule;
  /** Null: the CRM is off. Throws `ConfigError` when the server lacks what the route needs. */
  open(config: Config, logger: Logger): Promise<OpenSource | null>;
  /** Null: the CRM is off, or has no such message. */
  probe(config: Config, publicUrl: string, nowMs: number): WebhookProbe | null;
  /** Where a person sees whether the CRM is to call us, which no API shows: a sentence. */
  readonly subscriptions: string;
}

export interface OpenSource {
  readonly source: WebhookSource;
  /** Ends what works beside the requests. */
  stop(): void;
}

/** Gives the module its settings while its CRM is on. */
export function webhookModule<Settings>(
  crm: CrmModule<Settings>,
  open: (context: {
    readonly settings: Settings;
    readonly config: Config;
    readonly logger: Logger;
  }) => Promise<OpenSource>,
  trying: {
    readonly probe?: (context: {
      readonly settings: Settings;
      readonly publicUrl: string;
      readonly nowMs: number;
    }) => WebhookProbe | null;
    readonly subscriptions: string;
  },
): WebhookModule {
  const { probe, subscriptions } = trying;
  return {
    crm,
    subscriptions,
    probe(config, publicUrl, nowMs) {
      const settings = settingsOf(config, crm);
      return settings === null ? null : (probe?.({ settings, publicUrl, nowMs }) ?? null);
    },
    async open(config, logger) {
      const settings = settingsOf(config, crm);
      return settings === null ? null : open({ settings, config, logger });
    },
  };
}

/** The routes of every CRM of the product; a new one is its folder under `webhooks/` and an entry here. */
export const WEBHOOK_MODULES: readonly WebhookModule[] = [
  webhookModule(
    HUBSPOT,
    async ({ settings, config, logger }) => {
      const publicUrl = requirePublicUrl(config, HUBSPOT);
      const crm = await HUBSPOT.create(settings, await readingForEvents(config, HUBSPOT, logger));
      const wonStages = watchWonStages((signal) => crm.wonStageIds(signal), logger);
      const source = hubspotSource({ crm: HUBSPOT, settings, publicUrl, wonStages: wonStages.current });
      return { source, stop: wonStages.stop };
    },
    {
      probe: (context) => hubspotProbe({ crm: HUBSPOT, ...context }),
      subscriptions:
        'See in the settings of the app in HubSpot that deal.propertyChange of dealstage and of dealseat_action, deal.creation, deal.merge and deal.restore are active, and that its target is WEBHOOK_PUBLIC_URL.',
    },
  ),
  webhookModule(
    SALESFORCE,
    async ({ settings }) => ({
      source: salesforceSource({ crm: SALESFORCE, settings }),
      stop: () => undefined,
    }),
    {
      probe: (context) => salesforceProbe({ crm: SALESFORCE, ...context }),
      subscriptions:
        'See Setup > Outbound Messages > View Message Delivery Status in Salesforce, and that the flow that sends the message is active.',
    },
  ),
];

/** Those of the CRMs that are on. */
export async function openSources(
  config: Config,
  modules: readonly WebhookModule[],
  logger: Logger,
): Promise<{ readonly sources: readonly WebhookSource[]; stop(): void }> {
  const opened: OpenSource[] = [];
  for (const module of modules) {
    const source = await module.open(config, logger);
    if (source !== null) opened.push(source);
  }
  return {
    sources: opened.map(({ source }) => source),
    stop: () => {
      for (const { stop } of opened) stop();
    },
  };
}
