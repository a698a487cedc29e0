import { notFound } from './answers.ts';
import { OBJECT_TYPES, type ObjectName } from './object-types.ts';
import type { PipelineStore } from './pipelines.ts';
import type { StoredValue } from './property-values.ts';

export interface HistoryEntry {
  readonly value: string;
  readonly timestamp: number;
  readonly sourceType: ChangeSource | 'CALCULATED';
  /** The app's id, or the user's. */
  readonly sourceId: string;
  /** Of changes by hand. */
  readonly updatedByUserId?: number;
}

/** An app by the API, a person in HubSpot's pages, or a workflow of the portal. */
export type ChangeSource = 'INTEGRATION' | 'CRM_UI' | 'AUTOMATION_PLATFORM';

/** What search knows of a record from `visibleAt` on. */
interface IndexedVersion {
  readonly visibleAt: number;
  readonly properties: Readonly<Record<string, string>>;
}

export interface HubSpotRecord {
  readonly object: ObjectName;
  readonly id: string;
  readonly properties: Record<string, string>;
  /** Newest first. */
  readonly history: Map<string, HistoryEntry[]>;
  createdAt: number;
  updatedAt: number;
  archivedAt: number | null;
  /** When HubSpot will have recalculated `hs_is_closed*`; null: it has. */
  flagsDueAt: number | null;
  indexed: IndexedVersion[];
}

export type RecordChange =
  | { readonly kind: 'creation' | 'deletion'; readonly record: HubSpotRecord; readonly source: ChangeSource }
  | {
      readonly kind: 'propertyChange';
      readonly record: HubSpotRecord;
      readonly source: ChangeSource;
      readonly property: string;
      readonly value: string;
    }
  | {
      readonly kind: 'merge';
      readonly record: HubSpotRecord;
      readonly source: ChangeSource;
      readonly mergedIds: readonly string[];
    };

export interface RecordStoreOptions {
  readonly now: () => number;
  readonly pipelines: PipelineStore;
  /** The app that calls where the caller names none. */
  readonly appId: number;
  readonly searchIndexDelayMs: number;
  readonly closedFlagsDelayMs: number;
}

const FIRST_ID = 29_471_000_001;
const PERSON = 4711;

/** The records of one portal, whatever their type. Checks nothing: `record-writes.ts` does, before it calls here. */
export class RecordStore {
  /** Called after each change, in order. */
  onChange: (change: RecordChange) => void = () => {};
  /** Called when a record was made or deleted. */
  onExistence: (record: HubSpotRecord) => void = () => {};
  /** Called before a record is shown. */
  onRead: (record: HubSpotRecord) => void = () => {};
  readonly #records = new Map<string, HubSpotRecord>();
  /** Ids of merged-away records and the ids they answer to now. */
  readonly #mergedInto = new Map<string, string>();
  readonly #options: RecordStoreOptions;
  #nextId = FIRST_ID;

  constructor(options: RecordStoreOptions) {
    this.#options = options;
  }

  create(
    object: ObjectName,
    properties: Readonly<Record<string, StoredValue>>,
    source: ChangeSource,
    options: { readonly id?: string; readonly searchableAtOnce?: boolean; readonly appId?: number } = {},
  ): HubSpotRecord {
    const now = this.#options.now();
    const id = options.id ?? String(this.#nextId++);
    if (this.#records.has(keyOf(object, id))) throw new Error(`${object} ${id} exists already`);
    const record: HubSpotRecord = {
      object,
      id,
      properties: {
        hs_object_id: id,
        hs_object_source: source,
        hs_object_source_id: this.#sourceId(source, options.appId),
        [OBJECT_TYPES[object].createdProperty]: iso(now),
      },
      history: new Map(),
      createdAt: now,
      updatedAt: now,
      archivedAt: null,
      flagsDueAt: null,
      indexed: [],
    };
    this.#records.set(keyOf(object, id), record);
    this.#write(record, properties, source, options.appId);
    this.onExistence(record);
    if (options.searchableAtOnce) record.indexed = [{ visibleAt: now, properties: { ...record.properties } }];
    this.onChange({ kind: 'creation', record, source });
    return record;
  }

  update(
    record: HubSpotRecord,
    properties: Readonly<Record<string, StoredValue>>,
    source: ChangeSource,
    options: { readonly appId?: number; readonly userId?: number } = {},
  ): void {
    const changed = this.#write(record, properties, source, options.appId, options.userId);
    for (const property of changed) {
      const value = record.properties[property] ?? '';
      this.onChange({ kind: 'propertyChange', record, source, property, value });
    }
  }

  /** As if it had been made so much earlier, and nobody had touched it since. */
  age(record: HubSpotRecord, byMs: number): void {
    const { createdProperty, modifiedProperty } = OBJECT_TYPES[record.object];
    record.createdAt -= byMs;
    record.updatedAt = record.createdAt;
    record.properties[createdProperty] = iso(record.createdAt);
    record.properties[modifiedProperty] = iso(record.createdAt);
    for (const [name, entries] of record.history) {
      const aged = entries.map((entry) => ({ ...entry, timestamp: entry.timestamp - byMs }));
      record.history.set(name, aged);
    }
  }

  /** What HubSpot itself calculated at that time. */
  count(
    record: HubSpotRecord,
    { property, value, at }: { readonly property: string; readonly value: string; readonly at: number },
  ): void {
    const entries = record.history.get(property) ?? [];
    if (entries[0]?.value === value) return;
    const entry = { value, timestamp: at, sourceType: 'CALCULATED', sourceId: 'RollupProperties' } as const;
    record.history.set(property, [entry, ...entries]);
    record.properties[property] = value;
    if (at <= record.updatedAt) return;
    record.updatedAt = at;
    record.properties[OBJECT_TYPES[record.object].modifiedProperty] = iso(at);
    this.#index(record, at);
  }

  archive(record: HubSpotRecord, source: ChangeSource): void {
    record.archivedAt = this.#options.now();
    this.onExistence(record);
    this.onChange({ kind: 'deletion', record, source });
  }

  /** From now on the merged record's id leads to the surviving one. */
  merge(surviving: HubSpotRecord, merged: HubSpotRecord): void {
    this.#records.delete(keyOf(merged.object, merged.id));
    this.#mergedInto.set(keyOf(merged.object, merged.id), surviving.id);
    const earlier = surviving.properties.hs_merged_object_ids;
    surviving.properties.hs_merged_object_ids = earlier ? `${earlier};${merged.id}` : merged.id;
    this.onChange({ kind: 'merge', record: surviving, source: 'CRM_UI', mergedIds: [merged.id] });
  }

  /** Also finds archived records, and the surviving record of a merge. */
  find(object: ObjectName, id: string): HubSpotRecord | undefined {
    const survivor = this.#mergedInto.get(keyOf(object, id));
    const record = this.#records.get(keyOf(object, survivor ?? id));
    if (record) this.#settle(record);
    return record;
  }

  findLive(object: ObjectName, id: string): HubSpotRecord | undefined {
    const record = this.find(object, id);
    return record?.archivedAt === null ? record : undefined;
  }

  getLive(object: ObjectName, id: string): HubSpotRecord {
    const record = this.findLive(object, id);
    if (!record) throw notFound();
    return record;
  }

  findByValue(object: ObjectName, property: string, value: string): HubSpotRecord | undefined {
    const wanted = value.toLowerCase();
    return this.list(object).find((record) => record.properties[property]?.toLowerCase() === wanted);
  }

  /** Live records, oldest first. */
  list(object: ObjectName): HubSpotRecord[] {
    const found = [...this.#records.values()].filter(
      (record) => record.object === object && record.archivedAt === null,
    );
    for (const record of found) this.#settle(record);
    return found;
  }

  /** What search sees of a record now; undefined: nothing yet. */
  indexedProperties(record: HubSpotRecord): Readonly<Record<string, string>> | undefined {
    this.#forgetOldVersions(record);
    const [oldest] = record.indexed;
    return oldest && oldest.visibleAt <= this.#options.now() ? oldest.properties : undefined;
  }

  #write(
    record: HubSpotRecord,
    properties: Readonly<Record<string, StoredValue>>,
    source: ChangeSource,
    appId?: number,
    userId: number = PERSON,
  ): string[] {
    const now = this.#options.now();
    const changed: string[] = [];
    for (const [name, value] of Object.entries(properties)) {
      if ((record.properties[name] ?? null) === value) continue;
      if (value === null) delete record.properties[name];
      else record.properties[name] = value;
      const entries = record.history.get(name) ?? [];
      entries.unshift({
        value: value ?? '',
        timestamp: now,
        sourceType: source,
        sourceId: source === 'CRM_UI' ? `userId:${userId}` : this.#sourceId(source, appId),
        ...(source === 'CRM_UI' && { updatedByUserId: userId }),
      });
      record.history.set(name, entries);
      changed.push(name);
    }
    record.updatedAt = now;
    record.properties[OBJECT_TYPES[record.object].modifiedProperty] = iso(now);
    if (record.object === 'deals' && (changed.includes('dealstage') || changed.includes('pipeline'))) {
      record.flagsDueAt = now + this.#options.closedFlagsDelayMs;
      this.#settle(record);
    }
    this.#index(record, now);
    return changed;
  }

  #index(record: HubSpotRecord, at: number): void {
    this.#forgetOldVersions(record);
    const visibleAt = at + this.#options.searchIndexDelayMs;
    record.indexed.push({ visibleAt, properties: { ...record.properties } });
  }

  #sourceId(source: ChangeSource, appId: number | undefined): string {
    return source === 'CRM_UI' ? `userId:${PERSON}` : String(appId ?? this.#options.appId);
  }

  /** Keeps the version that search sees now, and the later ones. */
  #forgetOldVersions(record: HubSpotRecord): void {
    const now = this.#options.now();
    const seen = record.indexed.findLastIndex(({ visibleAt }) => visibleAt <= now);
    if (seen > 0) record.indexed = record.indexed.slice(seen);
  }

  /** Recalculates the closed flags of a deal once they are due. */
  #settle(record: HubSpotRecord): void {
    this.onRead(record);
    if (record.flagsDueAt === null || record.flagsDueAt > this.#options.now()) return;
    record.flagsDueAt = null;
    const { pipeline, dealstage } = record.properties;
    const metadata = this.#options.pipelines.stage(pipeline, dealstage)?.metadata;
    const closed = metadata?.isClosed === 'true';
    const probability = Number(metadata?.probability);
    record.properties.hs_is_closed = String(closed);
    record.properties.hs_is_closed_won = String(closed && probability === 1);
    record.properties.hs_is_closed_lost = String(closed && probability === 0);
  }
}

function keyOf(object: ObjectName, id: string): string {
  return `${object}/${id}`;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
