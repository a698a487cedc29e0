/** What happens to HubSpot deals of a test once they are delivered. */

import type { z } from 'zod';
import type { Fault } from '../../sandbox/faults.ts';
import type { NewDeal } from '../../sandbox/hubspot/state.ts';
import { HUBSPOT } from '../../src/clients/hubspot/module.ts';
import { SALESFORCE } from '../../src/clients/salesforce/module.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import type { Audience, Ledger } from '../../src/domain/deal/ledger.ts';
import { hubspotEvidence } from './evidence.ts';
import type { SandboxTenant, StartedDeal } from './sandbox-tenant.ts';

/** Who decides. */
export const BOSS = { by: 'boss', reason: 'agreed with the customer' };

interface HandOverChanges {
  readonly to?: Audience;
  readonly leftOver?: Catalog['handOver']['leftOver'];
  /** E-mail tools as the catalog file has them. */
  readonly hubspot?: z.input<typeof HUBSPOT.catalog.tool>;
  readonly salesforce?: z.input<typeof SALESFORCE.catalog.tool>;
}

/** A catalog that hands over to others, or by other tools. */
export function handingOver({
  to,
  leftOver = 'buyer',
  hubspot,
  salesforce,
}: HandOverChanges): (catalog: Catalog) => Catalog {
  const tools = {
    ...(hubspot && { hubspot: HUBSPOT.catalog.tool.parse(hubspot).tool }),
    ...(salesforce && { salesforce: SALESFORCE.catalog.tool.parse(salesforce).tool }),
  };
  return (catalog) => ({
    ...catalog,
    handOver: {
      ...catalog.handOver,
      ...(to && { to }),
      leftOver,
      tools: { ...catalog.handOver.tools, ...tools },
    },
  });
}

export const toLearners = handingOver({ to: 'learners' });

export const SEQUENCE = {
  via: 'sequence',
  sequenceId: '3001',
  userId: '4711',
  senderEmail: 'sam.ops@vendor.example',
} as const;

/** Changes the number of units of the deal's first lines, as sales ops would. */
export function setQuantity(
  { sandbox }: SandboxTenant,
  { dealId }: StartedDeal,
  ...quantities: readonly number[]
): void {
  const { state } = sandbox.hubspot;
  const lines = state.associations.linked({ object: 'deals', id: dealId }, 'line_items');
  for (const [index, quantity] of quantities.entries()) {
    state.edit('line_items', lines[index]?.id ?? '', { quantity });
  }
}

export function setStage({ sandbox }: SandboxTenant, { dealId }: StartedDeal, dealstage: string): void {
  sandbox.hubspot.state.edit('deals', dealId, { dealstage });
}

/** Runs the deal again, as the next event of the CRM would, and waits for the end. */
export async function again(tenant: SandboxTenant, { dealId }: StartedDeal) {
  return tenant.resultOf(await tenant.provision(tenant.ref('hubspot', dealId)));
}

/** The ledger as it stands on the deal. */
export function ledgerOf(
  { sandbox }: SandboxTenant,
  deal: StartedDeal,
): Omit<Ledger, 'isPending'> & { readonly pending?: true; readonly mac?: string } {
  return JSON.parse(hubspotEvidence(sandbox, deal).fields.ledger ?? 'null');
}

/** Runs the deal again until it waits for a decision: more seats, or fewer. */
export async function untilAsked(tenant: SandboxTenant, deal: StartedDeal) {
  await tenant.provision(tenant.ref('hubspot', deal.dealId));
  return tenant.waitForProgress(deal.id, ({ question }) => question !== null && question.kind !== 'help');
}

/** Delivers a deal as it is sold. */
export async function delivered(tenant: SandboxTenant, deal: NewDeal = {}): Promise<StartedDeal> {
  const started = await tenant.startHubSpot(deal);
  const { status, detail } = await tenant.resultOf(started.id);
  if (status !== 'Delivered') throw new Error(`The deal was to be delivered, and is ${status}: ${detail}`);
  return started;
}

/** HubSpot refuses one write on a deal, after so many that it takes. */
export function refusedDealWrite({ after }: { readonly after: number }): Fault {
  const path = /\/objects\/(0-3|deals)\//;
  return { system: 'hubspot', method: 'PATCH', path, kind: 'status', status: 403, after };
}
