import { invalid, json, NO_CONTENT } from '../answers.ts';
import type { AssociationType, ObjectRef } from '../associations.ts';
import { type Call, type Endpoint, param } from '../endpoint.ts';
import { objectType } from '../object-types.ts';
import { asArray, asInteger, asObject, asString, queryInteger, readJson } from '../request-body.ts';
import { readBothScopes, writeBothScopes } from './object-scopes.ts';

const MAX_PAGE = 500;
const ONE = '/crm/v4/objects/:from/:fromId/associations/:to/:toId';

export const associationEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/crm/v4/objects/:from/:fromId/associations/:to',
    scopes: readBothScopes,
    answer: listAssociations,
  },
  {
    method: 'PUT',
    path: '/crm/v4/objects/:from/:fromId/associations/default/:to/:toId',
    scopes: writeBothScopes,
    answer: associateByDefault,
  },
  { method: 'PUT', path: ONE, scopes: writeBothScopes, answer: associateLabelled },
  {
    method: 'DELETE',
    path: ONE,
    scopes: writeBothScopes,
    answer: (call) => {
      call.state.associations.unlink(sideOf(call, 'from'), sideOf(call, 'to'));
      return NO_CONTENT;
    },
  },
  {
    method: 'GET',
    path: '/crm/v4/associations/:from/:to/labels',
    scopes: readBothScopes,
    answer: (call) => {
      const from = objectType(param(call, 'from')).name;
      const to = objectType(param(call, 'to')).name;
      return json(200, { results: call.state.associations.typesOf(from, to).map(viewType) });
    },
  },
];

function listAssociations(call: Call) {
  const from = sideOf(call, 'from');
  call.state.records.getLive(from.object, from.id);
  const limit = queryInteger(call.url, 'limit', { fallback: MAX_PAGE, min: 1, max: MAX_PAGE });
  return json(200, linkedPage(call, from, limit, call.url.searchParams.get('after')));
}

/** One page of what is linked, in the form that both the single and the batch read use. */
export function linkedPage(call: Call, from: ObjectRef, limit: number, after: string | null) {
  const to = objectType(param(call, 'to')).name;
  const later = call.state.associations
    .linked(from, to)
    .filter(({ id }) => call.state.listsDeletedAssociations || call.state.records.findLive(to, id))
    .filter(({ id }) => Number(id) > Number(after ?? 0));
  const page = later.slice(0, limit);
  const last = page.at(-1);
  return {
    results: page.map(({ id, types }) => ({
      // Text by the published schema, a number in the published sample: the wire has the number.
      toObjectId: Number(id),
      associationTypes: types.map(viewType),
    })),
    ...(last && later.length > limit ? { paging: { next: { after: last.id, link: '' } } } : {}),
  };
}

function associateByDefault(call: Call) {
  const from = liveSide(call, 'from');
  const to = liveSide(call, 'to');
  const type = call.state.associations.plainType(from.object, to.object);
  call.state.associations.link(from, to, type);
  const at = new Date(call.state.now()).toISOString();
  return json(200, {
    status: 'COMPLETE',
    results: [
      { from: { id: from.id }, to: { id: to.id }, associationSpec: viewSpec(type.typeId) },
      { from: { id: to.id }, to: { id: from.id }, associationSpec: viewSpec(type.inverseId) },
    ],
    startedAt: at,
    completedAt: at,
  });
}

/** An empty list of types is taken and links nothing. */
function associateLabelled(call: Call) {
  const from = liveSide(call, 'from');
  const to = liveSide(call, 'to');
  const types = readTypes(call, readJson(call.request), 'body');
  for (const type of types) call.state.associations.link(from, to, type);
  return json(201, {
    fromObjectTypeId: objectType(from.object).typeId,
    fromObjectId: Number(from.id),
    toObjectTypeId: objectType(to.object).typeId,
    toObjectId: Number(to.id),
    labels: types.flatMap(({ label }) => label ?? []),
  });
}

export function readTypes(call: Call, value: unknown, where: string): AssociationType[] {
  const from = objectType(param(call, 'from')).name;
  const to = objectType(param(call, 'to')).name;
  return asArray(value, where).map((item, index) => {
    const type = asObject(item, `${where}[${index}]`);
    return call.state.associations.resolve(from, to, {
      category: asString(type.associationCategory, `${where}[${index}].associationCategory`),
      typeId: asInteger(type.associationTypeId, `${where}[${index}].associationTypeId`),
    });
  });
}

function liveSide(call: Call, side: 'from' | 'to'): ObjectRef {
  const { object, id } = sideOf(call, side);
  return { object, id: call.state.records.getLive(object, id).id };
}

function sideOf(call: Call, side: 'from' | 'to'): ObjectRef {
  const id = param(call, `${side}Id`);
  if (!/^\d+$/.test(id)) throw invalid(`Invalid object ID "${id}"`);
  const object = objectType(param(call, side)).name;
  return { object, id: call.state.records.find(object, id)?.id ?? id };
}

function viewType({ category, typeId, label }: AssociationType) {
  return { category, typeId, label };
}

function viewSpec(associationTypeId: number) {
  return { associationCategory: 'HUBSPOT_DEFINED', associationTypeId };
}
