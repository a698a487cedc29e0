import { type Scene, wins } from './scene.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

export const NAMING: readonly Scene[] = [
  {
    id: 'late-evening',
    section: 'Dates',
    happens: 'The catalog says no time zone',
    expected: 'the close date of a HubSpot deal is its day in UTC',
    ends: 'Delivered',
    crms: ['hubspot'],
    async play({ hubspot, ...stage }) {
      const yesterday = new Date(hubspot.state.now() - DAY_MS).toISOString().slice(0, 10);
      stage.win({ closeDate: `${yesterday}T23:30:00Z` });
      stage.tell(`it was closed on ${yesterday} at 23:30 UTC, when it was the next day in Berlin`);
      await stage.report();
    },
  },
  {
    id: 'typed-sku',
    section: 'Names and partners',
    happens: 'The SKU of a line was typed in small letters, with a no-break hyphen',
    expected: 'it is the product of the catalog',
    ends: 'Delivered',
    crms: ['hubspot', 'salesforce'],
    play: wins({ lines: [{ sku: 'lead\u2011101', seats: 3 }] }),
  },
  {
    id: 'chinese-company',
    section: 'Labels',
    happens: 'The company name is Chinese or Arabic',
    expected: 'the label begins with the domain of the company',
    ends: 'Delivered',
    crms: ['hubspot', 'salesforce'],
    play: wins({ company: { name: '环球学院', domain: 'huanqiu.example' } }),
  },
  {
    id: 'stage-in-other-letters',
    section: 'Names of stages, record types and fields',
    happens: 'The catalog writes a stage of wonStages in other letters, with a soft hyphen',
    expected: 'opportunities in it are won, and the sweep finds them',
    ends: 'Delivered',
    catalog: 'deals: { salesforce: { wonStages: ["pro\\u00adspecting"] } }',
    crms: ['salesforce'],
    async play({ salesforce: { state }, ...stage }) {
      state.setStage(stage.win({ stage: 'open' }), 'Prospecting');
      await stage.report();
    },
  },
];
