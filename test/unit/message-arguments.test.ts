import { describe, expect, test } from '@jest/globals';
import { EXAMPLES, faultIn, triggerIn, type UpdateName } from '../../src/contracts/message-arguments.ts';

const GOOD = { question: '3fa9c1d2', by: 'ana', reason: 'signed order' };

describe('The argument of an update', () => {
  for (const [update, example] of Object.entries(EXAMPLES)) {
    test(`of ${update} is taken as its example has it`, () => {
      expect(faultIn(update as UpdateName, JSON.parse(example))).toBeNull();
    });
  }

  const REFUSED: Readonly<Record<string, [unknown, string]>> = {
    'that is missing': [undefined, 'it is missing'],
    'that is a text': ['x', 'it is a text'],
    'that is a list': [[GOOD], 'it is a list'],
    'that is null': [null, 'it is null'],
    'without a reason': [{ question: 'x', by: 'ana' }, '"reason" is missing'],
    'with an empty name': [{ ...GOOD, by: ' ' }, '"by" is empty'],
    'with a number for a name': [{ ...GOOD, by: 7 }, '"by" is a number, expected a text'],
    'with an object for a reason': [{ ...GOOD, reason: {} }, '"reason" is an object, expected a text'],
    'with a name that is too long': [
      { ...GOOD, by: 'x'.repeat(201) },
      '201 characters, expected at most 200',
    ],
    'with a misspelled field': [{ ...GOOD, resaon: 'x' }, '"resaon" is not a field of it'],
    'with a finding about a mail': [{ ...GOOD, mail: 'resend' }, '"mail" is not a field of it'],
  };
  for (const [which, [argument, words]] of Object.entries(REFUSED)) {
    test(`${which} is refused, and says what is expected`, () => {
      const fault = faultIn('approve', argument);
      expect(fault).toContain(words);
      expect(fault).toContain(EXAMPLES.approve);
    });
  }

  test('names every fault at once', () => {
    expect(faultIn('cancel', { by: 1, why: 'x' })).toBe(
      `The argument of cancel cannot be used: "by" is a number, expected a text; "reason" is missing; "why" is not a field of it. Expected one JSON object: ${EXAMPLES.cancel}`,
    );
  });

  test('of retry takes what is known of a message, and nothing else for it', () => {
    expect(faultIn('retry', { ...GOOD, mail: 'was_sent' })).toBeNull();
    expect(faultIn('retry', { ...GOOD, mail: 'sent' })).toContain('"resend" or "was_sent"');
  });
});

describe('A signal that says nothing of its sender', () => {
  test.each([[undefined], [null], ['x'], [{ by: 7 }]])('%j counts as an event', (argument) => {
    expect(triggerIn(argument)).toEqual({ by: 'signal', detail: '' });
  });
});
