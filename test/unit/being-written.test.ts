import { describe, expect, test } from '@jest/globals';
import { isBeingWritten, writtenAtOf } from '../../src/domain/deal/being-written.ts';
import { BUYER, deal, line } from './example-deals.ts';

const STILL_MS = 20_000;
const WON = '2026-11-20T09:00:00.000Z';

const isWritten = (writtenAt: string | null, changedAt = WON, wonAt: string | null = WON) =>
  isBeingWritten({ writtenAt, wonAt, changedAt }, STILL_MS);

describe('A deal is being written', () => {
  test('when a line or a person was written after the win, or shortly before it', () => {
    expect(isWritten('2026-11-20T09:00:02.000Z')).toBe(true);
    expect(isWritten(WON)).toBe(true);
    expect(isWritten('2026-11-20T08:59:50.000Z')).toBe(true);
    // A calculation moves the record later than that.
    expect(isWritten('2026-11-20T08:59:50.000Z', '2026-11-20T09:00:03.000Z')).toBe(true);
  });

  test('or when a line or a person came to it or left it', () => {
    expect(writtenAtOf(deal({ writtenAt: WON }))).toBe(WON);
  });

  test('but not when they stood still before the win, whatever the record itself does after it', () => {
    expect(isWritten('2026-11-20T08:59:39.000Z')).toBe(false);
    expect(isWritten('2026-11-19T09:00:00.000Z', '2026-11-20T09:00:04.000Z')).toBe(false);
  });

  test('nor when the record shows that they have stood still since', () => {
    expect(isWritten('2026-11-20T09:00:02.000Z', '2026-11-20T09:00:22.000Z')).toBe(false);
  });

  test('nor when the CRM tells nothing of them', () => {
    expect(isWritten(null)).toBe(false);
    expect(
      writtenAtOf({ unseenContacts: [], lineItems: [line('LEAD-101', 1)], contacts: [BUYER] }),
    ).toBeNull();
  });

  test('by the last change of the record where the CRM does not date the win', () => {
    expect(isWritten('2026-11-20T08:59:50.000Z', WON, null)).toBe(true);
    expect(isWritten('2026-11-20T08:00:00.000Z', WON, null)).toBe(false);
  });

  test('as of the latest of its lines and people', () => {
    const lineItems = [
      line('A', 1, { writtenAt: WON }),
      line('B', 1, { writtenAt: '2026-11-20T09:00:09.000Z' }),
    ];
    const contacts = [{ ...BUYER, writtenAt: '2026-11-20T09:00:04.000Z' }];
    expect(writtenAtOf(deal({ lineItems, contacts }))).toBe('2026-11-20T09:00:09.000Z');
  });
});
