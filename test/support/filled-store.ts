import { randomBytes } from 'node:crypto';
import type { FailureCode } from '../../src/domain/failure.ts';
import type { NudgePolicy } from '../../src/domain/seats/nudge-standing.ts';
import type { OperationState } from '../../src/domain/seats/operation.ts';
import { DEALSEAT } from '../../src/domain/seats/seat-state.ts';
import type { SeatDesk } from '../../src/seats/desk.ts';
import { createStoreDesk } from '../../src/seats/store-desk.ts';
import { CodeVault } from '../../src/store/code-vault.ts';
import type { StoreDatabase } from '../../src/store/database.ts';
import { type FilledCode, fillGroup, upsertOrder } from '../../src/store/fill-order.ts';
import { requestOperations } from '../../src/store/request-operation.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';

const AT = new Date('2026-11-20T10:00:00.000Z');
export const LATER = new Date('2026-11-25T10:00:00.000Z');
export const ACME = { crm: 'hubspot', account: '62515', dealId: '9001' };
export const INITECH = { crm: 'salesforce', account: '00D5Y000001MPM7UAO', dealId: '0065Y00001Suvw6QAB' };

/** Every code of the filled store. */
export const FILLED_CODES = /(?:ACME-LEAD|ACME-PATH|INITECH-LEAD)-\d/;

/**
 * Two deals: Acme with 5 seats of one product, of which Ana and Kim hold one each, and 3 of another; Initech with one seat
 * that Ana holds.
 */
export async function fillStore(
  { db }: Pick<StoreDatabase, 'db'>,
  vault = new CodeVault([{ id: 'k1', bytes: randomBytes(32) }]),
): Promise<SeatStore> {
  const store = { db, vault };
  await db.transaction().execute(async (trx) => {
    const acme = await upsertOrder(trx, facts(ACME, 'Acme leadership rollout', 'Acme Corp'), AT);
    const at = { actor: DEALSEAT, at: AT };
    const holders = ['Ana@Example.com', 'kim@example.com'];
    const lead = group('acme-lead', 'Leadership Essentials');
    await fillGroup(trx, vault, acme, lead, codes('ACME-LEAD', 5, holders), at);
    await fillGroup(trx, vault, acme, group('acme-path', 'Manager Path'), codes('ACME-PATH', 3, []), at);
    const initech = await upsertOrder(trx, facts(INITECH, 'Initech onboarding 100%', 'Initech'), LATER);
    const later = { actor: DEALSEAT, at: LATER };
    const leadToo = group('initech-lead', 'Leadership Essentials');
    await fillGroup(trx, vault, initech, leadToo, codes('INITECH-LEAD', 1, ['ana@example.com']), later);
  });
  return store;
}

function facts(deal: typeof ACME, dealName: string, companyName: string) {
  return {
    deal,
    dealName,
    dealUrl: `https://crm.example.com/${deal.dealId}`,
    companyName,
    ownerId: '8001',
    buyerContactId: '6001',
    audience: 'learners' as const,
  };
}

function group(label: string, title: string) {
  return {
    token: label,
    platform: 'ti',
    groupId: `id-${label}`,
    label,
    productKey: title.toLowerCase().replaceAll(' ', '-'),
    title,
    part: 1,
    issued: 5,
    redeemUrl: 'https://learn.example.com/redeem/{code}',
    client: null,
    codesExpireAt: null,
    accessDays: 365,
    accessUntil: null,
    grants: { courses: ['c1'], learningPaths: [], bundles: [], licenses: [] },
  };
}

function codes(name: string, count: number, holders: readonly string[]): FilledCode[] {
  return Array.from({ length: count }, (_, index) => ({
    code: `${name}-${index}`,
    isRedeemed: false,
    isWithdrawn: false,
    isHandedOut: false,
    learner: holders[index] === undefined ? null : { contactId: null, email: holders[index], name: null },
  }));
}

export interface Outcome {
  readonly state: OperationState;
  readonly outcome: string;
  readonly failure_code: FailureCode | null;
}

/** The desk of a store whose operations come to this at once; without it they stay on record. */
export function deskOf(
  store: SeatStore,
  now: () => number = Date.now,
  outcome?: () => Outcome,
  nudgePolicy: NudgePolicy | null = null,
): SeatDesk {
  return createStoreDesk(store, {
    now,
    nudgePolicy: async () => nudgePolicy,
    operations: {
      async ask(requests) {
        const asked = await requestOperations(store, requests);
        if (outcome !== undefined) for (const { id } of requests) await settle(store, id, outcome);
        return asked;
      },
      async retry(id) {
        if (outcome !== undefined) await settle(store, id, outcome);
      },
    },
  });
}

async function settle({ db }: SeatStore, id: string, outcome: () => Outcome): Promise<void> {
  await db.updateTable('operations').set(outcome()).where('id', '=', id).execute();
}
