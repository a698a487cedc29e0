import { sql } from 'kysely';
import type { SeatStore } from './seat-store.ts';
import { inTransaction } from './transaction.ts';

export interface Rotation {
  /** Codes that were sealed with an older key and are sealed with the newest one now. */
  readonly resealed: number;
  /** All codes of the store. */
  readonly total: number;
}

const BATCH = 1_000;

/**
 * Seals every code with the newest key. Each batch is a transaction of its own, so it may be stopped and begun again at any
 * point, and beside a running service. Afterwards the store needs no older key.
 */
export async function rotateKeys(
  { db, vault }: SeatStore,
  onProgress: (done: number) => void = () => {},
): Promise<Rotation> {
  let last = 0;
  const rotation = { resealed: 0, total: 0 };
  for (;;) {
    const batch = await inTransaction(db, async (trx) => {
      let resealed = 0;
      const codes = await trx
        .selectFrom('codes')
        .select(['id', 'code_enc', 'code_mac'])
        .where('id', '>', last)
        .orderBy('id')
        .limit(BATCH)
        .forUpdate()
        .execute();
      for (const { id, code_enc, code_mac } of codes) {
        if (vault.isOfNewestKey({ enc: code_enc })) continue;
        const { enc, mac } = vault.seal(vault.open(code_enc));
        await trx.updateTable('codes').set({ code_enc: enc, code_mac: mac }).where('id', '=', id).execute();
        await trx
          .updateTable('redemptions')
          .set({ code_mac: mac })
          .where('code_mac', '=', code_mac)
          .execute();
        resealed += 1;
      }
      return { resealed, total: codes.length, last: codes.at(-1)?.id };
    });
    if (batch.last === undefined) return rotation;
    last = batch.last;
    rotation.resealed += batch.resealed;
    rotation.total += batch.total;
    onProgress(rotation.total);
  }
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
