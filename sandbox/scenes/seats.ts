import { BUYER } from './crm-user.ts';
import { deliver, type Scene, type Stage } from './scene.ts';

const TO_LEARNERS = 'handOver: { to: learners, leftOver: laterLearners }';
const LEARNER = { lastName: 'Park', role: 'learner' };
const NEWCOMER = { lastName: 'Lind', role: 'learner' };
const UPLOADS = {
  hubspot: /\/files\/v3\/files$/,
  salesforce: /\/sobjects\/ContentVersion$|\/composite/,
};

/** The table of seats on the deal shows what becomes of them. */
export const SEATS: readonly Scene[] = [
  {
    id: 'repeated-hand-over',
    section: 'Which seats Dealseat knows after a hand-over',
    happens: 'a hand-over to the buyer is repeated',
    expected: 'every seat counts as handed out once, and the repeat changes nothing',
    ends: 'Delivered',
    crms: ['hubspot', 'salesforce'],
    async play(stage) {
      stage.win();
      const { crm } = stage;
      stage.faults.add({ system: crm, method: 'POST', path: UPLOADS[crm], kind: 'dropAfterCommit' });
      stage.tell('the answer to the upload of the roster will be lost');
      await stage.report();
    },
  },
  {
    id: 'copied-link',
    section: 'Who has which code',
    happens: 'someone copies the link of a learner into the field of another',
    expected: 'the field is set right, and the other learner gets a code of their own',
    ends: 'Delivered',
    catalog: TO_LEARNERS,
    crms: ['hubspot', 'salesforce'],
    async play(stage) {
      const dealId = await deliver(stage, { people: [BUYER, LEARNER] });
      const [, learner = ''] = stage.user.peopleOf(dealId);
      const newcomer = stage.user.addPerson(dealId, NEWCOMER);
      stage.user.setLink(newcomer, stage.user.linkOf(learner));
      stage.tell('another learner came, and got a copy of the link of the first');
      await stage.report();
    },
  },
  {
    id: 'next-learner',
    section: 'A seat that was taken back',
    happens: 'the only free seat was taken back from a learner',
    expected: 'the next learner gets it with its new code, once, also when the step is repeated',
    ends: 'Delivered',
    catalog: TO_LEARNERS,
    hint: 'Press Take it back in the table of seats of the deal; then the next learner comes.',
    crms: ['hubspot', 'salesforce'],
    async play(stage) {
      const dealId = await deliver(stage, { lines: [{ seats: 1 }], people: [BUYER, LEARNER] });
      const [, learner = ''] = stage.user.peopleOf(dealId);
      await stage.until('the seat was taken back', () => stage.user.linkOf(learner) === '');
      await newcomerComes(stage, dealId);
    },
  },
  {
    id: 'learner-swapped',
    section: 'A learner who takes the place of another',
    happens: 'one learner is taken off a delivered deal and another put on',
    expected: 'the newcomer gets a new code, and the code of the other is retired',
    ends: 'Delivered',
    catalog: TO_LEARNERS,
    crms: ['hubspot', 'salesforce'],
    async play(stage) {
      const dealId = await deliver(stage, { lines: [{ seats: 1 }], people: [BUYER, LEARNER] });
      const [, learner = ''] = stage.user.peopleOf(dealId);
      stage.user.removePerson(dealId, learner);
      stage.tell('the learner was taken off the deal');
      await newcomerComes(stage, dealId);
    },
  },
];

async function newcomerComes({ user, tell, report }: Stage, dealId: string): Promise<void> {
  user.addPerson(dealId, NEWCOMER);
  tell('another learner came');
  await report();
}
