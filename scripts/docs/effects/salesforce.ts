import { type RemoteCall, readsOf } from './remote-call.ts';

const API = '/services/data/v{version}';

export const SALESFORCE_CALLS: readonly RemoteCall[] = [
  ...readsOf('Salesforce', [
    ['fetch token', 'POST', '/services/oauth2/token', 'every step, when the token is missing or was refused'],
    [
      'query',
      'GET',
      `${API}/query`,
      'every step but `awaitCodes`, above all for the hold and the ledger; the sweep; `dealseat verify`, `dealseat doctor`',
    ],
    ['read the next page of a query', 'GET', `${API}/query/{cursor}`, 'as above, for more than 2,000 rows'],
    [
      'query with the recycle bin',
      'GET',
      `${API}/queryAll`,
      '`planDeal` when a person with a code has left the deal and another one came; every step that does not find a contact: it may have been merged',
    ],
    [
      'read the file of a version',
      'GET',
      `${API}/sobjects/ContentVersion/{id}`,
      '`attachRoster`, `withdrawSeats`: which file a new version is of',
    ],
    ['describe e-mail action', 'GET', `${API}/actions/standard/emailSimple`, '`sendMessages`'],
    ['describe object', 'GET', `${API}/sobjects/{object}/describe`, '`dealseat doctor`'],
    ['read limits', 'GET', `${API}/limits`, '`probeSystem`, `dealseat doctor`'],
    ['list API versions', 'GET', '/services/data/', '`dealseat doctor`: for the date of the answer'],
    [
      'download file',
      'GET',
      `${API}/sobjects/ContentVersion/{id}/VersionData`,
      'every step that reads a roster: `planDeal` of a delivered deal, `writeRecord`, `dealseat verify`, and `attachRoster`, `sendMessages` where one was attached before',
    ],
  ]),
  {
    call: 'write deal fields in Salesforce',
    system: 'Salesforce',
    method: 'PATCH',
    path: `${API}/sobjects/Opportunity/{id}`,
    usedBy:
      '`writeRecord`, `concludeDelivery`; `showSeatNumbers`; `sendMessages` notes the ledger; the hold in every step that makes, hands over or takes back, and that says at its eighth attempt that it fails; `dealseat doctor --deal`',
    effect: 'overwrite',
    key: 'the opportunity',
    lookedUpBy: [],
    whenUnknown: 'Repeated.',
    lookFor: 'not at all: a repeat writes the same',
    ifStillUnknown: 'Nothing.',
  },
  {
    call: 'add file',
    system: 'Salesforce',
    method: 'POST',
    path: `${API}/sobjects/ContentVersion`,
    usedBy: '`attachRoster`, `withdrawSeats`',
    effect: 'guarded create',
    key: 'Title and MD5 among the files linked to the opportunity; the same title with other bytes gets a new version.',
    lookedUpBy: ['query'],
    whenUnknown: 'The next attempt looks before it inserts.',
    lookFor: 'once, before each insert',
    ifStillUnknown:
      'A second file with the same title, if the first insert is committed only after the next attempt looked. It lies on the opportunity, where the owner sees it; the undo deletes both.',
  },
  {
    call: 'write records in Salesforce',
    system: 'Salesforce',
    method: 'PATCH',
    path: `${API}/composite/sobjects`,
    usedBy:
      'Redeem links: `attachRoster`, `clearRedeemLinks`, `withdrawSeats`. Tasks that are over: `closeNotices`. 200 records a call',
    effect: 'overwrite',
    key: 'The deal’s own lines in the contact’s field; other lines are written as they were just read. Our own tasks of the deal that are open, by the beginning of their reference.',
    lookedUpBy: ['query'],
    whenUnknown: 'Repeated.',
    lookFor: 'links: after every write; tasks: once, before each call',
    ifStillUnknown:
      'Of links nothing. A task that is over may stay open, and then the run says so as a warning.',
  },
  {
    call: 'send e-mail',
    system: 'Salesforce',
    method: 'POST',
    path: `${API}/actions/standard/emailSimple`,
    usedBy: '`sendMessages`, `via: emailSimple`',
    effect: 'keyed send',
    key: 'A line `Reference: <key>` in the mail, looked for before every send among the opportunity’s logged mails and tasks that the integration user made.',
    lookedUpBy: ['query'],
    whenUnknown:
      'The next attempt looks for the logged mail and sends only when it is not there. A mail of ours whose body it may not read cannot be ruled out: nothing is sent.',
    lookFor:
      'As long as the tool was [seen to need](mechanisms.md#how-long-dealseat-looks-for-an-unknown-outcome), 5 s to 2 min, at the start of the next attempt',
    ifStillUnknown:
      'A body that is hidden: `NeedsAttention` with `crm.mail_unknown`, the deal’s owner. A second mail, if Salesforce sent the first one and logs it later than it was looked for.',
  },
  {
    call: 'add task',
    system: 'Salesforce',
    method: 'POST',
    path: `${API}/sobjects/Task`,
    usedBy: '`notifyOwner`, `concludeDelivery`, `quarantineCodeGroup`',
    effect: 'guarded create',
    key: 'A line `Reference: <key>` in the description, looked for among those of the opportunity’s tasks that the integration user made.',
    lookedUpBy: ['query'],
    whenUnknown: 'The next attempt looks before it creates.',
    lookFor: 'once, before each create',
    ifStillUnknown:
      'A second task of the same text for the owner, if the first is committed only after the next attempt looked.',
  },
  {
    call: 'delete file in Salesforce',
    system: 'Salesforce',
    method: 'DELETE',
    path: `${API}/sobjects/ContentDocument/{id}`,
    usedBy: '`removeRoster`, `withdrawSeats`; `attachRoster` for a workbook of earlier seats',
    effect: 'delete',
    key: 'title among the opportunity’s files',
    lookedUpBy: ['query'],
    whenUnknown: 'Repeated; not there counts as deleted.',
    lookFor: 'once, before each delete',
    ifStillUnknown: 'Nothing.',
  },
];
