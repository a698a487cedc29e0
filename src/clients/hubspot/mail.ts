import type { MailTool } from '../../domain/deal/catalog.ts';
import type { Message, MessageRef, SentMessage } from '../crm.ts';
import type { Connection } from './connection.ts';
import { enrolInSequence, findEnrollment } from './sequence.ts';
import { type SingleSendOptions, singleSend } from './single-send.ts';
import { addToList, findInList } from './static-list.ts';

const NO_MAIL: SentMessage = { state: 'none', reference: null };

export function sendMessage(
  connection: Connection,
  { message, options }: { readonly message: Message; readonly options: SingleSendOptions },
  signal?: AbortSignal,
): Promise<SentMessage> {
  const { tool } = message;
  switch (tool.via) {
    case 'singleSend':
      return singleSend(connection, { message, tool, options }, signal);
    case 'sequence':
      return enrolInSequence(connection, { message, tool }, signal);
    case 'list':
      return addToList(connection, { message, tool }, signal);
    case 'none':
      return Promise.resolve(NO_MAIL);
    case 'emailSimple':
      throw notOurs(tool);
  }
}

export async function findMessage(
  connection: Connection,
  message: MessageRef,
  signal?: AbortSignal,
): Promise<SentMessage | 'not_sent' | 'unknown'> {
  const { tool } = message;
  switch (tool.via) {
    case 'singleSend':
      // HubSpot finds a send by its status id only, which is lost with the answer. But it makes one mail per key, so
      // the answer that lets the caller hand it over again is the right one, whether it was sent or not.
      return 'not_sent';
    case 'sequence':
      return (await findEnrollment(connection, { message, tool }, signal)) ?? 'not_sent';
    case 'list':
      return (await findInList(connection, { message, tool }, signal)) ?? 'not_sent';
    case 'none':
      return NO_MAIL;
    case 'emailSimple':
      throw notOurs(tool);
  }
}

/** The catalog keeps the tools of the two CRMs apart, so this is a bug and no failure of the run. */
function notOurs(tool: MailTool): TypeError {
  return new TypeError(`HubSpot has no mail tool "${tool.via}"`);
}
