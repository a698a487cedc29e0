import { describe, expect, test } from '@jest/globals';
import { request } from 'undici';
import type { DealDetails } from '../../sandbox/deal-details.ts';
import { FaultPlan } from '../../sandbox/faults.ts';
import { servePlain } from '../../sandbox/http.ts';
import type { OutboxMail } from '../../sandbox/outbox.ts';
import { createStatePage } from '../../sandbox/state-page.ts';
import { faultViews, mailViews, type StateView } from '../../sandbox/state-view.ts';

const CODE = 'ab12cd34ef56';

const MAIL: OutboxMail = {
  system: 'hubspot',
  to: 'dana.reyes@acme.example',
  subject: 'Your seats & more',
  html: `<a href="https://learn.example/redeem/${CODE}">Redeem</a>`,
  properties: { redeem_links: `https://learn.example/redeem/${CODE}` },
  attachments: [{ name: 'roster.csv', bytes: Buffer.from(`${CODE},https://learn.example\n`) }],
  sentAt: '2026-11-22T10:00:00.000Z',
  key: 'send-1',
};

const VIEW: Omit<StateView, 'faults'> = {
  groups: [
    {
      id: 'g1',
      label: 'acme-lead-2026-11-20-q7k2',
      total: 25,
      listed: 10,
      redeemed: 1,
      content: ['Leadership Essentials'],
      expires: null,
    },
  ],
  deals: [
    {
      system: 'hubspot',
      id: '9001',
      name: 'Acme <script>alert(1)</script>',
      stage: 'closedwon',
      fields: { dealseat_status: 'AwaitingCodes' },
    },
  ],
  files: [{ system: 'salesforce', id: '068', name: 'roster.csv', byteCount: 1024 }],
  mails: mailViews([MAIL]),
  requests: [
    {
      system: 'ti',
      at: '2026-11-22T10:00:00.000Z',
      method: 'GET',
      path: `/incoming/v2/redemptionCodes/codes/${CODE}`,
      status: null,
      fault: 'dropBefore',
    },
  ],
};

const DETAILS: DealDetails = {
  lines: [{ product: 'LEAD-101 Leadership', quantity: '25', startsOn: '2026-12-01' }],
  people: [{ name: 'Dana Reyes', email: MAIL.to, roles: ['Buyer'] }],
  notices: [{ kind: 'task', subject: 'Name a buyer', text: `Code ${CODE}\n<b>Act</b>`, isDone: false }],
};

class Page {
  readonly faults = new FaultPlan();
  url = '';
  #close = async () => {};

  static async open(): Promise<Page> {
    const page = new Page();
    const handler = createStatePage({
      view: () => ({ ...VIEW, faults: faultViews(page.faults.active) }),
      details: () => DETAILS,
      faults: page.faults,
      isCode: (word) => word === CODE,
    });
    const server = await servePlain({ handler });
    page.url = server.url;
    page.#close = server.close;
    return page;
  }

  async get(path: string): Promise<{ status: number; text: string }> {
    const { statusCode, body } = await request(`${this.url}${path}`);
    return { status: statusCode, text: await body.text() };
  }

  async addFault(
    body: unknown,
    contentType = 'application/json',
  ): Promise<{ status: number; json: unknown }> {
    const { statusCode, body: answer } = await request(`${this.url}/faults`, {
      method: 'POST',
      headers: { 'content-type': contentType },
      body: JSON.stringify(body),
    });
    return { status: statusCode, json: await answer.json() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}

describe('the state page', () => {
  test('shows groups with their progress, deals with their fields, files, mails, requests', async () => {
    await using page = await Page.open();
    const { status, text } = await page.get('/');
    expect(status).toBe(200);
    for (const shown of [
      'acme-lead-2026-11-20-q7k2',
      '10 of 25',
      'Leadership Essentials',
      '<a href="/deals/hubspot/9001">',
      'AwaitingCodes',
      'roster.csv',
      'dana.reyes@acme.example',
      'Your seats &amp; more',
      'connection closed',
    ]) {
      expect(text).toContain(shown);
    }
  });

  test('shows what people typed into a CRM as text, and loads nothing from elsewhere', async () => {
    await using page = await Page.open();
    const { text } = await page.get('/');
    expect(text).toContain('Acme &lt;script&gt;');
    expect(text).not.toMatch(/<script|<link|<img|src="http|href="http/);
  });

  test('shows one mail with its properties, its attachments and its body in a frame without rights', async () => {
    await using page = await Page.open();
    const { status, text } = await page.get('/mail/1');
    expect(status).toBe(200);
    expect(text).toContain('roster.csv (35 bytes)');
    expect(text).toContain('redeem_links');
    expect(text).toMatch(/<iframe sandbox title="[^"]*" srcdoc="&lt;a href=&quot;/);
  });

  test('shows one deal with its fields, its tasks, its people and the mails that they got', async () => {
    await using page = await Page.open();
    const { status, text } = await page.get('/deals/hubspot/9001');
    expect(status).toBe(200);
    for (const shown of [
      'dealseat_status',
      'Name a buyer',
      '&lt;b&gt;Act',
      'LEAD-101 Leadership',
      'Dana Reyes',
      'href="/mail/1"',
    ]) {
      expect(text).toContain(shown);
    }
  });

  test.each(['/mail/0', '/mail/2', '/deals/hubspot/1', '/deals/salesforce/9001', '/played/1', '/nowhere'])(
    '%s is not found',
    async (path) => {
      await using page = await Page.open();
      expect((await page.get(path)).status).toBe(404);
    },
  );

  test.each(['/', '/mail/1', '/deals/hubspot/9001', '/state.json'])(
    '%s shows no redemption code in full',
    async (path) => {
      await using page = await Page.open();
      const { text } = await page.get(path);
      expect(text).toContain('ab••••');
      expect(text).not.toContain(CODE);
    },
  );

  test('tells programs the same as JSON', async () => {
    await using page = await Page.open();
    const json = JSON.parse((await page.get('/state.json')).text);
    expect(json.groups).toEqual(VIEW.groups);
    expect(json.deals).toEqual(VIEW.deals);
    expect(json.mails[0].attachments).toEqual([{ name: 'roster.csv', byteCount: 35 }]);
  });
});

describe('faults over HTTP', () => {
  test('arm the plan, with the path as an expression and "always" for ever', async () => {
    await using page = await Page.open();
    const { status, json } = await page.addFault({
      system: 'ti',
      kind: 'status',
      method: 'GET',
      path: 'codes$',
      status: 503,
      headers: { 'Retry-After': '5' },
      times: 'always',
    });
    expect(status).toBe(201);
    expect(json).toEqual({
      faults: [{ system: 'ti', kind: 'status', method: 'GET', path: 'codes$', left: 'always' }],
    });
    expect(page.faults.take('ti', 'GET', '/redemptionCodes/1')).toBeUndefined();
    expect(page.faults.take('ti', 'GET', '/redemptionCodes/1/codes')?.status).toBe(503);
  });

  test('show on the page and are cleared by DELETE', async () => {
    await using page = await Page.open();
    await page.addFault({ system: 'hubspot', kind: 'stall', after: 2 });
    expect((await page.get('/')).text).toContain('>stall</td>');
    const { statusCode } = await request(`${page.url}/faults`, { method: 'DELETE' });
    expect(statusCode).toBe(204);
    expect(page.faults.active).toEqual([]);
  });

  test('that are wrong are refused, each wrong field named', async () => {
    await using page = await Page.open();
    const { status, json } = await page.addFault({
      kind: 'explode',
      method: 'get',
      path: '(',
      status: 99,
      body: 7,
      headers: { a: 1 },
      delayMs: -1,
      times: 0,
      after: 1.5,
      commit: 'yes',
      colour: 'red',
    });
    expect(status).toBe(400);
    expect(json).toEqual({
      errors: [
        'system: expected ti, hubspot or salesforce',
        expect.stringMatching(/^kind: expected one of status, delay/),
        'method: expected an upper-case method',
        'path: expected a regular expression in text',
        'status: expected an HTTP status from 200 to 599',
        'body: expected text or an object',
        'headers: expected an object of texts',
        'delayMs: expected a whole number of milliseconds',
        'times: expected a whole number above 0, or "always"',
        'after: expected a whole number',
        'commit: expected true or false',
        'colour: there is no such field',
      ],
    });
    expect(page.faults.active).toEqual([]);
  });

  test.each([null, [], 'text'])('that are %j instead of an object are refused', async (body) => {
    await using page = await Page.open();
    expect(await page.addFault(body)).toEqual({
      status: 400,
      json: { errors: ['The body must be a JSON object'] },
    });
  });

  test('are taken as JSON only, so that no other web page can send them', async () => {
    await using page = await Page.open();
    expect((await page.addFault({ system: 'ti', kind: 'html' }, 'text/plain')).status).toBe(415);
    expect(page.faults.active).toEqual([]);
  });
});
