import { canonicalJson } from '../domain/canonical-json.ts';
import type { StoreTransaction } from './change-seat.ts';
import type { CodeVault } from './code-vault.ts';
import { idUsed, requireSoundId } from './request-id.ts';
import type { SeatStore } from './seat-store.ts';

/** A request that is no operation on a seat, under the caller's idempotency key. */
export interface KeyedRequest {
  /** The same with the same content is the same request. 1 to 100 characters of `[A-Za-z0-9._:-]`. */
  readonly id: string;
  readonly what: 'late_redemption' | 'link' | 'export' | 'erasure' | 'rotation' | 'close_findings';
  /** All that makes it another request. Only its HMAC is kept, because it may name a person. */
  readonly content: object;
  readonly at: Date;
}

export interface TakenRequest<Progress> {
  /** It was asked for before. */
  readonly isRepeat: boolean;
  /** What `noteProgress` noted of it last; null: nothing. */
  readonly progress: Progress | null;
}

/** Begins a request or takes it up again, and is alone with it to the end of the transaction. Throws `seat.id_used`. */
export async function takeRequest<Progress>(
  trx: StoreTransaction,
  vault: CodeVault,
  { id, what, content, at }: KeyedRequest,
): Promise<TakenRequest<Progress>> {
  requireSoundId(id);
  const macs = vault.macsOf(`${what} ${canonicalJson(content)}`);
  const begun = await trx
    .insertInto('requests')
    .values({ id, what, content_mac: macs[0] ?? '', asked_at: at })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (begun !== undefined) return { isRepeat: false, progress: null };
  const known = await trx
    .selectFrom('requests')
    .select(['content_mac', 'progress'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirstOrThrow();
  if (!macs.includes(known.content_mac)) throw idUsed(id);
  return { isRepeat: true, progress: known.progress as Progress | null };
}

/** What a repeat is to know. Nothing of a person and no code. */
export async function noteProgress<Progress extends object>(
  trx: StoreTransaction,
  id: string,
  progress: Progress,
): Promise<Progress> {
  await trx
    .updateTable('requests')
    .set({ progress: JSON.stringify(progress) })
    .where('id', '=', id)
    .execute();
  return progress;
}

/** From then on their ids may be used again. */
export async function forgetRequests(
  { db }: Pick<SeatStore, 'db'>,
  { before }: { readonly before: Date },
): Promise<void> {
  await db.deleteFrom('requests').where('asked_at', '<', before).execute();
}
