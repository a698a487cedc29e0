import {
  PropertyCreateFieldTypeEnum,
  PropertyCreateTypeEnum,
} from '@hubspot/api-client/lib/codegen/crm/properties/models/PropertyCreate.js';
import { z } from 'zod';
import { DealseatError } from '../../domain/failure.ts';
import type { Connection } from './connection.ts';
import { type OwnProperty, PROPERTY_GROUP } from './fields.ts';
import { ensureOnce, withReadBack } from './read-back.ts';

type ObjectType = 'deals' | 'contacts';

const optionSchema = z.object({
  label: z.string(),
  value: z.string(),
  hidden: z.boolean().nullish(),
  displayOrder: z.number().nullish(),
  description: z.string().nullish(),
});

type FoundOption = z.infer<typeof optionSchema>;

const propertiesSchema = z.object({
  results: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      options: z.array(optionSchema).nullish(),
    }),
  ),
});

export interface FoundProperty {
  readonly type: string;
  /** Of an enumeration. */
  readonly options: readonly FoundOption[];
}

/** By name, every property of deals or contacts. */
export async function readProperties(
  connection: Connection,
  objectType: ObjectType,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, FoundProperty>> {
  const { results } = await connection.call(
    { name: `list properties of ${objectType}`, effect: 'read', answer: propertiesSchema, signal },
    (client) => client.crm.properties.coreApi.getAll(objectType),
  );
  return new Map(results.map(({ name, type, options }) => [name, { type, options: options ?? [] }]));
}

const namedSchema = z.object({ name: z.string().min(1) });

const groupsSchema = z.object({ results: z.array(z.object({ name: z.string() })) });

export async function ensurePropertyGroup(
  connection: Connection,
  objectType: ObjectType,
  signal?: AbortSignal,
): Promise<void> {
  const find = async () => {
    const { results } = await connection.call(
      { name: `list property groups of ${objectType}`, effect: 'read', answer: groupsSchema, signal },
      (client) => client.crm.properties.groupsApi.getAll(objectType),
    );
    return results.some(({ name }) => name === PROPERTY_GROUP.name) || null;
  };
  const create = async () => {
    // By name, so a repeat makes no second one.
    const call = { name: `create property group of ${objectType}`, effect: 'overwrite' } as const;
    await connection.call({ ...call, answer: namedSchema, signal }, (client) =>
      client.crm.properties.groupsApi.create(objectType, { ...PROPERTY_GROUP, displayOrder: -1 }),
    );
    return true;
  };
  await ensureOnce({ find, create }).catch(unlessThere(find));
}

const TYPES = {
  string: PropertyCreateTypeEnum.String,
  number: PropertyCreateTypeEnum.Number,
  datetime: PropertyCreateTypeEnum.Datetime,
  enumeration: PropertyCreateTypeEnum.Enumeration,
};
const FIELD_TYPES = {
  text: PropertyCreateFieldTypeEnum.Text,
  textarea: PropertyCreateFieldTypeEnum.Textarea,
  number: PropertyCreateFieldTypeEnum.Number,
  date: PropertyCreateFieldTypeEnum.Date,
  select: PropertyCreateFieldTypeEnum.Select,
};

export async function ensureProperty(
  connection: Connection,
  {
    objectType,
    property,
    signal,
  }: { objectType: ObjectType; property: OwnProperty; signal?: AbortSignal | undefined },
): Promise<void> {
  const { name, label, description } = property;
  const create = () =>
    connection.call(
      {
        name: `create property ${name} of ${objectType}`,
        effect: 'overwrite',
        answer: namedSchema,
        signal,
      },
      (client) =>
        client.crm.properties.coreApi.create(objectType, {
          name,
          label,
          description,
          type: TYPES[property.type],
          fieldType: FIELD_TYPES[property.fieldType],
          groupName: PROPERTY_GROUP.name,
          ...(property.options === undefined ? {} : { options: optionsOf(property.options) }),
        }),
    );
  const readBack = async () => {
    const found = await readProperties(connection, objectType, signal);
    return found.get(name)?.type === property.type ? { name } : null;
  };
  await withReadBack(create, readBack).catch(unlessThere(readBack));
}

/** Values of ours that the property does not offer. */
export function lackingOptions({ options = [] }: OwnProperty, found: FoundProperty): string[] {
  return options.filter((option) => !found.options.some(({ value }) => value === option));
}

/** HubSpot writes the list over as a whole, so those that are there go out with it, as they are. */
export async function addOptions(
  connection: Connection,
  {
    objectType,
    property,
    found,
    signal,
  }: {
    objectType: ObjectType;
    property: OwnProperty;
    found: FoundProperty;
    signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const { name } = property;
  const last = Math.max(found.options.length - 1, ...found.options.map((each) => each.displayOrder ?? -1));
  const options = [
    ...found.options.map(({ label, value, hidden, displayOrder, description }) => ({
      label,
      value,
      hidden: hidden ?? false,
      ...(displayOrder == null ? {} : { displayOrder }),
      ...(description == null ? {} : { description }),
    })),
    ...optionsOf(lackingOptions(property, found), last + 1),
  ];
  const update = () =>
    connection.call(
      { name: `add options to property ${name}`, effect: 'overwrite', answer: namedSchema, signal },
      (client) => client.crm.properties.coreApi.update(objectType, name, { options }),
    );
  const readBack = async () => {
    const now = (await readProperties(connection, objectType, signal)).get(name);
    return now !== undefined && lackingOptions(property, now).length === 0 ? { name } : null;
  };
  await withReadBack(update, readBack);
}

function optionsOf(values: readonly string[], from = 0) {
  return values.map((value, index) => ({ label: value, value, displayOrder: from + index, hidden: false }));
}

/** A conflict means that somebody else has just made it, or that HubSpot has locked something for now. */
function unlessThere(find: () => Promise<unknown>): (error: unknown) => Promise<void> {
  return async (error) => {
    if (!(error instanceof DealseatError && error.code === 'crm.conflict')) throw error;
    if ((await find()) === null) throw error;
  };
}
