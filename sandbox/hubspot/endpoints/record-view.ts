import { findObjectType, OBJECT_TYPES } from '../object-types.ts';
import type { HubSpotRecord } from '../records.ts';
import type { HubSpotState } from '../state.ts';

export interface Wanted {
  /** Empty: the type's default set. */
  readonly properties: readonly string[];
  readonly withHistory: readonly string[];
  readonly associations: readonly string[];
}

export const DEFAULTS_ONLY: Wanted = { properties: [], withHistory: [], associations: [] };

/** A record as HubSpot shows it: all values text, unknown names left out, known ones without value null. */
export function viewRecord(state: HubSpotState, record: HubSpotRecord, wanted: Wanted): object {
  const associations = viewAssociations(state, record, wanted.associations);
  return {
    id: record.id,
    properties: viewProperties(state, record, wanted.properties),
    ...(wanted.withHistory.length > 0
      ? { propertiesWithHistory: viewHistory(state, record, wanted.withHistory) }
      : {}),
    createdAt: iso(record.createdAt),
    updatedAt: iso(record.updatedAt),
    archived: record.archivedAt !== null,
    ...(record.archivedAt === null ? {} : { archivedAt: iso(record.archivedAt) }),
    ...(associations ? { associations } : {}),
  };
}

function viewProperties(
  state: HubSpotState,
  record: HubSpotRecord,
  names: readonly string[],
): Record<string, string | null> {
  const type = OBJECT_TYPES[record.object];
  const asked = names.length > 0 ? names : type.defaultProperties;
  const known = asked.filter((name) => state.properties.find(record.object, name));
  const always = [type.createdProperty, type.modifiedProperty, 'hs_object_id'];
  return Object.fromEntries([...known, ...always].map((name) => [name, record.properties[name] ?? null]));
}

function viewHistory(state: HubSpotState, record: HubSpotRecord, names: readonly string[]): object {
  const known = names.filter((name) => state.properties.find(record.object, name));
  return Object.fromEntries(
    known.map((name) => [
      name,
      (record.history.get(name) ?? []).map(({ timestamp, ...entry }) => ({
        ...entry,
        timestamp: iso(timestamp),
      })),
    ]),
  );
}

function viewAssociations(
  state: HubSpotState,
  record: HubSpotRecord,
  types: readonly string[],
): Record<string, object> | null {
  const entries = types.flatMap((segment) => {
    const to = findObjectType(segment);
    if (!to) return [];
    const linked = state.associations
      .linked(record, to.name)
      .filter(({ id }) => state.records.findLive(to.name, id));
    if (linked.length === 0) return [];
    const type = `${OBJECT_TYPES[record.object].singular}_to_${to.singular}`;
    return [[to.name.replace('_', ' '), { results: linked.map(({ id }) => ({ id, type })) }] as const];
  });
  return entries.length > 0 ? Object.fromEntries(entries) : null;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
