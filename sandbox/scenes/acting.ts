import type { Scene } from './scene.ts';

export const ACTING: readonly Scene[] = [
  {
    id: 'retry-on-the-deal',
    section: 'People act on a deal with the field Dealseat action',
    happens: 'the missing products are added and Retry is set',
    expected: 'the deal goes on at once, and the field is emptied',
    ends: 'Delivered',
    crms: ['hubspot', 'salesforce'],
    async play({ user, ...stage }) {
      const dealId = stage.win({ lines: [] });
      await stage.report();
      await stage.until('a question on the deal', () => user.statusOf(dealId) === 'NeedsAttention');
      user.addLine(dealId, { seats: 3 });
      user.act(dealId, 'Retry');
      stage.tell('somebody added the products, and set Dealseat action to Retry');
      await stage.report();
    },
  },
];
