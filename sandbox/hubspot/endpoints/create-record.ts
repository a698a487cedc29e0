import { invalid } from '../answers.ts';
import type { ObjectRef } from '../associations.ts';
import type { Call } from '../endpoint.ts';
import type { ObjectName } from '../object-types.ts';
import { OBJECT_NAMES } from '../object-types.ts';
import type { HubSpotRecord } from '../records.ts';
import { asArray, asId, asInteger, asObject, asString, type JsonObject, optional } from '../request-body.ts';
import type { HubSpotState } from '../state.ts';

interface PlannedLink {
  readonly category: string;
  readonly typeId: number;
  readonly toId: string;
}

type Creator = Pick<Call, 'state' | 'appId'>;

/** Creates one record with its inline associations, or nothing at all. */
export function createRecord(call: Creator, object: ObjectName, input: JsonObject): HubSpotRecord {
  return prepareRecord(call, object, input)();
}

/** Checks everything and returns the step that writes, so that a batch can be all or nothing. */
export function prepareRecord(
  { state, appId }: Creator,
  object: ObjectName,
  input: JsonObject,
): () => HubSpotRecord {
  const properties = state.writes.checkCreate(object, asObject(input.properties ?? {}, 'properties'));
  const planned = (optional(input.associations, 'associations', asArray) ?? []).flatMap((item, index) =>
    readLinks(asObject(item, `associations[${index}]`), `associations[${index}]`),
  );
  const links = planned.map((link) => resolveLink(state, object, link));
  return () => {
    const record = state.records.create(object, properties, 'INTEGRATION', { appId });
    for (const { to, type } of links) state.associations.link(record, to, type);
    return record;
  };
}

/** An entry without types is taken and links nothing, as the real API does. */
function readLinks(entry: JsonObject, where: string): PlannedLink[] {
  const toId = asId(asObject(entry.to, `${where}.to`).id, `${where}.to.id`);
  return asArray(entry.types, `${where}.types`).map((item, index) => {
    const type = asObject(item, `${where}.types[${index}]`);
    return {
      toId,
      category: asString(type.associationCategory, `${where}.types[${index}].associationCategory`),
      typeId: asInteger(type.associationTypeId, `${where}.types[${index}].associationTypeId`),
    };
  });
}

/** An inline association names no object type of its other side: the type id does. */
function resolveLink(state: HubSpotState, from: ObjectName, link: PlannedLink) {
  for (const object of OBJECT_NAMES) {
    const type = state.associations
      .typesOf(from, object)
      .find(({ category, typeId }) => category === link.category && typeId === link.typeId);
    if (!type) continue;
    if (!state.records.findLive(object, link.toId)) {
      throw invalid(
        `No ${object} object with id ${link.toId} exists, so ${from} cannot be associated with it`,
      );
    }
    const to: ObjectRef = { object, id: link.toId };
    return { to, type };
  }
  throw invalid(`${link.category} association type ${link.typeId} doesn't exist for objects of type ${from}`);
}
