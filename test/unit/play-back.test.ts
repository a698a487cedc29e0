import { expect, test } from '@jest/globals';
import { playBack } from '../../src/domain/seats/play-back.ts';

const at = (hour: number) => new Date(Date.UTC(2026, 10, 30, hour));
const created = { version: 1, at: at(8), changed: { product_key: 'p', state: 'free', code_id: 3 } };

test('a seat is what its events tell', () => {
  const seat = playBack([
    created,
    { version: 2, at: at(9), changed: { state: 'granting', learner_key: 'kim@acme.example' } },
    { version: 3, at: at(10), changed: { access_until: '2027-01-01T00:00:00.000Z' } },
  ]);
  expect(seat).toMatchObject({
    version: 3,
    state: 'granting',
    code_id: 3,
    learner_key: 'kim@acme.example',
    redeemed_at: null,
    state_since: at(9).toISOString(),
    created_at: at(8).toISOString(),
    access_until: '2027-01-01T00:00:00.000Z',
  });
});

test('a missing event is not passed over', () => {
  expect(() => playBack([])).toThrow('without events');
  expect(() => playBack([created, { version: 3, at: at(9), changed: {} }])).toThrow('version 3');
});
