import { invalid, json, NO_CONTENT } from '../answers.ts';
import type { ObjectRef } from '../associations.ts';
import { type Call, type Endpoint, param } from '../endpoint.ts';
import { objectType } from '../object-types.ts';
import {
  asArray,
  asId,
  asObject,
  asString,
  type JsonObject,
  optional,
  readJsonObject,
  requireFields,
} from '../request-body.ts';
import { linkedPage, readTypes } from './associations.ts';
import { readBothScopes, writeBothScopes } from './object-scopes.ts';

const MAX_READ_INPUTS = 1000;
const MAX_WRITE_INPUTS = 2000;
const PAGE = 500;

/** HubSpot exempts these from the ten-second limit. */
export const associationBatchEndpoints: readonly Endpoint[] = [
  { method: 'POST', path: batch('read'), scopes: readBothScopes, limit: 'exempt', answer: readBatch },
  { method: 'POST', path: batch('create'), scopes: writeBothScopes, limit: 'exempt', answer: createBatch },
  { method: 'POST', path: batch('archive'), scopes: writeBothScopes, limit: 'exempt', answer: archiveBatch },
];

function batch(verb: string): string {
  return `/crm/v4/associations/:from/:to/batch/${verb}`;
}

function readInputs(call: Call, max: number): readonly JsonObject[] {
  const body = readJsonObject(call.request);
  requireFields(body, ['inputs'], 'BatchInput');
  const inputs = asArray(body.inputs, 'inputs');
  if (inputs.length > max) throw invalid(`At most ${max} inputs are allowed, found ${inputs.length}`);
  return inputs.map((item, index) => asObject(item, `inputs[${index}]`));
}

function readBatch(call: Call) {
  const from = objectType(param(call, 'from'));
  const results: object[] = [];
  const missing: string[] = [];
  for (const [index, input] of readInputs(call, MAX_READ_INPUTS).entries()) {
    const id = asId(input.id, `inputs[${index}].id`);
    const record = call.state.records.findLive(from.name, id);
    if (!record) {
      missing.push(id);
      continue;
    }
    const { results: to, paging } = linkedPage(call, record, PAGE, optional(input.after, 'after', asString));
    results.push({ from: { id: record.id }, to, ...(paging ? { paging } : {}) });
  }
  const errors = missing.map((id) => ({
    status: 'error',
    category: 'OBJECT_NOT_FOUND',
    subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND',
    message: `No ${objectType(param(call, 'to')).singular} is associated with ${from.singular} ${id}.`,
    context: { fromObjectId: [id] },
  }));
  return json(missing.length > 0 ? 207 : 200, {
    ...envelope(call),
    results,
    ...(missing.length > 0 ? { numErrors: errors.length, errors } : {}),
  });
}

function createBatch(call: Call) {
  const steps = readInputs(call, MAX_WRITE_INPUTS).map((input, index) => {
    const where = `inputs[${index}]`;
    const from = readRef(call, 'from', input.from, `${where}.from`);
    const to = readRef(call, 'to', input.to, `${where}.to`);
    call.state.records.getLive(from.object, from.id);
    call.state.records.getLive(to.object, to.id);
    return { from, to, types: readTypes(call, input.types, `${where}.types`) };
  });
  const results = steps.map(({ from, to, types }) => {
    for (const type of types) call.state.associations.link(from, to, type);
    return {
      fromObjectTypeId: objectType(from.object).typeId,
      fromObjectId: Number(from.id),
      toObjectTypeId: objectType(to.object).typeId,
      toObjectId: Number(to.id),
      labels: types.flatMap(({ label }) => label ?? []),
    };
  });
  return json(201, { ...envelope(call), results });
}

function archiveBatch(call: Call) {
  for (const [index, input] of readInputs(call, MAX_WRITE_INPUTS).entries()) {
    const from = readRef(call, 'from', input.from, `inputs[${index}].from`);
    for (const to of asArray(input.to, `inputs[${index}].to`)) {
      call.state.associations.unlink(from, readRef(call, 'to', to, `inputs[${index}].to`));
    }
  }
  return NO_CONTENT;
}

function readRef(call: Call, side: 'from' | 'to', value: unknown, where: string): ObjectRef {
  return { object: objectType(param(call, side)).name, id: asId(asObject(value, where).id, `${where}.id`) };
}

function envelope({ state }: Call) {
  const at = new Date(state.now()).toISOString();
  return { status: 'COMPLETE', startedAt: at, completedAt: at };
}
