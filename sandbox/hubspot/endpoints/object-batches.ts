import { randomUUID } from 'node:crypto';
import { HubSpotRefusal, invalid, invalidProperties, json, NO_CONTENT } from '../answers.ts';
import { type Call, type Endpoint, param } from '../endpoint.ts';
import { type ObjectName, type ObjectType, objectType } from '../object-types.ts';
import type { HubSpotRecord } from '../records.ts';
import {
  asArray,
  asId,
  asObject,
  asString,
  asStrings,
  type JsonObject,
  optional,
  readJsonObject,
  requireFields,
} from '../request-body.ts';
import { prepareRecord } from './create-record.ts';
import { readScopes, writeScopes } from './object-scopes.ts';
import { DEFAULTS_ONLY, viewRecord } from './record-view.ts';

const MAX_INPUTS = 100;
const MAX_INPUTS_WITH_HISTORY = 50;

export const objectBatchEndpoints: readonly Endpoint[] = [
  { method: 'POST', path: batch('read'), scopes: readScopes, answer: batchRead },
  { method: 'POST', path: batch('create'), scopes: writeScopes, answer: batchCreate },
  { method: 'POST', path: batch('update'), scopes: writeScopes, answer: batchUpdate },
  { method: 'POST', path: batch('upsert'), scopes: writeScopes, answer: batchUpsert },
  { method: 'POST', path: batch('archive'), scopes: writeScopes, answer: batchArchive },
];

function batch(verb: string): string {
  return `/crm/v3/objects/:type/batch/${verb}`;
}

function open(call: Call): { type: ObjectType; body: JsonObject; inputs: readonly JsonObject[] } {
  const type = objectType(param(call, 'type'));
  const body = readJsonObject(call.request);
  requireFields(body, ['inputs'], 'BatchInput');
  const inputs = asArray(body.inputs, 'inputs').map((item, index) => asObject(item, `inputs[${index}]`));
  if (inputs.length > MAX_INPUTS) {
    throw invalid(
      `The maximum number of inputs supported in a batch request is ${MAX_INPUTS}; found ${inputs.length}`,
    );
  }
  return { type, body, inputs };
}

function batchRead(call: Call) {
  const { state } = call;
  const { type, body, inputs } = open(call);
  const idProperty = optional(body.idProperty, 'idProperty', asString);
  const wanted = {
    ...DEFAULTS_ONLY,
    properties: optional(body.properties, 'properties', asStrings) ?? [],
    withHistory: optional(body.propertiesWithHistory, 'propertiesWithHistory', asStrings) ?? [],
  };
  if (wanted.withHistory.length > 0 && inputs.length > MAX_INPUTS_WITH_HISTORY) {
    throw invalid(
      `The maximum number of inputs supported with property history is ${MAX_INPUTS_WITH_HISTORY}; found ${inputs.length}`,
    );
  }
  const ids = inputs.map((input, index) => asId(input.id, `inputs[${index}].id`));
  const found = new Map<string, HubSpotRecord>();
  const missing: string[] = [];
  for (const id of ids) {
    const record =
      idProperty === null
        ? state.records.findLive(type.name, id)
        : state.records.findByValue(type.name, uniqueProperty(call, type.name, idProperty), id);
    if (record) found.set(record.id, record);
    else missing.push(id);
  }
  const results = [...found.values()].map((record) => viewRecord(state, record, wanted));
  return batchAnswer(call, 200, results, type, missing);
}

/** All or nothing, unless every input carries its own trace id: then each row stands for itself. */
function batchCreate(call: Call) {
  const { type, inputs } = open(call);
  const traced = inputs.every(({ objectWriteTraceId }) => typeof objectWriteTraceId === 'string');
  if (!traced || inputs.length === 0) {
    const steps = inputs.map((input) => prepareRecord(call, type.name, input));
    return batchAnswer(
      call,
      201,
      steps.map((write) => viewWritten(call, write())),
      type,
      [],
    );
  }
  const results: object[] = [];
  const errors: object[] = [];
  for (const input of inputs) {
    try {
      const record = prepareRecord(call, type.name, input)();
      results.push({ ...viewWritten(call, record), objectWriteTraceId: input.objectWriteTraceId });
    } catch (error) {
      if (!(error instanceof HubSpotRefusal)) throw error;
      errors.push({
        status: 'error',
        category: 'VALIDATION_ERROR',
        message: error.message,
        context: { objectWriteTraceId: [input.objectWriteTraceId] },
      });
    }
  }
  const status = errors.length > 0 ? 207 : 201;
  return json(status, {
    ...envelope(call),
    results,
    ...(errors.length > 0 ? { numErrors: errors.length, errors } : {}),
  });
}

function batchUpdate(call: Call) {
  const { state } = call;
  const { type, inputs } = open(call);
  const missing: string[] = [];
  const steps: (() => HubSpotRecord)[] = [];
  for (const [index, input] of inputs.entries()) {
    const id = asId(input.id, `inputs[${index}].id`);
    const record = state.records.findLive(type.name, id);
    if (!record) {
      missing.push(id);
      continue;
    }
    const values = state.writes.checkUpdate(
      record,
      asObject(input.properties, `inputs[${index}].properties`),
    );
    steps.push(() => {
      state.records.update(record, values, 'INTEGRATION', { appId: call.appId });
      return record;
    });
  }
  return batchAnswer(
    call,
    200,
    steps.map((write) => viewWritten(call, write())),
    type,
    missing,
  );
}

function batchUpsert(call: Call) {
  const { state } = call;
  const { type, inputs } = open(call);
  const steps = inputs.map((input, index) => {
    const id = asId(input.id, `inputs[${index}].id`);
    requireFields(input, ['idProperty'], 'upsert input');
    const idProperty = uniqueProperty(
      call,
      type.name,
      asString(input.idProperty, `inputs[${index}].idProperty`),
    );
    const properties = asObject(input.properties, `inputs[${index}].properties`);
    const record = state.records.findByValue(type.name, idProperty, id);
    if (!record) {
      const write = prepareRecord(call, type.name, { properties: { ...properties, [idProperty]: id } });
      return () => ({ ...viewWritten(call, write()), new: true });
    }
    const values = state.writes.checkUpdate(record, properties);
    return () => {
      state.records.update(record, values, 'INTEGRATION', { appId: call.appId });
      return { ...viewWritten(call, record), new: false };
    };
  });
  return batchAnswer(
    call,
    200,
    steps.map((write) => write()),
    type,
    [],
  );
}

function batchArchive(call: Call) {
  const { type, inputs } = open(call);
  for (const [index, input] of inputs.entries()) {
    const record = call.state.records.findLive(type.name, asId(input.id, `inputs[${index}].id`));
    if (record) call.state.records.archive(record, 'INTEGRATION');
  }
  return NO_CONTENT;
}

function uniqueProperty(call: Call, object: ObjectName, name: string): string {
  if (call.state.properties.find(object, name)?.hasUniqueValue) return name;
  throw invalidProperties([
    { name, error: 'INVALID_ID_PROPERTY', message: `${name} is not a unique-value property of ${object}` },
  ]);
}

function viewWritten({ state }: Call, record: HubSpotRecord): object {
  return viewRecord(state, record, { ...DEFAULTS_ONLY, properties: Object.keys(record.properties) });
}

function envelope({ state }: Call) {
  const at = new Date(state.now()).toISOString();
  return { status: 'COMPLETE', startedAt: at, completedAt: at };
}

/** What is missing turns the answer into 207; the rest is answered all the same. */
function batchAnswer(
  call: Call,
  status: number,
  results: readonly object[],
  type: ObjectType,
  missing: readonly string[],
) {
  if (missing.length === 0) return json(status, { ...envelope(call), results });
  return json(207, {
    ...envelope(call),
    results,
    numErrors: 1,
    errors: [
      {
        status: 'error',
        id: randomUUID(),
        category: 'OBJECT_NOT_FOUND',
        message: `Could not get some ${type.singular.toUpperCase()} objects, they may be deleted or not exist. Check that ids are valid.`,
        errors: [],
        context: { ids: missing },
      },
    ],
  });
}
