import { describe, expect, test } from '@jest/globals';
import { outageId, systemOf } from '../../src/contracts/outage.ts';
import { FAILURES, type FailureCode, IS_REPEATED } from '../../src/domain/failure.ts';
import { outageOf } from '../../src/domain/outage.ts';

const DEAL = { crm: 'hubspot', account: '62515', dealId: '9001' } as const;

describe('A system that is away', () => {
  test('is told only by failures that are repeated and of no single record', () => {
    const codes = (Object.keys(FAILURES) as FailureCode[]).filter((code) => outageOf(code) !== null);
    expect(codes.sort()).toEqual([
      'crm.rate_limited',
      'crm.unavailable',
      'lms.rate_limited',
      'lms.unavailable',
      'store.unavailable',
    ]);
    for (const code of codes) {
      expect(IS_REPEATED[FAILURES[code].class]).toBe(true);
      expect(FAILURES[code]).not.toHaveProperty('mayPass');
      expect(FAILURES[code].cure).toMatch(/continues by itself|Nothing/);
    }
  });

  test('has one probe for each account of a CRM, and one for the platform of the workers', () => {
    expect(outageId(systemOf('crm', DEAL), 'queue')).toBe('outage:hubspot:62515');
    expect(outageId(systemOf('lms', DEAL), 'queue')).toBe('outage:lms:queue');
    expect(outageId(systemOf('lms', { ...DEAL, crm: 'salesforce' }), 'queue')).toBe('outage:lms:queue');
    expect(outageId(systemOf('store', DEAL), 'queue')).toBe('outage:store:queue');
  });
});
