import { describe, expect, test } from '@jest/globals';
import { DealseatError, FAILURES } from '../../src/domain/failure.ts';
import { toApplicationFailure } from '../../src/temporal/failure-conversion.ts';
import { operatorLine } from '../../src/temporal/sdk-lines.ts';

const STEP = {
  sdkComponent: 'worker',
  workflowId: 'provision:hubspot:62515:9001',
  activityType: 'ensureCodeGroup',
  attempt: 3,
  durationMs: 12,
};

describe('a step that failed', () => {
  const error = toApplicationFailure(
    new DealseatError({
      code: 'lms.rejected',
      message: 'POST /redemptionCodes answered 422: no such course',
    }),
  );

  test('is logged with deal, code, message and cure', () => {
    expect(operatorLine({ level: 'WARN', message: 'Activity failed', meta: { ...STEP, error } })).toEqual({
      level: 'warn',
      message:
        'Step ensureCodeGroup of hubspot 9001 failed: POST /redemptionCodes answered 422: no such course',
      fields: {
        crm: 'hubspot',
        account: '62515',
        dealId: '9001',
        step: 'ensureCodeGroup',
        attempt: 3,
        durationMs: 12,
        code: 'lms.rejected',
        cure: FAILURES['lms.rejected'].cure,
        isRepeated: false,
      },
    });
  });

  test('by a bug keeps its error, with the stack', () => {
    const bug = new TypeError('x is not a function');
    const { fields, message } = operatorLine({
      level: 'WARN',
      message: 'Activity failed',
      meta: { ...STEP, error: bug },
    });
    expect(message).toBe('Step ensureCodeGroup of hubspot 9001 failed: x is not a function');
    expect(fields).toMatchObject({ err: bug });
  });
});

describe('what the SDK says', () => {
  test.each([
    ['that it has no workflows', 'WARN', 'No workflows registered, not polling for workflow tasks', 'debug'],
    ['of its state', 'INFO', 'Worker state changed', 'debug'],
    ['of trouble', 'WARN', 'Failed to poll', 'warn'],
  ] as const)('%s is no more than it is worth', (_, level, message, expected) => {
    expect(operatorLine({ level, message, meta: { sdkComponent: 'worker' } }).level).toBe(expected);
  });

  test('of a run that failed is left to the outcome, which the run reports itself; a failed sweep is not', () => {
    const levelOf = (workflowType: string) =>
      operatorLine({ level: 'WARN', message: 'Workflow failed', meta: { workflowType, error: {} } }).level;
    expect(levelOf('provisionDeal')).toBe('debug');
    expect(levelOf('sweepDeals')).toBe('warn');
  });

  test('from our own code stays as it is', () => {
    const line = { level: 'INFO', message: 'Asked', meta: { sdkComponent: 'workflow', x: 1 } } as const;
    expect(operatorLine(line)).toMatchObject({ level: 'info', message: 'Asked', fields: { x: 1 } });
  });
});
