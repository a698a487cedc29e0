import type { Lms } from '../../src/clients/lms.ts';
import type { Grants } from '../../src/domain/deal/catalog.ts';
import type { DealRef } from '../../src/domain/deal/deal.ts';
import { DEALSEAT } from '../../src/domain/seats/seat-state.ts';
import type { SeatRow } from '../../src/store/change-seat.ts';
import { type FilledGroup, fillGroup, upsertOrder } from '../../src/store/fill-order.ts';
import type { FilledLearner } from '../../src/store/holders.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { inTransaction } from '../../src/store/transaction.ts';

/** When the deals of these tests were delivered. */
export const SOLD_AT = new Date('2026-11-20T09:00:00.000Z');

export interface SoldSeats {
  readonly deal: DealRef;
  readonly codes: readonly string[];
  /** Whose the first seats are; the others are free. */
  readonly learners?: readonly FilledLearner[];
  /** How many of the first ones are in use. */
  readonly used?: number;
  readonly audience?: 'buyer' | 'learners';
  readonly group?: Partial<FilledGroup>;
}

const GRANTS: Grants = {
  courses: ['8f2a1c34-5b6d-4e7f-9a01-2b3c4d5e6f70'],
  learningPaths: [],
  bundles: [],
  licenses: [],
};

export const PRODUCT = 'sku:LEAD-101';

/** An order in the ledger, as a delivery leaves it. Its seats in the order of the codes. */
export async function sellSeats(
  { db, vault }: SeatStore,
  { deal, codes, learners = [], used = 0, audience = 'learners', group = {} }: SoldSeats,
): Promise<readonly SeatRow[]> {
  const token = `d${deal.dealId.padStart(15, '0')}`;
  return await inTransaction(db, async (trx) => {
    const order = await upsertOrder(
      trx,
      {
        deal,
        dealName: 'Acme',
        dealUrl: 'https://crm.example/1',
        companyName: 'Acme',
        ownerId: null,
        buyerContactId: null,
        audience,
      },
      SOLD_AT,
    );
    await fillGroup(
      trx,
      vault,
      order,
      {
        token,
        platform: 'ti',
        groupId: `group-${deal.account}-${deal.dealId}`,
        label: `acme-leadership-2026-11-20-${token}`,
        productKey: PRODUCT,
        title: 'Leadership Essentials',
        part: 1,
        issued: codes.length,
        redeemUrl: 'https://learn.vendor.example/redeem/{code}',
        client: null,
        codesExpireAt: null,
        accessDays: 365,
        accessUntil: null,
        grants: GRANTS,
        ...group,
      },
      codes.map((code, index) => ({
        code,
        isRedeemed: index < used,
        isWithdrawn: false,
        isHandedOut: index < learners.length,
        learner: learners[index] ?? null,
      })),
      { actor: DEALSEAT, reason: 'delivered', at: SOLD_AT },
    );
    const rows = await trx
      .selectFrom('seats')
      .selectAll('seats')
      .innerJoin('codes', 'codes.id', 'seats.code_id')
      .where('order_id', '=', order.id)
      .orderBy('codes.id')
      .execute();
    return rows;
  });
}

/** The same with a group of that many codes at the platform. */
export async function sellAtPlatform(
  store: SeatStore,
  lms: Lms,
  sold: Omit<SoldSeats, 'codes'> & { readonly seats: number },
): Promise<{ readonly seats: readonly SeatRow[]; readonly codes: readonly string[] }> {
  const token = `d${sold.deal.dealId.padStart(15, '0')}`;
  const made = await lms.createGroup({
    label: `acme-leadership-2026-11-20-${token}`,
    codeLength: 12,
    seatCount: sold.seats,
    client: sold.group?.client ?? null,
    codesExpireAt: sold.group?.codesExpireAt ?? null,
    accessDays: sold.group?.accessDays === undefined ? 365 : sold.group.accessDays,
    accessUntil: sold.group?.accessUntil ?? null,
    grants: sold.group?.grants ?? GRANTS,
  });
  const codes: string[] = [];
  for await (const page of lms.listCodes(made.id)) codes.push(...page.map(({ code }) => code));
  const seats = await sellSeats(store, { ...sold, codes, group: { ...sold.group, groupId: made.id } });
  return { seats, codes };
}

export function learner(email: string, contactId: string | null = null): FilledLearner {
  return { email, name: null, contactId };
}
