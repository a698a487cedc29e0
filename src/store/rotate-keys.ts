import { sql } from 'kysely';
import type { StoreTransaction } from './change-seat.ts';
import type { CodeVault } from './code-vault.ts';
import { noteProgress, takeRequest } from './keyed-request.ts';
import type { SeatStore } from './seat-store.ts';
import { inTransaction } from './transaction.ts';

/** How far a rotation is. */
export interface Rotation {
  readonly isOver: boolean;
  /** Codes that were sealed with an older key and are sealed with the newest one now. */
  readonly resealed: number;
  /** Codes that were looked at. */
  readonly checked: number;
  /** All codes of the store. */
  readonly total: number;
}

interface Progress extends Rotation {
  /** The last code that was looked at. */
  readonly lastId: number;
}

interface RotationRequest {
  /** The caller's idempotency key: a repeat goes on where the last one stopped. */
  readonly id: string;
  readonly at: Date;
}

export interface RotationBounds {
  /** Codes a call. */
  readonly atMost: number;
  /** Codes a transaction. */
  readonly batch: number;
}

const ROTATION_BOUNDS: RotationBounds = { atMost: 10_000, batch: 1_000 };

/**
 * Seals the next codes with the newest key, beside a running service. Each batch is a transaction with the note how far it
 * is, so it may be killed at any point. Once it is over, the store needs no older key.
 */
export async function rotateKeys(
  { db, vault }: SeatStore,
  request: RotationRequest,
  { atMost, batch }: RotationBounds = ROTATION_BOUNDS,
): Promise<Rotation> {
  for (let done = 0; ; done += batch) {
    const { isOver, resealed, checked, total } = await inTransaction(db, (trx) =>
      nextBatch(trx, vault, request, batch),
    );
    if (isOver || done + batch >= atMost) return { isOver, resealed, checked, total };
  }
}

async function nextBatch(
  trx: StoreTransaction,
  vault: CodeVault,
  { id, at }: RotationRequest,
  batch: number,
): Promise<Progress> {
  const content = { key: vault.newestKeyId };
  const taken = await takeRequest<Progress>(trx, vault, { id, what: 'rotation', content, at });
  const soFar = taken.progress ?? {
    isOver: false,
    resealed: 0,
    checked: 0,
    total: await countCodes(trx),
    lastId: 0,
  };
  if (soFar.isOver) return soFar;
  const codes = await trx
    .selectFrom('codes')
    .select(['id', 'code_enc', 'code_mac'])
    .where('id', '>', soFar.lastId)
    .orderBy('id')
    .limit(batch)
    .forUpdate()
    .execute();
  const old = codes.filter(({ code_enc: enc }) => !vault.isOfNewestKey({ enc }));
  await reseal(trx, vault, old);
  const checked = soFar.checked + codes.length;
  return await noteProgress(trx, id, {
    isOver: codes.length < batch,
    resealed: soFar.resealed + old.length,
    checked,
    total: Math.max(soFar.total, checked),
    lastId: codes.at(-1)?.id ?? soFar.lastId,
  });
}

async function reseal(
  trx: StoreTransaction,
  vault: CodeVault,
  codes: readonly { readonly id: number; readonly code_enc: string; readonly code_mac: string }[],
): Promise<void> {
  if (codes.length === 0) return;
  const sealed = codes.map(({ code_enc }) => vault.seal(vault.open(code_enc)));
  await sql`
    with fresh as (
      select * from unnest(
        ${codes.map(({ id }) => id)}::integer[], ${codes.map(({ code_mac }) => code_mac)}::text[],
        ${sealed.map(({ enc }) => enc)}::text[], ${sealed.map(({ mac }) => mac)}::text[]
      ) as fresh (id, old_mac, enc, mac)
    ), heard as (
      update redemptions set code_mac = fresh.mac from fresh where redemptions.code_mac = fresh.old_mac
    )
    update codes set code_enc = fresh.enc, code_mac = fresh.mac from fresh where codes.id = fresh.id`.execute(
    trx,
  );
}

async function countCodes(trx: StoreTransaction): Promise<number> {
  const { count } = await trx
    .selectFrom('codes')
    .select((select) => select.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** How many codes each key seals, by its id, newest use first. */
export async function countByKey({ db }: Pick<SeatStore, 'db'>): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('codes')
    .select([
      sql<string>`split_part(code_enc, '.', 1)`.as('key'),
      (with_) => with_.fn.countAll<string>().as('codes'),
    ])
    .groupBy('key')
    .execute();
  return new Map(rows.map(({ key, codes }) => [key, Number(codes)]));
}
