import { ACTIONS, STATUSES } from '../pick-lists.ts';
import type { ChildRelationship, Field, FieldType, ObjectType } from './schema.ts';

/**
 * The objects of the stand-in org: the standard fields that an integration may meet, Dealseat's own, and one that an admin
 * has made for the number of seats.
 */

export interface Stage {
  readonly name: string;
  readonly isClosed: boolean;
  readonly isWon: boolean;
  readonly probability: number;
}

/** Two stages are won ones on purpose: who looks for the name "Closed Won" misses the second. */
export const STAGES: readonly Stage[] = [
  { name: 'Prospecting', isClosed: false, isWon: false, probability: 10 },
  { name: 'Negotiation/Review', isClosed: false, isWon: false, probability: 90 },
  { name: 'Closed Won', isClosed: true, isWon: true, probability: 100 },
  { name: 'Closed Won - Renewal', isClosed: true, isWon: true, probability: 100 },
  { name: 'Closed Lost', isClosed: true, isWon: false, probability: 0 },
];

const LONG_TEXT = 32_768;
const readOnly = { createable: false, updateable: false } as const;
const required = { nillable: false } as const;
const insertOnly = { updateable: false } as const;

function field(name: string, type: FieldType, more: Partial<Field> = {}): Field {
  return {
    name,
    label: name.replace(/__c$/, '').replaceAll('_', ' '),
    type,
    length: type === 'string' ? 255 : 0,
    nillable: true,
    createable: true,
    updateable: true,
    filterable: true,
    referenceTo: [],
    relationshipName: null,
    picklistValues: [],
    defaultValue: null,
    ...more,
  };
}

function longText(name: string, more: Partial<Field> = {}): Field {
  return field(name, 'textarea', { length: LONG_TEXT, filterable: false, ...more });
}

function reference(name: string, referenceTo: readonly string[], more: Partial<Field> = {}): Field {
  // SOQL walks only from a lookup with one target; a polymorphic one would need TYPEOF.
  const relationshipName = referenceTo.length === 1 ? name.replace(/Id$/, '') : null;
  return field(name, 'reference', { length: 18, referenceTo, relationshipName, ...more });
}

function flag(name: string, more: Partial<Field> = {}): Field {
  return field(name, 'boolean', { nillable: false, defaultValue: false, ...more });
}

const systemFields: readonly Field[] = [
  field('Id', 'id', { ...readOnly, length: 18, nillable: false }),
  flag('IsDeleted', readOnly),
  field('CreatedDate', 'datetime', readOnly),
  reference('CreatedById', ['User'], readOnly),
  field('LastModifiedDate', 'datetime', readOnly),
  reference('LastModifiedById', ['User'], readOnly),
  field('SystemModstamp', 'datetime', readOnly),
];

/** The links of files tell neither who made them nor when. */
const linkFields = systemFields.filter(({ name }) => !/^(Created|LastModified)/.test(name));

/** A change of a field is never changed itself. */
const fieldHistoryFields = systemFields.filter(({ name }) => /^(Id|IsDeleted|Created\w+)$/.test(name));

interface ObjectOptions {
  /** What every record of the object has by itself. */
  readonly system?: readonly Field[];
  readonly children?: readonly ChildRelationship[];
  readonly createable?: boolean;
  readonly updateable?: boolean;
  readonly deletable?: boolean;
}

function object(
  name: string,
  prefix: string,
  fields: readonly Field[],
  options: ObjectOptions = {},
): ObjectType {
  return {
    name,
    label: name.replace(/([a-z])([A-Z])/g, '$1 $2'),
    keyPrefix: prefix,
    createable: options.createable ?? true,
    updateable: options.updateable ?? true,
    deletable: options.deletable ?? true,
    fields: [...(options.system ?? systemFields), ...fields],
    children: options.children ?? [],
  };
}

function child(childSObject: string, fieldName: string, relationshipName: string): ChildRelationship {
  return { childSObject, field: fieldName, relationshipName };
}

const LINKABLE = ['Opportunity', 'Account', 'Contact', 'User', 'EmailMessage', 'Task'] as const;

export const OBJECTS: readonly ObjectType[] = [
  object('Organization', '00D', [field('Name', 'string'), flag('IsSandbox', readOnly)], {
    createable: false,
    updateable: false,
    deletable: false,
  }),
  object(
    'User',
    '005',
    [
      field('Name', 'string', readOnly),
      field('FirstName', 'string'),
      field('LastName', 'string'),
      field('Username', 'string'),
      field('Email', 'email', { length: 128 }),
      flag('IsActive'),
      reference('ProfileId', ['Profile']),
      reference('UserRoleId', ['UserRole']),
    ],
    { createable: false, updateable: false, deletable: false },
  ),
  object('Profile', '00e', [field('Name', 'string')], {
    createable: false,
    updateable: false,
    deletable: false,
  }),
  object('UserRole', '00E', [field('Name', 'string')], {
    createable: false,
    updateable: false,
    deletable: false,
  }),
  object(
    'Account',
    '001',
    [
      field('Name', 'string', required),
      field('Website', 'url', { length: 255 }),
      reference('OwnerId', ['User']),
      reference('ParentId', ['Account']),
    ],
    {
      children: [
        child('Opportunity', 'AccountId', 'Opportunities'),
        child('Contact', 'AccountId', 'Contacts'),
      ],
    },
  ),
  object('Contact', '003', [
    field('FirstName', 'string', { length: 40 }),
    field('LastName', 'string', { length: 80, nillable: false }),
    field('Name', 'string', readOnly),
    field('Email', 'email', { length: 80 }),
    reference('AccountId', ['Account']),
    reference('OwnerId', ['User']),
    reference('MasterRecordId', ['Contact'], readOnly),
    longText('Dealseat_Redeem_Link__c'),
    // As an admin might add it: Salesforce has no usual one.
    field('Language__c', 'string', { length: 10 }),
  ]),
  object(
    'Opportunity',
    '006',
    [
      field('Name', 'string', { length: 120, nillable: false }),
      field('StageName', 'picklist', {
        length: 255,
        nillable: false,
        picklistValues: STAGES.map((stage) => stage.name),
      }),
      field('CloseDate', 'date', required),
      field('Amount', 'currency'),
      field('Probability', 'percent'),
      flag('IsWon', readOnly),
      flag('IsClosed', readOnly),
      flag('HasOpportunityLineItem', readOnly),
      longText('Description'),
      reference('AccountId', ['Account']),
      reference('OwnerId', ['User']),
      reference('RecordTypeId', ['RecordType']),
      field('Seats_Sold__c', 'double'),
      field('Dealseat_Status__c', 'picklist', { length: 255, picklistValues: STATUSES }),
      longText('Dealseat_Detail__c'),
      field('Dealseat_Seats__c', 'double'),
      field('Dealseat_Seats_Used__c', 'double'),
      field('Dealseat_Seats_Free__c', 'double'),
      field('Dealseat_Last_Redemption__c', 'datetime'),
      longText('Dealseat_Group_Label__c', { length: 4096 }),
      longText('Dealseat_Group_Id__c', { length: 4096 }),
      field('Dealseat_Roster_File__c', 'string'),
      field('Dealseat_Run__c', 'string'),
      longText('Dealseat_Ledger__c'),
      field('Dealseat_Claim__c', 'string'),
      field('Dealseat_Action__c', 'picklist', { length: 255, picklistValues: ACTIONS }),
    ],
    {
      children: [
        child('OpportunityLineItem', 'OpportunityId', 'OpportunityLineItems'),
        child('OpportunityContactRole', 'OpportunityId', 'OpportunityContactRoles'),
        child('OpportunityHistory', 'OpportunityId', 'OpportunityHistories'),
        child('ContentDocumentLink', 'LinkedEntityId', 'ContentDocumentLinks'),
        child('Task', 'WhatId', 'Tasks'),
        child('EmailMessage', 'RelatedToId', 'Emails'),
      ],
    },
  ),
  object('Product2', '01t', [
    field('Name', 'string', required),
    field('ProductCode', 'string'),
    longText('Description'),
    flag('IsActive'),
  ]),
  object('OpportunityLineItem', '00k', [
    reference('OpportunityId', ['Opportunity'], { ...required, ...insertOnly }),
    reference('Product2Id', ['Product2'], { ...required, ...insertOnly }),
    field('ProductCode', 'string', readOnly),
    field('Name', 'string', readOnly),
    field('Quantity', 'double', required),
    field('UnitPrice', 'currency', required),
    field('TotalPrice', 'currency', readOnly),
    field('ServiceDate', 'date'),
    field('Description', 'string'),
  ]),
  object('OpportunityContactRole', '00K', [
    reference('OpportunityId', ['Opportunity'], { ...required, ...insertOnly }),
    reference('ContactId', ['Contact'], required),
    field('Role', 'picklist', { length: 255 }),
    flag('IsPrimary'),
  ]),
  object(
    'OpportunityHistory',
    '008',
    [
      reference('OpportunityId', ['Opportunity']),
      field('StageName', 'picklist'),
      field('Amount', 'currency'),
      field('CloseDate', 'date'),
      field('Probability', 'percent'),
    ],
    { createable: false, updateable: false, deletable: false },
  ),
  object(
    'OpportunityFieldHistory',
    '017',
    [
      reference('OpportunityId', ['Opportunity'], readOnly),
      field('Field', 'picklist', { ...readOnly, length: 255 }),
      field('OldValue', 'anyType', { ...readOnly, filterable: false }),
      field('NewValue', 'anyType', { ...readOnly, filterable: false }),
    ],
    { system: fieldHistoryFields, createable: false, updateable: false, deletable: false },
  ),
  object(
    'OpportunityStage',
    '01J',
    [
      field('ApiName', 'string', { nillable: false }),
      field('MasterLabel', 'string'),
      flag('IsActive'),
      flag('IsClosed'),
      flag('IsWon'),
      field('DefaultProbability', 'percent'),
      field('SortOrder', 'int'),
    ],
    { createable: false, updateable: false, deletable: false },
  ),
  object(
    'RecordType',
    '012',
    [
      field('Name', 'string', required),
      field('DeveloperName', 'string', required),
      field('SobjectType', 'picklist', { length: 40 }),
      flag('IsActive'),
    ],
    { createable: false, updateable: false, deletable: false },
  ),
  object(
    'ContentVersion',
    '068',
    [
      reference('ContentDocumentId', ['ContentDocument'], insertOnly),
      flag('IsLatest', readOnly),
      field('Title', 'string'),
      field('PathOnClient', 'string', { ...required, ...insertOnly, length: 500 }),
      field('Description', 'textarea', { length: 1000 }),
      field('VersionData', 'base64', { ...required, ...insertOnly, filterable: false }),
      field('VersionNumber', 'string', readOnly),
      field('Checksum', 'string', readOnly),
      field('ContentSize', 'int', readOnly),
      field('FileType', 'string', readOnly),
      field('FileExtension', 'string', readOnly),
      reference('FirstPublishLocationId', LINKABLE, insertOnly),
      reference('OwnerId', ['User']),
    ],
    { deletable: false },
  ),
  object(
    'ContentDocument',
    '069',
    [
      field('Title', 'string'),
      reference('LatestPublishedVersionId', ['ContentVersion'], readOnly),
      field('ContentSize', 'int', readOnly),
      field('FileType', 'string', readOnly),
      field('FileExtension', 'string', readOnly),
      reference('OwnerId', ['User']),
    ],
    {
      createable: false,
      children: [
        child('ContentVersion', 'ContentDocumentId', 'ContentVersions'),
        child('ContentDocumentLink', 'ContentDocumentId', 'ContentDocumentLinks'),
      ],
    },
  ),
  object(
    'ContentDocumentLink',
    '06A',
    [
      reference('ContentDocumentId', ['ContentDocument'], { ...required, ...insertOnly }),
      reference('LinkedEntityId', LINKABLE, { ...required, ...insertOnly }),
      field('ShareType', 'picklist', { length: 40, picklistValues: ['V', 'C', 'I'], defaultValue: 'V' }),
      field('Visibility', 'picklist', {
        length: 40,
        picklistValues: ['AllUsers', 'InternalUsers', 'SharedUsers'],
        defaultValue: 'AllUsers',
      }),
    ],
    { system: linkFields },
  ),
  object('Task', '00T', [
    reference('WhatId', ['Opportunity', 'Account']),
    reference('WhoId', ['Contact']),
    reference('OwnerId', ['User']),
    field('Subject', 'string'),
    field('Status', 'picklist', {
      length: 255,
      nillable: false,
      picklistValues: ['Not Started', 'In Progress', 'Completed', 'Waiting on someone else', 'Deferred'],
      defaultValue: 'Not Started',
    }),
    field('Priority', 'picklist', {
      length: 255,
      nillable: false,
      picklistValues: ['High', 'Normal', 'Low'],
      defaultValue: 'Normal',
    }),
    field('ActivityDate', 'date'),
    longText('Description', { length: 32_000 }),
    flag('IsClosed', readOnly),
  ]),
  object('EmailMessage', '02s', [
    reference('RelatedToId', ['Opportunity', 'Account']),
    field('Subject', 'string', { length: 3000 }),
    longText('TextBody'),
    longText('HtmlBody', { length: 131_072 }),
    field('FromAddress', 'email', { length: 1333 }),
    field('FromName', 'string'),
    field('ToAddress', 'string', { length: 4000 }),
    flag('Incoming'),
    flag('HasAttachment', readOnly),
    field('Status', 'picklist', {
      length: 40,
      picklistValues: ['0', '1', '2', '3', '4', '5'],
      defaultValue: '0',
    }),
    field('MessageDate', 'datetime'),
  ]),
];
