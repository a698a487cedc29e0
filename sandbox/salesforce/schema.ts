/** What an org knows about its objects and fields, as far as the integration user may see it. */

export type FieldType =
  | 'id'
  | 'string'
  | 'textarea'
  | 'double'
  | 'currency'
  | 'percent'
  | 'int'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'reference'
  | 'email'
  | 'phone'
  | 'url'
  | 'picklist'
  | 'base64'
  | 'anyType';

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: FieldType;
  readonly length: number;
  readonly nillable: boolean;
  readonly createable: boolean;
  readonly updateable: boolean;
  /** False for long text areas and files: SOQL cannot compare them. */
  readonly filterable: boolean;
  readonly referenceTo: readonly string[];
  /** How SOQL names the parent: `Account` for `AccountId`. */
  readonly relationshipName: string | null;
  /** The only values a picklist takes; empty when it takes any. */
  readonly picklistValues: readonly string[];
  /** What an insert without the field stores. Its presence makes the field optional on insert. */
  readonly defaultValue: string | number | boolean | null;
}

export interface ChildRelationship {
  readonly childSObject: string;
  readonly field: string;
  readonly relationshipName: string;
}

export interface ObjectType {
  readonly name: string;
  readonly label: string;
  readonly keyPrefix: string;
  readonly createable: boolean;
  readonly updateable: boolean;
  readonly deletable: boolean;
  readonly fields: readonly Field[];
  readonly children: readonly ChildRelationship[];
}

export interface Visibility {
  /** False for an org whose admin has not added Dealseat's fields yet. */
  withDealseatFields: boolean;
  /** `Object.Field`: hidden by field-level security, so it behaves as if it did not exist. */
  readonly hiddenFields: Set<string>;
  /** `Object.Field`: length of a field that the admin has made otherwise. */
  readonly fieldLengths: ReadonlyMap<string, number>;
  /** `Opportunity.Field`: an admin has set history tracking on for it. */
  readonly trackedFields: Set<string>;
}

const FIELD_HISTORY = 'opportunityfieldhistory';

/** A longer text is a long text area. */
const LONGEST_STRING = 255;

export class Schema {
  readonly #objects: ReadonlyMap<string, ObjectType>;
  readonly #visibility: Visibility;

  constructor(objects: readonly ObjectType[], visibility: Visibility) {
    this.#objects = new Map(objects.map((object) => [object.name.toLowerCase(), object]));
    this.#visibility = visibility;
  }

  get objects(): readonly ObjectType[] {
    return [...this.#objects.values()];
  }

  /**
   * Names are not case sensitive, neither in SOQL nor in a resource's path. The history of an object is no object as long as
   * no field is tracked.
   */
  find(name: string): ObjectType | undefined {
    const wanted = name.toLowerCase();
    if (wanted === FIELD_HISTORY && this.#visibility.trackedFields.size === 0) return undefined;
    return this.#objects.get(wanted);
  }

  /** For names written in this sandbox's own code. */
  object(name: string): ObjectType {
    const found = this.find(name);
    if (!found) throw new RangeError(`the sandbox has no object ${name}`);
    return found;
  }

  objectOfId(id: string): ObjectType | undefined {
    return this.objects.find((object) => object.keyPrefix === id.slice(0, 3));
  }

  fields(object: ObjectType): readonly Field[] {
    return object.fields
      .filter((field) => this.#isVisible(object, field))
      .map((field) => this.#asItIs(object, field));
  }

  field(object: ObjectType, name: string): Field | undefined {
    const wanted = name.toLowerCase();
    const field = object.fields.find((each) => each.name.toLowerCase() === wanted);
    return field && this.#isVisible(object, field) ? this.#asItIs(object, field) : undefined;
  }

  #asItIs(object: ObjectType, field: Field): Field {
    const length = this.#visibility.fieldLengths.get(`${object.name}.${field.name}`) ?? field.length;
    const isLong = field.type === 'string' && length > LONGEST_STRING;
    return { ...field, length, ...(isLong && { type: 'textarea' as const, filterable: false }) };
  }

  trackedFields(object: ObjectType): readonly Field[] {
    const { trackedFields } = this.#visibility;
    return this.fields(object).filter(({ name }) => trackedFields.has(`${object.name}.${name}`));
  }

  #isVisible(object: ObjectType, field: Field): boolean {
    if (field.name.startsWith('Dealseat_') && !this.#visibility.withDealseatFields) return false;
    return !this.#visibility.hiddenFields.has(`${object.name}.${field.name}`);
  }
}
