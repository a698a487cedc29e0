import { sandboxEnvironment } from '../../../sandbox/environment.ts';
import type { Sandbox } from '../../../sandbox/index.ts';
import type { CrmName } from '../../domain/deal/deal.ts';

/**
 * The stand-in of one CRM: a won deal that fits the example catalog, the way in which the CRM reports it, and what the
 * CRM itself knows of it. Beside the registry, because only the demo, the sandbox and tests may load stand-ins.
 */
export interface StandIn {
  readonly crm: CrmName;
  readonly example: ExampleDeal;
  /** Sends the events of deals as the CRM would, in one message. */
  announce(sandbox: Sandbox, server: WebhookAddress, dealIds: readonly string[]): Promise<Acknowledgement>;
  /** From now on the CRM reports by itself what it reports of a change. */
  connect(sandbox: Sandbox, server: WebhookAddress): void;
  /** Puts the example deal back into a stage in which it is still to be won. */
  reopenExample(sandbox: Sandbox): void;
  /** Everything that stands on the deal, by the CRM's own names. */
  dealFields(sandbox: Sandbox): Readonly<Record<string, unknown>>;
}

export interface ExampleDeal {
  readonly dealId: string;
  readonly name: string;
  /** The catalog's products of this deal. */
  readonly seatCount: number;
  readonly buyerEmail: string;
}

export interface WebhookAddress {
  /** Where the webhook server listens. */
  readonly url: string;
  /** Where the CRM believes that it does. */
  readonly publicUrl: string;
}

export interface Acknowledgement {
  readonly isAcknowledged: boolean;
  /** Null: nobody answered. */
  readonly status: number | null;
}

const HUBSPOT_EXAMPLE: ExampleDeal = {
  dealId: '9001',
  name: 'Acme leadership rollout',
  seatCount: 25,
  buyerEmail: 'dana.reyes@acme.example',
};

const SALESFORCE_EXAMPLE: ExampleDeal = {
  dealId: '0065Y00001Suvw6QAB',
  name: 'Globex manager academy',
  seatCount: 20,
  buyerEmail: 'robin.vale@globex.example',
};

/** Four ports in a row: the page, the learning platform, and each CRM. 0 or none: any free ones. */
export function sandboxPorts(first: number | undefined) {
  if (!first) return {};
  const ofCrms = STAND_INS.map(({ crm }, index) => [crm, first + 2 + index]);
  return { page: first, ti: first + 1, ...Object.fromEntries(ofCrms) };
}

/** Reports deals of every stand-in to one server. */
export function announcerTo(server: WebhookAddress) {
  return (
    sandbox: Sandbox,
    { crm, dealIds }: { readonly crm: CrmName; readonly dealIds: readonly string[] },
  ): Promise<Acknowledgement> => {
    const standIn = STAND_INS.find((each) => each.crm === crm);
    if (!standIn) throw new Error(`Dealseat has no stand-in of ${crm}`);
    return standIn.announce(sandbox, server, dealIds);
  };
}

export const STAND_INS: readonly StandIn[] = [
  {
    crm: 'hubspot',
    example: HUBSPOT_EXAMPLE,
    async announce({ hubspot }, { url, publicUrl }, dealIds) {
      const { status } = await hubspot.sendWebhook({
        targetUrl: `${publicUrl}/webhooks/hubspot`,
        postTo: `${url}/webhooks/hubspot`,
        events: hubspot.events(dealIds),
      });
      return { isAcknowledged: status !== null && status < 300, status };
    },
    connect({ hubspot }, { url, publicUrl }) {
      hubspot.webhooks.subscribe({ type: 'deal.merge', active: true });
      hubspot.setWebhookTarget(`${publicUrl}/webhooks/hubspot`, { postTo: `${url}/webhooks/hubspot` });
    },
    reopenExample: ({ hubspot }) =>
      hubspot.state.edit('deals', HUBSPOT_EXAMPLE.dealId, { dealstage: 'contractsent' }),
    dealFields: ({ hubspot }) => hubspot.state.valuesOf('deals', HUBSPOT_EXAMPLE.dealId),
  },
  {
    crm: 'salesforce',
    example: SALESFORCE_EXAMPLE,
    async announce(sandbox, { url }, dealIds) {
      const secret = sandboxEnvironment(sandbox).SALESFORCE_WEBHOOK_SECRET;
      const { acked, status } = await sandbox.salesforce.sendOutboundMessage({
        targetUrl: `${url}/webhooks/salesforce/${secret}`,
        opportunityIds: dealIds,
      });
      return { isAcknowledged: acked, status };
    },
    connect(sandbox, { url }) {
      const secret = sandboxEnvironment(sandbox).SALESFORCE_WEBHOOK_SECRET;
      sandbox.salesforce.setWebhookTarget(`${url}/webhooks/salesforce/${secret}`);
    },
    reopenExample: ({ salesforce }) =>
      salesforce.state.setStage(SALESFORCE_EXAMPLE.dealId, 'Negotiation/Review'),
    dealFields: ({ salesforce }) => salesforce.state.opportunity(SALESFORCE_EXAMPLE.dealId),
  },
];
