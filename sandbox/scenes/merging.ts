import { MISSING_SCOPE } from '../hubspot/refusals.ts';
import { BUYER } from './crm-user.ts';
import { deliver, type Scene, type Stage } from './scene.ts';

const TO_LEARNERS = 'handOver: { to: learners, leftOver: laterLearners }';

export const MERGING: readonly Scene[] = [
  {
    id: 'merged-buyer-contact',
    section: 'When Salesforce merges contacts',
    happens: 'the buyer is merged into another contact before the delivery',
    expected: 'the surviving contact is the buyer and gets one mail',
    ends: 'Delivered',
    crms: ['salesforce'],
    async play({ user, ...stage }) {
      const dealId = stage.win();
      const buyer = user.peopleOf(dealId)[0] ?? '';
      user.merge(user.addPerson(dealId, { lastName: 'Reyes-Lind' }), buyer);
      stage.tell('the buyer was merged into another contact');
      await stage.report();
    },
  },
  {
    id: 'merged-learner',
    section: 'When Salesforce merges contacts',
    happens: 'a learner of a delivered opportunity is merged into another contact, who takes the role',
    expected: 'no second code is given, and no message is sent',
    ends: 'Delivered',
    catalog: TO_LEARNERS,
    crms: ['salesforce'],
    async play(stage) {
      const { user } = stage;
      const dealId = await deliver(stage);
      const learner = user.peopleOf(dealId).at(-1) ?? '';
      user.merge(user.addPerson(dealId, { lastName: 'Parks', role: 'learner' }), learner);
      stage.tell('the learner was merged into another contact');
      await stage.report();
    },
  },
  {
    id: 'merged-unfinished',
    section: 'When a learner is merged into another contact while the hand-over is unfinished',
    happens: 'the merge keeps the link of the learner in HubSpot',
    expected: 'the surviving contact has that code, and the next learner gets another one',
    ends: 'Delivered',
    catalog: TO_LEARNERS,
    crms: ['hubspot'],
    play: mergeUnfinished,
  },
];

/** A later learner has a link and no message yet when the merge comes, and one more learner with it. */
async function mergeUnfinished(stage: Stage): Promise<void> {
  const { user, faults } = stage;
  const dealId = await deliver(stage, { lines: [{ seats: 3 }], people: [BUYER, learner('Park')] });
  const merged = user.addPerson(dealId, learner('Kim'));
  const address = user.emailOf(merged);
  const sendsAgain = faults.add({
    ...MISSING_SCOPE,
    system: 'hubspot',
    method: 'POST',
    path: /\/single-email\/send$/,
    when: (body) => body.includes(address),
    times: Number.POSITIVE_INFINITY,
  });
  try {
    stage.tell('a learner came, to whom no mail can be sent');
    await stage.report();
    await stage.until('a request for help', () => user.statusOf(dealId) === 'NeedsAttention');
    user.merge(user.addPerson(dealId, learner('Kimberly')), merged, { link: true });
    user.addPerson(dealId, learner('Moor'));
    stage.tell('the learner was merged into another contact, and one more learner came');
  } finally {
    sendsAgain();
  }
  await stage.report();
}

function learner(lastName: string) {
  return { lastName, role: 'learner' };
}
