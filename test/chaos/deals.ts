import type { Sandbox } from '../../sandbox/index.ts';
import type { CrmName } from '../../src/domain/deal/deal.ts';
import { codesMade, type Evidence, hubspotEvidence, salesforceEvidence } from '../support/evidence.ts';
import { HUBSPOT_DEAL, SALESFORCE_DEAL, type StartedDeal } from '../support/sandbox-tenant.ts';

export interface WonDeal extends StartedDeal {
  readonly crm: CrmName;
  /** Nobody else is the buyer of this deal. */
  readonly buyer: string;
}

const SEATS = 3;

/** Takes the example deals out of the way and makes so many won ones, by turns in each CRM, each with its own buyer. */
export function winDeals({ hubspot, salesforce }: Sandbox, count: number): WonDeal[] {
  hubspot.state.edit('deals', '9001', { dealstage: 'contractsent' });
  salesforce.state.setStage('0065Y00001Suvw6QAB', 'Prospecting');
  return Array.from({ length: count }, (_, index) => {
    const buyer = `buyer-${index}@customer.example`;
    const crm = index % 2 === 0 ? 'hubspot' : 'salesforce';
    const dealId =
      crm === 'hubspot'
        ? hubspot.state.createDeal({
            ...HUBSPOT_DEAL,
            contacts: [{ email: buyer, firstName: 'Buyer', lastName: `${index}`, labels: ['Buyer'] }],
          })
        : salesforce.state.createOpportunity({
            ...SALESFORCE_DEAL,
            contacts: [{ lastName: `Buyer ${index}`, email: buyer, role: 'Economic Buyer', isPrimary: true }],
          });
    const account = crm === 'hubspot' ? String(hubspot.state.portalId) : salesforce.state.orgId;
    return { crm, dealId, buyer, id: `provision:${crm}:${account}:${dealId}` };
  });
}

function evidenceOf(sandbox: Sandbox, deal: WonDeal): Evidence {
  return deal.crm === 'hubspot' ? hubspotEvidence(sandbox, deal) : salesforceEvidence(sandbox, deal);
}

export function isDelivered({ hubspot, salesforce }: Sandbox, { crm, dealId }: WonDeal): boolean {
  const status =
    crm === 'hubspot'
      ? hubspot.state.valuesOf('deals', dealId).dealseat_status
      : salesforce.state.opportunity(dealId).Dealseat_Status__c;
  return status === 'Delivered';
}

/** What is not as it must be once every deal is delivered: nothing missing, nothing twice. */
export function findings(sandbox: Sandbox, deals: readonly WonDeal[]): string[] {
  const { groups } = sandbox.ti.state;
  const found: string[] = [];
  const expectCount = (what: string, count: number, expected: number) => {
    if (count !== expected) found.push(`${what}: ${count} instead of ${expected}`);
  };
  expectCount('code groups', groups.length, deals.length);
  expectCount('labels of code groups', new Set(groups.map(({ label }) => label)).size, deals.length);
  expectCount('mails', sandbox.outbox.mails.length, deals.length);
  const handedOut: string[] = [];
  for (const deal of deals) {
    const { fields, rosters, tasks } = evidenceOf(sandbox, deal);
    const mails = sandbox.outbox.mails.filter(({ to }) => to === deal.buyer);
    if (fields.status !== 'Delivered') found.push(`${deal.id}: status ${fields.status}`);
    expectCount(`${deal.id}: mails`, mails.length, 1);
    expectCount(`${deal.id}: rosters`, rosters.length, 1);
    expectCount(`${deal.id}: codes`, rosters.flat().length, SEATS);
    expectCount(
      `${deal.id}: groups on the deal`,
      groups.filter(({ id }) => id === fields.group_id).length,
      1,
    );
    const told = tasks.filter((subject) => subject === `Dealseat: ${SEATS} seats delivered`).length;
    // In HubSpot the note of the roster says it, unless a run was not the first at it.
    if (deal.crm !== 'hubspot' || told > 0) expectCount(`${deal.id}: tasks`, told, 1);
    handedOut.push(...rosters.flat());
  }
  expectCount('codes that were handed out', new Set(handedOut).size, codesMade(sandbox).length);
  return found;
}
