import { describe, expect, test } from '@jest/globals';
import type { Deal } from '../../src/domain/deal/deal.ts';
import type { Ledger, LedgerGroup } from '../../src/domain/deal/ledger.ts';
import { deal, EXAMPLE, line, planOf, readyPlan } from './example-deals.ts';

const SEATS = 25;
const sold = { lineItems: [line('LEAD-101', SEATS)] };

/** The ledger of the delivered deal, with what somebody wrote into the entry of its only group. */
function edited(changes: Partial<LedgerGroup>, seats = SEATS): Ledger {
  const [group] = readyPlan(deal({ lineItems: [line('LEAD-101', seats)] })).groups;
  if (!group) throw new Error('No group was planned');
  const entry = { token: group.token, product: group.productKey, part: group.part, group: 'id-1' };
  const groups = [{ ...entry, issued: seats, active: seats, ...changes }];
  return { wonAt: null, roster: null, groups, kept: {} };
}

function withLedger(ledger: Ledger, changes: Partial<Deal> = {}): Deal {
  const mark = { status: 'Delivered', groupIds: [], groupLabels: [], seatCount: SEATS, ledger };
  return deal({ ...sold, mark, ...changes });
}

/** What `docs/threat-model.md` says of it: these are bounds, and no stop. */
describe('a ledger that somebody edited to be given the seats again', () => {
  test('is believed: as many seats as it says too few are made, in a group of the next part', () => {
    const plan = readyPlan(withLedger(edited({ active: 0 })));
    const made = plan.groups.filter(({ delivered }) => !delivered);
    expect(made.map(({ part, seatCount }) => [part, seatCount])).toEqual([[2, SEATS]]);
  });

  test('gives no more at once than the deal sells', () => {
    expect(readyPlan(withLedger(edited({ active: 0 }))).addedSeats).toBe(SEATS);
  });

  test('asks for approval as new seats do', () => {
    const seats = (EXAMPLE.approveAboveSeats ?? Number.NaN) + 1;
    const lineItems = [line('LEAD-101', seats)];
    expect(readyPlan(withLedger(edited({ active: 0 }, seats), { lineItems })).needsApproval).toBe(true);
  });

  test('gives nothing new when its entries are taken out: the first group is found again', () => {
    const ledger = edited({});
    const plan = readyPlan(withLedger({ ...ledger, groups: [] }));
    expect(plan.groups.map(({ token }) => token)).toEqual(ledger.groups.map(({ token }) => token));
  });

  test('is refused when it names a group that is not the deal’s, whatever its numbers', () => {
    const outcome = planOf(withLedger(edited({ token: 'd0123456789abcde', active: 0 })));
    expect(outcome).toMatchObject({ kind: 'blocked', problems: [{ code: 'deal.mark_foreign' }] });
  });
});
