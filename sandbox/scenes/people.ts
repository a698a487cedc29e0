import { MISSING_SCOPE } from '../hubspot/refusals.ts';
import { BUYER } from './crm-user.ts';
import { deliver, type Scene, wins } from './scene.ts';

const HIDDEN_BUYER = 'When Dealseat may not see the buyer';
const GONE = 'When a contact or company was deleted or merged';
const CONSULTANT = { lastName: 'Sultant', role: 'Influencer' };
const LEARNERS = ['Park', 'Lind', 'Moor', 'Okafor'].map((lastName) => ({ lastName, role: 'learner' }));

export const PEOPLE: readonly Scene[] = [
  {
    id: 'hidden-buyer',
    section: HIDDEN_BUYER,
    happens: 'the contact with the buyer role is hidden in Salesforce and a consultant is visible',
    expected: 'no one gets the codes, and the problem names the contact',
    ends: 'NeedsAttention',
    crms: ['salesforce'],
    async play({ salesforce: { state }, ...stage }) {
      const dealId = stage.win({ people: [BUYER, CONSULTANT] });
      const [buyer] = state.rows('OpportunityContactRole').filter((row) => row.OpportunityId === dealId);
      state.hide(String(buyer?.ContactId));
      await stage.report();
    },
  },
  {
    id: 'refused-buyer',
    section: HIDDEN_BUYER,
    happens: 'HubSpot refuses to show the contact with the buyer label',
    expected: 'no one gets the codes, and the problem names the contact',
    ends: 'NeedsAttention',
    crms: ['hubspot'],
    async play({ hubspot: { state }, faults, ...stage }) {
      const dealId = stage.win({ people: [BUYER, CONSULTANT] });
      const buyerId = firstContactOf(state, dealId);
      removeContact(state, buyerId);
      faults.add({
        ...MISSING_SCOPE,
        system: 'hubspot',
        method: 'GET',
        path: new RegExp(`/objects/(0-1|contacts)/${buyerId}$`),
        times: Number.POSITIVE_INFINITY,
      });
      await stage.report();
    },
  },
  {
    id: 'other-role',
    section: 'When the buyer role has another name',
    happens: 'the only contact has another role than the buyer role',
    expected: 'a person is asked',
    ends: 'NeedsAttention',
    crms: ['hubspot', 'salesforce'],
    play: wins({ people: [{ lastName: 'Vale', role: 'Influencer' }] }),
  },
  {
    id: 'hidden-account',
    section: 'When Dealseat may not see the company',
    happens: 'a partner of the catalog is known by its name',
    expected: 'nothing is made for the wrong customer, and the problem names the company',
    ends: 'NeedsAttention',
    crms: ['salesforce'],
    async play({ salesforce: { state }, ...stage }) {
      const dealId = stage.win();
      state.hide(String(state.opportunity(dealId).AccountId));
      stage.tell('its account is hidden from the integration user');
      await stage.report();
    },
  },
  {
    id: 'deleted-buyer',
    section: GONE,
    happens: 'the buyer was deleted in HubSpot and the deal still names it',
    expected: 'no other contact gets the codes, and the problem says so at once',
    ends: 'NeedsAttention',
    crms: ['hubspot'],
    async play({ hubspot: { state }, ...stage }) {
      const dealId = stage.win({ people: [BUYER, CONSULTANT] });
      removeContact(state, firstContactOf(state, dealId));
      await stage.report();
    },
  },
  {
    id: 'merged-buyer',
    section: GONE,
    happens: 'the buyer was merged into another contact and the deal still names the old one',
    expected: 'the surviving contact is the buyer',
    ends: 'Delivered',
    crms: ['hubspot'],
    async play({ hubspot: { state }, ...stage }) {
      const dealId = stage.win();
      const survivor = state.createContact({
        lastName: 'Reyes',
        email: `survivor.${dealId}@initech.example`,
      });
      state.merge('contacts', survivor, firstContactOf(state, dealId));
      await stage.report();
    },
  },
  {
    id: 'late-learners',
    section: 'When learners come to a deal after it was delivered',
    happens: 'two more learners are associated and two seats are left',
    expected: 'each gets a code and a mail, and the others are not written to again',
    ends: 'Delivered',
    catalog: 'handOver: { to: learners, leftOver: laterLearners }',
    crms: ['hubspot', 'salesforce'],
    async play(stage) {
      const [first, second, third, fourth] = LEARNERS as [
        typeof BUYER,
        typeof BUYER,
        typeof BUYER,
        typeof BUYER,
      ];
      const dealId = await deliver(stage, { lines: [{ seats: 4 }], people: [BUYER, first, second] });
      for (const learner of [third, fourth]) stage.user.addPerson(dealId, learner);
      stage.tell('two learners came');
      await stage.report();
    },
  },
];

type HubSpotState = Parameters<Scene['play']>[0]['hubspot']['state'];

function firstContactOf(state: HubSpotState, dealId: string): string {
  return state.associations.linked({ object: 'deals', id: dealId }, 'contacts')[0]?.id ?? '';
}

/** The deal goes on to name the contact for a while. */
function removeContact(state: HubSpotState, contactId: string): void {
  state.listsDeletedAssociations = true;
  state.records.archive(state.records.getLive('contacts', contactId), 'CRM_UI');
}
