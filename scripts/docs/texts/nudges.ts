import type { NudgeRecord } from '../../../src/domain/seats/nudge-record.ts';
import { type NudgeFacts, nudgeStandings } from '../../../src/domain/seats/nudge-standing.ts';
import { type NudgeRule, nudgeKey } from '../../../src/domain/seats/nudges.ts';
import { nudgeStandingText } from '../../../src/domain/texts/nudge-standing.ts';
import { nudgeView } from '../../../src/seats/to-view.ts';
import type { NudgeView } from '../../../src/seats/views.ts';
import { entry, type TextSection } from './entry.ts';

const at = (day: string) => Date.parse(`${day}T09:00:00.000Z`);

const WEEK: NudgeRule = { when: { afterDays: 7 }, unusedAbove: 0.5, to: ['buyer', 'owner'] };
const MONTH: NudgeRule = { when: { afterDays: 30 }, unusedAbove: 0, to: ['buyer'] };
const END: NudgeRule = { when: { beforeExpiryDays: 30 }, unusedAbove: 0, to: ['buyer'] };

const SENT: NudgeRecord = {
  rule: nudgeKey(WEEK),
  dueAt: at('2026-11-27'),
  state: 'sent',
  toBuyer: true,
  toOwner: true,
  mail: 'sent',
  via: 'singleSend',
  why: null,
  task: 'open',
  stopped: null,
  claimedAt: at('2026-11-27'),
  heldUntil: null,
  settledAt: at('2026-11-27'),
};

const SKIPPED = { state: 'skipped', mail: null, via: null, task: null } as const;
const CLAIMED = { ...SKIPPED, state: 'claimed', settledAt: null } as const;
const USAGE = { deliveredAt: at('2026-11-20'), sold: 25, used: 5, unusedEnds: [at('2027-11-20')] };

const FACTS: NudgeFacts = {
  rules: [WEEK],
  tool: { via: 'singleSend', writesToPeople: true },
  records: [],
  usage: USAGE,
  now: at('2026-12-01'),
};

const recorded = (more: Partial<NudgeRecord>): Partial<NudgeFacts> => ({ records: [{ ...SENT, ...more }] });
const list = { tool: { via: 'list', writesToPeople: false } };
const none = { tool: { via: 'none', writesToPeople: false } };

const EXAMPLES: readonly (readonly [string, Partial<NudgeFacts>])[] = [
  ['Its day is to come', { rules: [MONTH] }],
  ['Its day is to come, and the e-mail tool cannot remind a buyer', { rules: [MONTH], ...list }],
  ['Its day is past, and the daily look is to come', {}],
  ['Its day is past, and more seats are in use than the rule wants', { usage: { ...USAGE, used: 20 } }],
  ['It went out', recorded({})],
  ['It went out, and the catalog was changed since', { rules: [], ...recorded({ task: 'closed' }) }],
  ['Only the owner was reminded, as the e-mail tool cannot', recorded({ mail: 'impossible', via: 'list' })],
  ['The same without an e-mail tool', { ...none, ...recorded({ mail: 'impossible', via: 'none' }) }],
  ['The rule is for the owner', recorded({ mail: null, via: null, toBuyer: false })],
  ['The mail was refused', recorded({ mail: 'refused', why: 'the contact has no e-mail address' })],
  [
    'It may be out',
    recorded({ mail: 'in_doubt', why: 'the e-mail tool did not say what became of the mail' }),
  ],
  ['It is being sent', recorded({ ...CLAIMED, heldUntil: at('2026-12-02') })],
  ['It was interrupted', recorded(CLAIMED)],
  [
    'It was interrupted, and stopped then',
    recorded({ ...SKIPPED, mail: 'in_doubt', stopped: 'not_delivered' }),
  ],
  ['Its readers were reminded by another rule', recorded({ ...SKIPPED, stopped: 'reminded' })],
  ['Its rule was changed', { rules: [], ...recorded({ ...SKIPPED, stopped: 'rule_changed' }) }],
  ['The deal changed right before it was sent', recorded({ ...SKIPPED, stopped: 'not_delivered' })],
  ['Learners began right before it was sent', recorded({ ...SKIPPED, stopped: 'not_needed' })],
  ['The deal was merged', recorded({ ...SKIPPED, mail: 'in_doubt', stopped: 'merged' })],
  [
    'The CRM took nothing',
    recorded({
      ...SKIPPED,
      mail: 'refused',
      via: 'emailSimple',
      why: 'the contact has no e-mail address',
      stopped: 'refused',
    }),
  ],
  ['All seats were withdrawn', { usage: { ...USAGE, sold: 0, used: 0, unusedEnds: [] } }],
  ['All seats are in use', { usage: { ...USAGE, used: 25, unusedEnds: [] } }],
  ['All unused seats have ended', { usage: { ...USAGE, unusedEnds: [at('2026-11-30')] } }],
  [
    'A rule counts from the end, and there is none',
    { rules: [END], usage: { ...USAGE, unusedEnds: [null] } },
  ],
  [
    'A rule counts from an end that comes soon',
    { rules: [END], usage: { ...USAGE, unusedEnds: [at('2026-12-10')] } },
  ],
  ['Its day was missed', { now: at('2026-12-20') }],
];

/** What became of reminders, by the name of the case. */
export const NUDGES_IN_WORDS: TextSection = {
  title: 'Reminders of unused seats, as `dealseat seats` shows them',
  reader: 'operator',
  entries: EXAMPLES.flatMap(([name, facts]) =>
    nudgeStandings({ ...FACTS, ...facts }).map((standing) =>
      entry(name, nudgeStandingText(standing), standing.obstacle === null ? [] : [standing.obstacle]),
    ),
  ),
};

/** Of one deal. */
export const NUDGES: readonly NudgeView[] = nudgeStandings({
  ...FACTS,
  rules: [WEEK, MONTH],
  records: [SENT],
}).map(nudgeView);
