import { FaultPlan } from '../../sandbox/faults.ts';
import { serve } from '../../sandbox/http.ts';
import { Outbox } from '../../sandbox/outbox.ts';
import { createSalesforceSandbox, type SalesforceSandboxOptions } from '../../sandbox/salesforce/index.ts';
import type { SalesforceState } from '../../sandbox/salesforce/state.ts';
import type { Crm, MailSender, Message, Notice, RosterFile, SendHistory } from '../../src/clients/crm.ts';
import { createSalesforceCrm } from '../../src/clients/salesforce/crm.ts';
import type { DealReading } from '../../src/domain/deal/catalog.ts';
import { type MailTool, NO_MAIL } from '../../src/domain/deal/mail-tool.ts';

export interface SandboxOrg {
  readonly crm: Crm;
  readonly state: SalesforceState;
  readonly faults: FaultPlan;
  readonly outbox: Outbox;
  readonly url: string;
  /** The seeded contacts, by first name. */
  contactId(firstName: string): string;
  close(): Promise<void>;
}

interface OrgOptions extends Partial<SalesforceSandboxOptions> {
  readonly apiVersion?: string;
  readonly timeoutMs?: number;
  readonly reading?: DealReading;
}

/** The stand-in org with the client on it, as a customer would have the two. */
export async function startSandboxOrg(options: OrgOptions = {}): Promise<SandboxOrg> {
  const { apiVersion = '66.0', timeoutMs = 10_000, reading, ...org } = options;
  const app = {
    orgId: '00D5Y000001MPM7',
    clientId: 'sandbox-sf-client',
    clientSecret: 'sandbox-sf-secret',
  };
  const outbox = new Outbox();
  const faults = new FaultPlan();
  const { handler, state } = createSalesforceSandbox({ ...app, outbox, ...org });
  const server = await serve({ system: 'salesforce', handler, faults });
  return {
    crm: createSalesforceCrm({ ...app, loginUrl: server.url, apiVersion, timeoutMs, reading }),
    state,
    faults,
    outbox,
    url: server.url,
    contactId: (firstName) => String(state.rows('Contact').find((row) => row.FirstName === firstName)?.Id),
    close: () => server.close(),
  };
}

export function rosterOf(
  dealId: string,
  csv = 'code,redeem_url\r\nAB12,https://x.example/AB12\r\n',
): RosterFile {
  return { dealId, fileName: 'roster-globex-d1.csv', csv: Buffer.from(csv), noteHtml: '<p>Roster</p>' };
}

export function messageOf(dealId: string, contactId: string, changes: Partial<Message> = {}): Message {
  return {
    dealId,
    contactId,
    email: 'robin.vale@globex.example',
    sendKey: 'dealseat-d1',
    subject: 'Your seats',
    html: '<p>Hello</p>',
    text: 'Hello',
    properties: {},
    redeemLinks: [],
    roster: null,
    ...changes,
  };
}

const EMAIL_SIMPLE: MailTool = {
  via: 'emailSimple',
  settings: {},
  traits: { reachesLearners: true, writesToPeople: true, carriesLinks: false, remembersPeople: false },
  description: 'send e-mail',
};

export function senderOf(crm: Crm, via: 'emailSimple' | 'none' = 'emailSimple'): MailSender {
  return crm.mailTool(via === 'none' ? NO_MAIL : EMAIL_SIMPLE);
}

/** Of a message that was never tried before. */
export function historyOf(changes: Partial<SendHistory> = {}): SendHistory {
  return { mayBeOutSince: null, lookUntil: 0, lookIntervalMs: 1, saidMissing: null, ...changes };
}

export function noticeOf(dealId: string, changes: Partial<Notice> = {}): Notice {
  return {
    dealId,
    ownerId: null,
    key: 'ask-1',
    subject: 'Look',
    text: 'Please look.\nSoon.',
    priority: 'high',
    ...changes,
  };
}
