import type { Outbox } from '../outbox.ts';
import { AssociationCounts } from './association-counts.ts';
import { AssociationStore, type AssociationType, type ObjectRef } from './associations.ts';
import { sumUpAmount } from './deal-amounts.ts';
import { type DuplicateRule, FileStore, type StoredFile } from './files.ts';
import { ListStore } from './lists.ts';
import type { ObjectName } from './object-types.ts';
import { OwnerStore } from './owners.ts';
import { DEFAULT_PIPELINE, PipelineStore } from './pipelines.ts';
import { PropertyStore } from './properties.ts';
import { RecordWrites } from './record-writes.ts';
import { type HubSpotRecord, RecordStore } from './records.ts';
import { SequenceStore } from './sequences.ts';
import { SingleSends } from './single-sends.ts';

export interface StateOptions {
  readonly portalId: number;
  readonly dataCenter: string;
  readonly appId: number;
  readonly now: () => number;
  readonly outbox: Outbox;
  readonly searchIndexDelayMs: number;
  readonly closedFlagsDelayMs: number;
  readonly associationCountDelayMs: number;
  readonly duplicateRule: DuplicateRule;
  readonly pollsUntilComplete: number;
  readonly repeatResult: 'IDEMPOTENT_IGNORE' | 'IDEMPOTENT_FAIL';
  readonly failedSendUsesSendId: boolean;
}

export interface NewLineItem {
  readonly name?: string;
  readonly sku?: string | null;
  readonly quantity?: number | string | null;
  readonly productId?: string | null;
  /** Day on which billing starts, `YYYY-MM-DD`. */
  readonly startsOn?: string;
  /** Instead of a day: how many months after the closing. */
  readonly startsAfterMonths?: number;
}

export interface NewContact {
  readonly id?: string;
  readonly email?: string | null;
  readonly firstName?: string;
  readonly lastName?: string;
}

export interface NewDeal {
  readonly id?: string;
  readonly name?: string;
  readonly pipeline?: string;
  /** Default: the pipeline's won stage. */
  readonly stage?: string;
  /** ISO day or moment. Default: now; null: none. */
  readonly closeDate?: string | null;
  readonly amount?: number;
  readonly ownerId?: string | null;
  readonly companyId?: string | null;
  readonly lineItems?: readonly NewLineItem[];
  /** Known contacts by id, or new ones. */
  readonly contacts?: readonly (NewContact & { readonly labels?: readonly string[] })[];
}

/** Of every line that is made here. */
const LIST_PRICE = 100;

const DAY_MS = 24 * 60 * 60 * 1_000;
const ENGAGEMENTS = ['notes', 'tasks', 'emails'] as const;

/** One HubSpot portal: all its stores, and short ways for tests to fill them and to look inside. */
export class HubSpotState {
  readonly portalId: number;
  readonly dataCenter: string;
  /** The app whose tokens name no other. */
  readonly appId: number;
  readonly now: () => number;
  readonly properties: PropertyStore;
  readonly pipelines = new PipelineStore();
  readonly owners = new OwnerStore();
  readonly associations = new AssociationStore();
  readonly files: FileStore;
  readonly records: RecordStore;
  readonly counts: AssociationCounts;
  readonly writes: RecordWrites;
  readonly lists: ListStore;
  readonly singleSends: SingleSends;
  readonly sequences: SequenceStore;
  /** Creates that match answer 200 instead of 201, with the write done: HubSpot once did so for a day. */
  okInsteadOfCreated: RegExp | null = null;
  /** An association is listed for a while after its record was deleted. */
  listsDeletedAssociations = false;
  /** Paging a search ends here; tests lower it to meet it with few records. */
  maxSearchResults = 10_000;

  constructor(options: StateOptions) {
    const { now } = options;
    this.portalId = options.portalId;
    this.dataCenter = options.dataCenter;
    this.appId = options.appId;
    this.now = now;
    this.properties = new PropertyStore(now);
    this.files = new FileStore(now, options.duplicateRule);
    this.records = new RecordStore({ ...options, pipelines: this.pipelines });
    this.counts = new AssociationCounts({
      now,
      associations: this.associations,
      records: this.records,
      delayMs: options.associationCountDelayMs,
    });
    this.records.onRead = (record) => {
      if (record.object !== 'deals') return;
      this.counts.settle(record);
      sumUpAmount(this, record);
    };
    this.writes = new RecordWrites(this);
    this.lists = new ListStore(now);
    this.singleSends = new SingleSends(options);
    this.sequences = new SequenceStore(now);
  }

  /** Makes a deal with all that hangs on it, as a person would in the CRM; returns its id. */
  createDeal(deal: NewDeal = {}): string {
    const pipeline = deal.pipeline ?? DEFAULT_PIPELINE;
    const dealId = this.create(
      'deals',
      {
        dealname: deal.name ?? 'Sandbox deal',
        pipeline,
        dealstage: deal.stage ?? this.pipelines.wonStage(pipeline).id,
        closedate: deal.closeDate === undefined ? this.now() : deal.closeDate,
        amount: deal.amount ?? null,
        hubspot_owner_id: deal.ownerId ?? null,
      },
      deal.id,
    );
    if (deal.companyId) this.#link('deals', dealId, 'companies', deal.companyId, 'Primary');
    for (const lineItem of deal.lineItems ?? []) this.#age('line_items', this.addLineItem(dealId, lineItem));
    for (const { labels = [], ...contact } of deal.contacts ?? []) {
      const known = contact.id === undefined ? undefined : this.records.find('contacts', contact.id);
      this.addContact(dealId, known?.id ?? this.#age('contacts', this.createContact(contact)), labels);
    }
    this.counts.age(dealId, DAY_MS);
    return dealId;
  }

  /** Lines and people stand on a deal for days before it is won. */
  #age(object: ObjectName, id: string): string {
    this.records.age(this.records.getLive(object, id), DAY_MS);
    return id;
  }

  addLineItem(dealId: string, item: NewLineItem): string {
    const lineItemId = this.create('line_items', {
      name: item.name ?? item.sku ?? 'Line item',
      quantity: item.quantity === undefined ? 1 : item.quantity,
      price: LIST_PRICE,
      hs_sku: item.sku ?? null,
      hs_product_id: item.productId ?? null,
      hs_recurring_billing_start_date: item.startsOn ?? null,
      hs_billing_start_delay_months: item.startsAfterMonths ?? null,
    });
    this.#link('deals', dealId, 'line_items', lineItemId, null);
    return lineItemId;
  }

  createContact(contact: NewContact): string {
    return this.create(
      'contacts',
      {
        email: contact.email ?? null,
        firstname: contact.firstName ?? null,
        lastname: contact.lastName ?? null,
      },
      contact.id,
    );
  }

  /** Links a contact to a deal, under labels that are made where the portal has none of that name. */
  addContact(dealId: string, contactId: string, labels: readonly string[] = []): void {
    this.#link('deals', dealId, 'contacts', contactId, null);
    for (const label of labels) {
      this.associations.defineLabel('deals', 'contacts', label);
      this.#link('deals', dealId, 'contacts', contactId, label);
    }
  }

  /** Makes a record as a person would in the CRM: the same checks, searchable at once. */
  create(
    object: ObjectName,
    properties: Readonly<Record<string, string | number | null>>,
    id?: string,
  ): string {
    const values = this.writes.checkCreate(object, properties);
    const options = { searchableAtOnce: true, ...(id === undefined ? {} : { id }) };
    return this.records.create(object, values, 'CRM_UI', options).id;
  }

  /** Changes a record as a person would in the CRM, by default the same one, or as a workflow of the portal. */
  edit(
    object: ObjectName,
    id: string,
    properties: Readonly<Record<string, string | number | null>>,
    { by }: { readonly by?: number | 'workflow' } = {},
  ): void {
    const record = this.records.getLive(object, id);
    const values = this.writes.checkUpdate(record, properties);
    if (by === 'workflow') this.records.update(record, values, 'AUTOMATION_PLATFORM');
    else this.records.update(record, values, 'CRM_UI', by === undefined ? {} : { userId: by });
  }

  /** What was written about the merged record goes over to the surviving one; values and line items are the caller's. */
  merge(object: ObjectName, survivingId: string, mergedId: string): void {
    this.records.merge(this.records.getLive(object, survivingId), this.records.getLive(object, mergedId));
    this.associations.move({ object, id: mergedId }, { object, id: survivingId }, ENGAGEMENTS);
  }

  /** Current values of a record, for assertions and the state page. */
  valuesOf(object: ObjectName, id: string): Readonly<Record<string, string>> {
    return this.records.getLive(object, id).properties;
  }

  /** Live notes, tasks or e-mails of a record. */
  engagementsOf(object: 'notes' | 'tasks' | 'emails', of: ObjectRef): HubSpotRecord[] {
    return this.associations.linked(of, object).flatMap(({ id }) => this.records.findLive(object, id) ?? []);
  }

  /** Files attached to a record through its notes. */
  attachmentsOf(of: ObjectRef): StoredFile[] {
    const ids = this.engagementsOf('notes', of).flatMap(
      (note) => note.properties.hs_attachment_ids?.split(';') ?? [],
    );
    return ids.flatMap((id) => this.files.find(id) ?? []);
  }

  #link(from: ObjectName, fromId: string, to: ObjectName, toId: string, label: string | null): void {
    this.records.getLive(to, toId);
    const type: AssociationType | undefined = this.associations
      .typesOf(from, to)
      .find((candidate) => candidate.label === label);
    if (!type) throw new Error(`No association type "${label}" from ${from} to ${to}`);
    this.associations.link({ object: from, id: fromId }, { object: to, id: toId }, type);
  }
}
