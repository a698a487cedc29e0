import { describe, expect, test } from '@jest/globals';
import { formatLedger, readLedger } from '../../src/domain/deal/ledger.ts';
import type { HeldSeat, SeatFacts } from '../../src/domain/planning/seat-facts.ts';
import { planSwaps } from '../../src/domain/planning/swaps.ts';
import { carriedOut, contact, deal, FOR_LEARNERS, LEARNERS, line, planOf, SEALER } from './example-deals.ts';

const PRODUCT = 'sku:LEAD-101';
const [LEE] = LEARNERS;
const sold = { lineItems: [line('LEAD-101', 1)] };
const BUYER = contact('6001', { roles: ['Buyer'] });
const first = deal({ ...sold, contacts: [BUYER, ...(LEE === undefined ? [] : [LEE])] });
const ledger = carriedOut(planOf(first, FOR_LEARNERS));
const left = { deal: deal({ ...sold, contacts: [BUYER] }), catalog: FOR_LEARNERS, ledger };

const ofLee = (changes: Partial<HeldSeat> = {}): HeldSeat => ({
  seatId: 's1',
  contactId: '6002',
  productKey: PRODUCT,
  token: ledger.groups[0]?.token ?? '',
  isRedeemed: false,
  isBusy: false,
  isGoing: false,
  ...changes,
});
const seats = (held: readonly HeldSeat[], changes: Partial<SeatFacts> = {}): SeatFacts => ({
  free: new Map([[PRODUCT, 0]]),
  coming: [],
  without: [],
  held,
  ...changes,
});
const swaps = (facts: SeatFacts, comers = ['6003']) =>
  planSwaps(left, comers, { groups: new Map(), isRosterThere: true, carriers: new Set(), seats: facts });

describe('Whose seat a newcomer takes', () => {
  test('a code that nobody used is retired, and a new one takes its place', () => {
    expect(swaps(seats([ofLee()]))).toMatchObject({ leaving: ['6002'], handedOn: [] });
  });

  test.each([
    ['a seat in use', { isRedeemed: true }],
    ['a seat whose code took the place of another', { token: 'd-replacement' }],
  ])('%s is for an operation to hand on', (_, changes) => {
    expect(swaps(seats([ofLee(changes)]))).toMatchObject({
      leaving: [],
      handedOn: [{ seat: { seatId: 's1' }, to: '6003' }],
    });
  });

  test('nothing is handed on while a seat is free, comes free, or an operation has it', () => {
    const used = ofLee({ isRedeemed: true });
    const coming = [{ productKey: PRODUCT, contactId: null }];
    for (const facts of [
      seats([used], { free: new Map([[PRODUCT, 1]]) }),
      seats([used], { coming }),
      seats([ofLee({ isRedeemed: true, isBusy: true })]),
    ])
      expect(swaps(facts).handedOn).toEqual([]);
  });

  test('two newcomers and one seat in use: people must decide otherwise', () => {
    expect(swaps(seats([ofLee({ isRedeemed: true })]), ['6003', '6004']).handedOn).toEqual([]);
  });
});

test('the ledger keeps who is to have no seat beside whom', () => {
  const declined = { '6003': ['6002'], '6004': ['6002', '6005'] };
  const text = formatLedger({ ...ledger, declined }, left.deal, SEALER);
  expect(readLedger(text, left.deal, SEALER)).toMatchObject({ isSealed: true, ledger: { declined } });
});
