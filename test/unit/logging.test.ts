import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Secret } from '../../src/config/secret.ts';
import { DealseatError } from '../../src/domain/failure.ts';
import { createLogger, type Logger } from '../../src/observability/logging.ts';
import { redactText } from '../../src/observability/redaction.ts';
import { within } from '../fuzz/bounds.ts';

/** What a logger wrote, as text and as parsed lines. */
function capture(write: (logger: Logger) => void): { text: string; lines: Record<string, unknown>[] } {
  const chunks: string[] = [];
  write(createLogger({ level: 'trace' }, { write: (chunk: string) => chunks.push(chunk) }));
  const text = chunks.join('');
  return {
    text,
    lines: text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  };
}

const CODE = 'QX7CANARY9ZK';

describe('redaction by key', () => {
  test.each([
    'authorization',
    'Authorization',
    'cookie',
    'set-cookie',
    'password',
    'clientSecret',
    'client_secret',
    'apiKey',
    'api-key',
    'accessToken',
    'access_token',
    'token',
    'email',
    'recipientEmail',
    'e-mail',
    'signature',
    'x-hubspot-signature-v3',
    'redeemUrl',
    'redeem_link',
    'dealseat_redeem_link',
    'codes',
    'code',
    'sessionId',
    'rawPacket',
  ])('the value of %s is hidden, however deep it lies', (key) => {
    const { text } = capture((logger) => logger.info({ a: [{ b: { [key]: CODE } }] }, 'x'));
    expect(text).not.toContain(CODE);
  });

  test('failure codes and the names of system errors stay, because people search for them', () => {
    const { lines } = capture((logger) => {
      for (const code of [
        'crm.rate_limited',
        'ECONNRESET',
        'ERR_HTTP_REQUEST_TIMEOUT',
        'webhook.stale',
        14,
      ]) {
        logger.info({ code });
      }
    });
    expect(lines.map(({ code }) => code)).toEqual([
      'crm.rate_limited',
      'ECONNRESET',
      'ERR_HTTP_REQUEST_TIMEOUT',
      'webhook.stale',
      14,
    ]);
  });

  test('ids, labels and counts stay', () => {
    const fields = {
      runId: 'r-1',
      dealId: '9001',
      groupLabel: 'acme-lead-2026-11-20-d0123',
      route: '/x/:id',
      seats: 25,
    };
    expect(capture((logger) => logger.info(fields)).lines[0]).toMatchObject(fields);
  });
});

describe('redaction by pattern', () => {
  test.each([
    ['a bearer token', `sent Authorization: Bearer ${CODE}.abc-_~+/=`],
    ['a basic credential', `basic ${CODE}==`],
    ['an e-mail address', `no contact ${CODE}@acme.example found`],
    ['an e-mail address with a plus and an umlaut', `wrote to ${CODE}+läb@äcme.example`],
    ['an escaped e-mail address', `GET /contacts/${CODE}%40acme.example?idProperty=email`],
    ['a redeem link', `https://learn.acme.example/redeem/${CODE}`],
    ['a redeem link in a sentence', `(see https://learn.acme.example/redeem/${CODE}).`],
    ['a secret in a query', `GET /x?a=1&access_token=${CODE}&b=2`],
    ['a signed address', `https://files.example/f?X-Amz-Signature=${CODE}`],
    ['the path of the Salesforce endpoint', `POST /webhooks/salesforce/${CODE} failed`],
    ['the path of the Thought Industries endpoint', `POST /webhooks/thought-industries/${CODE} failed`],
    ['a HubSpot token', `pat-na1-0123abcd-0123-4567-89ab-0123456789ab ${''}`],
    ['a Salesforce session', `00D5Y000001MPM7!AQ${CODE}.x`],
  ])('%s is hidden in messages, fields, bindings and errors', (_what, text) => {
    const { text: written } = capture((logger) => {
      logger.info(text);
      logger.info({ detail: { list: [text] } });
      logger.child({ bound: text }).warn('x');
      logger.error({ err: new Error(`outer ${text}`, { cause: new Error(text) }) }, 'failed');
      logger.error(
        new DealseatError({ code: 'crm.unavailable', message: text, cause: new Error(`a\n${text}`) }),
      );
    });
    expect(written).not.toContain(CODE);
    expect(written).not.toContain('pat-na1-0123abcd');
    expect(written).toContain('***');
  });

  test('the pattern of the Salesforce route stays readable', () => {
    expect(redactText('/webhooks/salesforce/:secret')).toBe('/webhooks/salesforce/:secret');
  });

  test('text without secrets is left as it is', () => {
    const text =
      'Planned 25 seats for deal 9001 at 2026-11-20T00:00:00.000Z (62515 @ default), next: awaitCodes';
    expect(redactText(text)).toBe(text);
  });

  test('a secret of the configuration prints as three stars', () => {
    expect(
      capture((logger) => logger.info({ value: new Secret(CODE), text: `${new Secret(CODE)}` })).text,
    ).not.toContain(CODE);
  });

  test('every line stays JSON and keeps its level, whatever is logged', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.jsonValue(), (message, data) => {
        const { lines } = capture((logger) => logger.warn({ data }, `${message} x@y.example`));
        expect(lines).toEqual([expect.objectContaining({ level: 'warn' })]);
        expect(JSON.stringify(lines)).not.toContain('x@y.example');
      }),
    );
  });

  test('a long text without an @ does not take long', () => {
    within({ cpuMs: 2_000, heapBytes: Number.POSITIVE_INFINITY }, () => redactText('a.b-'.repeat(250_000)));
  });
});
