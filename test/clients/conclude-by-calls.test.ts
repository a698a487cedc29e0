import { describe, expect, test } from '@jest/globals';
import { concludeByCalls } from '../../src/clients/conclude-by-calls.ts';
import type { Conclusion } from '../../src/clients/crm.ts';

const CONCLUSION: Conclusion = {
  dealId: '1',
  fields: { status: 'Delivered' },
  notice: { ownerId: null, key: 'delivered-1', subject: 's', text: 't', priority: 'low' },
  looks: true,
};
const PRINT = { print: 'p', changedAt: '2026-11-20T09:00:00.000Z' };

type Call = 'write' | 'tell' | 'look';

/** A CRM in which one of the calls fails, and what was called. */
function crm(fails?: Call) {
  const called: Call[] = [];
  const call = async (name: Call) => {
    called.push(name);
    if (name === fails) throw new Error(`cannot ${name}`);
  };
  const parts = {
    writeDealFields: () => call('write'),
    notify: () => call('tell'),
    readPrint: async () => {
      await call('look');
      return PRINT;
    },
  };
  return { called, parts };
}

describe('The end of a delivery', () => {
  test('is written, told and looked at, in this order', async () => {
    const { called, parts } = crm();
    expect(await concludeByCalls(parts, CONCLUSION)).toEqual({ isTold: true, print: PRINT });
    expect(called).toEqual(['write', 'tell', 'look']);
  });

  test('is not looked at where nobody wants to know', async () => {
    const { called, parts } = crm();
    expect(await concludeByCalls(parts, { ...CONCLUSION, looks: false })).toEqual({
      isTold: true,
      print: null,
    });
    expect(called).toEqual(['write', 'tell']);
  });

  test('is not told where it could not be written', async () => {
    const { called, parts } = crm('write');
    await expect(concludeByCalls(parts, CONCLUSION)).rejects.toThrow('cannot write');
    expect(called).toEqual(['write']);
  });

  test.each([
    ['tell', { isTold: false, print: PRINT }],
    ['look', { isTold: true, print: null }],
  ] as const)('is written though it is not known to be done to %s', async (fails, expected) => {
    expect(await concludeByCalls(crm(fails).parts, CONCLUSION)).toEqual(expected);
  });

  test('is no end for an attempt that is ended from outside meanwhile', async () => {
    const { parts } = crm('tell');
    const stop = new AbortController();
    const telling = { ...parts, notify: async () => stop.abort(new Error('drained')) };
    const asked = { ...telling, notify: () => telling.notify().then(parts.notify) };
    await expect(concludeByCalls(asked, CONCLUSION, stop.signal)).rejects.toThrow('drained');
  });
});
