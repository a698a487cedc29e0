import { type RemoteCall, readsOf } from './remote-call.ts';

export const THOUGHT_INDUSTRIES_CALLS: readonly RemoteCall[] = [
  ...readsOf('Thought Industries', [
    ['ping', 'GET', '/incoming/v2/ping', '`dealseat doctor`'],
    [
      'look for code groups',
      'GET',
      '/incoming/v2/redemptionCodes',
      '`ensureCodeGroup`, `quarantineCodeGroup`, `dealseat codes import`, `dealseat doctor`; `planDeal` of a deal that others were merged into',
    ],
    [
      'read code group',
      'GET',
      '/incoming/v2/redemptionCodes/{groupId}',
      '`planDeal` where seats of a delivered deal change; `ensureCodeGroup`, when a group that was chosen before is not found; every list of codes that answers 404',
    ],
    [
      'list codes',
      'GET',
      '/incoming/v2/redemptionCodes/{groupId}/codes',
      '`planDeal` before people are asked about fewer seats, `ensureCodeGroup`, `awaitCodes`, `attachRoster`, `sendMessages`, `withdrawSeats`, `clearRedeemLinks`, `dealseat doctor`; the path is `TI_CODES_PATH`',
    ],
    ['look up content', 'GET', '/incoming/v2/content', '`dealseat doctor`'],
    ['list clients', 'GET', '/incoming/v2/clients', '`dealseat doctor`'],
    ['read client', 'GET', '/incoming/v2/clients/{clientId}', '`dealseat doctor`'],
    ['list licenses of client', 'GET', '/incoming/v2/clients/{clientId}/licenses', '`dealseat doctor`'],
  ]),
  {
    call: 'create code group',
    system: 'Thought Industries',
    method: 'POST',
    path: '/incoming/v2/redemptionCodes',
    usedBy: '`ensureCodeGroup`',
    effect: 'guarded create',
    key: 'The token at the end of the label: `d` and 15 hexadecimal digits of SHA-256 over CRM, account, deal, product and part. Compared exactly; the platform’s search only narrows down.',
    lookedUpBy: ['look for code groups'],
    whenUnknown:
      'Dealseat looks the group up by its token. If that look ends without it, the next attempt creates. If the look could not be made, the next attempt looks patiently first.',
    lookFor:
      'As long as the platform was [seen to need](mechanisms.md#how-long-dealseat-looks-for-an-unknown-outcome): at once and then in growing gaps, 5 s to 2 min',
    ifStillUnknown:
      'Two groups with one token, if the first shows itself later. Dealseat uses [one of them](mechanisms.md#two-groups-with-one-token). Unknown after all attempts: `NeedsAttention` with `lms.outcome_unknown`, the deal’s owner.',
  },
];
