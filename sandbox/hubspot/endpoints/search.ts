import { invalid, json } from '../answers.ts';
import { type Call, type Endpoint, param } from '../endpoint.ts';
import { type ObjectName, objectType } from '../object-types.ts';
import type { HubSpotRecord } from '../records.ts';
import {
  asArray,
  asInteger,
  asObject,
  asString,
  asStrings,
  type JsonObject,
  optional,
  readJsonObject,
} from '../request-body.ts';
import { readScopes } from './object-scopes.ts';
import { DEFAULTS_ONLY, viewRecord } from './record-view.ts';
import { type Filter, matchesFilter, readFilter } from './search-filter.ts';

const MAX_BODY_CHARACTERS = 3000;
const MAX_GROUPS = 5;
const MAX_FILTERS_PER_GROUP = 6;
const MAX_FILTERS = 18;
const MAX_LIMIT = 200;

export const searchEndpoints: readonly Endpoint[] = [
  {
    method: 'POST',
    path: '/crm/v3/objects/:type/search',
    scopes: readScopes,
    limit: 'search',
    answer: search,
  },
];

/** Matches what the index knows, which lags behind, and returns what the records are now. */
function search(call: Call) {
  const { state, request } = call;
  const object = objectType(param(call, 'type')).name;
  if (request.body.toString('utf8').length > MAX_BODY_CHARACTERS) {
    throw invalid(`The search request body is longer than ${MAX_BODY_CHARACTERS} characters`);
  }
  const body = readJsonObject(request);
  const groups = readGroups(call, object, body);
  const compare = readSort(call, object, body);
  const { offset, limit } = readPage(body, state.maxSearchResults);
  const query = optional(body.query, 'query', asString)?.toLowerCase() ?? '';
  const found = state.records
    .list(object)
    .flatMap((record) => {
      const values = state.records.indexedProperties(record);
      return values ? [{ record, values }] : [];
    })
    .filter(
      ({ values }) =>
        groups.length === 0 || groups.some((group) => group.every((filter) => matchesFilter(filter, values))),
    )
    .filter(({ values }) => Object.values(values).some((value) => value.toLowerCase().includes(query)))
    .sort((left, right) => compare(left.values, right.values) || byId(left.record, right.record));
  const properties = optional(body.properties, 'properties', asStrings) ?? [];
  const end = offset + limit;
  return json(200, {
    total: found.length,
    results: found
      .slice(offset, end)
      .map(({ record }) => viewRecord(state, record, { ...DEFAULTS_ONLY, properties })),
    ...(found.length > end ? { paging: { next: { after: String(end) } } } : {}),
  });
}

function readGroups(call: Call, object: ObjectName, body: JsonObject): Filter[][] {
  const groups = (optional(body.filterGroups, 'filterGroups', asArray) ?? []).map((item, index) => {
    const where = `filterGroups[${index}]`;
    return asArray(asObject(item, where).filters, `${where}.filters`).map((filter, at) =>
      readFilter(asObject(filter, `${where}.filters[${at}]`), (name) =>
        call.state.properties.find(object, name),
      ),
    );
  });
  if (groups.length > MAX_GROUPS)
    throw invalid(`A search takes at most ${MAX_GROUPS} filter groups, found ${groups.length}`);
  if (groups.some((group) => group.length > MAX_FILTERS_PER_GROUP)) {
    throw invalid(`A filter group takes at most ${MAX_FILTERS_PER_GROUP} filters`);
  }
  if (groups.flat().length > MAX_FILTERS)
    throw invalid(`A search takes at most ${MAX_FILTERS} filters in all`);
  return groups;
}

type Values = Readonly<Record<string, string>>;

function readSort(call: Call, object: ObjectName, body: JsonObject): (left: Values, right: Values) => number {
  const sorts = optional(body.sorts, 'sorts', asArray) ?? [];
  if (sorts.length > 1) throw invalid(`A search takes one sort, found ${sorts.length}`);
  const [sort] = sorts;
  if (sort === undefined) return () => 0;
  const { name, descending } = typeof sort === 'string' ? parseSortText(sort) : parseSortObject(sort);
  if (!call.state.properties.find(object, name)) throw invalid(`There is no property "${name}" to sort by`);
  return (left, right) => {
    const order = (left[name] ?? '').localeCompare(right[name] ?? '', 'en', { numeric: true });
    return descending ? -order : order;
  };
}

function parseSortText(text: string) {
  return { name: text.replace(/^-/, ''), descending: text.startsWith('-') };
}

function parseSortObject(value: unknown) {
  const sort = asObject(value, 'sorts[0]');
  return {
    name: asString(sort.propertyName, 'sorts[0].propertyName'),
    descending: sort.direction === 'DESCENDING',
  };
}

function readPage(body: JsonObject, maxResults: number): { offset: number; limit: number } {
  const limit = optional(body.limit, 'limit', asInteger) ?? 10;
  if (limit < 0 || limit > MAX_LIMIT) throw invalid(`limit must be at most ${MAX_LIMIT}, found ${limit}`);
  const after =
    body.after === undefined || body.after === null || body.after === '' ? '0' : String(body.after);
  if (!/^\d+$/.test(after)) throw invalid(`after must be an integer, found "${after}"`);
  const offset = Number(after);
  if (offset + limit > maxResults) throw invalid(`A search pages through at most ${maxResults} results`);
  return { offset, limit };
}

function byId(left: HubSpotRecord, right: HubSpotRecord): number {
  return Number(left.id) - Number(right.id);
}
