import { expect, test } from '@jest/globals';
import { tally } from '../../bench/driver/tally.ts';

const deal = (seats: number) =>
  ({ crm: 'hubspot', dealId: String(seats), seats, buyer: `${seats}@x.example` }) as const;
const groups = (...counts: number[]) => counts.map((totalCodesCount) => ({ totalCodesCount }));
const mails = (...seats: number[]) => seats.map((count) => ({ to: `${count}@x.example` }));

test('one group and one mail for each deal is nothing too many', () => {
  expect(tally([deal(13), deal(14)], groups(14, 13), mails(13, 14))).toEqual({
    groups: 2,
    groupsTooMany: 0,
    mailsTooMany: 0,
    notMailed: 0,
  });
});

test('a second group, a group of no deal, a second mail and a missing mail are each counted', () => {
  expect(tally([deal(13), deal(14)], groups(13, 13, 13, 99), mails(13, 13))).toEqual({
    groups: 4,
    groupsTooMany: 3,
    mailsTooMany: 1,
    notMailed: 1,
  });
});

test('deals of as many seats have as many groups', () => {
  expect(tally([deal(13), deal(13)], groups(13, 13), mails(13))).toMatchObject({ groupsTooMany: 0 });
});
