import type { AssociationStore, ObjectRef } from './associations.ts';
import type { ObjectName } from './object-types.ts';
import type { HubSpotRecord, RecordStore } from './records.ts';

/** Properties of a deal that count what is associated with it. */
const COUNTS: Readonly<Partial<Record<ObjectName, string>>> = {
  contacts: 'num_associated_contacts',
  line_items: 'hs_num_of_associated_line_items',
};

interface DueCount {
  readonly property: string;
  readonly value: string;
  readonly dueAt: number;
}

interface CountOptions {
  readonly now: () => number;
  readonly associations: AssociationStore;
  readonly records: RecordStore;
  /** Infinity: this portal counts nothing. */
  readonly delayMs: number;
}

/** HubSpot counts the records that are associated with a deal some seconds after each change, and dates the count. */
export class AssociationCounts {
  readonly #options: CountOptions;
  /** By deal, oldest first. */
  readonly #due = new Map<string, DueCount[]>();

  constructor(options: CountOptions) {
    this.#options = options;
    const { associations, records } = options;
    associations.onChange = (from, to) => {
      this.#changed(from, to.object);
      this.#changed(to, from.object);
    };
    records.onExistence = (record) => this.#existenceChanged(record);
  }

  /** As if all that is associated with the deal had been counted so much earlier. */
  age(dealId: string, byMs: number): void {
    const { records, now } = this.#options;
    const due = this.#due.get(dealId) ?? [];
    this.#due.delete(dealId);
    const deal = records.getLive('deals', dealId);
    if (this.#options.delayMs === Number.POSITIVE_INFINITY) return;
    for (const property of Object.values(COUNTS)) {
      const value = due.findLast((each) => each.property === property)?.value ?? '0';
      deal.history.delete(property);
      records.count(deal, { property, value, at: now() - byMs });
    }
  }

  #existenceChanged(record: HubSpotRecord): void {
    const { associations, delayMs } = this.#options;
    if (record.object === 'deals') {
      // A new deal has nothing yet, and HubSpot says so at once.
      if (record.archivedAt !== null || delayMs === Number.POSITIVE_INFINITY) return;
      for (const property of Object.values(COUNTS)) {
        this.#options.records.count(record, { property, value: '0', at: record.createdAt });
      }
      return;
    }
    for (const { id } of associations.linked(record, 'deals')) {
      this.#changed({ object: 'deals', id }, record.object);
    }
  }

  #changed(deal: ObjectRef, kind: ObjectName): void {
    const property = COUNTS[kind];
    const { associations, records, now, delayMs } = this.#options;
    if (deal.object !== 'deals' || property === undefined || delayMs === Number.POSITIVE_INFINITY) return;
    const live = associations.linked(deal, kind).filter(({ id }) => records.findLive(kind, id));
    const due = { property, value: String(live.length), dueAt: now() + delayMs };
    this.#due.set(deal.id, [...(this.#due.get(deal.id) ?? []), due]);
  }

  /** Shows what is due by now. */
  settle(record: HubSpotRecord): void {
    if (record.object !== 'deals') return;
    const all = this.#due.get(record.id) ?? [];
    if (all.length === 0) return;
    const isOver = ({ dueAt }: DueCount) => dueAt <= this.#options.now();
    this.#due.set(
      record.id,
      all.filter((each) => !isOver(each)),
    );
    for (const { property, value, dueAt } of all.filter(isOver)) {
      this.#options.records.count(record, { property, value, at: dueAt });
    }
  }
}
