/** What salespeople do to a deal in the CRM, the same words for both. */

import {
  HUBSPOT_DEAL,
  SALESFORCE_DEAL,
  type SandboxTenant,
  type StartedDeal,
} from '../support/sandbox-tenant.ts';
import type { KnownCrm } from './matrix.ts';

/** A deal in a CRM. */
export interface DealIn {
  readonly crm: KnownCrm;
  readonly deal: StartedDeal;
}

/** Another number of units of the deal's first line is sold. */
export function sell({ sandbox }: SandboxTenant, { crm, deal }: DealIn, quantity: number): void {
  if (crm === 'hubspot') {
    const { state } = sandbox.hubspot;
    const [line] = state.associations.linked({ object: 'deals', id: deal.dealId }, 'line_items');
    state.edit('line_items', line?.id ?? '', { quantity });
    return;
  }
  const { state } = sandbox.salesforce;
  const line = state.rows('OpportunityLineItem').find(({ OpportunityId: id }) => id === deal.dealId);
  state.records.update('OpportunityLineItem', String(line?.Id), { Quantity: quantity });
}

export function lose({ sandbox }: SandboxTenant, { crm, deal }: DealIn): void {
  if (crm === 'hubspot') sandbox.hubspot.state.edit('deals', deal.dealId, { dealstage: 'closedlost' });
  else sandbox.salesforce.state.setStage(deal.dealId, 'Closed Lost');
}

export function win({ sandbox }: SandboxTenant, { crm, deal }: DealIn): void {
  if (crm === 'hubspot') sandbox.hubspot.state.edit('deals', deal.dealId, { dealstage: 'closedwon' });
  else sandbox.salesforce.state.setStage(deal.dealId, 'Closed Won');
}

/** A won deal of three units, or of another number. */
export async function startDeal(tenant: SandboxTenant, crm: KnownCrm, quantity = 3): Promise<StartedDeal> {
  if (crm === 'hubspot') {
    const [line] = HUBSPOT_DEAL.lineItems ?? [];
    return tenant.startHubSpot({ lineItems: [{ ...line, quantity }] });
  }
  const [line] = SALESFORCE_DEAL.lineItems ?? [];
  if (line === undefined) throw new Error('The example opportunity sells nothing');
  return tenant.startSalesforce({ lineItems: [{ ...line, quantity }] });
}

/** The deal that stays has the lines of both, as HubSpot leaves it. */
export function merge({ sandbox }: SandboxTenant, merged: StartedDeal, survivor: StartedDeal): void {
  const { state } = sandbox.hubspot;
  state.merge('deals', survivor.dealId, merged.dealId);
  state.addLineItem(survivor.dealId, { sku: 'LEAD-101', quantity: 3 });
}
