import { invalid } from './answers.ts';

export const OBJECT_NAMES = [
  'contacts',
  'companies',
  'deals',
  'products',
  'line_items',
  'tasks',
  'notes',
  'emails',
] as const;

export type ObjectName = (typeof OBJECT_NAMES)[number];

export interface ObjectType {
  readonly name: ObjectName;
  readonly singular: string;
  readonly typeId: string;
  /** Any one of them is enough. */
  readonly readScopes: readonly string[];
  readonly writeScopes: readonly string[];
  /** Scopes that allow properties to be made; empty: none does, as for notes. */
  readonly schemaWriteScopes: readonly string[];
  readonly createdProperty: string;
  readonly modifiedProperty: string;
  /** Returned besides the record's own dates and id when a read names no properties. */
  readonly defaultProperties: readonly string[];
  readonly requiredProperties: readonly string[];
}

const ENGAGEMENT = {
  readScopes: ['crm.objects.contacts.read'],
  writeScopes: ['crm.objects.contacts.write'],
  schemaWriteScopes: [],
  createdProperty: 'hs_createdate',
  modifiedProperty: 'hs_lastmodifieddate',
  defaultProperties: [],
  requiredProperties: ['hs_timestamp'],
};

function standard(name: string) {
  return {
    readScopes: [`crm.objects.${name}.read`],
    writeScopes: [`crm.objects.${name}.write`],
    schemaWriteScopes: [`crm.schemas.${name}.write`],
    createdProperty: 'createdate',
    modifiedProperty: 'hs_lastmodifieddate',
    requiredProperties: [],
  };
}

function commerce(name: string) {
  return {
    readScopes: [`crm.objects.${name}.read`, 'e-commerce'],
    writeScopes: [`crm.objects.${name}.write`, 'e-commerce'],
    schemaWriteScopes: [`crm.schemas.${name}.write`, 'e-commerce'],
    createdProperty: 'createdate',
    modifiedProperty: 'hs_lastmodifieddate',
    defaultProperties: [],
    requiredProperties: [],
  };
}

export const OBJECT_TYPES: Readonly<Record<ObjectName, ObjectType>> = {
  contacts: {
    ...standard('contacts'),
    name: 'contacts',
    singular: 'contact',
    typeId: '0-1',
    modifiedProperty: 'lastmodifieddate',
    defaultProperties: ['email', 'firstname', 'lastname'],
  },
  companies: {
    ...standard('companies'),
    name: 'companies',
    singular: 'company',
    typeId: '0-2',
    defaultProperties: ['name', 'domain'],
  },
  deals: {
    ...standard('deals'),
    name: 'deals',
    singular: 'deal',
    typeId: '0-3',
    defaultProperties: ['dealname', 'amount', 'closedate', 'pipeline', 'dealstage'],
    requiredProperties: ['dealname', 'dealstage'],
  },
  products: { ...commerce('products'), name: 'products', singular: 'product', typeId: '0-7' },
  line_items: { ...commerce('line_items'), name: 'line_items', singular: 'line_item', typeId: '0-8' },
  tasks: { ...ENGAGEMENT, name: 'tasks', singular: 'task', typeId: '0-27' },
  notes: { ...ENGAGEMENT, name: 'notes', singular: 'note', typeId: '0-46' },
  emails: { ...ENGAGEMENT, name: 'emails', singular: 'email', typeId: '0-49' },
};

/** Finds a type by plural or singular name or by type id, as HubSpot's paths allow. */
export function findObjectType(segment: string): ObjectType | undefined {
  return Object.values(OBJECT_TYPES).find(
    ({ name, singular, typeId }) => segment === name || segment === singular || segment === typeId,
  );
}

export function objectType(segment: string): ObjectType {
  const type = findObjectType(segment);
  if (type) return type;
  throw invalid(`Unable to infer object type from: ${segment}`);
}
