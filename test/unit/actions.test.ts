import { describe, expect, test } from '@jest/globals';
import { askingFields, takenFields } from '../../activities/take-action.ts';
import type { RecordNow } from '../../src/clients/crm.ts';
import { ACTIONS, type Actor, answerTo, saidOnDeal, seeAction } from '../../src/domain/deal/action.ts';
import { problem } from '../../src/domain/failure.ts';
import { howToAct, judgeAction } from '../../src/domain/planning/act.ts';

const ANA: Actor = {
  name: 'Ana Ruiz',
  isPerson: true,
  isProven: true,
  knownAs: { hubspotUsers: ['Ana@Vendor.example'], hubspotTeams: ['Finance'] },
};

const SET_AT = '2026-11-29T21:41:30.000Z';

function seen(text: string, by: Actor | null = ANA, approvers?: Record<string, string[]>) {
  return seeAction({ text, setAt: SET_AT, by }, approvers === undefined ? {} : { approvers });
}

const ASKED = {
  help: { kind: 'help', problems: [problem('deal.no_line_items', 'Nothing is sold')] },
  mail: { kind: 'help', problems: [problem('crm.mail_unknown', 'It may be out')] },
  approval: { kind: 'approval', problems: [problem('approval.required', '6 seats need approval')] },
  withdrawal: { kind: 'withdrawal', problems: [problem('withdrawal.required', '4 delivered, 3 sold')] },
} as const;

describe('an action on a deal', () => {
  test.each([
    ['help', ['Retry']],
    ['mail', ['Retry', 'Mail was sent', 'Send again']],
    ['approval', ['Approve', 'Reject']],
    ['withdrawal', ['Withdraw', 'Keep']],
  ] as const)('answers a question about %s only with what fits', (asked, fitting) => {
    const taken = ACTIONS.filter((text) => judgeAction(seen(text), ASKED[asked]).is !== 'unfit');
    expect(taken).toEqual(fitting);
  });

  test('says of a mail what a person found out', () => {
    expect(judgeAction(seen('Mail was sent'), ASKED.mail)).toEqual({ is: 'retry', mail: 'was_sent' });
    expect(judgeAction(seen('Send again'), ASKED.mail)).toEqual({ is: 'retry', mail: 'resend' });
    expect(judgeAction(seen('Retry'), ASKED.mail)).toEqual({ is: 'retry' });
  });

  test('that is none of the pick-list does nothing, and the fitting ones are named', () => {
    expect(judgeAction(seen('approve'), ASKED.approval)).toEqual({
      is: 'unfit',
      why: 'It does not answer what Dealseat asks. Set "Dealseat action" to "Approve" or "Reject".',
    });
  });

  test('is asked for by the labels of the pick-list, with the last day', () => {
    expect(howToAct(ASKED.approval, '2026-12-13T08:00:00Z')).toBe(
      'Set "Dealseat action" to "Approve" or "Reject" by 13 Dec 2026.',
    );
    expect(howToAct(ASKED.mail)).toBe('Set "Dealseat action" to "Mail was sent" or "Send again".');
  });

  test('shows no address where a user has one for a name', () => {
    expect(seen('Keep', { ...ANA, name: 'ana.ruiz@vendor.example' }).by).toBe('someone');
    expect(seen('Keep', { ...ANA, name: 'Ana ruiz@vendor.example' }).by).toBe('Ana');
  });

  test('is told with who set it and when, without an address', () => {
    expect(saidOnDeal(seen('Approve'))).toBe('Approved by Ana Ruiz on 29 Nov 2026 at 21:41 UTC');
    expect(answerTo(seen('Keep', null), 'Nothing.')).toBe(
      'Dealseat action "Keep", set by someone on 29 Nov 2026 at 21:41 UTC: Nothing.',
    );
    expect(JSON.stringify(seen('Approve'))).not.toContain('@');
  });
});

describe('an approval that the catalog limits', () => {
  const limits = { hubspotUsers: ['ana@vendor.example'] };

  test.each([
    ['of a user who is named', ANA, limits, true],
    ['of a user of a team that is named', ANA, { hubspotTeams: ['FINANCE'] }, true],
    ['of somebody else', { ...ANA, knownAs: { hubspotUsers: ['max@vendor.example'] } }, limits, false],
    ['of a workflow', { ...ANA, isPerson: false }, limits, false],
    ['of the last editor of the record', { ...ANA, isProven: false }, limits, false],
    ['of nobody known', null, limits, false],
    ['in a CRM for which nobody is named', ANA, { salesforceUsers: ['ana@vendor.example'] }, false],
    ['of a name under another key', ANA, { hubspotTeams: ['ana@vendor.example'] }, false],
  ] as const)('%s', (_who, by, approvers, counts) => {
    const found = seen('Approve', by, approvers as unknown as Record<string, string[]>);
    expect(found.mayApprove).toBe(counts);
    expect(judgeAction(found, ASKED.approval).is).toBe(counts ? 'answer' : 'unfit');
    expect(judgeAction({ ...found, action: 'Reject' }, ASKED.approval).is).toBe('answer');
  });

  test('counts from everyone, workflows included, where nothing is limited', () => {
    expect(seen('Approve', { ...ANA, isPerson: false }).mayApprove).toBe(true);
    expect(seen('Approve', null).mayApprove).toBe(true);
  });
});

const record = (fields: Partial<RecordNow>): RecordNow => ({
  status: 'NeedsAttention',
  detail: '- 6 seats need approval.',
  ledger: null,
  hold: null,
  ...fields,
});

describe('taking an action off the deal', () => {
  const take = {
    what: 'take',
    action: 'Send again',
    status: null,
    detail: 'Another mail asked for',
  } as const;

  test('empties the field, and keeps what the deal says below the answer', () => {
    const earlier = 'Dealseat action "Keep", set by Max: Nothing.\n3 seats delivered';
    const now = record({ action: 'Send again', detail: earlier });
    expect(takenFields(take, { record: now, isRepeat: false })).toEqual({
      action: null,
      detail: 'Another mail asked for\n3 seats delivered',
    });
  });

  test('knows its own write again after a lost answer, but not that of a run that was reset', () => {
    const now = record({ detail: 'Another mail asked for\n3 seats delivered' });
    expect(takenFields(take, { record: now, isRepeat: true })).toBe('taken');
    expect(takenFields(take, { record: now, isRepeat: false })).toBe('gone');
  });

  test('takes nothing off that is not there, or not the same', () => {
    for (const action of [null, 'Mail was sent']) {
      expect(takenFields(take, { record: record({ action }), isRepeat: true })).toBe('gone');
    }
  });
});

function asking(write: Parameters<typeof askingFields>[0], fields: Partial<RecordNow>) {
  return askingFields(write, { record: record(fields), isRepeat: false });
}

describe('showing a question', () => {
  const detail = '- 600 seats need approval.';
  const show = { what: 'show', status: 'NeedsAttention', detail, clears: { known: null } } as const;

  test('empties the field, so that what stands there later was set by somebody who could read it', () => {
    expect(asking(show, {})).toEqual({ action: null });
  });

  test('says of an answer to the question before that it does not count', () => {
    expect(asking(show, { action: 'Approve' })).toEqual({
      action: null,
      detail: `Dealseat action "Approve": It was set before Dealseat asked this. Set it again if it still applies.\n${detail}`,
    });
    const known = { ...show, clears: { known: seen('Approve') } };
    expect(asking(known, { action: 'Approve' })?.detail).toMatch(
      /^Dealseat action "Approve", set by Ana Ruiz/,
    );
  });

  test('leaves an answer that came after an attempt whose own answer was lost', () => {
    const now = record({ action: 'Approve', detail });
    expect(askingFields(show, { record: now, isRepeat: true })).toBeNull();
    const other = record({ action: 'Approve', detail, status: 'Planning' });
    expect(askingFields(show, { record: other, isRepeat: true })).toMatchObject({ action: null });
  });

  test('does not believe the same text where this run did not write it: it may stand beside an older answer', () => {
    expect(asking(show, { action: 'Approve', detail })).toMatchObject({ action: null });
  });

  test('leaves Retry, which is true of whatever is asked', () => {
    expect(asking(show, { action: 'Retry' })).toEqual({});
  });
});
