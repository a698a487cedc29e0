import { ApiError } from './api-error.ts';
import { parseDate, parseDateTime } from './dates.ts';
import { keyPrefix, toId18 } from './ids.ts';
import type { Field, ObjectType, Schema } from './schema.ts';
import type { Fields, FieldValue, Store } from './store.ts';

/** The checks of a record that came over the API, in the order in which Salesforce answers them. */

export type Body = Readonly<Record<string, unknown>>;

interface Org {
  readonly schema: Schema;
  readonly store: Store;
}

export function validInsert(org: Org, object: ObjectType, body: Body): Fields {
  if (!object.createable) throw unsupported(object, 'create');
  if (isPresent(body.Id) || isPresent(body.id)) {
    throw new ApiError(400, 'INVALID_FIELD_FOR_INSERT_UPDATE', 'cannot specify Id in an insert call', ['Id']);
  }
  const values = readFields(org, object, body, 'createable');
  const missing = object.fields.filter(
    (field) =>
      field.createable && !field.nillable && field.defaultValue === null && !isPresent(values[field.name]),
  );
  if (missing.length > 0) throw requiredMissing(missing.map((field) => field.name));
  return values;
}

export function validUpdate(org: Org, object: ObjectType, body: Body): Fields {
  if (!object.updateable) throw unsupported(object, 'update');
  if (isPresent(body.Id) || isPresent(body.id)) {
    throw new ApiError(400, 'INVALID_FIELD', 'The Id field should not be specified in the sobject data.');
  }
  const values = readFields(org, object, body, 'updateable');
  const emptied = object.fields.filter((field) => !field.nillable && values[field.name] === null);
  if (emptied.length > 0) throw requiredMissing(emptied.map((field) => field.name));
  return values;
}

export function unsupported(object: ObjectType, operation: 'create' | 'update' | 'delete'): ApiError {
  return new ApiError(
    400,
    'INVALID_TYPE_FOR_OPERATION',
    `entity type ${object.name} does not support ${operation}`,
  );
}

function readFields(
  org: Org,
  object: ObjectType,
  body: Body,
  permission: 'createable' | 'updateable',
): Record<string, FieldValue> {
  const values: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(body)) {
    if (name === 'attributes') continue;
    const field = org.schema.fields(object).find((candidate) => candidate.name === name);
    if (!field) {
      throw new ApiError(400, 'INVALID_FIELD', `No such column '${name}' on sobject of type ${object.name}`);
    }
    if (!field[permission]) {
      throw new ApiError(
        400,
        'INVALID_FIELD_FOR_INSERT_UPDATE',
        `Unable to create/update fields: ${name}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
        [name],
      );
    }
    values[name] = readValue(org, field, value);
  }
  refuseInactiveOwner(org, object, values);
  return values;
}

/** An inactive user keeps what they own and is given nothing more. */
function refuseInactiveOwner({ store }: Org, object: ObjectType, { OwnerId }: Fields): void {
  if (typeof OwnerId !== 'string' || store.find('User', OwnerId)?.IsActive !== false) return;
  throw new ApiError(
    400,
    'INACTIVE_OWNER_OR_USER',
    `operation performed with inactive user [${OwnerId}] as owner of ${object.name.toLowerCase()}`,
    ['OwnerId'],
  );
}

function readValue(org: Org, field: Field, value: unknown): FieldValue {
  // Salesforce keeps no empty strings: they are null.
  if (value === null || value === '') return null;
  switch (field.type) {
    case 'boolean':
      if (typeof value === 'boolean') return value;
      break;
    case 'double':
    case 'currency':
    case 'percent':
      if (typeof value === 'number' && Number.isFinite(value)) return value;
      break;
    case 'int':
      if (typeof value === 'number' && Number.isInteger(value)) return value;
      break;
    case 'date': {
      const date = typeof value === 'string' ? parseDate(value) : null;
      if (date !== null) return date;
      break;
    }
    case 'datetime': {
      const dateTime = typeof value === 'string' ? parseDateTime(value) : null;
      if (dateTime !== null) return dateTime;
      break;
    }
    case 'id':
    case 'reference':
      if (typeof value === 'string') return readReference(org, field, value);
      break;
    default:
      if (typeof value === 'string') return readText(field, value);
  }
  throw new ApiError(
    400,
    'JSON_PARSER_ERROR',
    `Cannot deserialize instance of ${field.type} from ${jsonToken(value)} value ${JSON.stringify(value)} or request may be missing a required field: ${field.name}`,
  );
}

function readText(field: Field, value: string): string {
  if (field.type === 'base64') {
    if (/^[A-Za-z0-9+/]+={0,2}$/.test(value) && value.length % 4 === 0) return value;
    throw new ApiError(400, 'JSON_PARSER_ERROR', `${field.name}: not a base64 value`);
  }
  if (field.length > 0 && value.length > field.length) {
    throw new ApiError(
      400,
      'STRING_TOO_LONG',
      `${field.label}: data value too large: ${value.slice(0, 40)} (max length=${field.length})`,
      [field.name],
    );
  }
  if (field.type === 'email' && !isEmailAddress(value)) {
    throw new ApiError(400, 'INVALID_EMAIL_ADDRESS', `${field.label}: invalid email address: ${value}`, [
      field.name,
    ]);
  }
  if (field.picklistValues.length > 0 && !field.picklistValues.includes(value)) {
    throw new ApiError(
      400,
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      `${field.label}: bad value for restricted picklist field: ${value}`,
      [field.name],
    );
  }
  return value;
}

function readReference({ schema, store }: Org, field: Field, value: string): string {
  const id = toId18(value);
  const targets = field.referenceTo.map((name) => schema.object(name));
  const target = id === null ? undefined : targets.find((object) => object.keyPrefix === keyPrefix(id));
  if (id === null || !target) {
    throw new ApiError(400, 'MALFORMED_ID', `${field.label}: id value of incorrect type: ${value}`, [
      field.name,
    ]);
  }
  if (!store.find(target.name, id)) {
    const [code, message] = store.wasDeleted(id)
      ? ['ENTITY_IS_DELETED', 'entity is deleted']
      : ['INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id'];
    throw new ApiError(400, code, message, [field.name]);
  }
  return id;
}

export function isEmailAddress(value: string): boolean {
  return /^[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]+$/.test(value);
}

function requiredMissing(names: readonly string[]): ApiError {
  return new ApiError(
    400,
    'REQUIRED_FIELD_MISSING',
    `Required fields are missing: [${names.join(', ')}]`,
    names,
  );
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function jsonToken(value: unknown): string {
  if (typeof value === 'string') return 'VALUE_STRING';
  if (typeof value === 'number') return Number.isInteger(value) ? 'VALUE_NUMBER_INT' : 'VALUE_NUMBER_FLOAT';
  if (typeof value === 'boolean') return value ? 'VALUE_TRUE' : 'VALUE_FALSE';
  return Array.isArray(value) ? 'START_ARRAY' : 'START_OBJECT';
}
