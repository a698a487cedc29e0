import type { MailTool } from '../../domain/deal/mail-tool.ts';
import type { MailSender } from '../crm.ts';
import type { FirstLooks } from '../first-looks.ts';
import type { Connection } from './connection.ts';
import { createSequence } from './sequence.ts';
import { createSingleSend, type SingleSendOptions } from './single-send.ts';
import { createStaticList } from './static-list.ts';

/** The catalog wants no mail. */
const NOBODY: MailSender = {
  deliver: async () => ({ is: 'none', reference: null }),
  takeBack: async () => undefined,
};

export function mailTool(
  connection: Connection,
  { via, settings }: MailTool,
  options: SingleSendOptions & { readonly firstLooks: FirstLooks },
): MailSender {
  const text = (name: string): string => {
    const value = settings[name];
    if (value !== undefined && value !== '') return String(value);
    throw new TypeError(`The mail tool "${via}" of HubSpot needs the setting ${name}`);
  };
  switch (via) {
    case 'singleSend':
      return createSingleSend(connection, { emailId: Number(text('emailId')) }, options, options.firstLooks);
    case 'sequence':
      return createSequence(connection, {
        sequenceId: text('sequenceId'),
        userId: text('userId'),
        senderEmail: text('senderEmail'),
      });
    case 'list':
      return createStaticList(connection, { listId: text('listId') });
    case 'none':
      return NOBODY;
    default:
      // The catalog keeps the tools of the CRMs apart, so this is a bug and no failure of the run.
      throw new TypeError(`HubSpot has no mail tool "${via}"`);
  }
}
