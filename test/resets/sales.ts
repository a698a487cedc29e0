/** What salespeople do to a deal in the CRM, the same words for both. */
import type { CrmName } from '../../src/domain/deal/deal.ts';
import {
  HUBSPOT_DEAL,
  SALESFORCE_DEAL,
  type SandboxTenant,
  type StartedDeal,
} from '../support/sandbox-tenant.ts';

/** A deal in a CRM. */
export interface DealIn {
  readonly crm: CrmName;
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

/** A won deal of three seats; without its buyer nobody knows whom to write to. */
export async function startDeal(
  tenant: SandboxTenant,
  crm: CrmName,
  { hasBuyer = true } = {},
): Promise<StartedDeal> {
  if (crm === 'hubspot') {
    const contacts = HUBSPOT_DEAL.contacts?.filter(({ labels }) => hasBuyer || !labels?.includes('Buyer'));
    return tenant.startHubSpot({ ...(contacts ? { contacts } : {}) });
  }
  const contacts = SALESFORCE_DEAL.contacts?.filter(({ role }) => hasBuyer || role !== BUYER_ROLE);
  return tenant.startSalesforce({ ...(contacts ? { contacts } : {}) });
}

const BUYER_ROLE = 'Economic Buyer';

/** Names the buyer of a deal that had none. */
export function addBuyer({ sandbox }: SandboxTenant, { crm, deal }: DealIn): void {
  if (crm === 'hubspot') {
    sandbox.hubspot.state.addContact(deal.dealId, '6001', ['Buyer']);
    return;
  }
  const buyer = SALESFORCE_DEAL.contacts?.find(({ role }) => role === BUYER_ROLE);
  if (buyer === undefined) throw new Error('The example opportunity has no buyer');
  sandbox.salesforce.state.addContact(deal.dealId, buyer);
}

/** The deal that stays has the lines of both, as HubSpot leaves it. */
export function merge({ sandbox }: SandboxTenant, merged: StartedDeal, survivor: StartedDeal): void {
  const { state } = sandbox.hubspot;
  state.merge('deals', survivor.dealId, merged.dealId);
  state.addLineItem(survivor.dealId, { sku: 'LEAD-101', quantity: 3 });
}
