import type { Field, ObjectType, Schema } from './schema.ts';

/** `/sobjects/<Type>/describe`, without what field-level security hides. */
export function describeObject(apiVersion: string, schema: Schema, object: ObjectType): object {
  const base = `/services/data/v${apiVersion}/sobjects/${object.name}`;
  return {
    name: object.name,
    label: object.label,
    keyPrefix: object.keyPrefix,
    createable: object.createable,
    updateable: object.updateable,
    deletable: object.deletable,
    queryable: true,
    custom: object.name.endsWith('__c'),
    fields: schema.fields(object).map((field) => describeField(object, field)),
    childRelationships: object.children.map((relation) => ({ ...relation, cascadeDelete: false })),
    urls: { sobject: base, describe: `${base}/describe`, rowTemplate: `${base}/{ID}` },
  };
}

/** Offered in the org's own forms; calls may set others. */
const OFFERED: Readonly<Record<string, readonly string[]>> = {
  'OpportunityContactRole.Role': [
    'Business User',
    'Decision Maker',
    'Economic Buyer',
    'Evaluator',
    'Executive Sponsor',
    'Influencer',
    'Learner',
    'Technical Buyer',
    'Other',
  ],
};

function describeField(object: ObjectType, field: Field): object {
  const offered = OFFERED[`${object.name}.${field.name}`] ?? field.picklistValues;
  return {
    name: field.name,
    label: field.label,
    type: field.type,
    length: field.length,
    nillable: field.nillable,
    createable: field.createable,
    updateable: field.updateable,
    filterable: field.filterable,
    sortable: field.filterable,
    custom: field.name.endsWith('__c'),
    defaultedOnCreate: field.defaultValue !== null,
    externalId: false,
    unique: false,
    idLookup: field.type === 'id',
    referenceTo: field.referenceTo,
    relationshipName: field.relationshipName,
    picklistValues: offered.map((value) => ({
      active: true,
      defaultValue: value === field.defaultValue,
      label: value,
      value,
    })),
  };
}
