import type { DealRef } from '../../src/domain/deal/deal.ts';
import { DEALSEAT } from '../../src/domain/seats/seat-state.ts';
import {
  type FilledCode,
  type FilledGroup,
  fillGroup,
  type OrderFacts,
  upsertOrder,
} from '../../src/store/fill-order.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';

const DEAL: DealRef = { crm: 'hubspot', account: '62515', dealId: '9001' };

const FILLED_AT = new Date('2026-11-20T09:00:00.000Z');

interface FilledOrder {
  readonly deal?: DealRef;
  readonly order?: Partial<OrderFacts>;
  readonly group?: Partial<FilledGroup>;
  /** In the roster of the buyer unless something else is said. */
  readonly codes: readonly (Partial<FilledCode> & Pick<FilledCode, 'code'>)[];
}

/** A delivered order with one group. Gives its id. */
export async function fillOrder(
  { db, vault }: SeatStore,
  { deal = DEAL, order: facts, group, codes }: FilledOrder,
): Promise<number> {
  return await db.transaction().execute(async (trx) => {
    const order = await upsertOrder(
      trx,
      {
        deal,
        dealName: 'Acme renewal',
        dealUrl: 'https://crm.example/9001',
        companyName: 'Acme Corp',
        ownerId: '77',
        buyerContactId: '501',
        audience: 'buyer',
        ...facts,
      },
      FILLED_AT,
    );
    await trx.updateTable('orders').set({ delivered_at: FILLED_AT }).where('id', '=', order.id).execute();
    await fillGroup(
      trx,
      vault,
      order,
      {
        token: 'k3x9',
        platform: 'ti',
        groupId: `group-${order.id}`,
        label: 'acme-leadership-20261120-k3x9',
        productKey: 'sku:LEAD-101',
        title: 'Leadership Essentials',
        part: 1,
        issued: codes.length,
        redeemUrl: 'https://learn.vendor.example/redeem/{code}',
        client: null,
        codesExpireAt: null,
        accessDays: 365,
        accessUntil: null,
        grants: { courses: ['course-1'], learningPaths: [], bundles: [], licenses: [] },
        ...group,
      },
      codes.map((code) => ({
        isRedeemed: false,
        isWithdrawn: false,
        isHandedOut: true,
        learner: null,
        ...code,
      })),
      { actor: DEALSEAT, at: FILLED_AT },
    );
    return order.id;
  });
}
