import { describe, expect, test } from '@jest/globals';
import { findNeedles, type Needle, strawsOf } from './needles.ts';

const CODE: Needle = { name: 'a code', text: 'CANARY000001' };

function formsFoundIn(value: unknown): string[] {
  return findNeedles([CODE], strawsOf('here', value)).map(({ form }) => form);
}

/** The search itself: a search that finds nothing proves nothing until it is seen to find. */
describe('the search for codes finds one that was planted', () => {
  test.each<[string, unknown, string]>([
    ['as it is', 'x CANARY000001 y', 'plain'],
    ['in lower case', 'x canary000001 y', 'plain'],
    ['in a link', 'https://learn.example/redeem/CANARY000001', 'plain'],
    ['deep in an object', { a: [{ b: { c: 'CANARY000001' } }] }, 'plain'],
    ['as a key', { CANARY000001: 1 }, 'plain'],
    ['in a map', new Map([['CANARY000001', 1]]), 'plain'],
    ['in a payload', { data: Buffer.from('{"code":"CANARY000001"}') }, 'plain'],
    ['in an error', new Error('no such code CANARY000001'), 'plain'],
    ['in a cause', new Error('x', { cause: new Error('CANARY000001') }), 'plain'],
    ['percent-encoded', '%43%41%4e%41%52%59%30%30%30%30%30%31', 'percent-encoded'],
    [
      'escaped in JSON',
      '\\u0043\\u0041\\u004e\\u0041\\u0052\\u0059\\u0030\\u0030\\u0030\\u0030\\u0030\\u0031',
      'JSON-escaped',
    ],
    ['in base64', Buffer.from('CANARY000001').toString('base64'), 'base64'],
    ['in base64 behind one byte', Buffer.from('xCANARY000001').toString('base64'), 'base64'],
    ['in base64 behind two bytes', Buffer.from('xyCANARY000001z').toString('base64'), 'base64'],
    ['in base64 for addresses', Buffer.from('??CANARY000001').toString('base64url'), 'base64'],
    ['in hex', Buffer.from('CANARY000001').toString('hex'), 'hex'],
    ['backwards', '100000YRANAC', 'reversed'],
  ])('%s', (_, value, form) => {
    expect(formsFoundIn(value)).toContain(form);
  });

  test('and nothing where there is none', () => {
    expect(formsFoundIn({ code: 'lms.rate_limited', data: Buffer.from('CANARY'), n: 1 })).toEqual([]);
  });

  test('and tells where, but never what', () => {
    const finds = findNeedles([CODE], strawsOf('history of run 1', 'CANARY000001'));
    expect(finds).toContainEqual({ needle: 'a code', form: 'plain', where: 'history of run 1' });
    expect(JSON.stringify(finds)).not.toContain('CANARY');
  });
});
