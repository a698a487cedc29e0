import type { ObjectName } from './object-types.ts';

export interface PropertyOption {
  readonly label: string;
  readonly value: string;
  readonly hidden: boolean;
  readonly displayOrder?: number;
  readonly description?: string;
}

export interface PropertyDefinition {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly fieldType: string;
  readonly groupName: string;
  readonly description: string;
  readonly options: readonly PropertyOption[];
  readonly hasUniqueValue: boolean;
  readonly hubspotDefined: boolean;
  readonly readOnly: boolean;
  /** Values are checked against something else than `options`: stages, pipelines, owners, files. */
  readonly externalOptions: boolean;
  readonly createdAt: number;
}

/** Which field types go with which value type. */
export const FIELD_TYPES: Readonly<Record<string, readonly string[]>> = {
  string: ['text', 'textarea', 'html', 'file', 'phonenumber'],
  number: ['number'],
  date: ['date'],
  datetime: ['date'],
  enumeration: ['select', 'radio', 'checkbox', 'booleancheckbox'],
  bool: ['booleancheckbox'],
};

type Kind = 'text' | 'area' | 'number' | 'datetime' | 'bool' | 'external' | readonly string[];
type Flag = 'readOnly' | 'unique';
type Row = readonly [name: string, kind: Kind, flag?: Flag];

/** Who made the record: every type has it. */
const SOURCE: readonly Row[] = [
  ['hs_object_source', 'text', 'readOnly'],
  ['hs_object_source_id', 'text', 'readOnly'],
];

const DATES: readonly Row[] = [
  ['createdate', 'datetime', 'readOnly'],
  ['hs_lastmodifieddate', 'datetime', 'readOnly'],
  ['hs_object_id', 'number', 'readOnly'],
];

const ENGAGEMENT_DATES: readonly Row[] = [
  ['hs_createdate', 'datetime', 'readOnly'],
  ['hs_lastmodifieddate', 'datetime', 'readOnly'],
  ['hs_object_id', 'number', 'readOnly'],
  ['hs_timestamp', 'datetime'],
  ['hubspot_owner_id', 'external'],
];

const ROWS: Readonly<Record<ObjectName, readonly Row[]>> = {
  contacts: [
    ['email', 'text', 'unique'],
    ['firstname', 'text'],
    ['lastname', 'text'],
    ['company', 'text'],
    ['phone', 'text'],
    ['jobtitle', 'text'],
    ['hs_language', 'text'],
    ['hubspot_owner_id', 'external'],
    ['hs_marketable_status', 'bool', 'readOnly'],
    ['hs_merged_object_ids', 'text', 'readOnly'],
    ['createdate', 'datetime', 'readOnly'],
    ['lastmodifieddate', 'datetime', 'readOnly'],
    ['hs_object_id', 'number', 'readOnly'],
  ],
  companies: [
    ...DATES,
    ['name', 'text'],
    ['domain', 'text'],
    ['website', 'text'],
    ['hubspot_owner_id', 'external'],
    ['hs_merged_object_ids', 'text', 'readOnly'],
  ],
  deals: [
    ...DATES,
    ['dealname', 'text'],
    ['dealstage', 'external'],
    ['pipeline', 'external'],
    ['amount', 'number'],
    ['closedate', 'datetime'],
    ['deal_currency_code', ['USD', 'EUR', 'GBP']],
    ['dealtype', ['newbusiness', 'existingbusiness']],
    ['description', 'area'],
    ['hubspot_owner_id', 'external'],
    ['hs_is_closed', 'bool', 'readOnly'],
    ['hs_is_closed_won', 'bool', 'readOnly'],
    ['hs_is_closed_lost', 'bool', 'readOnly'],
    ['hs_merged_object_ids', 'text', 'readOnly'],
    ['num_associated_contacts', 'number', 'readOnly'],
    ['hs_num_of_associated_line_items', 'number', 'readOnly'],
  ],
  products: [...DATES, ['name', 'text'], ['price', 'number'], ['hs_sku', 'text'], ['description', 'area']],
  line_items: [
    ...DATES,
    ['name', 'text'],
    ['quantity', 'number'],
    ['price', 'number'],
    ['amount', 'number'],
    ['hs_sku', 'text'],
    ['hs_product_id', 'number'],
    ['description', 'area'],
    ['currency', ['USD', 'EUR', 'GBP']],
    ['recurringbillingfrequency', ['weekly', 'monthly', 'quarterly', 'annually']],
    ['hs_recurring_billing_period', 'text'],
    ['hs_recurring_billing_start_date', 'datetime'],
    ['hs_billing_start_delay_days', 'number'],
    ['hs_billing_start_delay_months', 'number'],
  ],
  tasks: [
    ...ENGAGEMENT_DATES,
    ['hs_task_subject', 'text'],
    ['hs_task_body', 'area'],
    ['hs_task_status', ['NOT_STARTED', 'IN_PROGRESS', 'WAITING', 'COMPLETED', 'DEFERRED']],
    ['hs_task_priority', ['NONE', 'LOW', 'MEDIUM', 'HIGH']],
    ['hs_task_type', ['TODO', 'EMAIL', 'CALL']],
  ],
  notes: [...ENGAGEMENT_DATES, ['hs_note_body', 'area'], ['hs_attachment_ids', 'external']],
  emails: [
    ...ENGAGEMENT_DATES,
    ['hs_email_direction', ['EMAIL', 'INCOMING_EMAIL', 'FORWARDED_EMAIL']],
    ['hs_email_status', ['BOUNCED', 'FAILED', 'SCHEDULED', 'SENDING', 'SENT']],
    ['hs_email_subject', 'text'],
    ['hs_email_html', 'area'],
    ['hs_email_text', 'area'],
    ['hs_email_headers', 'area'],
    ['hs_email_to_email', 'text', 'readOnly'],
    ['hs_email_from_email', 'text', 'readOnly'],
    ['hs_attachment_ids', 'external'],
  ],
};

/** The properties every portal has. Others are made through the API. */
export function builtInProperties(object: ObjectName, createdAt: number): PropertyDefinition[] {
  return [...ROWS[object], ...SOURCE].map(([name, kind, flag]) => ({
    name,
    label: name,
    ...typeOf(kind),
    groupName: builtInGroup(object),
    description: '',
    hasUniqueValue: flag === 'unique',
    hubspotDefined: true,
    readOnly: flag === 'readOnly',
    externalOptions: kind === 'external',
    createdAt,
  }));
}

export function builtInGroup(object: ObjectName): string {
  return `${object.replace(/ies$/, 'y').replace(/s$/, '').replace('_', '')}information`;
}

function typeOf(kind: Kind): Pick<PropertyDefinition, 'type' | 'fieldType' | 'options'> {
  switch (kind) {
    case 'text':
      return { type: 'string', fieldType: 'text', options: [] };
    case 'area':
      return { type: 'string', fieldType: 'textarea', options: [] };
    case 'number':
      return { type: 'number', fieldType: 'number', options: [] };
    case 'datetime':
      return { type: 'datetime', fieldType: 'date', options: [] };
    case 'bool':
      return { type: 'bool', fieldType: 'booleancheckbox', options: [] };
    case 'external':
      return { type: 'enumeration', fieldType: 'select', options: [] };
    default:
      return {
        type: 'enumeration',
        fieldType: 'select',
        options: kind.map((value) => ({ label: value, value, hidden: false })),
      };
  }
}
