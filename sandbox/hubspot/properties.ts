import { HubSpotRefusal, invalid, notFound } from './answers.ts';
import type { ObjectName } from './object-types.ts';
import {
  builtInGroup,
  builtInProperties,
  FIELD_TYPES,
  type PropertyDefinition,
  type PropertyOption,
} from './property-definitions.ts';

export interface PropertyGroup {
  readonly name: string;
  readonly label: string;
  readonly displayOrder: number;
}

export type NewProperty = Pick<PropertyDefinition, 'name' | 'label' | 'type' | 'fieldType' | 'groupName'> & {
  readonly description?: string;
  readonly options?: readonly PropertyOption[];
  readonly hasUniqueValue?: boolean;
};

export type PropertyChanges = Partial<Omit<NewProperty, 'name' | 'hasUniqueValue'>>;

const MAX_UNIQUE_PROPERTIES = 10;

/** Property definitions and groups of one portal. */
export class PropertyStore {
  readonly #definitions = new Map<ObjectName, Map<string, PropertyDefinition>>();
  readonly #groups = new Map<ObjectName, Map<string, PropertyGroup>>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  list(object: ObjectName): PropertyDefinition[] {
    return [...this.#of(object).values()];
  }

  find(object: ObjectName, name: string): PropertyDefinition | undefined {
    return this.#of(object).get(name);
  }

  get(object: ObjectName, name: string): PropertyDefinition {
    const found = this.find(object, name);
    if (!found) throw notFound(`Property ${name} does not exist`);
    return found;
  }

  create(object: ObjectName, property: NewProperty): PropertyDefinition {
    this.#refuseBadShape(object, property);
    if (this.find(object, property.name)) {
      throw new HubSpotRefusal(409, `A property named '${property.name}' already exists.`, {
        category: 'OBJECT_ALREADY_EXISTS',
      });
    }
    const unique = this.list(object).filter((other) => other.hasUniqueValue && !other.hubspotDefined);
    if (property.hasUniqueValue && unique.length >= MAX_UNIQUE_PROPERTIES) {
      throw invalid(`${object} has ${MAX_UNIQUE_PROPERTIES} unique-value properties already`);
    }
    const definition: PropertyDefinition = {
      description: '',
      options: [],
      hasUniqueValue: false,
      ...property,
      hubspotDefined: false,
      readOnly: false,
      externalOptions: false,
      createdAt: this.#now(),
    };
    this.#of(object).set(definition.name, definition);
    return definition;
  }

  /** Fields that are given take the place of what was there, the list of options as a whole. */
  update(object: ObjectName, name: string, changes: PropertyChanges): PropertyDefinition {
    const known = this.get(object, name);
    if (known.hubspotDefined) throw invalid(`Property ${name} is defined by HubSpot`);
    const changed = { ...known, ...changes };
    this.#refuseBadShape(object, changed);
    this.#of(object).set(name, changed);
    return changed;
  }

  remove(object: ObjectName, name: string): void {
    if (this.get(object, name).hubspotDefined) throw invalid(`Property ${name} is defined by HubSpot`);
    this.#of(object).delete(name);
  }

  groups(object: ObjectName): PropertyGroup[] {
    return [...this.#groupsOf(object).values()];
  }

  createGroup(object: ObjectName, group: PropertyGroup): PropertyGroup {
    if (!/^[a-z0-9_]+$/.test(group.name)) {
      throw invalid(`Property group name "${group.name}" may only hold a-z, 0-9 and _`);
    }
    if (this.#groupsOf(object).has(group.name)) {
      throw new HubSpotRefusal(409, `A property group named '${group.name}' already exists.`, {
        category: 'OBJECT_ALREADY_EXISTS',
      });
    }
    this.#groupsOf(object).set(group.name, group);
    return group;
  }

  #refuseBadShape(object: ObjectName, property: NewProperty): void {
    if (!/^[a-z][a-z0-9_]{0,99}$/.test(property.name)) {
      throw invalid(`Property name "${property.name}" must start with a-z and hold only a-z, 0-9 and _`);
    }
    const fieldTypes = FIELD_TYPES[property.type];
    if (!fieldTypes) throw invalid(`"${property.type}" is not a property type`);
    if (!fieldTypes.includes(property.fieldType)) {
      throw invalid(
        `Field type "${property.fieldType}" does not go with type "${property.type}"; use ${fieldTypes.join(', ')}`,
      );
    }
    if (property.type === 'enumeration' && (property.options ?? []).length === 0) {
      throw invalid(`Property "${property.name}" of type enumeration needs options`);
    }
    if (!this.#groupsOf(object).has(property.groupName)) {
      throw invalid(`Property group "${property.groupName}" does not exist on ${object}`);
    }
  }

  #of(object: ObjectName): Map<string, PropertyDefinition> {
    let definitions = this.#definitions.get(object);
    if (!definitions) {
      definitions = new Map(builtInProperties(object, this.#now()).map((item) => [item.name, item]));
      this.#definitions.set(object, definitions);
    }
    return definitions;
  }

  #groupsOf(object: ObjectName): Map<string, PropertyGroup> {
    let groups = this.#groups.get(object);
    if (!groups) {
      const name = builtInGroup(object);
      groups = new Map([[name, { name, label: name, displayOrder: -1 }]]);
      this.#groups.set(object, groups);
    }
    return groups;
  }
}
