import type { SandboxResponse } from '../exchange.ts';
import { type ApiCall, allowMethods, allowParameters, isObject, jsonBody, ok } from './api-call.ts';
import { ApiError, type ItemError } from './api-error.ts';
import { toId18 } from './ids.ts';
import { partOfRecord } from './present.ts';
import { removeRecord, visibleFields } from './record-resource.ts';
import type { ObjectType } from './schema.ts';
import { idOf } from './store.ts';
import { type Body, validInsert, validUpdate } from './validate.ts';

/** `/composite/sobjects`: up to 200 records a call; the call succeeds even when every record fails. */

const MAX_RECORDS = 200;
const MAX_RETRIEVED = 2000;

type ItemResult =
  | { readonly id: string; readonly success: true; readonly errors: readonly [] }
  | { readonly success: false; readonly errors: readonly ItemError[] };

/** Throws to undo the call; carries the answer that it gets all the same. */
class RolledBack extends Error {
  readonly results: readonly ItemResult[];

  constructor(results: readonly ItemResult[]) {
    super('rolled back');
    this.results = results;
  }
}

export function answerCollections(call: ApiCall): SandboxResponse {
  allowMethods(call, ['POST', 'PATCH', 'DELETE']);
  if (call.request.method === 'DELETE') return deleteMany(call);
  allowParameters(call, []);
  const { allOrNone, records } = readRecords(jsonBody(call));
  const write = call.request.method === 'POST' ? insertOne : updateOne;
  return ok(runAll(call, allOrNone, records, (record) => write(call, record)));
}

/** `POST /composite/sobjects/<Type>`: reads by id; what is not there is null. */
export function answerRetrieve(call: ApiCall, object: ObjectType): SandboxResponse {
  allowMethods(call, ['POST']);
  const { ids, fields } = jsonBody(call);
  if (!isTextList(ids) || !isTextList(fields)) {
    throw new ApiError(400, 'INVALID_INPUT', 'ids and fields must be lists of strings');
  }
  if (ids.length > MAX_RETRIEVED) throw tooMany(MAX_RETRIEVED);
  const visible = visibleFields(call, object, fields);
  return ok(
    ids.map((id) => {
      const row = call.state.store.find(object.name, toId18(id) ?? '');
      return row ? partOfRecord(call.apiVersion, object, row, visible) : null;
    }),
  );
}

function deleteMany(call: ApiCall): SandboxResponse {
  allowParameters(call, ['ids', 'allOrNone']);
  const { searchParams } = call.request.url;
  const ids = (searchParams.get('ids') ?? '').split(',').filter(Boolean);
  if (ids.length === 0) throw new ApiError(400, 'MISSING_ARGUMENT', 'ids is required');
  if (ids.length > MAX_RECORDS) throw tooMany(MAX_RECORDS);
  const results = runAll(call, searchParams.get('allOrNone') === 'true', ids, (id) => {
    const object = call.state.schema.objectOfId(id);
    if (!object) throw new ApiError(400, 'MALFORMED_ID', `malformed id ${id}`);
    removeRecord(call, object, id);
    return id;
  });
  return ok(results);
}

function insertOne(call: ApiCall, record: Body): string {
  const { state } = call;
  const object = objectOf(call, record);
  return state.records.insert(object.name, validInsert(state, object, record));
}

function updateOne(call: ApiCall, record: Body): string {
  const { state } = call;
  const object = objectOf(call, record);
  const { id, ...rest } = record;
  if (typeof id !== 'string') {
    throw new ApiError(400, 'MISSING_ARGUMENT', 'Id not specified in an update call');
  }
  const row = state.records.existing(object, id);
  state.records.update(object.name, idOf(row), validUpdate(state, object, rest));
  return idOf(row);
}

function runAll<T>(
  { state }: ApiCall,
  allOrNone: boolean,
  items: readonly T[],
  write: (item: T) => string,
): readonly ItemResult[] {
  const attempt = (item: T): ItemResult => {
    try {
      return { id: write(item), success: true, errors: [] };
    } catch (error) {
      if (error instanceof ApiError) return { success: false, errors: [error.toItem()] };
      throw error;
    }
  };
  if (!allOrNone) return items.map(attempt);
  try {
    return state.store.allOrNothing(() => {
      const results = items.map(attempt);
      if (results.every((result) => result.success)) return results;
      throw new RolledBack(results.map((result) => (result.success ? rolledBackItem() : result)));
    });
  } catch (error) {
    if (error instanceof RolledBack) return error.results;
    throw error;
  }
}

function rolledBackItem(): ItemResult {
  return {
    success: false,
    errors: [
      {
        statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK',
        message:
          'Record rolled back because not all records were valid and the request was using AllOrNone header',
        fields: [],
      },
    ],
  };
}

function readRecords(body: Body): { allOrNone: boolean; records: readonly Body[] } {
  const { allOrNone = false, records } = body;
  if (!Array.isArray(records) || !records.every(isObject) || typeof allOrNone !== 'boolean') {
    throw new ApiError(400, 'INVALID_INPUT', 'records must be a list of objects, allOrNone a boolean');
  }
  if (records.length > MAX_RECORDS) throw tooMany(MAX_RECORDS);
  if (records.some((record) => typeOf(record) === null)) {
    throw new ApiError(400, 'INVALID_INPUT', 'Missing entity type information in attributes.type');
  }
  return { allOrNone, records };
}

/** The name in `attributes.type`; null when there is none. */
function typeOf(record: Body): string | null {
  const type = isObject(record.attributes) ? record.attributes.type : undefined;
  return typeof type === 'string' ? type : null;
}

function objectOf({ state }: ApiCall, record: Body): ObjectType {
  const type = typeOf(record) ?? '';
  const object = state.schema.find(type);
  if (!object) throw new ApiError(400, 'INVALID_TYPE', `sObject type '${type}' is not supported.`);
  return object;
}

function tooMany(limit: number): ApiError {
  return new ApiError(
    400,
    'EXCEEDED_ID_LIMIT',
    `record limit reached. cannot submit more than ${limit} records into this call`,
  );
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
