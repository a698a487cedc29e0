import { FULFILMENT_PIPELINE } from '../hubspot/pipelines.ts';
import { deliver, type Scene, wins } from './scene.ts';

const MOVES_ON = 'A won deal that moves on';
const DAY_MS = 24 * 60 * 60 * 1_000;

export const WINNING: readonly Scene[] = [
  {
    id: 'moved-on',
    section: MOVES_ON,
    happens: 'a deal is won and moved to the fulfilment pipeline before anyone heard of it',
    expected: 'it gets its seats',
    ends: 'Delivered',
    crms: ['hubspot'],
    async play({ hubspot: { state }, ...stage }) {
      const dealId = stage.win();
      state.pipelines.add(FULFILMENT_PIPELINE);
      // The event tells of the win, and whoever looks up the deal then sees it in another pipeline.
      const reported = stage.report();
      state.edit('deals', dealId, {
        pipeline: FULFILMENT_PIPELINE.id,
        dealstage: FULFILMENT_PIPELINE.stages[0].id,
      });
      stage.tell('an automation moved it to the fulfilment pipeline');
      await reported;
    },
  },
  {
    id: 'reopened',
    section: MOVES_ON,
    happens: 'a delivered deal goes back to an open stage of the pipeline that it was won in',
    expected: 'people are asked about its seats',
    ends: 'NeedsAttention',
    crms: ['hubspot', 'salesforce'],
    async play(stage) {
      const dealId = await deliver(stage);
      stage.user.reopen(dealId);
      stage.tell('it went back to an open stage, which a sweep finds where the CRM reports won stages only');
      await stage.report();
    },
  },
  {
    id: 'signed',
    section: 'What counts as won',
    happens: 'the company counts signed contracts as won, in a stage that HubSpot calls open',
    expected: 'the catalog says so in wonStages',
    ends: 'Delivered',
    catalog:
      'deals: { hubspot: { wonStages: [contractsent] }, salesforce: { wonStages: [Negotiation/Review] } }',
    crms: ['hubspot', 'salesforce'],
    play: wins({ stage: 'open' }),
  },
  {
    id: 'imported',
    section: 'Imported and old deals',
    happens: 'an event names an imported deal',
    expected: 'the deal says once why it was skipped and how to have it all the same',
    ends: 'Skipped',
    crms: ['hubspot', 'salesforce'],
    async play(stage) {
      const closeDate = new Date(Date.now() - 200 * DAY_MS).toISOString();
      stage.win({ closeDate });
      await stage.report();
    },
  },
];
