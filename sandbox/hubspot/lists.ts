import { HubSpotRefusal, notFound } from './answers.ts';
import type { ObjectName } from './object-types.ts';

export type ListKind = 'MANUAL' | 'SNAPSHOT' | 'DYNAMIC';

export interface RecordList {
  readonly listId: string;
  readonly name: string;
  readonly object: ObjectName;
  readonly kind: ListKind;
  readonly createdAt: number;
  /** Record id and when it joined. */
  readonly members: Map<string, number>;
}

const FIRST_LIST_ID = 2101;

export class ListStore {
  /** Who came onto which list, in order: a workflow that fires on joining has fired for each. */
  readonly joined: { readonly listId: string; readonly recordId: string }[] = [];
  readonly #lists = new Map<string, RecordList>();
  readonly #now: () => number;
  #nextId = FIRST_LIST_ID;

  constructor(now: () => number) {
    this.#now = now;
  }

  create(list: {
    readonly name: string;
    readonly object: ObjectName;
    readonly kind: ListKind;
    readonly listId?: string;
  }): RecordList {
    if (this.all().some(({ name }) => name.toLowerCase() === list.name.toLowerCase())) {
      throw new HubSpotRefusal(400, `A list named "${list.name}" already exists`, {
        category: 'VALIDATION_ERROR',
        subCategory: 'ILS.DUPLICATE_LIST_NAMES',
      });
    }
    const made: RecordList = {
      listId: list.listId ?? String(this.#nextId++),
      name: list.name,
      object: list.object,
      kind: list.kind,
      createdAt: this.#now(),
      members: new Map(),
    };
    this.#lists.set(made.listId, made);
    return made;
  }

  all(): RecordList[] {
    return [...this.#lists.values()];
  }

  get(listId: string): RecordList {
    const list = this.#lists.get(listId);
    if (!list) throw notFound(`List ${listId} does not exist`);
    return list;
  }

  remove(listId: string): void {
    this.#lists.delete(this.get(listId).listId);
  }

  /** Adding twice is adding once; returns the ids that were new. */
  add(list: RecordList, ids: readonly string[]): string[] {
    const fresh = [...new Set(ids)].filter((id) => !list.members.has(id));
    for (const id of fresh) {
      list.members.set(id, this.#now());
      this.joined.push({ listId: list.listId, recordId: id });
    }
    return fresh;
  }

  /** Returns the ids that were there. */
  take(list: RecordList, ids: readonly string[]): string[] {
    return [...new Set(ids)].filter((id) => list.members.delete(id));
  }
}
