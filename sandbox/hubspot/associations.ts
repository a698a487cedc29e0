import { invalid } from './answers.ts';
import { OBJECT_TYPES, type ObjectName } from './object-types.ts';

export type AssociationCategory = 'HUBSPOT_DEFINED' | 'USER_DEFINED';

export interface AssociationType {
  readonly from: ObjectName;
  readonly to: ObjectName;
  readonly typeId: number;
  readonly inverseId: number;
  readonly category: AssociationCategory;
  /** Null for the plain type of a pair. */
  readonly label: string | null;
}

export interface ObjectRef {
  readonly object: ObjectName;
  readonly id: string;
}

export interface AssociationSpec {
  readonly category: string;
  readonly typeId: number;
}

type Pair = readonly [from: ObjectName, to: ObjectName, typeId: number, inverseId: number, label?: string];

/** HubSpot's published ids; the primary kinds come with a plain one. */
const PAIRS: readonly Pair[] = [
  ['contacts', 'companies', 279, 280],
  ['contacts', 'companies', 1, 2, 'Primary'],
  ['deals', 'contacts', 3, 4],
  ['deals', 'companies', 341, 342],
  ['deals', 'companies', 5, 6, 'Primary'],
  ['deals', 'line_items', 19, 20],
  ['companies', 'emails', 185, 186],
  ['companies', 'notes', 189, 190],
  ['companies', 'tasks', 191, 192],
  ['contacts', 'emails', 197, 198],
  ['contacts', 'notes', 201, 202],
  ['contacts', 'tasks', 203, 204],
  ['deals', 'emails', 209, 210],
  ['deals', 'notes', 213, 214],
  ['deals', 'tasks', 215, 216],
];

const FIRST_USER_TYPE_ID = 101;

/** Links between records, kept from both sides. */
export class AssociationStore {
  readonly #types: AssociationType[] = PAIRS.flatMap(([from, to, typeId, inverseId, label]) =>
    bothWays({ from, to, typeId, inverseId, category: 'HUBSPOT_DEFINED', label: label ?? null }),
  );
  readonly #links = new Map<string, Map<string, Set<AssociationType>>>();
  #nextUserTypeId = FIRST_USER_TYPE_ID;
  /** Called when two records came to be linked, or are not any more. */
  onChange: (from: ObjectRef, to: ObjectRef) => void = () => {};

  typesOf(from: ObjectName, to: ObjectName): AssociationType[] {
    return this.#types.filter((type) => type.from === from && type.to === to);
  }

  /** A label that the portal's admin made, or the one made earlier under this name. */
  defineLabel(from: ObjectName, to: ObjectName, label: string): AssociationType {
    const known = this.typesOf(from, to).find(
      (type) => type.category === 'USER_DEFINED' && type.label === label,
    );
    if (known) return known;
    const typeId = this.#nextUserTypeId;
    this.#nextUserTypeId += 2;
    const made = bothWays({ from, to, typeId, inverseId: typeId + 1, category: 'USER_DEFINED', label });
    this.#types.push(...made);
    return made[0];
  }

  plainType(from: ObjectName, to: ObjectName): AssociationType {
    const plain = this.typesOf(from, to).find((type) => type.label === null);
    if (!plain) throw invalid(`${singular(from)} and ${singular(to)} cannot be associated`);
    return plain;
  }

  /** Finds the type that a caller names; a type of another pair is refused. */
  resolve(from: ObjectName, to: ObjectName, spec: AssociationSpec): AssociationType {
    const type = this.typesOf(from, to).find(
      ({ category, typeId }) => category === spec.category && typeId === spec.typeId,
    );
    if (type) return type;
    throw invalid(
      `${spec.category} association type ${spec.typeId} doesn't exist between ${singular(from)} and ${singular(to)}`,
    );
  }

  /** Any labelled or primary link brings the plain one with it. */
  link(from: ObjectRef, to: ObjectRef, type: AssociationType): void {
    const isNew = this.#between(from, to).size === 0;
    for (const made of [type, this.plainType(from.object, to.object)]) {
      this.#between(from, to).add(made);
      this.#between(to, from).add(this.#inverse(made));
    }
    if (isNew) this.onChange(from, to);
  }

  /** All links of one record to records of these kinds become another one's. */
  move(from: ObjectRef, to: ObjectRef, kinds: readonly ObjectName[]): void {
    for (const kind of kinds) {
      for (const { id, types } of this.linked(from, kind)) {
        const other = { object: kind, id };
        for (const type of types) this.link(to, other, type);
        this.unlink(from, other);
      }
    }
  }

  unlink(from: ObjectRef, to: ObjectRef): void {
    this.#links.get(keyOf(from))?.delete(keyOf(to));
    if (this.#links.get(keyOf(to))?.delete(keyOf(from))) this.onChange(from, to);
  }

  /** Ids and types of what is linked, by ascending id. */
  linked(from: ObjectRef, to: ObjectName): { readonly id: string; readonly types: AssociationType[] }[] {
    const found: { id: string; types: AssociationType[] }[] = [];
    for (const [key, types] of this.#links.get(keyOf(from)) ?? []) {
      const [object, id] = key.split('/');
      if (object === to && id !== undefined && types.size > 0) found.push({ id, types: [...types] });
    }
    return found.sort((left, right) => Number(left.id) - Number(right.id));
  }

  #inverse(type: AssociationType): AssociationType {
    const inverse = this.#types.find(
      (other) =>
        other.from === type.to &&
        other.to === type.from &&
        other.category === type.category &&
        other.typeId === type.inverseId,
    );
    if (!inverse) throw new Error(`Association type ${type.typeId} has no inverse`);
    return inverse;
  }

  #between(from: ObjectRef, to: ObjectRef): Set<AssociationType> {
    const links = this.#links.get(keyOf(from)) ?? new Map<string, Set<AssociationType>>();
    this.#links.set(keyOf(from), links);
    const types = links.get(keyOf(to)) ?? new Set<AssociationType>();
    links.set(keyOf(to), types);
    return types;
  }
}

function bothWays(type: AssociationType): [AssociationType, AssociationType] {
  const { from, to, typeId, inverseId } = type;
  return [type, { ...type, from: to, to: from, typeId: inverseId, inverseId: typeId }];
}

function keyOf({ object, id }: ObjectRef): string {
  return `${object}/${id}`;
}

function singular(object: ObjectName): string {
  return OBJECT_TYPES[object].singular;
}
