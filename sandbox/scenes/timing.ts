import { REFUSED_TOKEN, unknownPortal } from '../hubspot/refusals.ts';
import { REFUSED_LOGIN } from '../salesforce/refusals.ts';
import { BUYER, LINE } from './crm-user.ts';
import type { Scene, Stage } from './scene.ts';

const WRITTEN = 'A deal that is still being written';
const NOT_SHOWN = 'A deal that the CRM does not show yet';
const PASSING = 'A fault that passes by itself';

export const TIMING: readonly Scene[] = [
  {
    id: 'lines-after-win',
    section: WRITTEN,
    happens: 'an integration adds the lines one by one after the win',
    expected: 'all of them are delivered together, with one mail and no task',
    ends: 'Delivered',
    crms: ['hubspot', 'salesforce'],
    async play(stage) {
      const dealId = stage.win({ lines: [] });
      await stage.report();
      for (const seats of [3, 4]) {
        await stage.pause(stage.times.afterWinMs);
        stage.user.addLine(dealId, { seats });
        stage.tell(`a line of ${seats} seats came`);
      }
    },
  },
  {
    id: 'line-corrected',
    section: WRITTEN,
    happens: 'a line is corrected seconds after the win',
    expected: 'only the number that stands is made',
    ends: 'Delivered',
    crms: ['hubspot', 'salesforce'],
    async play(stage) {
      const dealId = stage.win({ lines: [] });
      stage.user.addLine(dealId, { seats: 30 });
      await stage.report();
      await stage.pause(stage.times.afterWinMs);
      stage.user.setSeats(dealId, 3);
      stage.tell('its line was corrected from 30 seats to 3');
    },
  },
  {
    id: 'early-404',
    section: NOT_SHOWN,
    happens: 'HubSpot answers 404 right after the event',
    expected: 'the run looks again, and the deal is delivered',
    ends: 'Delivered',
    crms: ['hubspot'],
    async play(stage) {
      stage.faults.add({ ...readsOf(stage.win()), status: 404, times: 2 });
      await stage.report();
    },
  },
  {
    id: 'early-empty-answer',
    section: NOT_SHOWN,
    happens: 'Salesforce answers the query with no row at first',
    expected: 'the run looks again, and the deal is delivered',
    ends: 'Delivered',
    crms: ['salesforce'],
    async play({ salesforce: { state }, ...stage }) {
      const dealId = stage.win();
      state.hide(dealId);
      await stage.report();
      await stage.pause(stage.times.afterWinMs);
      state.show(dealId);
      stage.tell('Salesforce shows it now');
    },
  },
  {
    id: 'lost-for-a-moment',
    section: 'Something that is not there for a moment',
    happens: 'HubSpot does not find a deal that a run is at work on',
    expected: 'the step is repeated, and the deal is delivered',
    ends: 'Delivered',
    crms: ['hubspot'],
    async play(stage) {
      stage.faults.add({ ...readsOf(stage.win()), status: 404, after: 2, times: 2 });
      await stage.report();
    },
  },
  {
    id: 'refused-token',
    section: PASSING,
    happens: 'HubSpot refuses a good token for a moment',
    expected: 'the call is repeated, and no one is asked',
    ends: 'Delivered',
    crms: ['hubspot'],
    async play(stage) {
      stage.faults.add({ ...readsOf(stage.win()), ...REFUSED_TOKEN, times: 2 });
      await stage.report();
    },
  },
  {
    id: 'refused-login',
    section: PASSING,
    happens: 'the login of Salesforce refuses good credentials once',
    expected: 'a token is asked for again, and no one is asked',
    ends: 'Delivered',
    crms: ['salesforce'],
    async play(stage) {
      stage.win();
      stage.salesforce.state.expireTokens();
      stage.faults.add({ ...REFUSED_LOGIN, system: 'salesforce', path: /oauth2\/token/ });
      await stage.report();
    },
  },
  {
    id: 'wrong-data-centre',
    section: 'HubSpot portals and data centres',
    happens: 'HubSpot sends a call to a data centre that does not know the portal',
    expected: 'the call is repeated, and the message names the right data centre and the cure',
    ends: 'Delivered',
    crms: ['hubspot'],
    async play(stage) {
      const answer = unknownPortal(stage.hubspot.state.portalId);
      stage.faults.add({ ...readsOf(stage.win()), ...answer, headers: { 'retry-after': '2' } });
      await stage.report();
    },
  },
  {
    id: 'silent-fix',
    section: 'A fix that no event reports',
    happens: 'a contact of the deal is given its address while the owner is asked',
    expected: 'the run sees it within the hour, and completes the task',
    hint: 'On the sandbox the run looks at the deal once a minute.',
    ends: 'Delivered',
    crms: ['hubspot', 'salesforce'],
    async play({ user, ...stage }: Stage) {
      const dealId = stage.win({ lines: [LINE], people: [{ ...BUYER, hasEmail: false }] });
      await stage.report();
      await stage.until('a task of the owner', () => user.taskCountOf(dealId) > 0);
      user.giveEveryoneAnEmail(dealId);
      stage.tell('the buyer got an address, and no event reported it');
    },
  },
];

/** What every read of one HubSpot deal meets. */
function readsOf(dealId: string) {
  const path = new RegExp(`/objects/(0-3|deals)/${dealId}$`);
  return { system: 'hubspot', method: 'GET', path, kind: 'status' } as const;
}
