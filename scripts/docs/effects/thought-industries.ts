import { type RemoteCall, readsOf } from './remote-call.ts';

export const THOUGHT_INDUSTRIES_CALLS: readonly RemoteCall[] = [
  ...readsOf('Thought Industries', [
    ['ping', 'GET', '/incoming/v2/ping', '`dealseat doctor`'],
    [
      'look for code groups',
      'GET',
      '/incoming/v2/redemptionCodes',
      '`ensureCodeGroup`, `quarantineCodeGroup`; `planDeal` of a deal that others were merged into',
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
      '`planDeal` before people are asked about fewer seats, `ensureCodeGroup`, `awaitCodes`, `attachRoster`, `sendMessages`, `withdrawSeats`, `clearRedeemLinks`; the path is `TI_CODES_PATH`',
    ],
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
      'The group is looked up by its token. The next attempt creates once that look has ended without it; after an attempt that could not say so it looks patiently first.',
    lookFor:
      'As long as the platform was [seen to need](mechanisms.md#how-long-dealseat-looks-for-an-unknown-outcome): at once and then in growing gaps, 5 s to 2 min',
    ifStillUnknown:
      'A group that shows itself later still: two groups with one token. The one that learners redeemed from, else the one with the lowest id, stands; the other is named as a warning in the run and on the owner’s task, and no one gets its codes. Unknown after all attempts: `NeedsAttention` with `lms.outcome_unknown`, the deal’s owner.',
  },
];
