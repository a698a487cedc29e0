import { emailKey } from '../domain/seats/seat-state.ts';
import type { StoreTransaction } from './change-seat.ts';

export interface FilledLearner {
  readonly contactId: string | null;
  readonly email: string | null;
  readonly name: string | null;
}

/** Who has live seats of one product of the order. */
export class Holders {
  readonly #trx: StoreTransaction;
  readonly #orderId: number;
  readonly #productKey: string;
  #keys: Set<string> | null = null;

  constructor(trx: StoreTransaction, orderId: number, productKey: string) {
    this.#trx = trx;
    this.#orderId = orderId;
    this.#productKey = productKey;
  }

  /**
   * A second seat of one person, as after a merge of two contacts, has no key: it is theirs, and the next person who needs
   * a seat does not find it free.
   */
  async columnsOf(learner: FilledLearner | null) {
    const columns = learnerColumns(learner);
    if (columns.learner_key === null) return columns;
    this.#keys ??= await this.#read();
    if (this.#keys.has(columns.learner_key)) return { ...columns, learner_key: null };
    this.#keys.add(columns.learner_key);
    return columns;
  }

  async #read(): Promise<Set<string>> {
    const rows = await this.#trx
      .selectFrom('seats')
      .select('learner_key')
      .where('order_id', '=', this.#orderId)
      .where('product_key', '=', this.#productKey)
      .where('state', '<>', 'ended')
      .where('learner_key', 'is not', null)
      .execute();
    return new Set(rows.flatMap(({ learner_key: key }) => key ?? []));
  }
}

/** The columns that say who has a seat. */
export function learnerColumns(learner: FilledLearner | null) {
  if (learner === null) {
    return { contact_id: null, learner_email: null, learner_key: null, learner_name: null };
  }
  const { contactId, email, name } = learner;
  // Somebody without an address is told apart by the record.
  const key = email !== null ? emailKey(email) : contactId !== null ? `contact:${contactId}` : null;
  return { contact_id: contactId, learner_email: email, learner_key: key, learner_name: name };
}
