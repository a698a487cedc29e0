import type { SalesforceState } from './state.ts';

const SEED_OPPORTUNITY_ID = '0065Y00001Suvw6QAB';

/**
 * The example deal that the demo, the documentation and the example catalog speak of. It closes when the org is made:
 * the codes of a deal that never moves would have expired one day.
 */
export function seedOrg(state: SalesforceState): void {
  state.createOpportunity({
    id: SEED_OPPORTUNITY_ID,
    name: 'Globex manager academy',
    stageName: 'Closed Won',
    closeDate: new Date(state.now()).toISOString().slice(0, 10),
    account: { name: 'Globex Inc', website: 'https://www.globex.example' },
    lineItems: [
      { productCode: 'LEAD-101', name: 'Leadership Essentials', quantity: 12, unitPrice: 90 },
      { productCode: 'TRACK-MGR', name: 'Manager Track', quantity: 8, unitPrice: 240 },
    ],
    contacts: [
      {
        firstName: 'Robin',
        lastName: 'Vale',
        email: 'robin.vale@globex.example',
        role: 'Economic Buyer',
        isPrimary: true,
      },
      { firstName: 'Jo', lastName: 'Lind', email: 'jo.lind@globex.example', role: 'Learner' },
    ],
    owner: { firstName: 'Kim', lastName: 'Ops', email: 'kim.ops@vendor.example' },
  });
}
