import { createServer as createHttpServer, type IncomingHttpHeaders } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { type AlertDesk, createAlertActivities } from '../../activities/alerts.ts';
import { mailSender } from '../../src/clients/alerts/mail.ts';
import { slackSender } from '../../src/clients/alerts/slack.ts';
import { signatureOf, webhookSender } from '../../src/clients/alerts/webhook.ts';
import { checkAlerts } from '../../src/commands/doctor/alerts.ts';
import type { Tried } from '../../src/commands/doctor/check.ts';
import { ConfigError, loadConfig, surveyConfig } from '../../src/config/config.ts';
import { alertId, causeOf } from '../../src/contracts/alert.ts';
import { seatOperationId } from '../../src/contracts/seat-operations.ts';
import { provisioningId } from '../../src/domain/deal/ids.ts';
import { alertText } from '../../src/domain/texts/alert.ts';
import { contactsIn, personName, withContactNames } from '../../src/domain/texts/contacts.ts';
import { withDaysInWords } from '../../src/domain/texts/days.ts';
import { afterLook, withDeal } from '../../workflows/waiting-deals.ts';

const MESSAGE = {
  key: 'alert:lms.unauthorized:1a2b3c4d:1',
  subject: 'Dealseat: 2 deals wait: <The platform> & more',
  text: 'Deals:\n- Größe & Söhne',
  data: { state: 'raised', dealCount: 2 },
};

async function listening<T>(status: number, use: (url: string, got: Got[]) => Promise<T>): Promise<T> {
  const got: Got[] = [];
  const server = createHttpServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { method, url: path, headers } = request;
      got.push({ to: `${method} ${path}`, headers, body: Buffer.concat(parts).toString('utf8') });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  try {
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return await use(`http://127.0.0.1:${port}/hook`, got);
  } finally {
    server.close();
  }
}

interface Got {
  readonly to: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe('An alert by webhook', () => {
  test('is signed over its time and bytes, and names the key by which a repeat is known', () =>
    listening(204, async (url, got) => {
      const secret = 'a-secret-of-the-receiver';
      await webhookSender({ url, secret }, () => 1_796_000_000_000)(MESSAGE);
      const { headers, body } = got[0] as Got;
      expect(JSON.parse(body)).toMatchObject({ type: 'dealseat.alert', key: MESSAGE.key, state: 'raised' });
      expect(headers['dealseat-alert-key']).toBe(MESSAGE.key);
      expect(headers['dealseat-timestamp']).toBe('1796000000');
      expect(headers['dealseat-signature']).toBe(signatureOf({ secret, timestamp: '1796000000', body }));
      expect(signatureOf({ secret, timestamp: '1796000001', body })).not.toBe(headers['dealseat-signature']);
    }));

  test('that is refused is an error, so that it is repeated, and the error does not name the address', () =>
    listening(500, async (url) => {
      const failure = await webhookSender({ url, secret: null })(MESSAGE).catch((error: Error) => error);
      expect(String(failure)).toContain('answered 500');
      expect(String(failure)).not.toContain('/hook');
      const unreachable = { url: 'http://127.0.0.1:9/services/T0/B0/the-secret' };
      const silence = await slackSender(unreachable)(MESSAGE).catch((error: Error) => error);
      expect(String(silence)).toMatch(/Slack webhook gave no answer: unreachable/);
      expect(JSON.stringify([silence, (silence as Error).cause ?? null])).not.toContain('the-secret');
    }));
});

test('An alert in Slack has the form of an incoming webhook, and names of deals are no markup there', () =>
  listening(200, async (url, got) => {
    await slackSender({ url })(MESSAGE);
    expect(JSON.parse(got[0]?.body ?? '')).toEqual({
      text: '*Dealseat: 2 deals wait: &lt;The platform&gt; &amp; more*\nDeals:\n- Größe &amp; Söhne',
    });
  }));

/** A mail server that takes what it gets; `refuses`: what it says to a command. */
async function mailServer<T>(
  use: (smtpUrl: string, lines: string[]) => Promise<T>,
  refuses: Readonly<Record<string, string>> = {},
): Promise<T> {
  const lines: string[] = [];
  const server = createServer((socket: Socket) => {
    let isData = false;
    socket.write(`${refuses.greeting ?? '220 test'}\r\n`);
    socket.on('data', (part) => {
      for (const line of String(part)
        .split('\r\n')
        .filter((each) => each !== '')) {
        lines.push(line);
        if (isData && line === '.') isData = false;
        else if (isData) continue;
        if (line === 'DATA') isData = true;
        const [verb = ''] = line.split(' ');
        const usual = line === 'DATA' ? '354 go on' : line === 'QUIT' ? '221 bye' : '250 AUTH PLAIN';
        socket.write(`${refuses[verb] ?? usual}\r\n`);
      }
    });
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    return await use(`smtp://127.0.0.1:${port}`, lines);
  } finally {
    server.close();
  }
}

test('An alert by e-mail reaches the SMTP server with sender, recipients and one id for all attempts', () =>
  mailServer(async (smtpUrl, lines) => {
    await mailSender({ smtpUrl, to: 'ops@a.example, on-call@a.example', from: 'd@a.example' })(MESSAGE);
    expect(lines).toEqual(
      expect.arrayContaining([
        'MAIL FROM:<d@a.example>',
        'RCPT TO:<ops@a.example>',
        'RCPT TO:<on-call@a.example>',
        'Message-ID: <alert-lms.unauthorized-1a2b3c4d-1@dealseat>',
      ]),
    );
  }));

describe('The doctor, asked about alerts', () => {
  async function examined(env: Readonly<Record<string, string>>, sendsTest = false) {
    const { config, faults } = surveyConfig(env);
    const checks: Tried[] = [];
    const { signal } = new AbortController();
    for await (const check of checkAlerts(config, faults, { sendsTest, signal })) checks.push(check);
    return checks;
  }
  const mailTo = (smtpUrl: string) => ({
    DEALSEAT_SMTP_URL: smtpUrl,
    DEALSEAT_ALERT_MAIL: 'ops@a.example',
  });

  test('warns where no channel is set, and says who hears of problems then', async () => {
    const none = {
      state: 'warning',
      found: expect.stringContaining('owner of each held-up deal gets a task'),
      cure: expect.stringContaining('DEALSEAT_ALERT_SLACK_URL'),
    };
    expect(await examined({})).toMatchObject([none]);
    expect(await examined({}, true)).toMatchObject([none, { name: 'Test alert', state: 'failed' }]);
  });

  test('does not call a channel unset whose variable is wrong', async () => {
    const checks = await examined({ DEALSEAT_ALERT_SLACK_URL: 'hooks.slack.com/x' });
    expect(checks).toMatchObject([{ state: 'skipped', found: expect.stringContaining('see Configuration') }]);
  });

  test('reaches every channel and sends nothing', () =>
    listening(404, (url, got) =>
      mailServer(async (smtpUrl, lines) => {
        const env = { DEALSEAT_ALERT_WEBHOOK_URL: url, DEALSEAT_ALERT_SLACK_URL: url, ...mailTo(smtpUrl) };
        expect(await examined(env)).toMatchObject([
          { name: 'Alerts by webhook', state: 'ok' },
          { name: 'Alerts by Slack', state: 'ok' },
          { name: 'Alerts by e-mail', state: 'ok' },
        ]);
        expect(got.map(({ to }) => to)).toEqual(['GET /', 'GET /']);
        expect(lines.filter((line) => /^(MAIL|RCPT|DATA)/.test(line))).toEqual([]);
      }),
    ));

  test('sends one alert, marked as a test, through every channel when it is asked to', () =>
    listening(200, (url, got) =>
      mailServer(async (smtpUrl, lines) => {
        const env = { DEALSEAT_ALERT_WEBHOOK_URL: url, DEALSEAT_ALERT_SLACK_URL: url, ...mailTo(smtpUrl) };
        const sent = (await examined(env, true)).filter(({ name }) => name.startsWith('Test alert'));
        expect(sent).toMatchObject([{ state: 'ok' }, { state: 'ok' }, { state: 'ok' }]);
        const bodies = got.filter(({ to }) => to === 'POST /hook').map(({ body }) => JSON.parse(body));
        expect(bodies).toMatchObject([
          { state: 'test', subject: 'Dealseat: test alert' },
          { text: expect.stringContaining('This is a test.') },
        ]);
        expect(lines.filter((line) => line.startsWith('Subject:'))).toEqual([
          'Subject: Dealseat: test alert',
        ]);
      }),
    ));

  test('says of each channel by itself what keeps it from being reached, and shows no address', async () => {
    const silent = 'http://127.0.0.1:9/services/the-secret';
    const env = {
      DEALSEAT_ALERT_WEBHOOK_URL: silent,
      DEALSEAT_ALERT_SLACK_URL: silent,
      ...mailTo('smtp://127.0.0.1:9'),
    };
    const checks = await examined(env, true);
    expect(checks.map(({ state }) => state)).toEqual(Array.from({ length: 6 }, () => 'failed'));
    expect(new Set(checks.map(({ cure }) => cure)).size).toBe(3);
    for (const at of [0, 4]) expect(checks[at]?.found).toMatch(/^does not answer \(/);
    expect(JSON.stringify(checks)).not.toMatch(/the-secret/);
  });

  test('tells a refused password from a host that is no mail server', async () => {
    await mailServer(
      async (smtpUrl) => {
        const [check] = await examined(mailTo(smtpUrl.replace('//', '//dealseat:the-password@')));
        expect(check).toMatchObject({
          state: 'failed',
          found: 'the mail server refuses the user or the password',
        });
        expect(JSON.stringify(check)).not.toMatch(/the-password/);
      },
      { AUTH: '535 no dealseat:the-password' },
    );
    await mailServer(
      async (smtpUrl) => {
        const [check] = await examined(mailTo(smtpUrl));
        expect(check).toMatchObject({
          state: 'failed',
          found: 'the host does not answer as a mail server',
          cure: expect.stringContaining('DEALSEAT_SMTP_URL'),
        });
      },
      { greeting: 'HTTP/1.1 400 Bad Request' },
    );
  });
});

describe('The settings of alerts', () => {
  const faultsOf = (env: Record<string, string>) => {
    try {
      loadConfig(env);
      return [];
    } catch (error) {
      return error instanceof ConfigError ? error.faults.map(({ variable }) => variable) : [String(error)];
    }
  };

  test('name what a channel lacks, and show no secret', () => {
    expect(faultsOf({ DEALSEAT_ALERT_MAIL: 'ops@a.example' })).toEqual(['DEALSEAT_SMTP_URL']);
    expect(faultsOf({ DEALSEAT_SMTP_URL: 'smtp://u:p@mail.a.example' })).toEqual(['DEALSEAT_ALERT_MAIL']);
    expect(faultsOf({ DEALSEAT_ALERT_MAIL_FROM: 'ops@a.example' })).toEqual(['DEALSEAT_ALERT_MAIL']);
    expect(faultsOf({ DEALSEAT_ALERT_WEBHOOK_SECRET: 'x'.repeat(16) })).toEqual([
      'DEALSEAT_ALERT_WEBHOOK_URL',
    ]);
    expect(faultsOf({ DEALSEAT_ALERT_WEBHOOK_URL: 'http://a.example/hook' })).toEqual([
      'DEALSEAT_ALERT_WEBHOOK_URL',
    ]);
    const { alerts } = loadConfig({
      DEALSEAT_ALERT_MAIL: 'ops@a.example, on-call@a.example',
      DEALSEAT_SMTP_URL: 'smtps://u:p@mail.a.example:465',
      DEALSEAT_ALERT_SLACK_URL: 'https://hooks.slack.example/T0/B0/x?y=1',
    });
    expect(JSON.stringify(alerts)).not.toMatch(/u:p|hooks\.slack/);
    expect(alerts.mail?.from).toBe('ops@a.example');
  });
});

describe('The cause of an alert', () => {
  const deal = { crm: 'hubspot', account: '62515', dealId: '9001' };

  test('is one for all CRMs where the learning platform is it, one for each account where a CRM is, and one for each product', () => {
    expect(alertId(causeOf({ code: 'lms.unauthorized' }, deal))).toBe('alert:lms.unauthorized');
    expect(alertId(causeOf({ code: 'crm.forbidden' }, deal))).toBe('alert:crm.forbidden:hubspot:62515');
    const nope = causeOf({ code: 'catalog.product_unmapped', about: 'SKU NOPE-1' }, deal);
    expect(alertId(nope)).toBe('alert:catalog.product_unmapped:sku-nope-1');
  });

  test('is one for each product also where names are in another script', () => {
    const ids = ['Курс «Основы»', 'Курс «Право»', '研修コース', 'Größe'].map((about) =>
      alertId(causeOf({ code: 'catalog.product_unmapped', about }, deal)),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids[0]).toBe('alert:catalog.product_unmapped:курс-основы-');
  });

  test('keeps a deal in mind that begins to wait again while it is asked about', () => {
    const [one, two] = ['1', '2'].map((dealId) => ({ ...deal, dealId, name: dealId, url: '' }));
    if (one === undefined || two === undefined) throw new TypeError('two deals are made above');
    const asked = withDeal(withDeal([], one), two);
    expect(withDeal(asked, { ...one })).toHaveLength(2);
    const meanwhile = withDeal(asked, { ...one });
    expect(afterLook(asked, { asked, waiting: [two] })).toEqual([two]);
    expect(afterLook(meanwhile, { asked, waiting: [two] })).toEqual([one, two]);
    // The same number in another account is another deal.
    const elsewhere = { ...one, account: 'another' };
    expect(afterLook([one, elsewhere], { asked: [one, elsewhere], waiting: [elsewhere] })).toEqual([
      elsewhere,
    ]);
  });

  const runOf = (dealId: string) => provisioningId({ ...deal, dealId });

  test('is waited for by runs that show it or try again, and not by those that ended or ask something else', async () => {
    const waiting = ['1', '2', '3', '4', '5'].map((dealId) => ({ ...deal, dealId, name: dealId, url: '' }));
    const nope = { code: 'catalog.product_unmapped', about: 'SKU NOPE-1' } as const;
    const desk: AlertDesk = {
      raise: async () => undefined,
      openRuns: async () =>
        new Map([
          [runOf('1'), { status: 'NeedsAttention', code: nope.code }],
          [runOf('2'), { status: 'Planning', code: null }],
          [runOf('3'), { status: 'NeedsAttention', code: 'deal.no_line_items' }],
          [runOf('4'), { status: 'NeedsAttention', code: nope.code }],
        ]),
      problemsOf: async ({ dealId }) => [dealId === '1' ? nope : { ...nope, about: 'SKU OTHER-2' }],
    };
    const activities = createAlertActivities({ desk, channels: {}, crmFacts: {}, onSent: () => undefined });
    const { deals } = await activities.stillWaiting({ cause: causeOf(nope, deal), deals: waiting });
    expect(deals.map(({ dealId }) => dealId)).toEqual(['1', '2']);
  });

  test('is waited for by a change of a seat, whatever the run of its deal does', async () => {
    const cause = causeOf({ code: 'lms.unauthorized' }, deal);
    const waiting = ['op-1', 'op-2'].map((operationId) => ({ ...deal, name: 'Acme', url: '', operationId }));
    const desk: AlertDesk = {
      raise: async () => undefined,
      openRuns: async () =>
        new Map([[seatOperationId('op-1'), { status: 'NeedsAttention', code: cause.code }]]),
      problemsOf: () => Promise.reject(new Error('a change of a seat is not asked')),
    };
    const activities = createAlertActivities({ desk, channels: {}, crmFacts: {}, onSent: () => undefined });
    const { deals } = await activities.stillWaiting({ cause, deals: waiting });
    expect(deals.map(({ operationId }) => operationId)).toEqual(['op-1']);
    const text = {
      state: 'raised',
      code: cause.code,
      about: null,
      where: null,
      message: 'm',
      cure: 'c',
    } as const;
    const { subject, lines } = alertText({
      ...text,
      dealCount: 2,
      deals: waiting,
      since: '2026-11-29T12:00:00.000Z',
    });
    expect(subject).toContain('2 changes of seats wait:');
    expect(lines).toContain('- Acme: a change of a seat, see dealseat seats operation op-1');
  });

  test('is waited for by a run that does not answer: it keeps no one from being alerted', async () => {
    const waiting = ['1', '2'].map((dealId) => ({ ...deal, dealId, name: dealId, url: '' }));
    const nope = { code: 'catalog.product_unmapped', about: 'SKU NOPE-1' } as const;
    let asked = 0;
    const desk: AlertDesk = {
      raise: async () => undefined,
      openRuns: async () =>
        new Map(waiting.map(({ dealId }) => [runOf(dealId), { status: 'NeedsAttention', code: nope.code }])),
      problemsOf: async () => {
        asked += 1;
        throw new Error('no worker answers');
      },
    };
    const activities = createAlertActivities({ desk, channels: {}, crmFacts: {}, onSent: () => undefined });
    const look = () => activities.stillWaiting({ cause: causeOf(nope, deal), deals: waiting });
    expect(await new MockActivityEnvironment().run(look)).toEqual({ deals: waiting });
    expect(asked).toBe(1);
  });

  test('keeps a very long name of a deal short, because all deals of a cause travel together', async () => {
    const names: string[] = [];
    const desk: AlertDesk = {
      raise: async (raised) => void names.push(raised.deal.name),
      openRuns: async () => new Map(),
      problemsOf: async () => [],
    };
    const channels = { webhook: async () => undefined };
    const activities = createAlertActivities({ desk, channels, crmFacts: {}, onSent: () => undefined });
    const cause = causeOf({ code: 'lms.unauthorized' }, deal);
    const named = { ...deal, name: 'x'.repeat(65_536), url: '' };
    await activities.raiseAlert({ cause, message: 'm', cure: 'c', deal: named });
    expect(names.map(({ length }) => length <= 200)).toEqual([true]);
  });

  test('raises nothing while no channel is set', async () => {
    const desk: AlertDesk = {
      raise: () => Promise.reject(new Error('nothing is to be started')),
      openRuns: async () => new Map(),
      problemsOf: async () => [],
    };
    const activities = createAlertActivities({ desk, channels: {}, crmFacts: {}, onSent: () => undefined });
    const cause = causeOf({ code: 'lms.unauthorized' }, deal);
    const input = { cause, message: 'm', cure: 'c', deal: { ...deal, name: 'n', url: '' } };
    expect(await activities.raiseAlert(input)).toEqual({ isRaised: false });
  });
});

describe('A text on a deal', () => {
  test('names people by the names that the CRM has for them, and by nothing else', () => {
    const text = 'Contact 6001 and contact 0035Y00001ABCDE, 3 contacts, ask a contact of yours';
    expect(contactsIn(text)).toEqual(['6001', '0035Y00001ABCDE']);
    const names = new Map([['6001', 'Dana Reyes']]);
    expect(withContactNames(text, names)).toBe(
      'Dana Reyes and contact 0035Y00001ABCDE, 3 contacts, ask a contact of yours',
    );
    expect(personName({ firstName: ' Dana\n', lastName: 'Reyes' })).toBe('Dana Reyes');
    expect(personName({ firstName: null, lastName: 'dana@acme.example' })).toBeNull();
  });

  test('has days in words, but not those in names of files', () => {
    expect(withDaysInWords('from 2026-12-01, see a-2026-11-20-d44 and 2026-12-02.')).toBe(
      'from 1 Dec 2026, see a-2026-11-20-d44 and 2 Dec 2026.',
    );
  });
});
