import type { Fault } from '../faults.ts';
import { MISSING_SCOPE_TO_WRITE_DEALS } from '../hubspot/refusals.ts';
import { refusedEdit, VALIDATION_RULE } from '../salesforce/refusals.ts';
import type { Scene, Stage } from './scene.ts';

const LOCKED = 'A CRM that does not let Dealseat write on the deal';

export const TELLING: readonly Scene[] = [
  {
    id: 'validation-rule',
    section: LOCKED,
    happens: 'a validation rule forbids edits of won opportunities',
    expected:
      'the owner gets a task that quotes the rule, and the deal goes on when the rule exempts Dealseat',
    ends: 'Delivered',
    crms: ['salesforce'],
    play: (stage) =>
      refuseUntilTold(stage, (dealId) => ({
        ...VALIDATION_RULE,
        system: 'salesforce',
        method: 'PATCH',
        path: new RegExp(`/sobjects/Opportunity/${dealId}$`),
      })),
  },
  {
    id: 'no-write-scope',
    section: LOCKED,
    happens: 'the HubSpot token may not write deals',
    expected: 'the owner gets a task that names the scope',
    ends: 'Delivered',
    crms: ['hubspot'],
    play: (stage) =>
      refuseUntilTold(stage, (dealId) => ({
        ...MISSING_SCOPE_TO_WRITE_DEALS,
        system: 'hubspot',
        method: 'PATCH',
        path: new RegExp(`/objects/(0-3|deals)/${dealId}$`),
      })),
  },
  {
    id: 'rule-on-files',
    section: 'A rule of the company on files',
    happens: 'Salesforce refuses the roster by a rule on files',
    expected: 'the owner reads the words of the rule, and the deal goes on when it is met',
    ends: 'Delivered',
    crms: ['salesforce'],
    play: (stage) =>
      refuseUntilTold(stage, (dealId) => ({
        ...refusedEdit('FIELD_CUSTOM_VALIDATION_EXCEPTION', 'Files on won opportunities need a category.'),
        system: 'salesforce',
        method: 'POST',
        path: /\/sobjects\/ContentVersion$/,
        when: (body) => body.includes(dealId),
      })),
  },
  {
    id: 'lock-that-stays',
    section: 'A fault that does not pass',
    happens: 'HubSpot calls the deal locked for longer than that',
    expected: 'the owner is asked',
    ends: 'Delivered',
    crms: ['hubspot'],
    play: (stage) =>
      refuseUntilTold(stage, (dealId) => ({
        system: 'hubspot',
        method: 'PATCH',
        path: new RegExp(`/objects/(0-3|deals)/${dealId}$`),
        kind: 'status',
        status: 409,
        body: { status: 'error', category: 'CONFLICT', message: 'The record is locked' },
      })),
  },
  {
    id: 'scope-mended',
    section: 'A rule or a right that is mended without a word',
    happens: 'the HubSpot app is given its missing scope',
    expected: 'the deal goes on within the hour',
    ends: 'Delivered',
    crms: ['hubspot'],
    async play(stage) {
      await refuseUntilAsked(stage, (dealId) => ({
        system: 'hubspot',
        method: 'PATCH',
        path: new RegExp(`/objects/(0-3|deals)/${dealId}$`),
        kind: 'status',
        status: 403,
        body: { status: 'error', category: 'MISSING_SCOPES', message: 'scopes' },
      }));
      stage.tell('the app has its scope now, and no event says so');
    },
  },
  {
    id: 'unlisted-codes',
    section: 'A learning platform that lists no codes',
    happens: 'the codes of a new group cannot be listed',
    expected: 'the run waits, and names the command that imports them',
    hint: 'Until the platform lists codes again, every other new deal asks for the same.',
    ends: 'Delivered',
    crms: ['hubspot', 'salesforce'],
    async play(stage) {
      await refuseUntilAsked(stage, () => ({
        system: 'ti',
        method: 'GET',
        path: /\/redemptionCodes\/[^/]+\/codes$/,
        kind: 'status',
        status: 404,
      }));
      stage.tell('the learning platform lists codes again, which the run finds when it looks again');
    },
  },
  {
    id: 'platform-down',
    section: 'A step that fails again and again',
    happens: 'the learning platform is down for minutes',
    expected:
      'the deal says what is being repeated and why, no task is made, and the text goes away when it works again',
    hint: 'Until it is back, every other deal waits for it too.',
    ends: 'Delivered',
    crms: ['hubspot', 'salesforce'],
    async play({ faults, times, ...stage }) {
      stage.win();
      const comesBack = faults.add({
        system: 'ti',
        kind: 'status',
        status: 503,
        times: Number.POSITIVE_INFINITY,
      });
      await stage.report();
      stage.tell(`Thought Industries is down for ${times.downMs / 1_000} seconds`);
      try {
        await stage.pause(times.downMs);
      } finally {
        comesBack();
      }
      stage.tell('Thought Industries is back');
    },
  },
  {
    id: 'typed-hold',
    section: 'History tracking of the hold field in Salesforce',
    happens: 'A person has typed something into Dealseat Claim',
    expected: 'it is written over, and the codes are made',
    ends: 'Delivered',
    crms: ['salesforce'],
    async play({ salesforce, ...stage }) {
      const dealId = stage.win();
      salesforce.state.updateOpportunity(dealId, { Dealseat_Claim__c: 'please leave alone' });
      await stage.report();
    },
  },
];

/** The CRM refuses something until the owner has a task about it. */
async function refuseUntilTold(stage: Stage, faultOf: (dealId: string) => Fault): Promise<void> {
  const dealId = await refuseUntilAsked(stage, faultOf);
  stage.tell('the deal may be written now; let Dealseat go on with this command:');
  stage.tell(`dealseat retry ${stage.crm} ${dealId} --by me`);
}

async function refuseUntilAsked(
  { user, faults, ...stage }: Stage,
  faultOf: (dealId: string) => Fault,
): Promise<string> {
  const dealId = stage.win();
  const allow = faults.add({ ...faultOf(dealId), times: Number.POSITIVE_INFINITY });
  try {
    await stage.report();
    await stage.until('a task of the owner', () => user.taskCountOf(dealId) > 0);
  } finally {
    allow();
  }
  return dealId;
}
