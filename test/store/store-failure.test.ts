import { describe, expect, test } from '@jest/globals';
import { DealseatError } from '../../src/domain/failure.ts';
import { StatementError } from '../../src/store/statement-error.ts';
import { storeFailure } from '../../src/store/store-failure.ts';

/** As pg and PGlite throw them: with whatever the server said of the row. */
const thrown = (code: string, more: object = {}) =>
  Object.assign(new Error('duplicate: ana.ruiz@example.com'), {
    code,
    detail: 'Key (learner_key)=(ana.ruiz@example.com) already exists.',
    where: 'COPY ana.ruiz@example.com',
    query: 'insert …',
    params: ['ana.ruiz@example.com'],
    ...more,
  });

describe('a failure of the database', () => {
  test.each([
    ['08006', 'store.unavailable'],
    ['57P01', 'store.unavailable'],
    ['57P03', 'store.unavailable'],
    ['57014', 'store.unavailable'],
    ['53300', 'store.unavailable'],
    ['53100', 'store.unavailable'],
    ['25006', 'store.unavailable'],
    ['40001', 'store.unavailable'],
    ['40P01', 'store.unavailable'],
    ['55P03', 'store.unavailable'],
    ['28P01', 'store.unauthorized'],
    ['28000', 'store.unauthorized'],
    ['3D000', 'store.unauthorized'],
    ['42501', 'store.unauthorized'],
    ['XX001', 'store.corrupt'],
    ['XX002', 'store.corrupt'],
    ['ECONNREFUSED', 'store.unavailable'],
    ['ECONNRESET', 'store.unavailable'],
    ['ENOTFOUND', 'store.unavailable'],
    ['EAI_AGAIN', 'store.unavailable'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'store.unauthorized'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'store.unauthorized'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'store.unauthorized'],
  ])('%s is %s, without a word of the row', (code, expected) => {
    const failure = storeFailure(thrown(code));
    expect(failure).toBeInstanceOf(DealseatError);
    expect(failure).toMatchObject({ code: expected, message: expect.stringContaining(code) });
    expect(wordsOf(failure)).not.toContain('ana.ruiz');
  });

  test.each([
    ['Connection terminated unexpectedly', 'store.unavailable'],
    ['Connection terminated due to connection timeout', 'store.unavailable'],
    ['timeout exceeded when trying to connect', 'store.unavailable'],
    ['Cannot use a pool after calling end on the pool', 'store.unavailable'],
    ['The server does not support SSL connections', 'store.unauthorized'],
    ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', 'store.unauthorized'],
  ])('without a code is known by its words: %s', (text, code) => {
    expect(storeFailure(new Error(text))).toMatchObject({ code });
  });

  test('of several addresses is that of the first', () => {
    const failure = new AggregateError([thrown('ECONNREFUSED'), thrown('EHOSTUNREACH')]);
    expect(storeFailure(failure)).toMatchObject({ code: 'store.unavailable' });
  });

  test('that Dealseat does not expect is a bug with the names of the schema, and no value', () => {
    const names = { table: 'seats', column: 'learner_key', constraint: 'one_live_seat_a_learner' };
    const failure = storeFailure(thrown('23505', names));
    expect(failure).toBeInstanceOf(StatementError);
    expect(failure).toMatchObject({ sqlState: '23505', ...names });
    expect(failure.message).toBe(
      'The database refused a statement with SQLSTATE 23505, table seats, column learner_key, constraint one_live_seat_a_learner',
    );
    expect(wordsOf(failure)).not.toContain('ana.ruiz');
  });

  test('has no value in place of a name', () => {
    const failure = storeFailure(thrown('23505', { constraint: 'ana.ruiz@example.com' }));
    expect(failure).toMatchObject({ constraint: undefined });
  });

  test('that is not of the database stays as it is', () => {
    const bug = new TypeError('undefined is not a function');
    expect(storeFailure(bug)).toBe(bug);
  });

  test('of a transaction that had failed before is that failure', () => {
    const aborted = new Error('aborted', { cause: thrown('25P02') });
    expect(storeFailure(aborted)).toMatchObject({ sqlState: '25P02' });
    expect(wordsOf(storeFailure(aborted))).not.toContain('ana.ruiz');
  });
});

/** Everything that a log could show of it. */
function wordsOf(error: Error): string {
  const { message, stack, cause } = error;
  const inner = cause instanceof Error ? wordsOf(cause) : String(cause);
  return [message, stack, JSON.stringify(error), inner].join('\n');
}
