import { z } from 'zod';
import { DealseatError } from '../../domain/failure.ts';
import { KnownOnce } from '../known-once.ts';
import type { Connection } from './connection.ts';

/** Names of the inputs of `emailSimple` as this org takes them. */
export interface MailAction {
  readonly recipients: 'recipientAddresses' | 'emailAddresses';
  readonly takesRichBody: boolean;
  /** Since API 63. */
  readonly takesAttachment: boolean;
}

export const MAIL_ACTION_PATH = '/actions/standard/emailSimple';

/** From this API version on the documentation lists only the new name of the recipients. */
const NEW_NAMES_SINCE = 65;
const ATTACHMENTS_SINCE = 63;

const NEEDED = ['emailSubject', 'emailBody', 'relatedRecordId', 'logEmailOnSend'] as const;

const description = z.object({ inputs: z.array(z.object({ name: z.string() })).optional() });

/** A release of Salesforce may change it, as a mail that fails then shows. */
const BELIEVED_MS = 24 * 60 * 60_000;

export function createMailAction(connection: Connection): KnownOnce<MailAction> {
  return new KnownOnce((signal) => describeMailAction(connection, signal), BELIEVED_MS);
}

/**
 * The recipients' name changed between API versions, so the org is asked. Where it lists no inputs the version
 * decides.
 */
export async function describeMailAction(connection: Connection, signal?: AbortSignal): Promise<MailAction> {
  const answer = await connection.request(
    { name: 'describe the e-mail action', effect: 'read', object: 'emailSimple' },
    description,
    (jsforce) => jsforce.requestGet(MAIL_ACTION_PATH),
    signal,
  );
  const names = new Set(answer.inputs?.map((input) => input.name) ?? []);
  return names.size > 0
    ? actionOfNames(names, connection.apiVersion)
    : actionOfVersion(connection.apiVersion);
}

function actionOfNames(names: ReadonlySet<string>, apiVersion: string): MailAction {
  const missing = NEEDED.filter((name) => !names.has(name));
  const recipients = (['recipientAddresses', 'emailAddresses'] as const).find((name) => names.has(name));
  if (missing.length === 0 && recipients !== undefined) {
    return {
      recipients,
      takesRichBody: names.has('sendRichBody'),
      takesAttachment: names.has('attachmentId'),
    };
  }
  throw new DealseatError({
    code: 'crm.forbidden',
    message:
      `Salesforce: the e-mail action of API version ${apiVersion} does not take ` +
      `${[...missing, ...(recipients === undefined ? ['recipientAddresses'] : [])].join(', ')}. ` +
      'Set SALESFORCE_API_VERSION to 66.0.',
  });
}

function actionOfVersion(apiVersion: string): MailAction {
  const version = Number(apiVersion);
  return {
    recipients: version >= NEW_NAMES_SINCE ? 'recipientAddresses' : 'emailAddresses',
    takesRichBody: true,
    takesAttachment: version >= ATTACHMENTS_SINCE,
  };
}
