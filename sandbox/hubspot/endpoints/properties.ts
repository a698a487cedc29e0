import { json, NO_CONTENT } from '../answers.ts';
import { type Call, type Endpoint, param, type ScopeRule } from '../endpoint.ts';
import { type ObjectName, objectType } from '../object-types.ts';
import type { PropertyDefinition, PropertyOption } from '../property-definitions.ts';
import {
  asArray,
  asInteger,
  asObject,
  asString,
  optional,
  readJsonObject,
  requireFields,
} from '../request-body.ts';

const COLLECTION = '/crm/v3/properties/:type';
const GROUPS = '/crm/v3/properties/:type/groups';

export const propertyEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: COLLECTION,
    scopes: schemaReadScopes,
    answer: (call) => json(200, { results: call.state.properties.list(objectOf(call)).map(viewProperty) }),
  },
  { method: 'POST', path: COLLECTION, scopes: schemaWriteScopes, answer: createProperty },
  {
    method: 'GET',
    path: GROUPS,
    scopes: schemaReadScopes,
    answer: (call) =>
      json(200, {
        results: call.state.properties.groups(objectOf(call)).map((group) => ({ ...group, archived: false })),
      }),
  },
  { method: 'POST', path: GROUPS, scopes: schemaWriteScopes, answer: createGroup },
  {
    method: 'GET',
    path: `${COLLECTION}/:name`,
    scopes: schemaReadScopes,
    answer: (call) => json(200, viewProperty(call.state.properties.get(objectOf(call), param(call, 'name')))),
  },
  { method: 'PATCH', path: `${COLLECTION}/:name`, scopes: schemaWriteScopes, answer: updateProperty },
  {
    method: 'DELETE',
    path: `${COLLECTION}/:name`,
    scopes: schemaWriteScopes,
    answer: (call) => {
      call.state.properties.remove(objectOf(call), param(call, 'name'));
      return NO_CONTENT;
    },
  },
];

function objectOf(call: Call): ObjectName {
  return objectType(param(call, 'type')).name;
}

function createProperty(call: Call) {
  const body = readJsonObject(call.request);
  requireFields(body, ['name', 'label', 'type', 'fieldType', 'groupName'], 'PropertyCreate');
  const made = call.state.properties.create(objectOf(call), {
    name: asString(body.name, 'name'),
    label: asString(body.label, 'label'),
    type: asString(body.type, 'type'),
    fieldType: asString(body.fieldType, 'fieldType'),
    groupName: asString(body.groupName, 'groupName'),
    description: optional(body.description, 'description', asString) ?? '',
    hasUniqueValue: body.hasUniqueValue === true,
    options: (optional(body.options, 'options', asArray) ?? []).map(readOption),
  });
  return json(201, viewProperty(made));
}

const CHANGEABLE = ['label', 'description', 'groupName', 'type', 'fieldType'] as const;

function updateProperty(call: Call) {
  const body = readJsonObject(call.request);
  const texts = CHANGEABLE.flatMap((key) => {
    const value = optional(body[key], key, asString);
    return value === null ? [] : [[key, value] as const];
  });
  const options = optional(body.options, 'options', asArray);
  const changed = call.state.properties.update(objectOf(call), param(call, 'name'), {
    ...Object.fromEntries(texts),
    ...(options === null ? {} : { options: options.map(readOption) }),
  });
  return json(200, viewProperty(changed));
}

function readOption(value: unknown, index: number): PropertyOption {
  const where = `options[${index}]`;
  const option = asObject(value, where);
  requireFields(option, ['label', 'value', 'hidden'], 'OptionInput');
  return {
    label: asString(option.label, `${where}.label`),
    value: asString(option.value, `${where}.value`),
    hidden: option.hidden === true,
    ...keptIf('displayOrder', optional(option.displayOrder, `${where}.displayOrder`, asInteger)),
    ...keptIf('description', optional(option.description, `${where}.description`, asString)),
  };
}

function keptIf<K extends string, T>(key: K, value: T | null): { readonly [_ in K]?: T } {
  return value === null ? {} : ({ [key]: value } as { [_ in K]: T });
}

function createGroup(call: Call) {
  const body = readJsonObject(call.request);
  requireFields(body, ['name', 'label'], 'PropertyGroupCreate');
  const group = call.state.properties.createGroup(objectOf(call), {
    name: asString(body.name, 'name'),
    label: asString(body.label, 'label'),
    displayOrder: optional(body.displayOrder, 'displayOrder', asInteger) ?? -1,
  });
  return json(201, { ...group, archived: false });
}

function viewProperty(property: PropertyDefinition): object {
  const { readOnly, createdAt, externalOptions, ...rest } = property;
  const at = new Date(createdAt).toISOString();
  return {
    ...rest,
    createdAt: at,
    updatedAt: at,
    archived: false,
    calculated: property.name.startsWith('hs_is_closed'),
    externalOptions,
    hidden: false,
    displayOrder: -1,
    formField: !readOnly,
    modificationMetadata: {
      archivable: !property.hubspotDefined,
      readOnlyDefinition: property.hubspotDefined,
      readOnlyValue: readOnly,
    },
  };
}

type Params = Readonly<Record<string, string>>;

function schemaReadScopes(params: Params): ScopeRule {
  const type = objectType(params.type ?? '');
  return [[...type.readScopes, `crm.schemas.${type.name}.read`]];
}

/** `crm.objects.*.write` is not enough, and notes, tasks and e-mails take no properties at all. */
function schemaWriteScopes(params: Params): ScopeRule {
  return [objectType(params.type ?? '').schemaWriteScopes];
}
