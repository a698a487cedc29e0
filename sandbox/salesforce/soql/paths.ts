import type { Field, ObjectType, Schema } from '../schema.ts';
import { type FieldValue, type Row, type Store, text } from '../store.ts';
import { noSuchColumn, noSuchRelationship } from './failure.ts';
import type { Name } from './parser.ts';

/** One step from a row to its parent. */
interface ParentStep {
  /** The lookup's field, for example `AccountId`. */
  readonly lookup: Field;
  /** As the answer names it, for example `Account`. */
  readonly relationshipName: string;
  readonly target: ObjectType;
}

/** A dotted name that was found to exist: the parents to walk through, then the field. */
export interface FieldPath {
  readonly parents: readonly ParentStep[];
  readonly field: Field;
}

export function resolvePath(schema: Schema, start: ObjectType, name: Name, soql: string): FieldPath {
  const parents: ParentStep[] = [];
  let object = start;
  for (const relationship of name.path.slice(0, -1)) {
    const step = parentStep(schema, object, relationship);
    if (!step) throw noSuchRelationship(soql, name.at, relationship, 'field path');
    parents.push(step);
    object = step.target;
  }
  const last = name.path.at(-1) ?? '';
  const field = schema.field(object, last);
  if (!field) throw noSuchColumn(soql, name.at, last, object.name);
  return { parents, field };
}

function parentStep(schema: Schema, object: ObjectType, relationship: string): ParentStep | undefined {
  const wanted = relationship.toLowerCase();
  for (const lookup of schema.fields(object)) {
    const target = lookup.referenceTo[0];
    if (lookup.relationshipName === null || target === undefined) continue;
    if (lookup.relationshipName.toLowerCase() !== wanted) continue;
    return { lookup, relationshipName: lookup.relationshipName, target: schema.object(target) };
  }
  return undefined;
}

/** The value at the end of the path; null where a parent on the way is missing. */
export function readPath(store: Store, row: Row, path: FieldPath): FieldValue {
  let current = row;
  for (const { lookup, target } of path.parents) {
    const parent = store.findVisible(target.name, text(current, lookup.name));
    if (!parent) return null;
    current = parent;
  }
  return current[path.field.name] ?? null;
}
