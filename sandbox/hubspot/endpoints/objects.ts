import { HubSpotRefusal, invalid, json, NO_CONTENT, notFound } from '../answers.ts';
import { type Call, type Endpoint, param } from '../endpoint.ts';
import { type ObjectType, objectType } from '../object-types.ts';
import type { HubSpotRecord } from '../records.ts';
import { queryInteger, queryList, readJsonObject } from '../request-body.ts';
import { createRecord } from './create-record.ts';
import { readScopes, writeScopes } from './object-scopes.ts';
import { DEFAULTS_ONLY, viewRecord, type Wanted } from './record-view.ts';

const COLLECTION = '/crm/v3/objects/:type';
const RECORD = '/crm/v3/objects/:type/:id';

export const objectEndpoints: readonly Endpoint[] = [
  { method: 'GET', path: COLLECTION, scopes: readScopes, answer: listRecords },
  {
    method: 'POST',
    path: COLLECTION,
    scopes: writeScopes,
    answer: (call) => {
      const record = createRecord(call, typeOf(call).name, readJsonObject(call.request));
      return json(
        201,
        viewRecord(call.state, record, { ...DEFAULTS_ONLY, properties: Object.keys(record.properties) }),
      );
    },
  },
  {
    method: 'GET',
    path: RECORD,
    scopes: readScopes,
    answer: (call) => json(200, viewRecord(call.state, namedRecord(call), wantedOf(call.url))),
  },
  { method: 'PATCH', path: RECORD, scopes: writeScopes, answer: updateRecord },
  {
    method: 'DELETE',
    path: RECORD,
    scopes: writeScopes,
    // Deleting what is not there is no error.
    answer: ({ state, ...call }) => {
      const record = state.records.findLive(objectType(call.params.type ?? '').name, call.params.id ?? '');
      if (record) state.records.archive(record, 'INTEGRATION');
      return NO_CONTENT;
    },
  },
];

function typeOf(call: Call): ObjectType {
  return objectType(param(call, 'type'));
}

function listRecords(call: Call) {
  const { state, url } = call;
  const limit = queryInteger(url, 'limit', { fallback: 10, min: 1, max: 100 });
  const after = url.searchParams.get('after') ?? '';
  const later = state.records
    .list(typeOf(call).name)
    .filter(({ id }) => Number(id) > Number(after))
    .sort((left, right) => Number(left.id) - Number(right.id));
  const page = later.slice(0, limit);
  const last = page.at(-1);
  return json(200, {
    results: page.map((record) => viewRecord(state, record, wantedOf(url))),
    ...(last && later.length > limit ? { paging: { next: { after: last.id, link: '' } } } : {}),
  });
}

function updateRecord(call: Call) {
  const { state } = call;
  const record = namedRecord(call);
  const body = readJsonObject(call.request);
  if (typeof body.properties !== 'object' || body.properties === null || Array.isArray(body.properties)) {
    throw invalid('Invalid input JSON on line 1, column 1: properties must be an object');
  }
  const values = state.writes.checkUpdate(record, body.properties as Record<string, unknown>);
  state.records.update(record, values, 'INTEGRATION', { appId: call.appId });
  return json(200, viewRecord(state, record, { ...DEFAULTS_ONLY, properties: Object.keys(values) }));
}

/** By id, or by a property whose values are unique. */
function namedRecord(call: Call): HubSpotRecord {
  const type = typeOf(call);
  const id = param(call, 'id');
  const idProperty = call.url.searchParams.get('idProperty');
  if (idProperty === null || idProperty === 'hs_object_id') {
    if (!/^\d+$/.test(id))
      throw new HubSpotRefusal(400, `Invalid object ID "${id}"`, { category: 'VALIDATION_ERROR' });
    const wantsArchived = call.url.searchParams.get('archived') === 'true';
    const record = call.state.records.find(type.name, id);
    if (!record || (record.archivedAt !== null) !== wantsArchived) throw notFound();
    return record;
  }
  if (!call.state.properties.find(type.name, idProperty)?.hasUniqueValue) {
    throw invalid(`idProperty "${idProperty}" is not a unique-value property of ${type.name}`);
  }
  const record = call.state.records.findByValue(type.name, idProperty, id);
  if (!record) throw notFound();
  return record;
}

function wantedOf(url: URL): Wanted {
  return {
    properties: queryList(url, 'properties'),
    withHistory: queryList(url, 'propertiesWithHistory'),
    associations: queryList(url, 'associations'),
  };
}
