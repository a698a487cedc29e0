import { type Scene, wins } from './scene.ts';

const READ = 'What buyers and learners read';

export const READING: readonly Scene[] = [
  {
    id: 'german-buyer',
    section: READ,
    happens: 'the contact reads German in HubSpot',
    expected: 'text and dates of the mail are German',
    ends: 'Delivered',
    crms: ['hubspot'],
    async play({ user, hubspot, ...stage }) {
      const dealId = stage.win();
      for (const id of user.peopleOf(dealId)) hubspot.state.edit('contacts', id, { hs_language: 'de' });
      stage.tell('the preferred language of its contacts is German');
      await stage.report();
    },
  },
  {
    id: 'several-lines',
    section: READ,
    happens: 'a product is sold on several lines',
    expected: 'the mail has one line for it, and the sum',
    ends: 'Delivered',
    crms: ['hubspot', 'salesforce'],
    play: wins({ lines: [{ seats: 3 }, { seats: 4 }] }),
  },
];
