import { LINE } from './crm-user.ts';
import { SEATS_PROPERTY } from './hubspot-user.ts';
import { SEATS_FIELD } from './salesforce-user.ts';
import { deliver, type Scene, wins } from './scene.ts';

const YEARS = 'Contracts of several years';
const COURSE = '8f2a1c34-5b6d-4e7f-9a01-2b3c4d5e6f70';
const TWENTY = Array.from({ length: 20 }, (_, index) => ({
  sku: `MOD-${index + 1}`,
  title: `Module ${index + 1}`,
}));

export const SELLING: readonly Scene[] = [
  {
    id: 'three-years',
    section: YEARS,
    happens: 'a deal has one line for each of three years, 25 seats each',
    expected: 'people are asked whether that is 25 seats or 75',
    ends: 'NeedsAttention',
    crms: ['hubspot', 'salesforce'],
    play: wins({ lines: [2026, 2027, 2028].map((year) => ({ seats: 25, startsOn: `${year}-12-01` })) }),
  },
  {
    id: 'renewal',
    section: YEARS,
    happens: 'a delivered deal of 25 seats gets a line for the next year with 25 again',
    expected: 'that is its renewal, and nothing is done',
    ends: 'Delivered',
    crms: ['hubspot', 'salesforce'],
    async play(stage) {
      const dealId = await deliver(stage, { lines: [{ seats: 25, startsOn: '2026-12-01' }] });
      stage.user.addLine(dealId, { seats: 25, startsOn: '2027-12-01' });
      stage.tell('the line for the next year came');
      await stage.report();
    },
  },
  {
    id: 'optional-line',
    section: 'Lines that sell nothing',
    happens: 'an optional line has quantity 0',
    expected: 'it is passed over, and the rest is provisioned',
    ends: 'Delivered',
    crms: ['hubspot'],
    play: wins({ lines: [LINE, { sku: 'NEGO-201', seats: 0 }] }),
  },
  {
    id: 'seats-field',
    section: 'Seats that stand in a field of the deal',
    happens: 'the company sells without line items, and a property of the deal holds the seats',
    expected: 'these seats are made',
    ends: 'Delivered',
    catalog: `seatsFrom: [{ product: "sku:LEAD-101", hubspotProperty: ${SEATS_PROPERTY.name}, salesforceField: ${SEATS_FIELD} }]`,
    crms: ['hubspot', 'salesforce'],
    async play(stage) {
      stage.user.setSeatsField(stage.win({ lines: [] }), 3);
      await stage.report();
    },
  },
  {
    id: 'twenty-products',
    section: 'Deals with many products or many additions',
    happens: 'a deal has one line of each of 20 products',
    expected: 'it is delivered like any other',
    ends: 'Delivered',
    catalog: `products: [${TWENTY.map(({ sku, title }) => `{ match: { sku: ${sku} }, title: ${title}, grants: { courses: [${COURSE}] } }`).join(', ')}]`,
    crms: ['hubspot', 'salesforce'],
    play: wins({ lines: TWENTY.map(({ sku }) => ({ sku, seats: 2 })) }),
  },
  {
    id: 'same-again',
    section: 'Deals that look odd',
    happens: 'a company buys the same product again in another deal',
    expected: 'it gets other codes, and the first ones stay',
    ends: 'Delivered',
    crms: ['hubspot', 'salesforce'],
    async play(stage) {
      const { user } = stage;
      const company = { name: 'Hooli', domain: 'hooli.example' };
      await deliver(stage, { company });
      const second = user.createDeal({ company });
      stage.tell(`the company bought the same in deal ${second}`);
      await stage.report([second]);
      await stage.until('the second deal delivered', () => user.statusOf(second) === 'Delivered');
    },
  },
  {
    id: 'plus-address',
    section: 'Deals that look odd',
    happens: 'people have plus addresses, and names in any script',
    expected: 'they get their mail at exactly that address',
    ends: 'Delivered',
    crms: ['hubspot', 'salesforce'],
    play: wins({
      people: [
        { lastName: 'Łukasiewicz-Ó’Neill', mailbox: "o'neill+lms", role: 'buyer', isPrimary: true },
        { lastName: '小龍', mailbox: 'long+dealseat', role: 'learner' },
      ],
    }),
  },
];
