/** Which inputs the action "Send Email" takes; the names of the recipients changed from version to version. */

export interface EmailInput {
  readonly name: string;
  readonly type: 'STRING' | 'BOOLEAN' | 'REFERENCE';
  /** 1, or more where the input takes a list. */
  readonly maxOccurs: number;
  /** First and last API version that lists the input. */
  readonly since?: number;
  readonly until?: number;
}

const INPUTS: readonly EmailInput[] = [
  { name: 'emailAddresses', type: 'STRING', maxOccurs: 1, until: 64 },
  { name: 'emailAddressesArray', type: 'STRING', maxOccurs: 2000, until: 64 },
  { name: 'ccRecipientAddressList', type: 'STRING', maxOccurs: 1, since: 62, until: 64 },
  { name: 'bccRecipientAddressList', type: 'STRING', maxOccurs: 1, since: 62, until: 64 },
  { name: 'ccRecipientAddressCollection', type: 'STRING', maxOccurs: 2000, since: 64, until: 64 },
  { name: 'bccRecipientAddressCollection', type: 'STRING', maxOccurs: 2000, since: 64, until: 64 },
  { name: 'recipientAddresses', type: 'STRING', maxOccurs: 1, since: 65 },
  { name: 'ccAddresses', type: 'STRING', maxOccurs: 1, since: 65 },
  { name: 'bccAddresses', type: 'STRING', maxOccurs: 1, since: 65 },
  { name: 'emailSubject', type: 'STRING', maxOccurs: 1 },
  { name: 'emailBody', type: 'STRING', maxOccurs: 1 },
  { name: 'senderType', type: 'STRING', maxOccurs: 1 },
  { name: 'senderAddress', type: 'STRING', maxOccurs: 1 },
  { name: 'recipientId', type: 'REFERENCE', maxOccurs: 1, since: 58 },
  { name: 'relatedRecordId', type: 'REFERENCE', maxOccurs: 1, since: 58 },
  { name: 'logEmailOnSend', type: 'BOOLEAN', maxOccurs: 1, since: 58 },
  { name: 'emailTemplateId', type: 'REFERENCE', maxOccurs: 1, since: 58 },
  { name: 'sendRichBody', type: 'BOOLEAN', maxOccurs: 1 },
  { name: 'useLineBreaks', type: 'BOOLEAN', maxOccurs: 1 },
  { name: 'attachmentId', type: 'STRING', maxOccurs: 1, since: 63 },
  { name: 'attachmentIdCollection', type: 'STRING', maxOccurs: 2000, since: 64 },
  { name: 'addThreadingTokenToBody', type: 'BOOLEAN', maxOccurs: 1 },
  { name: 'addThreadingTokenToSubject', type: 'BOOLEAN', maxOccurs: 1 },
];

export function emailInputs(version: number): readonly EmailInput[] {
  return INPUTS.filter(
    ({ since = 0, until = Number.POSITIVE_INFINITY }) => since <= version && version <= until,
  );
}

export function describeEmailAction(version: number): object {
  return {
    name: 'emailSimple',
    label: 'Send Email',
    standard: true,
    type: 'EMAILSIMPLE',
    targetEntityName: null,
    description: 'Send an email where you specify the subject, body, and recipients.',
    inputs: emailInputs(version).map(({ name, type, maxOccurs }) => ({
      name,
      label: name,
      type,
      required: false,
      maxOccurs,
      description: null,
      sobjectType: null,
    })),
    outputs: [],
  };
}
