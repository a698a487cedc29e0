import type { Fault } from '../faults.ts';
import type { Scene, SceneCrm } from './scene.ts';

const ODD_MESSAGES = 'Proxies and messages that look odd';
/** The most that one message of either CRM tells of. */
const FULL_BATCH = 100;

export const BUSY: readonly Scene[] = [
  {
    id: 'refusing-platform',
    section: 'Busy times and imports',
    happens: 'the platform refuses every request for twenty seconds and does not say for how long',
    expected: 'one request asks in growing gaps, and all go on within ten seconds of its end',
    hint: 'Four more deals are won in the same minute; all of them wait for the platform.',
    ends: 'Delivered',
    crms: ['hubspot', 'salesforce'],
    async play({ user, faults, times, ...stage }) {
      const others = Array.from({ length: 4 }, () => user.createDeal({}));
      const deals = [stage.win(), ...others];
      stage.tell(`with ${others.length} more in the same minute`);
      const takesAgain = faults.add({
        system: 'ti',
        kind: 'status',
        status: 429,
        body: { error: 'rate_limit_exceeded', message: 'Rate limit exceeded.' },
        times: Number.POSITIVE_INFINITY,
      });
      try {
        await stage.report(deals);
        stage.tell(`Thought Industries refuses every request for ${times.refusingMs / 1_000} seconds`);
        await stage.pause(times.refusingMs);
      } finally {
        takesAgain();
      }
      stage.tell('Thought Industries takes requests again');
      await stage.until('all deals delivered', () =>
        deals.every((dealId) => user.statusOf(dealId) === 'Delivered'),
      );
    },
  },
  {
    id: 'outage-pages',
    section: 'Quotas and outages',
    happens: 'both CRMs answer with pages of their outage, or say that the quota is used up for a moment',
    expected: 'the deals are delivered once, and no one is asked',
    ends: 'Delivered',
    crms: ['hubspot', 'salesforce'],
    async play({ crm, faults, ...stage }) {
      const dealId = stage.win();
      for (const fault of OUTAGE[crm](dealId)) faults.add(fault);
      await stage.report();
    },
  },
  {
    id: 'mail-before-outage',
    section: 'A system that is away for days',
    happens: 'Salesforce takes the mail, goes down before it says so, and stays down',
    expected: 'the deal waits, and the mail is found and not sent again',
    hint: 'Until Salesforce is back, every other opportunity waits for it too.',
    ends: 'Delivered',
    crms: ['salesforce'],
    async play({ user, faults, times, ...stage }) {
      const dealId = stage.win();
      const address = user.emailOf(user.peopleOf(dealId)[0] ?? '');
      let isSent = false;
      const answersMail = faults.add({
        system: 'salesforce',
        method: 'POST',
        path: /\/actions\/standard\/emailSimple$/,
        kind: 'dropAfterCommit',
        when: (body) => {
          if (body.includes(address)) isSent = true;
          return body.includes(address);
        },
      });
      const comesBack = faults.add({
        system: 'salesforce',
        kind: 'status',
        status: 503,
        times: Number.POSITIVE_INFINITY,
        when: () => isSent,
      });
      try {
        await stage.report();
        await stage.until('the mail was taken, and its answer lost', () => isSent);
        stage.tell(`Salesforce is down for ${times.downMs / 1_000} seconds`);
        await stage.pause(times.downMs);
      } finally {
        answersMail();
        comesBack();
      }
      stage.tell('Salesforce is back');
    },
  },
  {
    id: 'told-twice',
    section: ODD_MESSAGES,
    happens: 'an outbound message names 100 opportunities, or of one of them twice',
    expected: 'each is started once',
    ends: 'Delivered',
    crms: ['salesforce'],
    async play(stage) {
      const dealId = stage.win();
      const other = stage.user.createDeal({});
      stage.tell(`the message names it twice, and ${other} in between`);
      await stage.report([dealId, other, dealId]);
    },
  },
  {
    id: 'full-batch',
    section: ODD_MESSAGES,
    happens:
      'HubSpot reports a deal in its older form, in its newer one, with ids as text, or in a full batch',
    expected: 'each deal is started once',
    ends: 'Delivered',
    crms: ['hubspot'],
    async play(stage) {
      const dealId = stage.win();
      stage.tell(`${FULL_BATCH} events of one request name it`);
      await stage.report(Array.from({ length: FULL_BATCH }, () => dealId));
    },
  },
];

const DOWN = { body: '<html>Down for maintenance</html>', headers: { 'content-type': 'text/html' } };

/** What the requests for one deal meet while its CRM is down, and when it is back. */
const OUTAGE: Readonly<Record<SceneCrm, (dealId: string) => readonly Fault[]>> = {
  hubspot(dealId) {
    const ofDeal = { system: 'hubspot', path: new RegExp(`/objects/(0-3|deals)/${dealId}$`) } as const;
    return [
      { ...ofDeal, method: 'GET', kind: 'html' },
      { ...ofDeal, method: 'GET', kind: 'status', status: 503, ...DOWN },
      { ...ofDeal, method: 'GET', kind: 'rateLimit', headers: { 'retry-after': '1' } },
      { ...ofDeal, method: 'PATCH', kind: 'html', commit: true },
    ];
  },
  // The path of a query does not say of which deal it is, so it may be that of another one.
  salesforce: (dealId) => [
    { system: 'salesforce', path: /\/query$/, kind: 'html' },
    { system: 'salesforce', path: /\/query$/, kind: 'status', status: 503, ...DOWN, times: 2 },
    {
      system: 'salesforce',
      path: new RegExp(`/sobjects/Opportunity/${dealId}$`),
      kind: 'html',
      commit: true,
    },
  ],
};
