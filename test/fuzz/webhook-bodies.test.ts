import { createHmac } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CRMS } from '../../src/processes/crms.ts';
import { crmNamed } from '../../src/processes/deal-ref.ts';
import { type OutboundMessage, readOutboundMessage } from '../../webhooks/salesforce/outbound-message.ts';
import { parseJson } from '../../webhooks/server/bounded-json.ts';
import { WebhookProblem } from '../../webhooks/server/problems.ts';
import {
  createRig,
  HUBSPOT_SECRET,
  MANUAL_KEY,
  NOW,
  notification,
  ORG,
  outboundMessage,
  PUBLIC_URL,
  SALESFORCE_SECRET,
  stageEvent,
  TI_WEBHOOK_ENV,
} from '../webhooks/fixture.ts';
import { FUZZ_TIMEOUT_MS, fuzz, within } from './bounds.ts';
import { mutated } from './mutations.ts';
import { soapDocument } from './soap-grammar.ts';

const MIB = 1024 * 1024;
const rig = createRig({
  env: TI_WEBHOOK_ENV,
  limits: { manualPerMinute: 1_000_000 },
  onRedemptions: async () => {},
});
afterAll(() => rig.app.close());

interface Sample {
  readonly url: string;
  readonly samples: readonly string[];
  /** Headers of a sender with the right credentials, so that the body is read. */
  readonly headers: (body: Buffer) => Record<string, string>;
}

const SOURCES: Record<string, Sample> = {
  HubSpot: {
    url: '/webhooks/hubspot',
    samples: [
      JSON.stringify([stageEvent(), stageEvent({ objectId: '9002', eventId: '7' })]),
      JSON.stringify([
        stageEvent({ subscriptionType: 'object.merge', objectTypeId: '0-3', newObjectId: 9003 }),
      ]),
    ],
    headers: (body) => ({
      'content-type': 'application/json',
      'x-hubspot-request-timestamp': String(NOW),
      'x-hubspot-signature-v3': signBytes(body),
    }),
  },
  Salesforce: {
    url: `/webhooks/salesforce/${SALESFORCE_SECRET}`,
    samples: [outboundMessage(notification()), outboundMessage(notification() + notification('006x'))],
    headers: () => ({ 'content-type': 'text/xml; charset=utf-8' }),
  },
  'Thought Industries': {
    url: `/webhooks/thought-industries/${TI_WEBHOOK_ENV.TI_WEBHOOK_SECRET}`,
    samples: [
      JSON.stringify({ event: 'redemptionCodeRedeem', timestamp: 1_795_000_000_000, redemptionCode: 'ab12' }),
      JSON.stringify({
        event: 'code.redeemed',
        timestamp: '2026-11-22T10:00:00Z',
        data: { redemptionCode: 'ab12', user: 'lee@acme.example', userDetail: { id: 'u-1' } },
      }),
    ],
    headers: (body) => ({
      'content-type': 'application/json',
      'x-ti-signature': createHmac('sha256', TI_WEBHOOK_ENV.TI_WEBHOOK_SIGNING_SECRET)
        .update(body)
        .digest('hex'),
    }),
  },
  manual: {
    url: '/webhooks/manual',
    samples: [
      JSON.stringify({ crm: 'hubspot', dealId: '9001' }),
      JSON.stringify({ crm: 'salesforce', dealId: '0065Y00001Suvw6QAB', planHash: 'a'.repeat(64) }),
    ],
    headers: () => ({ authorization: `Bearer ${MANUAL_KEY}`, 'content-type': 'application/json' }),
  },
};

/** Over bytes, which may be no text. */
function signBytes(body: Buffer): string {
  return createHmac('sha256', HUBSPOT_SECRET)
    .update(`POST${PUBLIC_URL}/webhooks/hubspot`)
    .update(body)
    .update(String(NOW))
    .digest('base64');
}

describe.each(Object.entries(SOURCES))('a body of %s', (_, { url, samples, headers }) => {
  test(
    'that was damaged anyhow is taken or refused with a code, and what it starts is a deal with a valid id',
    async () => {
      await fc.assert(
        fc.asyncProperty(mutated(...samples), async (payload) => {
          const started = rig.provisioner.started.length + rig.provisioner.provisioned.length;
          const answer = await rig.app.inject({ method: 'POST', url, headers: headers(payload), payload });
          const runs = [...rig.provisioner.started, ...rig.provisioner.provisioned];
          if (answer.statusCode >= 400) {
            expect([400, 403, 413, 422]).toContain(answer.statusCode);
            expect(answer.json().code).toMatch(/^webhook\.(malformed|too_large|wrong_account|crm_off)$/);
            expect(runs).toHaveLength(started);
          }
          for (const { ref, trigger } of runs.slice(-2)) {
            expect(crmNamed({ knownCrms: CRMS }, ref.crm)?.dealId.canonical(ref.dealId)).toBe(ref.dealId);
            expect(trigger.detail).toMatch(/^[\w-]{1,20}$/);
          }
        }),
        fuzz(150),
      );
    },
    FUZZ_TIMEOUT_MS,
  );
});

/** What the parser makes of it; anything but a refusal that names its reason fails the test. */
function readOrRefuse(body: Uint8Array): OutboundMessage | string {
  try {
    return readOutboundMessage(body);
  } catch (error) {
    if (!(error instanceof WebhookProblem) || error.code !== 'webhook.malformed') throw error;
    return error.message;
  }
}

describe('SOAP', () => {
  test(
    'made by a grammar of wrong messages is read or refused with a reason, never with an entity resolved',
    () => {
      const seen = { read: 0, refused: 0 };
      fc.assert(
        fc.property(soapDocument, (text) => {
          const message = readOrRefuse(Buffer.from(text));
          seen[typeof message === 'string' ? 'refused' : 'read'] += 1;
          expect(JSON.stringify(message)).not.toMatch(/root:|127\.0\.0\.1/);
          if (typeof message === 'string') expect(message).toMatch(/\.$/);
        }),
        fuzz(500),
      );
      // Both ways are walked, or the grammar tests nothing.
      expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(20);
    },
    FUZZ_TIMEOUT_MS,
  );

  const entity = '<!DOCTYPE a [<!ENTITY a "x">]>';
  const laughs = `<!DOCTYPE a [<!ENTITY a "${'x'.repeat(50_000)}">]>`;
  test.each([
    ['an internal entity', outboundMessage(notification('&a;'), { prolog: entity })],
    ['an external entity', outboundMessage('', { prolog: '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd">' })],
    [
      'a parameter entity',
      outboundMessage('', { prolog: '<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>' }),
    ],
    [
      'one long entity named often (quadratic blow-up)',
      outboundMessage('&a;'.repeat(50_000), { prolog: laughs }),
    ],
    ['UTF-16 bytes', Buffer.from(`\ufeff${outboundMessage(notification())}`, 'utf16le')],
    [
      'a document type hidden in UTF-7',
      outboundMessage('', { prolog: '<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-' }),
    ],
    ['UTF-32 as its declaration', outboundMessage('', { prolog: '<?xml version="1.0" encoding="UTF-32"?>' })],
    ['an entity that is not closed', outboundMessage(`<a>&${'a'.repeat(MIB)}</a>`)],
    ['a character reference outside Unicode', outboundMessage('<a>&#x110000;</a>')],
    ['a million open elements', `<a>`.repeat(600_000)],
    ['an element with a name of a megabyte', `<${'a'.repeat(MIB)}>${'<a/>'.repeat(200_000)}`],
    ['a namespace of a megabyte', `<r xmlns="${'u'.repeat(MIB)}">${'<a/>'.repeat(200_000)}</r>`],
    ['fifty thousand attributes', `<r ${numbered(50_000, (n) => `a${n}=""`)}/>`],
    ['twenty thousand namespaces', `<r ${numbered(20_000, (n) => `xmlns:a${n}="u"`)}/>`],
    ['a comment of a megabyte', `<r><!--${'- '.repeat(MIB / 2)}--></r>`],
    ['text of a megabyte in entities', `<r>${'&amp;'.repeat(200_000)}</r>`],
  ])('with %s is refused, in bounded time and memory', (_, document) => {
    const body = Buffer.from(document as string);
    const outcome = within({ cpuMs: 5_000, heapBytes: 200 * MIB }, () => readOrRefuse(body));
    expect(typeof outcome).toBe('string');
  });

  test('with a byte order mark is read like without', () => {
    const message = outboundMessage(notification());
    expect(readOrRefuse(Buffer.from(`\ufeff${message}`))).toEqual(readOrRefuse(Buffer.from(message)));
    expect(readOrRefuse(Buffer.from(message))).toMatchObject({ organizationId: ORG });
  });
});

describe('JSON', () => {
  test.each([
    ['half a million arrays in each other', '['.repeat(MIB / 2) + ']'.repeat(MIB / 2)],
    ['as many that are never closed', '['.repeat(MIB)],
    ['objects in each other', '{"a":'.repeat(150_000)],
    ['brackets after a string that never ends', `"${'['.repeat(MIB - 1)}`],
    ['a number of a million digits and a letter', `${'1'.repeat(MIB)}a`],
    ['a NUL', '[\u0000]'],
    ['nothing', ''],
  ])('with %s is refused, in bounded time and memory', (_, text) => {
    const refused = within({ cpuMs: 2_000, heapBytes: 100 * MIB }, () => {
      try {
        return parseJson(Buffer.from(text));
      } catch (error) {
        return error;
      }
    });
    expect(refused).toMatchObject({ code: 'webhook.malformed' });
  });

  test.each([
    ['UTF-16', Buffer.from('[]', 'utf16le')],
    ['Latin-1', Buffer.from('["ü"]', 'latin1')],
    ['UTF-8 with an encoded surrogate', Buffer.from([0x5b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x5d])],
  ])('in %s is refused', (_, bytes) => {
    expect(() => parseJson(bytes)).toThrow(WebhookProblem);
  });
});

function numbered(count: number, item: (n: number) => string): string {
  return Array.from({ length: count }, (_, n) => item(n)).join(' ');
}
