import { ApiError, notFound } from './api-error.ts';
import { salesforceDateTime } from './dates.ts';
import { refuseSecondPlace, storeVersion } from './files.ts';
import { keyPrefix, mustBeId, toId18 } from './ids.ts';
import { STAGES } from './objects.ts';
import type { ObjectType, Schema } from './schema.ts';
import { type Fields, type FieldValue, idOf, number, type Row, type Store, text } from './store.ts';

const SECOND_MS = 1_000;

export interface RecordsOptions {
  readonly schema: Schema;
  readonly store: Store;
  readonly now: () => number;
  /** The run-as user of the integration, who owns what it creates. */
  readonly userId: string;
  /** Called when the flow of the org sends a message of an opportunity, after the write. */
  readonly onReported: (opportunityId: string) => void;
}

/** Writes of checked values, with what Salesforce does by itself besides. */
export class Records {
  readonly #options: RecordsOptions;
  readonly #store: Store;

  constructor(options: RecordsOptions) {
    this.#options = options;
    this.#store = options.store;
  }

  insert(objectName: string, values: Fields, id?: string): string {
    const object = this.#options.schema.object(objectName);
    // The API takes no stamps; a test may say who made a record.
    const row: Row = { ...this.#defaults(object), ...this.#creationStamps(), ...withoutEmpty(values) };
    row.Id = id === undefined ? this.#store.nextId(object.keyPrefix) : mustBeId(id);
    if (object.fields.some((field) => field.name === 'OwnerId')) row.OwnerId ??= this.#options.userId;
    if (object.name === 'ContentVersion') refuseSecondPlace(row);
    this.#derive(object, row);
    this.#store.put(object, row);
    this.#afterWrite(object, row, null);
    return idOf(row);
  }

  update(objectName: string, id: string, values: Fields): void {
    const object = this.#options.schema.object(objectName);
    const row = this.existing(object, id);
    const before = { ...row };
    Object.assign(row, withoutEmpty(values));
    this.#derive(object, row);
    this.#touch(row, values.LastModifiedById);
    this.#afterWrite(object, row, before);
  }

  remove(objectName: string, id: string): void {
    const row = this.existing(this.#options.schema.object(objectName), id);
    this.#bin(objectName, row);
    this.#cascade(objectName, idOf(row));
    if (objectName === 'OpportunityLineItem') this.#recalculate(text(row, 'OpportunityId'));
  }

  /** What lies in the recycle bin is stamped with its deletion. */
  #bin(objectName: string, row: Row): void {
    this.#touch(row);
    this.#store.remove(objectName, idOf(row));
  }

  /** The row of a path's id; throws what Salesforce answers for a malformed, deleted or unknown one. */
  existing(object: ObjectType, id: string): Row {
    const full = toId18(id);
    if (full === null || keyPrefix(full) !== object.keyPrefix) {
      throw new ApiError(400, 'MALFORMED_ID', `${object.label} ID: id value of incorrect type: ${id}`, [
        'Id',
      ]);
    }
    const row = this.#store.find(object.name, full);
    if (row) return row;
    if (this.#store.wasDeleted(full)) throw new ApiError(404, 'ENTITY_IS_DELETED', 'entity is deleted');
    throw notFound();
  }

  #defaults(object: ObjectType): Row {
    return Object.fromEntries(
      object.fields
        .filter((field) => field.defaultValue !== null)
        .map((field): [string, FieldValue] => [field.name, field.defaultValue]),
    );
  }

  #creationStamps(): Row {
    const at = salesforceDateTime(this.#options.now());
    const { userId } = this.#options;
    return {
      CreatedDate: at,
      CreatedById: userId,
      LastModifiedDate: at,
      LastModifiedById: userId,
      SystemModstamp: at,
    };
  }

  /** A test may say who changed the record. */
  #touch(row: Row, userId: FieldValue = this.#options.userId): void {
    const at = salesforceDateTime(this.#options.now());
    Object.assign(row, {
      LastModifiedDate: at,
      LastModifiedById: userId,
      SystemModstamp: at,
    });
  }

  /** As if it had been made so much earlier, and nobody had touched it since. */
  age(row: Row, byMs: number): void {
    const at = salesforceDateTime(this.#options.now() - byMs);
    Object.assign(row, { CreatedDate: at, LastModifiedDate: at, SystemModstamp: at });
  }

  /** Fields that follow from others of the same row. */
  #derive(object: ObjectType, row: Row): void {
    switch (object.name) {
      case 'Opportunity': {
        const stage = STAGES.find((candidate) => candidate.name === row.StageName);
        if (!stage) throw new RangeError(`the sandbox has no stage ${text(row, 'StageName')}`);
        Object.assign(row, {
          IsWon: stage.isWon,
          IsClosed: stage.isClosed,
          Probability: stage.probability,
        });
        break;
      }
      case 'OpportunityLineItem': {
        const product = this.#store.find('Product2', text(row, 'Product2Id'));
        const opportunity = this.#store.find('Opportunity', text(row, 'OpportunityId'));
        Object.assign(row, {
          ProductCode: product?.ProductCode ?? null,
          Name: `${text(opportunity ?? {}, 'Name')} ${text(product ?? {}, 'Name')}`,
          TotalPrice: number(row, 'Quantity') * number(row, 'UnitPrice'),
        });
        break;
      }
      case 'Contact':
        row.Name = [row.FirstName, row.LastName].filter(Boolean).join(' ');
        break;
      case 'Task':
        row.IsClosed = row.Status === 'Completed';
        break;
    }
  }

  /** What a write does to other rows. */
  #afterWrite(object: ObjectType, row: Row, before: Row | null): void {
    switch (object.name) {
      case 'Opportunity':
        this.#recordHistory(row, before);
        this.#recordFields(object, row, before);
        if (isReported(row, before)) this.#options.onReported(idOf(row));
        break;
      case 'OpportunityLineItem':
        this.#recalculate(text(row, 'OpportunityId'));
        break;
      case 'OpportunityContactRole':
        if (row.IsPrimary === true) this.#makeOnlyPrimary(row);
        break;
      case 'ContentVersion':
        if (before === null) storeVersion(this.#store, this, row);
        break;
    }
  }

  #recordHistory(row: Row, before: Row | null): void {
    const watched = ['StageName', 'Amount', 'CloseDate', 'Probability'];
    if (before !== null && watched.every((name) => (row[name] ?? null) === (before[name] ?? null))) return;
    const { StageName = null, Amount = null, CloseDate = null, Probability = null } = row;
    this.insert('OpportunityHistory', {
      OpportunityId: idOf(row),
      StageName,
      Amount,
      CloseDate,
      Probability,
    });
  }

  /** Of texts that are too long it is kept that they changed, not what they said. */
  #recordFields(object: ObjectType, row: Row, before: Row | null): void {
    if (before === null) return;
    for (const { name, type } of this.#options.schema.trackedFields(object)) {
      const [OldValue, NewValue] = [before[name] ?? null, row[name] ?? null];
      if (OldValue === NewValue) continue;
      this.insert('OpportunityFieldHistory', {
        OpportunityId: idOf(row),
        Field: name,
        ...(type !== 'textarea' && { OldValue, NewValue }),
        CreatedById: row.LastModifiedById ?? null,
        CreatedDate: salesforceDateTime(Math.floor(this.#options.now() / SECOND_MS) * SECOND_MS),
      });
    }
  }

  #recalculate(opportunityId: string): void {
    const opportunity = this.#store.find('Opportunity', opportunityId);
    if (!opportunity) return;
    const lines = this.#store
      .rows('OpportunityLineItem')
      .filter((line) => line.OpportunityId === opportunityId);
    this.update('Opportunity', opportunityId, {
      Amount: lines.reduce((sum, line) => sum + number(line, 'TotalPrice'), 0),
      HasOpportunityLineItem: lines.length > 0,
    });
  }

  #makeOnlyPrimary(row: Row): void {
    for (const other of this.#store.rows('OpportunityContactRole')) {
      if (other !== row && other.OpportunityId === row.OpportunityId) other.IsPrimary = false;
    }
  }

  #cascade(objectName: string, id: string): void {
    const owned: Readonly<Record<string, readonly [child: string, field: string][]>> = {
      Opportunity: [
        ['OpportunityLineItem', 'OpportunityId'],
        ['OpportunityContactRole', 'OpportunityId'],
        ['OpportunityHistory', 'OpportunityId'],
        ['OpportunityFieldHistory', 'OpportunityId'],
        ['ContentDocumentLink', 'LinkedEntityId'],
      ],
      ContentDocument: [
        ['ContentVersion', 'ContentDocumentId'],
        ['ContentDocumentLink', 'ContentDocumentId'],
      ],
    };
    for (const [child, field] of owned[objectName] ?? []) {
      for (const row of this.#store.rows(child)) {
        if (row[field] === id) this.#bin(child, row);
      }
    }
  }
}

/** The flow's entry conditions: a won stage that was entered, or an action that was set. */
function isReported(row: Row, before: Row | null): boolean {
  if (row.IsWon === true && row.StageName !== before?.StageName) return true;
  const action = row.Dealseat_Action__c ?? null;
  return action !== null && action !== (before?.Dealseat_Action__c ?? null);
}

/** Salesforce keeps no empty text. */
function withoutEmpty(values: Fields): Fields {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value === '' ? null : value]),
  );
}
