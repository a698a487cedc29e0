import { ACTIONS, STATUSES } from '../pick-lists.ts';
import type { HubSpotState } from './state.ts';

const TEXT = { type: 'string', fieldType: 'textarea' };

const DEALSEAT_DEAL_PROPERTIES = {
  status: select(STATUSES),
  detail: TEXT,
  seats: { type: 'number', fieldType: 'number' },
  seats_used: { type: 'number', fieldType: 'number' },
  seats_free: { type: 'number', fieldType: 'number' },
  last_redemption: { type: 'datetime', fieldType: 'date' },
  group_label: TEXT,
  group_id: TEXT,
  roster_file: TEXT,
  run: TEXT,
  ledger: TEXT,
  claim: TEXT,
  action: select(ACTIONS),
};

function select(values: readonly string[]) {
  const options = values.map((value) => ({ label: value, value, hidden: false }));
  return { type: 'enumeration', fieldType: 'select', options };
}

/** The made-up portal of the demo: one won deal and all that it needs. */
export function seedPortal(state: HubSpotState): void {
  state.owners.add({
    id: '8001',
    userId: 4711,
    email: 'sam.ops@vendor.example',
    firstName: 'Sam',
    lastName: 'Ops',
    archived: false,
    createdAt: state.now(),
  });
  state.create('products', { name: 'Leadership Essentials', hs_sku: 'LEAD-101', price: 120 }, '7001');
  state.create('products', { name: 'Negotiation Basics', hs_sku: 'NEGO-201', price: 90 }, '7002');
  state.create('products', { name: 'Manager Track', hs_sku: 'TRACK-MGR', price: 300 }, '7003');
  state.create('products', { name: 'Gold Support', hs_sku: 'SUPPORT-GOLD', price: 2000 }, '7004');
  state.create('companies', { name: 'Acme Corp', domain: 'acme.example' }, '5001');
  state.createDeal({
    id: '9001',
    name: 'Acme leadership rollout',
    ownerId: '8001',
    companyId: '5001',
    lineItems: [
      { name: 'Leadership Essentials', sku: 'LEAD-101', quantity: 25, productId: '7001' },
      { name: 'Gold Support', sku: 'SUPPORT-GOLD', quantity: 1, productId: '7004' },
    ],
    contacts: [
      {
        id: '6001',
        email: 'dana.reyes@acme.example',
        firstName: 'Dana',
        lastName: 'Reyes',
        labels: ['Buyer'],
      },
      { id: '6002', email: 'lee.park@acme.example', firstName: 'Lee', lastName: 'Park', labels: ['Learner'] },
    ],
  });
  seedMailTools(state);
}

function seedMailTools(state: HubSpotState): void {
  state.singleSends.addTemplate({
    emailId: 1234567,
    name: 'Seats are ready',
    subject: '{{ custom.subject|default("Your learning seats are ready") }}',
    html: [
      '{{ custom.message|default("")|safe }}',
      '<p>{{ custom.redeem_links_html|default("")|safe }}{{ custom.roster_link|default("") }}</p>',
    ].join('\n'),
  });
  state.sequences.add({ id: '3001', name: 'Seats are ready', userId: '4711' });
  state.sequences.connectInbox('4711', 'sam.ops@vendor.example');
  state.lists.create({
    listId: '2001',
    name: 'Dealseat: seats are ready',
    object: 'contacts',
    kind: 'MANUAL',
  });
}

/** The properties that `dealseat doctor --fix` would make. */
export function seedDealseatProperties(state: HubSpotState): void {
  const group = { name: 'dealseat', label: 'Dealseat', displayOrder: -1 };
  state.properties.createGroup('deals', group);
  state.properties.createGroup('contacts', group);
  for (const [part, shape] of Object.entries(DEALSEAT_DEAL_PROPERTIES)) {
    const name = `dealseat_${part}`;
    state.properties.create('deals', { name, label: name, groupName: group.name, ...shape });
  }
  state.properties.create('contacts', {
    name: 'dealseat_redeem_link',
    label: 'Redeem link',
    groupName: group.name,
    type: 'string',
    fieldType: 'textarea',
  });
}
