import { RUN_STATUSES } from '../../contracts/run.ts';
import { ACTIONS } from '../../domain/deal/action.ts';
import type { WrittenFields } from '../../domain/deal/deal.ts';
import type { DealFields } from '../crm.ts';
import { entriesOf } from '../joined-list.ts';
import { type HubSpotRecord, propertyOf } from './records.ts';

/** A property that Dealseat owns, as `dealseat doctor --fix` creates it. */
export interface OwnProperty {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly type: 'string' | 'number' | 'datetime' | 'enumeration';
  readonly fieldType: 'text' | 'textarea' | 'number' | 'date' | 'select';
  /** The values of an enumeration, which are its labels too. */
  readonly options?: readonly string[];
}

/** The group under which people find our properties in HubSpot, on deals and on contacts. */
export const PROPERTY_GROUP = { name: 'dealseat', label: 'Dealseat' } as const;

export const DEAL_PROPERTIES = {
  status: {
    name: 'dealseat_status',
    label: 'Dealseat status',
    description: 'Where the provisioning of this deal stands.',
    type: 'enumeration',
    fieldType: 'select',
    options: RUN_STATUSES,
  },
  detail: {
    name: 'dealseat_detail',
    label: 'Dealseat detail',
    description: 'What happened last, and what to do if something is to be done.',
    type: 'string',
    fieldType: 'textarea',
  },
  seats: {
    name: 'dealseat_seats',
    label: 'Dealseat seats',
    description: 'How many seats the deal was given.',
    type: 'number',
    fieldType: 'number',
  },
  seatsUsed: {
    name: 'dealseat_seats_used',
    label: 'Dealseat seats used',
    description: 'How many of the seats learners use.',
    type: 'number',
    fieldType: 'number',
  },
  seatsFree: {
    name: 'dealseat_seats_free',
    label: 'Dealseat seats free',
    description: 'How many of the seats no learner uses yet, those that were handed out included.',
    type: 'number',
    fieldType: 'number',
  },
  lastRedemption: {
    name: 'dealseat_last_redemption',
    label: 'Dealseat last redemption',
    description: 'When a learner last redeemed a code of the deal.',
    type: 'datetime',
    fieldType: 'date',
  },
  groupLabel: {
    name: 'dealseat_group_label',
    label: 'Dealseat group label',
    description: 'Labels of the redemption code groups, separated by commas.',
    type: 'string',
    fieldType: 'textarea',
  },
  groupId: {
    name: 'dealseat_group_id',
    label: 'Dealseat group id',
    description: 'Ids of the redemption code groups, separated by commas.',
    type: 'string',
    fieldType: 'textarea',
  },
  rosterFile: {
    name: 'dealseat_roster_file',
    label: 'Dealseat roster file',
    description: 'Where the private roster file is.',
    type: 'string',
    fieldType: 'text',
  },
  run: {
    name: 'dealseat_run',
    label: 'Dealseat run',
    description: 'The run that wrote these fields.',
    type: 'string',
    fieldType: 'text',
  },
  ledger: {
    name: 'dealseat_ledger',
    label: 'Dealseat ledger',
    description:
      'What was delivered, by product. Dealseat compares later changes of the deal with it: do not edit.',
    type: 'string',
    fieldType: 'textarea',
  },
  claim: {
    name: 'dealseat_claim',
    label: 'Dealseat claim',
    description:
      'Which run of Dealseat works on the deal or did so last. It keeps others off the deal: do not edit.',
    type: 'string',
    fieldType: 'text',
  },
  action: {
    name: 'dealseat_action',
    label: 'Dealseat action',
    description: 'Set it to act on the deal. Dealseat answers in its detail and empties it again.',
    type: 'enumeration',
    fieldType: 'select',
    options: ACTIONS,
  },
} as const satisfies Record<keyof DealFields, OwnProperty>;

export const REDEEM_LINK_PROPERTY = {
  name: 'dealseat_redeem_link',
  label: 'Dealseat redeem link',
  description: 'The redeem links of this learner, one a line.',
  type: 'string',
  fieldType: 'textarea',
} as const satisfies OwnProperty;

/** HubSpot's bound on one text value. */
export const MAX_TEXT_LENGTH = 65_536;

/** Stands where a value was too long for its property. */
const CUT = '…';

const FIELD_NAMES = Object.keys(DEAL_PROPERTIES) as (keyof DealFields)[];

/** Never cut: half of it is worth nothing, and the refusal names the property. */
const WHOLE: ReadonlySet<keyof DealFields> = new Set(['ledger', 'claim']);
const LISTS: ReadonlySet<keyof DealFields> = new Set(['groupLabel', 'groupId']);

/** Property values to write. HubSpot empties a property that is set to an empty text. */
export function toPropertyValues(fields: DealFields): Record<string, string> {
  const values: Record<string, string> = {};
  for (const field of FIELD_NAMES) {
    const value = fields[field];
    if (value === undefined) continue;
    values[DEAL_PROPERTIES[field].name] = value === null ? '' : shortened(field, String(value));
  }
  return values;
}

/** What only people read is cut rather than refused; a list between two entries, because half an id is none. */
function shortened(field: keyof DealFields, text: string): string {
  if (text.length <= MAX_TEXT_LENGTH || WHOLE.has(field)) return text;
  const end = LISTS.has(field) ? text.lastIndexOf(', ', MAX_TEXT_LENGTH - CUT.length - 2) : -1;
  if (end !== -1) return `${text.slice(0, end)}, ${CUT}`;
  // Not in the middle of a pair of surrogates.
  return `${text.slice(0, MAX_TEXT_LENGTH - CUT.length).replace(/[\uD800-\uDBFF]$/, '')}${CUT}`;
}

export function writtenFieldsOf(deal: HubSpotRecord): WrittenFields {
  const value = (field: keyof DealFields) => propertyOf(deal, DEAL_PROPERTIES[field].name);
  return {
    status: value('status'),
    seats: numberIn(value('seats')),
    groupLabels: entriesOf(value('groupLabel')),
    groupIds: entriesOf(value('groupId')),
    ledger: value('ledger'),
    hold: value('claim'),
  };
}

/** Null for an absent value and for anything that is not a number. HubSpot sends numbers as decimal texts. */
export function numberIn(value: string | null): number | null {
  const number = value === null ? Number.NaN : Number(value);
  return Number.isFinite(number) ? number : null;
}
