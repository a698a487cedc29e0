import { describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY } from '../../src/contracts/policy.ts';
import type { Progress, ProvisionInput } from '../../src/contracts/run.ts';
import { problem } from '../../src/domain/failure.ts';
import { details } from '../../workflows/details.ts';

const INPUT: ProvisionInput = {
  deal: { crm: 'hubspot', account: '62515', dealId: '9001' },
  trigger: { by: 'hubspot', detail: '4034998419' },
  planHash: null,
  policy: DEFAULT_POLICY,
};

const ASKING: Progress = {
  status: 'NeedsAttention',
  step: 'Waiting until someone fixes what is listed below',
  dealName: 'Acme [Q4] rollout',
  dealUrl: 'https://app.hubspot.com/contacts/62515/record/0-3/9001',
  seatCount: 25,
  groups: [{ label: 'acme-d8a3', title: 'Leadership', seatCount: 25, groupId: null }],
  roster: null,
  messages: [],
  problems: [problem('crm.mail_unknown', 'The message may be out')],
  question: {
    id: '3fa9c1d2',
    kind: 'help',
    answers: ['retry'],
    since: '2026-11-29T10:00:00.000Z',
    until: '2026-12-13T10:00:00.000Z',
  },
  undone: [],
  warnings: [],
};

describe('The details of a run in the Temporal UI', () => {
  test('put what to do first, with commands and JSON that can be copied and a deadline as a date', () => {
    const text = details(INPUT, ASKING);
    const [first, , second] = text.split('\n');
    expect(first).toBe('**NeedsAttention**: Waiting until someone fixes what is listed below');
    expect(second).toBe('**What to fix**');
    expect(text).toContain('**What to do next**, until 13 Dec 2026 (asked on 29 Nov 2026)');
    expect(text).toContain(
      [
        '```sh',
        'dealseat retry hubspot 9001 --question 3fa9c1d2 --resend',
        'dealseat retry hubspot 9001 --question 3fa9c1d2 --mail-was-sent',
        '```',
      ].join('\n'),
    );
    expect(text).toContain(
      '```json\n{"question":"3fa9c1d2","by":"your name","reason":"why","mail":"resend"}\n{"question":"3fa9c1d2","by":"your name","reason":"why","mail":"was_sent"}\n```',
    );
    expect(text).toContain('dealseat provision hubspot 9001');
  });

  test('link the deal by its name, and list each fact in a line of its own', () => {
    const text = details(INPUT, ASKING);
    expect(text).toContain(
      '- Deal: [Acme \\[Q4\\] rollout](<https://app.hubspot.com/contacts/62515/record/0-3/9001>)\n- Account: hubspot 62515\n- Started by: an event of hubspot (4034998419)\n- Seats: 25',
    );
  });

  test('write no address that could end the link', () => {
    for (const dealUrl of ['javascript:alert(1)', 'https://x> [y](https://z', '']) {
      expect(details(INPUT, { ...ASKING, dealUrl })).toContain('- Deal: Acme \\[Q4\\] rollout\n');
    }
  });

  test('ask for nothing when nothing is asked', () => {
    const text = details(INPUT, { ...ASKING, status: 'Delivered', problems: [], question: null });
    expect(text).not.toContain('What to do next');
    expect(text).toContain('**To run it again**');
  });

  test('are cut at the end of a line, far below what the server takes', () => {
    const groups = Array.from({ length: 400 }, () => ({
      label: 'x'.repeat(90),
      title: 'Leadership',
      seatCount: 1,
      groupId: null,
    }));
    const text = details(INPUT, { ...ASKING, groups });
    expect(text.length).toBeLessThanOrEqual(15_000);
    expect(text.endsWith('\n…')).toBe(true);
    expect(text).toContain('--question 3fa9c1d2');
  });
});
