import { HubSpotRefusal, invalidProperties, type PropertyFault } from './answers.ts';
import type { FileStore } from './files.ts';
import { OBJECT_TYPES, type ObjectName } from './object-types.ts';
import type { OwnerStore } from './owners.ts';
import { DEFAULT_PIPELINE, type PipelineStore } from './pipelines.ts';
import type { PropertyStore } from './properties.ts';
import type { PropertyDefinition } from './property-definitions.ts';
import { parseValue, rawText, type StoredValue } from './property-values.ts';
import type { HubSpotRecord, RecordStore } from './records.ts';
import type { JsonObject } from './request-body.ts';

const MAX_ASSOCIATED_FILES = 500;

/** Checks property writes as a whole: when one property fails, nothing is written. */
export class RecordWrites {
  readonly #stores: {
    readonly records: RecordStore;
    readonly properties: PropertyStore;
    readonly pipelines: PipelineStore;
    readonly owners: OwnerStore;
    readonly files: FileStore;
  };

  constructor(stores: {
    readonly records: RecordStore;
    readonly properties: PropertyStore;
    readonly pipelines: PipelineStore;
    readonly owners: OwnerStore;
    readonly files: FileStore;
  }) {
    this.#stores = stores;
  }

  checkCreate(object: ObjectName, input: JsonObject): Record<string, StoredValue> {
    const given =
      object === 'deals' && input.pipeline === undefined ? { ...input, pipeline: DEFAULT_PIPELINE } : input;
    const absent = OBJECT_TYPES[object].requiredProperties.filter(
      (name) => given[name] === undefined || given[name] === null || given[name] === '',
    );
    if (absent.length > 0) {
      throw invalidProperties(
        absent.map((name) => ({ name, error: 'REQUIRED_FIELD', message: `${name} is required.` })),
      );
    }
    return this.#check(object, given, null);
  }

  checkUpdate(record: HubSpotRecord, input: JsonObject): Record<string, StoredValue> {
    return this.#check(record.object, input, record);
  }

  #check(object: ObjectName, input: JsonObject, record: HubSpotRecord | null): Record<string, StoredValue> {
    const values: Record<string, StoredValue> = {};
    const faults: PropertyFault[] = [];
    for (const [name, raw] of Object.entries(input)) {
      const result = this.#checkOne(object, name, rawText(name, raw));
      if (result !== null && typeof result === 'object') faults.push(result);
      else values[name] = result;
    }
    if (object === 'deals') faults.push(...this.#stageFaults(values, record));
    if (faults.length > 0) throw invalidProperties(faults);
    this.#refuseTakenValues(object, values, record);
    return values;
  }

  #checkOne(object: ObjectName, name: string, text: StoredValue): StoredValue | PropertyFault {
    const property = this.#stores.properties.find(object, name);
    if (!property) {
      return { name, error: 'PROPERTY_DOESNT_EXIST', message: `Property "${name}" does not exist` };
    }
    if (property.readOnly) {
      return {
        name,
        error: 'READ_ONLY_VALUE',
        message: `"${name}" is a read only property; its value cannot be set.`,
      };
    }
    if (text === null) return null;
    return this.#externalFault(property, text) ?? parseValue(property, text);
  }

  #externalFault({ name, externalOptions }: PropertyDefinition, text: string): PropertyFault | null {
    if (!externalOptions) return null;
    const { owners, files } = this.#stores;
    if (name === 'hubspot_owner_id' && !owners.find(text)) {
      // The usual mistake is to send the userId here.
      return { name, error: 'INVALID_OWNER_ID', message: `Owner ${text} does not exist` };
    }
    if (name === 'hs_attachment_ids') {
      const ids = text.split(';');
      const missing = ids.filter((id) => !files.find(id));
      if (missing.length > 0 || ids.length > MAX_ASSOCIATED_FILES) {
        return { name, error: 'INVALID_FILE_ID', message: `Files do not exist: [${missing.join(', ')}]` };
      }
    }
    return null;
  }

  #stageFaults(values: Readonly<Record<string, StoredValue>>, record: HubSpotRecord | null): PropertyFault[] {
    if (values.pipeline === undefined && values.dealstage === undefined) return [];
    const pipeline = values.pipeline ?? record?.properties.pipeline ?? DEFAULT_PIPELINE;
    const stage = values.dealstage ?? record?.properties.dealstage ?? '';
    const fault = this.#stores.pipelines.stageFault(pipeline, stage);
    return fault ? [fault] : [];
  }

  #refuseTakenValues(
    object: ObjectName,
    values: Readonly<Record<string, StoredValue>>,
    record: HubSpotRecord | null,
  ): void {
    for (const [name, value] of Object.entries(values)) {
      if (value === null || !this.#stores.properties.find(object, name)?.hasUniqueValue) continue;
      const holder = this.#stores.records.findByValue(object, name, value);
      if (!holder || holder.id === record?.id) continue;
      if (object === 'contacts' && name === 'email') {
        throw new HubSpotRefusal(409, `Contact already exists. Existing ID: ${holder.id}`, {
          category: 'CONFLICT',
        });
      }
      throw invalidProperties([
        {
          name,
          error: 'CONFLICTING_UNIQUE_VALUE',
          message: `${holder.id} already has that value for ${name}.`,
        },
      ]);
    }
  }
}
