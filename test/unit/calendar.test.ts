import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays, calendarDay, endOfDay, isTimeZone, lastWholeDay } from '../../src/domain/deal/calendar.ts';

const ZONES = [
  'UTC',
  'Etc/GMT+12',
  'Pacific/Kiritimati',
  'Europe/Berlin',
  'America/Santiago',
  'Asia/Kathmandu',
];
const zones = fc.constantFrom(...ZONES);
const instants = fc
  .date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());

describe('the end of a day', () => {
  test.each([
    ['UTC', '2027-11-20', '2027-11-20T23:59:59.000Z'],
    ['Etc/GMT+12', '2027-11-20', '2027-11-21T11:59:59.000Z'],
    ['Europe/Berlin', '2027-11-20', '2027-11-20T22:59:59.000Z'],
    ['Europe/Berlin', '2027-07-20', '2027-07-20T21:59:59.000Z'],
    ['America/Los_Angeles', '2027-11-20', '2027-11-21T07:59:59.000Z'],
    ['Pacific/Kiritimati', '2027-11-20', '2027-11-20T09:59:59.000Z'],
    // The hour from midnight on is left out that night, and an hour before midnight comes twice on the other.
    ['America/Santiago', '2026-09-05', '2026-09-06T03:59:59.000Z'],
    ['America/Santiago', '2026-04-04', '2026-04-05T03:59:59.000Z'],
  ])('in %s of %s is %s', (zone, day, instant) => {
    expect(endOfDay(day, zone)).toBe(instant);
  });

  test('is the last second that people there call by that day', () => {
    fc.assert(
      fc.property(instants, zones, (instant, zone) => {
        const day = calendarDay(instant, zone);
        const end = Date.parse(endOfDay(day, zone));
        expect(calendarDay(end, zone)).toBe(day);
        expect(calendarDay(end + 1_000, zone)).toBe(addDays(day, 1));
        expect(end + 1_000).toBeGreaterThan(Date.parse(instant));
      }),
    );
  });
});

test('the last whole day before an instant is over by then, and the next one is not', () => {
  fc.assert(
    fc.property(instants, zones, (instant, zone) => {
      const day = lastWholeDay(instant, zone);
      expect(Date.parse(endOfDay(day, zone))).toBeLessThanOrEqual(Date.parse(instant));
      expect(Date.parse(endOfDay(addDays(day, 1), zone))).toBeGreaterThan(Date.parse(instant));
    }),
  );
});

test.each([
  ['Europe/Berlin', true],
  ['US/Eastern', true],
  ['UTC', true],
  ['Berlin', false],
  ['Europe/Bonn', false],
  ['PST', false],
  ['BST', false],
  ['+02:00', false],
  ['', false],
])('%s is a time zone: %s', (text, isOne) => {
  expect(isTimeZone(text)).toBe(isOne);
});
