import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { TemporalUnavailableError } from '../../src/runs/port.ts';
import { readOutboundMessage } from '../../webhooks/salesforce/outbound-message.ts';
import {
  createRig,
  notification,
  ORG,
  outboundMessage,
  SALESFORCE_SECRET,
  sendSalesforce,
} from './fixture.ts';

const MESSAGE = outboundMessage(notification());

function problemOf(response: { body: string; headers: Record<string, unknown> }) {
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  return JSON.parse(response.body);
}

/** Elements of an answer as `{namespace}name=text`. */
function elementsOf(xml: string): string[] {
  const found: string[] = [];
  const parser = new SaxesParser({ xmlns: true });
  parser.on('opentag', ({ uri, local }) => found.push(`{${uri}}${local}`));
  parser.on('text', (text) => {
    if (text.trim()) found.push(`${found.pop()}=${text}`);
  });
  parser.write(xml).close();
  return found;
}

const ACK = [
  '{http://schemas.xmlsoap.org/soap/envelope/}Envelope',
  '{http://schemas.xmlsoap.org/soap/envelope/}Body',
  '{http://soap.sforce.com/2005/09/outbound}notificationsResponse',
  '{http://soap.sforce.com/2005/09/outbound}Ack=true',
];

describe('a genuine message', () => {
  test("starts the opportunity's run and gets the Ack of Salesforce's schema", async () => {
    const rig = createRig();
    const response = await sendSalesforce(rig, MESSAGE);
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe('text/xml; charset=utf-8');
    expect(elementsOf(response.body)).toEqual(ACK);
    expect(rig.provisioner.started).toEqual([
      {
        ref: { crm: 'salesforce', account: ORG, dealId: '0065Y00001Suvw6QAB' },
        trigger: { by: 'salesforce', detail: '04l5Y00002lRDRNQA4' },
      },
    ]);
  });

  test('is not acknowledged before Temporal has accepted every run', async () => {
    const rig = createRig();
    const accepted: string[] = [];
    let acknowledged = false;
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    rig.provisioner.beforeStart = async ({ dealId }) => {
      accepted.push(dealId);
      await held;
      expect(acknowledged).toBe(false);
    };
    const answer = sendSalesforce(
      rig,
      outboundMessage(notification() + notification('0065Y00001Suvw7')),
    ).then((response) => {
      acknowledged = true;
      return response;
    });
    setImmediate(release);
    expect((await answer).statusCode).toBe(200);
    expect(accepted).toHaveLength(2);
    expect(rig.provisioner.started).toHaveLength(2);
  });

  test.each([
    ['the 15-character org id', outboundMessage(notification(), { org: ORG.slice(0, 15) })],
    ['a 15-character record id', outboundMessage(notification('0065Y00001Suvw6'))],
    [
      'other prefixes for the same namespaces',
      MESSAGE.replaceAll('soapenv:', 's:')
        .replace('xmlns:soapenv', 'xmlns:s')
        .replaceAll('sf:', 'ens:')
        .replaceAll('xmlns:sf', 'xmlns:ens'),
    ],
    ['the partner schema', MESSAGE.replace('urn:sobject.enterprise', 'urn:sobject.partner')],
    ['no XML declaration', outboundMessage(notification(), { prolog: '' })],
    [
      'CDATA and comments around ids',
      MESSAGE.replace('<sf:Id>0065Y00001Suvw6QAB', '<sf:Id><!-- x --><![CDATA[0065Y00001Suvw6QAB]]>'),
    ],
    ['a SOAP header', MESSAGE.replace('<soapenv:Body>', '<soapenv:Header/><soapenv:Body>')],
  ])('may come with %s', async (_what, message) => {
    const rig = createRig();
    expect((await sendSalesforce(rig, message)).statusCode).toBe(200);
    expect(rig.provisioner.started.map(({ ref }) => ref)).toEqual([
      { crm: 'salesforce', account: ORG, dealId: '0065Y00001Suvw6QAB' },
    ]);
  });

  test('may name a stage that is no longer won: what is pushed is not looked at', async () => {
    const rig = createRig();
    await sendSalesforce(rig, MESSAGE.replace('Closed Won', 'Prospecting'));
    expect(rig.provisioner.started).toHaveLength(1);
  });

  test('sent twice is accepted twice, for one and the same run', async () => {
    const rig = createRig();
    await sendSalesforce(rig, MESSAGE);
    expect((await sendSalesforce(rig, MESSAGE)).statusCode).toBe(200);
    expect(new Set(rig.provisioner.started.map(({ ref }) => ref.dealId)).size).toBe(1);
  });
});

describe('batches', () => {
  test('of a hundred mixed notifications the opportunities start, the rest is counted, and all are acknowledged', async () => {
    const rig = createRig();
    const ids = [...Array(96).keys()].map((index) => `0065Y000${String(index).padStart(7, '0')}`);
    const mixed = [
      ...ids.map((id) => notification(id)),
      notification('0015Y00001Suvw6', 'sf:Account'),
      notification('not-an-id'),
      '<Notification><Id>04l5Y00002lRDRNQA4</Id></Notification>',
      notification(`${ids[0]}`),
    ];
    const response = await sendSalesforce(rig, outboundMessage(mixed.join('')));
    expect(elementsOf(response.body)).toEqual(ACK);
    expect(new Set(rig.provisioner.started.map(({ ref }) => ref.dealId.slice(0, 15)))).toEqual(new Set(ids));
    expect(rig.provisioner.started).toHaveLength(96);
    expect(await rig.events()).toEqual({
      'salesforce started': 97,
      'salesforce other_object': 1,
      'salesforce malformed': 2,
    });
  });

  test('a record type outside the namespaces of Salesforce records starts nothing', async () => {
    const rig = createRig();
    await sendSalesforce(rig, MESSAGE.replace('urn:sobject.enterprise.soap.sforce.com', 'urn:evil'));
    expect(rig.provisioner.started).toEqual([]);
    expect(await rig.events()).toEqual({ 'salesforce malformed': 1 });
  });

  test('a type attribute outside the schema-instance namespace is no type', async () => {
    const rig = createRig();
    await sendSalesforce(rig, MESSAGE.replace('xsi:type', 'type'));
    expect(await rig.events()).toEqual({ 'salesforce malformed': 1 });
  });

  test('an Id below a related record is not taken for the id of the opportunity', async () => {
    const rig = createRig();
    await sendSalesforce(
      rig,
      MESSAGE.replace('<sf:Name>', '<sf:Account><sf:Id>0015Y00001SuvwZ</sf:Id></sf:Account><sf:Name>'),
    );
    expect(rig.provisioner.started.map(({ ref }) => ref.dealId)).toEqual(['0065Y00001Suvw6QAB']);
  });
});

describe('who may send', () => {
  test.each(['wrong', `${SALESFORCE_SECRET}x`, SALESFORCE_SECRET.slice(0, -1), 'x'.repeat(400), '%20'])(
    'the path secret %s is refused before the body is read',
    async (secret) => {
      const rig = createRig();
      const response = await sendSalesforce(rig, 'x'.repeat(3 * 1024 * 1024), { secret });
      expect(problemOf(response)).toMatchObject({ code: 'webhook.unauthorized', status: 401 });
      expect(rig.provisioner.started).toEqual([]);
    },
  );

  test('while the path rotates, both secrets are good', async () => {
    const rig = createRig({ env: { SALESFORCE_WEBHOOK_SECRET: `old-path-secret-01,${SALESFORCE_SECRET}` } });
    expect((await sendSalesforce(rig, MESSAGE, { secret: 'old-path-secret-01' })).statusCode).toBe(200);
    expect((await sendSalesforce(rig, MESSAGE)).statusCode).toBe(200);
  });

  test.each([
    ['another org', '00D5Y000001MPM8UAO'],
    ['the org in another case', ORG.toLowerCase()],
    ['a longer id', `${ORG}x`],
    ['an empty id', ''],
  ])('a message of %s is refused and not acknowledged', async (_what, org) => {
    const rig = createRig();
    const response = await sendSalesforce(rig, outboundMessage(notification(), { org }));
    expect(problemOf(response)).toMatchObject({ code: 'webhook.wrong_account', status: 403 });
    expect(rig.provisioner.started).toEqual([]);
  });

  test('the secret and the session id are in no log line, whatever becomes of the request', async () => {
    const rig = createRig();
    const session = '00D5Y000001MPM7!AQcanary';
    const withSession = MESSAGE.replace('<SessionId xsi:nil="true"/>', `<SessionId>${session}</SessionId>`);
    await sendSalesforce(rig, withSession);
    await sendSalesforce(rig, `${withSession}<`);
    await sendSalesforce(rig, withSession, { secret: 'wrong-canary' });
    await sendSalesforce(rig, withSession, { secret: 'canary%zz' });
    await sendSalesforce(rig, withSession, { secret: 'canary'.repeat(100) });
    for (const url of [
      `/webhooks/salesforce/${SALESFORCE_SECRET}/canary`,
      `/webhooks/salesforce/${SALESFORCE_SECRET}?canary=1`,
    ]) {
      await rig.app.inject({ method: 'GET', url });
      await rig.app.inject({
        method: 'POST',
        url,
        payload: withSession,
        headers: { 'content-type': 'text/xml' },
      });
    }
    rig.provisioner.beforeStart = async () => {
      throw new Error('bug');
    };
    await sendSalesforce(rig, withSession);
    expect(rig.log()).not.toContain(SALESFORCE_SECRET);
    expect(rig.log()).not.toContain('canary');
    expect(rig.log()).toContain('/webhooks/salesforce/:secret');
  });

  test('no answer repeats the secret or the address', async () => {
    const rig = createRig();
    for (const secret of [
      SALESFORCE_SECRET,
      'canary',
      'canary%zz',
      `${SALESFORCE_SECRET}/canary`,
      'canary'.repeat(100),
    ]) {
      const { body } = await sendSalesforce(rig, '<a', { secret });
      expect(body).not.toContain(SALESFORCE_SECRET);
      expect(body).not.toContain('canary');
    }
  });
});

const BILLION_LAUGHS = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">${[...Array(9).keys()]
  .map((level) => `<!ENTITY lol${level} "${`&lol${level === 0 ? '' : level - 1};`.repeat(10)}">`)
  .join('')}]>`;

describe('hostile XML', () => {
  test.each([
    ['a document type', outboundMessage(notification(), { prolog: '<!DOCTYPE x>' })],
    [
      'an external entity',
      outboundMessage(notification('&xxe;'), {
        prolog: '<!DOCTYPE x [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>',
      }),
    ],
    ['a billion laughs', outboundMessage(notification('&lol8;'), { prolog: BILLION_LAUGHS })],
    ['an undefined entity', outboundMessage(notification('&nbsp;'))],
    [
      'a processing instruction',
      outboundMessage(notification(), { prolog: '<?xml-stylesheet href="http://evil.example"?>' }),
    ],
    ['deep nesting', outboundMessage(notification() + '<a>'.repeat(20_000) + '</a>'.repeat(20_000))],
    ['an unclosed element', MESSAGE.replace('</soapenv:Envelope>', '')],
    ['two roots', MESSAGE + MESSAGE.replace(/<\?xml.*\?>/, '')],
    ['an undefined prefix', MESSAGE.replace('xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"', '')],
    [
      'another envelope namespace',
      MESSAGE.replace('http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope'),
    ],
    ['another message namespace', MESSAGE.replace('http://soap.sforce.com/2005/09/outbound', 'urn:evil')],
    [
      'another encoding',
      outboundMessage(notification(), { prolog: '<?xml version="1.0" encoding="ISO-8859-1"?>' }),
    ],
    ['no notification', outboundMessage('')],
    ['101 notifications', outboundMessage(notification().repeat(101))],
    ['two org ids', outboundMessage(`<OrganizationId>${ORG}</OrganizationId>${notification()}`)],
    ['no org id', MESSAGE.replace(/<OrganizationId>.*<\/OrganizationId>/, '')],
    ['no XML', 'hello'],
    ['nothing', ''],
  ])('%s is refused as malformed and starts nothing', async (_what, message) => {
    const rig = createRig();
    const response = await sendSalesforce(rig, message);
    expect(problemOf(response)).toMatchObject({ code: 'webhook.malformed', status: 400 });
    expect(rig.provisioner.started).toEqual([]);
  });

  test('bytes that are not UTF-8 are refused', async () => {
    const response = await sendSalesforce(
      createRig(),
      Buffer.concat([Buffer.from(MESSAGE), Buffer.from([0xff])]),
    );
    expect(problemOf(response)).toMatchObject({ code: 'webhook.malformed' });
  });

  test('a message above two mebibytes is refused as too large', async () => {
    const response = await sendSalesforce(createRig(), MESSAGE + ' '.repeat(2 * 1024 * 1024));
    expect(problemOf(response)).toMatchObject({ code: 'webhook.too_large', status: 413 });
  });

  test('another content type is refused', async () => {
    const response = await sendSalesforce(createRig(), MESSAGE, { contentType: 'application/json' });
    expect(problemOf(response)).toMatchObject({ code: 'webhook.unsupported_media_type', status: 415 });
  });

  test('a message cut or changed anywhere ends in an Ack or a refusal, never in a 5xx or a crash', async () => {
    const rig = createRig();
    const change = fc.tuple(
      fc.nat(MESSAGE.length),
      fc.nat(40),
      fc.string({ unit: 'binary-ascii', maxLength: 20 }),
    );
    await fc.assert(
      fc.asyncProperty(change, async ([at, length, text]) => {
        const { statusCode } = await sendSalesforce(
          rig,
          MESSAGE.slice(0, at) + text + MESSAGE.slice(at + length),
        );
        expect([200, 400, 403]).toContain(statusCode);
      }),
      { numRuns: 300 },
    );
  });

  test('whatever is sent, ids come out whole or not at all', () => {
    const id = fc.stringMatching(/^[A-Za-z0-9]{0,30}$/);
    fc.assert(
      fc.property(id, fc.option(id), (text, user) => {
        const sent = outboundMessage(notification(text, undefined, user ?? undefined));
        const { notifications } = readOutboundMessage(Buffer.from(sent));
        expect(notifications).toEqual([
          { id: '04l5Y00002lRDRNQA4', objectType: 'Opportunity', recordId: text, lastModifiedById: user },
        ]);
      }),
    );
  });

  test('the user is read from the opportunity itself, not from a related record or beside it', () => {
    const user = '<sf:LastModifiedById>0055Y00000ExAbcQAF</sf:LastModifiedById>';
    const elsewhere = MESSAGE.replace('<sf:Name>', `<sf:Account>${user}</sf:Account><sf:Name>`).replace(
      '</sf:StageName>',
      '</sf:StageName><LastModifiedById>0055Y00000ExAbcQAF</LastModifiedById>',
    );
    const { notifications } = readOutboundMessage(Buffer.from(elsewhere));
    expect(notifications).toMatchObject([{ recordId: '0065Y00001Suvw6QAB', lastModifiedById: null }]);
  });
});

describe('when Temporal does not accept', () => {
  test.each([
    ['down', new TemporalUnavailableError('down'), 503, 'temporal.unavailable'],
    ['broken by a bug', new TypeError('bug'), 500, 'webhook.internal'],
  ])(
    '%s for one of the runs, there is no Ack, so that Salesforce sends all again',
    async (_what, error, status, code) => {
      const rig = createRig();
      rig.provisioner.beforeStart = async ({ dealId }) => {
        if (dealId !== '0065Y00001Suvw6QAB') throw error;
      };
      const response = await sendSalesforce(
        rig,
        outboundMessage(notification() + notification('0065Y00001Suvw7')),
      );
      expect(problemOf(response)).toMatchObject({ code, status });
      expect(response.body).not.toContain('Ack');
    },
  );

  test('an answer is given even when Temporal never answers', async () => {
    const rig = createRig({ limits: { budgetMs: { salesforce: 50 } } });
    rig.provisioner.beforeStart = () => new Promise(() => {});
    expect((await sendSalesforce(rig, MESSAGE)).statusCode).toBe(503);
  });
});
