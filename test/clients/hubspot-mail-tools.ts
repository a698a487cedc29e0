import type { Message, SendHistory } from '../../src/clients/crm.ts';
import type { MailTool } from '../../src/domain/deal/mail-tool.ts';

const NO_TRAITS = {
  reachesLearners: false,
  writesToPeople: false,
  carriesLinks: false,
  remembersPeople: false,
};

export const SINGLE_SEND: MailTool = {
  via: 'singleSend',
  settings: { emailId: 1234567 },
  traits: { ...NO_TRAITS, reachesLearners: true, writesToPeople: true, carriesLinks: true },
  description: 'send transactional e-mail 1234567',
};

export const SEQUENCE: MailTool = {
  via: 'sequence',
  settings: { sequenceId: '3001', userId: '4711', senderEmail: 'sam.ops@vendor.example' },
  traits: { ...NO_TRAITS, reachesLearners: true, remembersPeople: true },
  description: 'enrol in sequence 3001',
};

export const LIST: MailTool = {
  via: 'list',
  settings: { listId: '2001' },
  traits: { ...NO_TRAITS, reachesLearners: true },
  description: 'add to list 2001',
};

export function withSettings(tool: MailTool, settings: MailTool['settings']): MailTool {
  return { ...tool, settings: { ...tool.settings, ...settings } };
}

export const MESSAGE: Message = {
  dealId: '9001',
  contactId: '6001',
  email: 'dana.reyes@acme.example',
  sendKey: 'dealseat-d0123456789abcde',
  subject: 'Your seats',
  html: '<p>Your seats</p>',
  text: 'Your seats',
  properties: { subject: 'Your seats', seats: '25' },
  redeemLinks: ['https://learn.example/redeem/CANARY1', 'https://learn.example/redeem/CANARY2'],
  roster: null,
};

/** Nobody has tried it before. */
export const FIRST: SendHistory = {
  mayBeOutSince: null,
  lookUntil: 0,
  lookIntervalMs: 5,
  saidMissing: null,
};
