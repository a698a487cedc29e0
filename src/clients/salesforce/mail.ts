import type { MailTool } from '../../domain/deal/mail-tool.ts';
import type { MailSender } from '../crm.ts';
import type { KnownOnce } from '../known-once.ts';
import type { Connection } from './connection.ts';
import { createEmailSimple } from './email-simple.ts';
import type { MailAction } from './mail-action.ts';

/** Salesforce's own tool that the catalog names, or none. */
export function mailTool(connection: Connection, tool: MailTool, action: KnownOnce<MailAction>): MailSender {
  switch (tool.via) {
    case 'none':
      return NO_MAIL;
    case 'emailSimple':
      return createEmailSimple(connection, action);
    default:
      throw new TypeError(`Salesforce has no mail tool ${tool.via}`);
  }
}

const NO_MAIL: MailSender = {
  deliver: async () => ({ is: 'none', reference: null }),
  takeBack: async () => undefined,
};
