import { RUN_STATUSES } from '../../contracts/run.ts';
import { ACTIONS } from '../../domain/deal/action.ts';
import type { DealFields } from '../crm.ts';

/** A custom field that an admin adds once. Salesforce lets no API without metadata rights create it. */
export interface CustomField {
  readonly object: 'Opportunity' | 'Contact';
  readonly apiName: string;
  readonly label: string;
  /** As the admin finds it in Setup. */
  readonly dataType: string;
  /** `type` of the describe call that can hold our values. */
  readonly acceptedTypes: readonly string[];
  /** What it must hold at least: Salesforce refuses a longer value. Null for numbers. */
  readonly length: number | null;
  /** What a pick-list must offer, as API names. */
  readonly values?: readonly string[];
  /** What an admin may do besides. */
  readonly option?: string;
}

const TEXT_TYPES = ['string', 'textarea', 'url'] as const;

export const DEAL_FIELDS: { readonly [K in keyof Required<DealFields>]: CustomField } = {
  status: pickList('Status', RUN_STATUSES),
  detail: opportunityField('Detail', 'Text Area (Long), length 32768', TEXT_TYPES, 32_768),
  seats: opportunityField('Seats', 'Number, length 9, decimal places 0', ['double', 'int'], null),
  seatsUsed: opportunityField('Seats Used', 'Number, length 9, decimal places 0', ['double', 'int'], null),
  seatsFree: opportunityField('Seats Free', 'Number, length 9, decimal places 0', ['double', 'int'], null),
  lastRedemption: opportunityField('Last Redemption', 'Date/Time', ['datetime'], null),
  groupLabel: opportunityField('Group Label', 'Text Area (Long), length 4096', TEXT_TYPES, 4096),
  groupId: opportunityField('Group Id', 'Text Area (Long), length 4096', TEXT_TYPES, 4096),
  rosterFile: opportunityField('Roster File', 'URL (or Text, length 255)', TEXT_TYPES, 255),
  run: opportunityField('Run', 'Text, length 255', TEXT_TYPES, 255),
  ledger: opportunityField('Ledger', 'Text Area (Long), length 32768', TEXT_TYPES, 32_768),
  // Queries compare it, which they cannot do with a long text.
  claim: {
    ...opportunityField('Claim', 'Text, length 255', ['string'], 255),
    option:
      'Optional: tick it under Fields & Relationships > Set History Tracking, and no delivery pauses to see whether ' +
      'another deployment works on the deal.',
  },
  action: {
    ...pickList('Action', ACTIONS),
    option:
      'Tick it under Fields & Relationships > Set History Tracking: without it Dealseat sees only who changed the ' +
      'opportunity last, and takes no approval that the catalog limits to certain users.',
  },
};

const REDEEM_LINK_FIELD: CustomField = {
  object: 'Contact',
  apiName: 'Dealseat_Redeem_Link__c',
  label: 'Dealseat Redeem Link',
  dataType: 'Text Area (Long), length 32768',
  acceptedTypes: TEXT_TYPES,
  length: 32_768,
};

export const CUSTOM_FIELDS: readonly CustomField[] = [...Object.values(DEAL_FIELDS), REDEEM_LINK_FIELD];

function pickList(name: string, values: readonly string[]): CustomField {
  const dataType = `Picklist (restricted) with the values ${values.join(', ')}`;
  return { ...opportunityField(name, dataType, ['picklist'], null), values };
}

function opportunityField(
  name: string,
  dataType: string,
  acceptedTypes: readonly string[],
  length: number | null,
): CustomField {
  return {
    object: 'Opportunity',
    apiName: `Dealseat_${name.replaceAll(' ', '_')}__c`,
    label: `Dealseat ${name}`,
    dataType,
    acceptedTypes,
    length,
  };
}

/** What an admin does about a field that is not there, or not visible. */
export function fieldAdvice(object: string, apiName: string): string {
  const field = CUSTOM_FIELDS.find((candidate) => candidate.apiName === apiName);
  if (field === undefined) {
    return `Give the integration user read access to ${apiName} of ${object} (field-level security).`;
  }
  return (
    `Setup > Object Manager > ${field.object} > Fields & Relationships: add "${field.label}", ` +
    `API name ${field.apiName}, data type ${field.dataType}; then give the integration user read and edit ` +
    `access to it (field-level security).${field.option === undefined ? '' : ` ${field.option}`}`
  );
}
