import { describe, expect, test } from '@jest/globals';
import { ApplicationFailureCategory } from '@temporalio/common';
import {
  DealseatError,
  FAILURES,
  type FailureCode,
  failureClass,
  isFailureCode,
  problem,
} from '../../src/domain/failure.ts';
import { toApplicationFailure } from '../../src/temporal/failure-conversion.ts';

const CODES = Object.keys(FAILURES) as FailureCode[];

describe('the table of failures', () => {
  test.each(CODES)('%s has a stable form, a cause and a cure in whole sentences', (code) => {
    expect(code).toMatch(/^[a-z]+\.[a-z_]+$/);
    expect(FAILURES[code].cause).toMatch(/^[A-Z].*\.$/);
    expect(FAILURES[code].cure).toMatch(/^[A-Z].*\.$/);
  });

  test('a code is known by its exact name and nothing else', () => {
    expect(CODES.every(isFailureCode)).toBe(true);
    for (const other of ['', 'lms', 'LMS.FORBIDDEN', 'toString', 'constructor', null, undefined, 7]) {
      expect(isFailureCode(other)).toBe(false);
    }
  });

  test('a problem carries the cure of its code', () => {
    expect(problem('deal.no_line_items', 'x')).toEqual({
      code: 'deal.no_line_items',
      message: 'x',
      cure: FAILURES['deal.no_line_items'].cure,
    });
  });
});

describe('a failure on its way to Temporal', () => {
  test.each(CODES)('%s is repeated exactly when its class says that repeating helps', (code) => {
    const failure = toApplicationFailure(new DealseatError({ code, message: 'what was found' }));
    expect(failure).toMatchObject({
      type: code,
      message: 'what was found',
      // A deal that is not found may be there a moment later, and everything else is as its class says.
      nonRetryable: ['never', 'attention'].includes(failureClass(code)) && code !== 'crm.deal_not_found',
      details: [{ class: failureClass(code), cure: FAILURES[code].cure }],
    });
  });

  test('is repeated, whatever its class, when the client says that it may pass', () => {
    for (const code of CODES) {
      const error = new DealseatError({ code, message: 'm', mayPass: true });
      expect(toApplicationFailure(error).nonRetryable).toBe(false);
    }
  });

  test('leaves its cause behind, because answers of vendors carry codes and tokens', () => {
    const cause = new Error('canary', { cause: { body: 'canary' } });
    const failure = toApplicationFailure(new DealseatError({ code: 'lms.unavailable', message: 'm', cause }));
    expect(failure.cause).toBeUndefined();
    expect(JSON.stringify(failure)).not.toContain('canary');
  });

  test('waits as long as the other side asked', () => {
    const error = new DealseatError({ code: 'lms.rate_limited', message: 'm', retryAfterMs: 7_000 });
    expect(toApplicationFailure(error).nextRetryDelay).toBe(7_000);
  });

  test('waiting for codes is no alarm; every other failure is one', () => {
    const benign = CODES.filter((code) => {
      const { category } = toApplicationFailure(new DealseatError({ code, message: 'm' }));
      return category === ApplicationFailureCategory.BENIGN;
    });
    expect(benign).toEqual(['lms.codes_not_listed']);
  });
});
