import { invalid, json, NO_CONTENT, notFound } from '../answers.ts';
import { type Call, type Endpoint, param, type ScopeRule } from '../endpoint.ts';
import type { RecordList } from '../lists.ts';
import { OBJECT_TYPES, objectType } from '../object-types.ts';
import {
  asString,
  asStrings,
  queryInteger,
  readJson,
  readJsonObject,
  requireFields,
} from '../request-body.ts';

const READ: ScopeRule = [['crm.lists.read']];
const WRITE: ScopeRule = [['crm.lists.read'], ['crm.lists.write']];
const LIST = '/crm/v3/lists/:listId';
const KINDS = ['MANUAL', 'SNAPSHOT', 'DYNAMIC'] as const;

export const listEndpoints: readonly Endpoint[] = [
  { method: 'POST', path: '/crm/v3/lists', scopes: WRITE, answer: createList },
  {
    method: 'GET',
    path: LIST,
    scopes: READ,
    answer: (call) => json(200, { list: viewList(call.state.lists.get(param(call, 'listId'))) }),
  },
  { method: 'GET', path: '/crm/v3/lists/object-type-id/:type/name/:name', scopes: READ, answer: readByName },
  {
    method: 'DELETE',
    path: LIST,
    scopes: WRITE,
    answer: (call) => {
      call.state.lists.remove(param(call, 'listId'));
      return NO_CONTENT;
    },
  },
  {
    method: 'GET',
    path: '/crm/v3/lists/records/:type/:recordId/memberships',
    scopes: READ,
    answer: readListsOfRecord,
  },
  { method: 'GET', path: `${LIST}/memberships`, scopes: READ, answer: readMembers },
  { method: 'PUT', path: `${LIST}/memberships/add`, scopes: WRITE, answer: addMembers },
  { method: 'PUT', path: `${LIST}/memberships/remove`, scopes: WRITE, answer: removeMembers },
];

/** 200, not 201: lists differ from the other creates here. */
function createList(call: Call) {
  const body = readJsonObject(call.request);
  requireFields(body, ['name', 'objectTypeId', 'processingType'], 'ListCreateRequest');
  const kind = KINDS.find((known) => known === body.processingType);
  if (!kind) throw invalid(`processingType must be one of ${KINDS.join(', ')}`);
  if (kind === 'DYNAMIC' && !body.filterBranch) throw invalid('A DYNAMIC list needs a filterBranch');
  const list = call.state.lists.create({
    name: asString(body.name, 'name'),
    object: objectType(asString(body.objectTypeId, 'objectTypeId')).name,
    kind,
  });
  return json(200, { list: viewList(list) });
}

function readByName(call: Call) {
  const object = objectType(param(call, 'type')).name;
  const list = call.state.lists
    .all()
    .find((candidate) => candidate.object === object && candidate.name === param(call, 'name'));
  if (!list) throw notFound();
  return json(200, { list: viewList(list) });
}

/** An unknown record is in no list. */
function readListsOfRecord(call: Call) {
  const object = objectType(param(call, 'type')).name;
  const results = call.state.lists.all().flatMap((list) => {
    const joined = list.object === object ? list.members.get(param(call, 'recordId')) : undefined;
    if (joined === undefined) return [];
    const at = new Date(joined).toISOString();
    return [
      {
        listId: list.listId,
        listVersion: 1,
        firstAddedTimestamp: at,
        lastAddedTimestamp: at,
        isPublicList: true,
      },
    ];
  });
  return json(200, { total: results.length, results });
}

function readMembers(call: Call) {
  const list = call.state.lists.get(param(call, 'listId'));
  const limit = queryInteger(call.url, 'limit', { fallback: 100, min: 1, max: 250 });
  const after = Number(call.url.searchParams.get('after') ?? 0);
  const later = [...list.members]
    .filter(([recordId]) => Number(recordId) > after)
    .sort(([left], [right]) => Number(left) - Number(right));
  const page = later.slice(0, limit);
  const last = page.at(-1);
  return json(200, {
    total: list.members.size,
    results: page.map(([recordId, at]) => ({ recordId, membershipTimestamp: new Date(at).toISOString() })),
    ...(last && later.length > limit ? { paging: { next: { after: last[0], link: '' } } } : {}),
  });
}

function addMembers(call: Call) {
  const { list, present, missing } = readMembership(call);
  return json(200, {
    // HubSpot's own spelling, with the s after "record".
    recordsIdsAdded: call.state.lists.add(list, present),
    recordIdsRemoved: [],
    recordIdsMissing: missing,
  });
}

function removeMembers(call: Call) {
  const { list, present, missing } = readMembership(call);
  return json(200, {
    recordsIdsAdded: [],
    recordIdsRemoved: call.state.lists.take(list, present),
    recordIdsMissing: missing,
  });
}

function readMembership(call: Call) {
  const list = call.state.lists.get(param(call, 'listId'));
  if (list.kind === 'DYNAMIC') {
    throw invalid(`List ${list.listId} is DYNAMIC; only MANUAL and SNAPSHOT lists take members`);
  }
  const ids = asStrings(readJson(call.request), 'body');
  const isPresent = (id: string) => call.state.records.findLive(list.object, id) !== undefined;
  return { list, present: ids.filter(isPresent), missing: ids.filter((id) => !isPresent(id)) };
}

function viewList(list: RecordList): object {
  const at = new Date(list.createdAt).toISOString();
  return {
    listId: list.listId,
    listVersion: 1,
    name: list.name,
    objectTypeId: OBJECT_TYPES[list.object].typeId,
    processingType: list.kind,
    processingStatus: 'COMPLETE',
    size: list.members.size,
    createdAt: at,
    updatedAt: at,
  };
}
