import { request as httpRequest } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { request } from 'undici';
import { type Sandbox, startSandbox } from '../../sandbox/index.ts';
import type { OutboxMail } from '../../sandbox/outbox.ts';
import { linkedText, safeHtml, withLinks } from '../../sandbox/page/foreign-text.ts';

const DEAL = '/deals/hubspot/9001';
const OPPORTUNITY = '/deals/salesforce/0065Y00001Suvw6QAB';

/** A sandbox in which somebody was busy already: a deal with a hostile name, a task, a group, a mail. */
class Page {
  readonly sandbox: Sandbox;
  readonly code: string;
  readonly groupId: string;

  private constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
    const { ti, hubspot, outbox } = sandbox;
    const group = ti.state.addGroup({
      label: 'acme-lead-2026-11-20-q7k2',
      totalCodesCount: 2,
      codeLength: 12,
      expirationDate: null,
      accessDays: 365,
      accessExpirationDate: null,
      client: null,
      targets: { courses: [{ id: 'c1', name: 'Leadership' }], learningPaths: [], bundles: [], licenses: [] },
    });
    this.groupId = group.id;
    this.code = ti.state.codesOf(group.id)[0]?.code ?? '';
    hubspot.state.edit('deals', '9001', {
      dealname: 'Acme <script>alert(1)</script>',
      dealseat_status: 'AwaitingCodes',
      dealseat_detail: `Code ${this.code} <b>is</b> made`,
      dealseat_group_id: group.id,
    });
    outbox.add(this.mail());
  }

  static async open(): Promise<Page> {
    return new Page(await startSandbox());
  }

  mail(): OutboxMail {
    const link = `https://learn.example/redeem/${this.code}`;
    return {
      system: 'hubspot',
      to: 'dana.reyes@acme.example',
      subject: 'Your seats & more',
      html: `<a href="${link}">Redeem</a><script>alert(1)</script>`,
      properties: { redeem_links: link },
      attachments: [{ name: 'roster.csv', bytes: Buffer.from(`code,link\n${this.code},${link}\n`) }],
      sentAt: '2026-11-22T10:00:00.000Z',
      key: 'send-1',
    };
  }

  get url(): string {
    return this.sandbox.page.url;
  }

  async get(path: string): Promise<{ status: number; text: string; location: unknown }> {
    const { statusCode, body, headers } = await request(`${this.url}${path}`);
    return { status: statusCode, text: await body.text(), location: headers.location };
  }

  /** Presses a button of the page. */
  async act(form: Record<string, string>, headers: Record<string, string> = { origin: this.url }) {
    const {
      statusCode,
      body,
      headers: answered,
    } = await request(`${this.url}/act`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(form).toString(),
    });
    return { status: statusCode, location: answered.location, text: await body.text() };
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
    await this.sandbox.close();
  }
}

describe('the page', () => {
  test('shows a deal as sales sees it: stage, fields, lines, people, mails, code groups', async () => {
    await using page = await Page.open();
    const { status, text } = await page.get(DEAL);
    expect(status).toBe(200);
    for (const shown of [
      'Closed Won',
      'AwaitingCodes',
      'Acme Corp',
      'Sam Ops',
      'Leadership Essentials (LEAD-101)',
      'value="25"',
      'Dana Reyes',
      'href="/mail/1"',
      `href="/groups/${page.groupId}"`,
      '0 of 2 redeemed',
    ]) {
      expect(text).toContain(shown);
    }
    expect((await page.get(OPPORTUNITY)).text).toContain('Globex Inc');
  });

  test('shows what people typed into a CRM as text, and loads nothing from elsewhere', async () => {
    await using page = await Page.open();
    for (const path of ['/', DEAL, '/inbox', '/groups', '/log']) {
      const { text } = await page.get(path);
      expect(text).toContain('Acme &lt;script&gt;');
      expect(text.replace('<script src="/page.js" defer></script>', '')).not.toMatch(
        /<script|<img|src="http|<link rel="(?!icon)/,
      );
    }
  });

  test('shows a mail in a frame in which no script runs, and its attachments open', async () => {
    await using page = await Page.open();
    const { text } = await page.get('/mail/1');
    expect(text).toMatch(
      /<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" title="[^"]+" srcdoc="/,
    );
    expect(text).not.toContain('<script>alert');
    expect((await page.get('/mail/1/attachments/1')).text).toContain('roster.csv');
    expect((await page.get('/mail/1/attachments/1/download')).text).toContain(page.code);
  });

  test.each([
    '/mail/0',
    '/mail/2',
    '/mail/1/attachments/2',
    '/deals/hubspot/1',
    '/deals/salesforce/9001',
    '/groups/nothing',
    '/files/hubspot/1',
    '/codes/nothing',
    '/played/1',
    '/nowhere',
    '/constructor',
  ])('%s is not found', async (path) => {
    await using page = await Page.open();
    expect((await page.get(path)).status).toBe(404);
  });

  test('masks redemption codes until somebody asks to see them', async () => {
    await using page = await Page.open();
    const { groupId, code } = page;
    for (const path of ['/', DEAL, `/groups/${groupId}`, '/mail/1/attachments/1', '/log', '/state.json']) {
      expect((await page.get(path)).text).not.toContain(code);
    }
    expect((await page.get(DEAL)).text).toContain(`Code ${code.slice(0, 2)}••••`);
    for (const path of [`/groups/${groupId}?codes=shown`, '/mail/1/attachments/1?codes=shown', '/mail/1']) {
      expect((await page.get(path)).text).toContain(code);
    }
  });

  test('leads from a masked code to the page where its learner redeems it', async () => {
    await using page = await Page.open();
    const { id = '' } = page.sandbox.ti.state.code(page.code) ?? {};
    const { status, location } = await page.get(`/codes/${id}`);
    expect({ status, location }).toEqual({
      status: 303,
      location: `${page.sandbox.ti.url}/redeem/${page.code}`,
    });
  });

  test('tells programs the same as JSON', async () => {
    await using page = await Page.open();
    const json = JSON.parse((await page.get('/state.json')).text);
    expect(json.groups).toMatchObject([{ label: 'acme-lead-2026-11-20-q7k2', total: 2, redeemed: 0 }]);
    expect(json.deals).toHaveLength(2);
    expect(json.mails[0].attachments).toMatchObject([{ name: 'roster.csv' }]);
  });

  test('sends what changes while it is open, and only that', async () => {
    await using page = await Page.open();
    const answer = await fetch(`${page.url}/live?at=${encodeURIComponent(DEAL)}`);
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    const next = async () => JSON.parse(((await reader?.read())?.value ?? '').replace('data: ', ''));
    const all = (await next()).map(({ id }: { id: string }) => id);
    expect(all).toContain('deal-dealseat');
    page.sandbox.hubspot.state.edit('deals', '9001', { dealseat_detail: 'Something else' });
    const changed = await next();
    expect(changed.map(({ id }: { id: string }) => id)).toEqual(['deal-dealseat']);
    expect(changed[0].html).toContain('Something else');
    await reader?.cancel();
  });

  test('loads a page with nothing on it no second time', async () => {
    await using page = await Page.open();
    const answer = await fetch(`${page.url}/live?at=/deals/hubspot/1`);
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = JSON.parse(((await reader?.read())?.value ?? '').replace('data: ', ''));
    expect(first).toContainEqual(expect.objectContaining({ id: 'message' }));
    await reader?.cancel();
  });
});

describe('pages of the CRMs that Dealseat links to', () => {
  test('lead to the page of the sandbox', async () => {
    await using page = await Page.open();
    const { hubspot, salesforce } = page.sandbox;
    salesforce.state.addFile('0065Y00001Suvw6QAB', {
      by: 'kim@vendor.example',
      title: 'a.csv',
      content: 'x',
    });
    const [file] = salesforce.state.files('0065Y00001Suvw6QAB');
    const targets = [
      [`${hubspot.url}/contacts/62515/record/0-3/9001`, DEAL],
      [`${hubspot.url}/files/62515/?showDetails=1`, '/files/hubspot/1'],
      [`${salesforce.url}/lightning/r/Opportunity/0065Y00001Suvw6QAB/view`, OPPORTUNITY],
      [
        `${salesforce.url}/lightning/r/ContentDocument/${file?.documentId}/view`,
        `/files/salesforce/${file?.versionId}`,
      ],
    ];
    for (const [url = '', path = ''] of targets) {
      const { statusCode, headers } = await request(url);
      expect([url, statusCode, headers.location]).toEqual([url, 302, page.url + path]);
    }
    expect((await page.get(`/files/salesforce/${file?.versionId}`)).text).toContain('a.csv');
  });
});

describe('what a person does on the page', () => {
  test('moves deals: wins, loses, opens again, sells', async () => {
    await using page = await Page.open();
    const { hubspot, salesforce } = page.sandbox;
    const values = { crm: 'hubspot', deal: '9001' };
    const stage = () => hubspot.state.valuesOf('deals', '9001').dealstage;
    expect(await page.act({ action: 'lose', ...values })).toMatchObject({ status: 303, location: DEAL });
    expect(stage()).toBe('closedlost');
    await page.act({ action: 'reopen', ...values });
    expect(stage()).toBe('contractsent');
    await page.act({ action: 'win', ...values });
    expect(stage()).toBe('closedwon');
    for (const crm of ['hubspot', 'salesforce']) {
      const sale = { crm, company: 'Größe & Söhne', sku: 'NEGO-201', seats: '7', stage: 'won' };
      const { location } = await page.act({ action: 'sell', ...sale });
      const { text } = await page.get(String(location));
      expect(text).toContain('Größe &amp; Söhne rollout');
      expect(text).toContain('value="7"');
      expect(text).toContain('Closed Won');
    }
    expect(salesforce.state.rows('Opportunity')).toHaveLength(2);
  });

  test('changes a quantity, and merges two deals, whose lines and people come together', async () => {
    await using page = await Page.open();
    const { state } = page.sandbox.hubspot;
    const line = state.associations.linked({ object: 'deals', id: '9001' }, 'line_items')[0]?.id ?? '';
    const values = { crm: 'hubspot', deal: '9001' };
    await page.act({ action: 'quantity', ...values, line, quantity: '30' });
    expect(state.valuesOf('line_items', line).quantity).toBe('30');
    const other = state.createDeal({
      lineItems: [{ sku: 'NEGO-201' }],
      contacts: [{ email: 'a@b.example' }],
    });
    await page.act({ action: 'merge', ...values, merged: other });
    expect((await page.get(`/deals/hubspot/${other}`)).status).toBe(404);
    expect(state.associations.linked({ object: 'deals', id: '9001' }, 'line_items')).toHaveLength(3);
    expect(state.associations.linked({ object: 'deals', id: '9001' }, 'contacts')).toHaveLength(3);
    const { text } = await page.act({ action: 'merge', crm: 'salesforce', deal: '0065Y00001Suvw6QAB' });
    expect(text).toContain('Salesforce merges no deals.');
  });

  test('chooses from a pick-list of Dealseat on the deal, and from nothing else', async () => {
    await using page = await Page.open();
    const { state } = page.sandbox.hubspot;
    const option = (value: string) => ({ value, label: `Please ${value}`, hidden: false });
    state.properties.create('deals', {
      name: 'dealseat_wish',
      label: 'Dealseat wish',
      type: 'enumeration',
      fieldType: 'select',
      groupName: 'dealseat',
      options: [option('retry'), option('reject')],
    });
    expect((await page.get(DEAL)).text).toContain('<option value="retry">Please retry</option>');
    const form = { action: 'field', crm: 'hubspot', deal: '9001', field: 'dealseat_wish' };
    expect((await page.act({ ...form, value: 'retry' })).status).toBe(303);
    expect(state.valuesOf('deals', '9001').dealseat_wish).toBe('retry');
    expect((await page.act({ ...form, value: 'other' })).status).toBe(400);
    expect((await page.act({ ...form, field: 'dealseat_ledger', value: 'x' })).status).toBe(400);
    expect((await page.act({ ...form, field: 'amount', value: '1' })).status).toBe(400);
  });

  test('takes a system down and up, drops an answer after the change was made, and repairs all', async () => {
    await using page = await Page.open();
    const { ti } = page.sandbox;
    const status = async () => (await fetch(`${ti.url}/redeem`)).status;
    const system = { system: 'ti', back: '/inbox' };
    expect(await page.act({ action: 'down', ...system })).toMatchObject({ status: 303, location: '/inbox' });
    await page.act({ action: 'down', ...system });
    expect(await status()).toBe(503);
    await page.act({ action: 'up', ...system });
    expect(await status()).toBe(200);
    await page.act({ action: 'mischief', mischief: 'drop-answer', ...system });
    const create = fetch(`${ti.url}/incoming/v2/redemptionCodes`, { method: 'POST', body: '{}' });
    await expect(create).rejects.toThrow();
    await page.act({ action: 'down', ...system });
    await page.act({ action: 'repair' });
    expect(await status()).toBe(200);
  });

  test('redeems a code of a group', async () => {
    await using page = await Page.open();
    const form = { action: 'redeem', group: page.groupId };
    for (const expected of [303, 303, 400]) expect((await page.act(form)).status).toBe(expected);
    expect(page.sandbox.ti.state.redeemedCountOf(page.groupId)).toBe(2);
  });

  test.each([
    { action: 'nothing' },
    { action: 'win', crm: 'acorn', deal: '9001' },
    { action: 'win', crm: 'hubspot', deal: '1' },
    { action: 'quantity', crm: 'hubspot', deal: '9001', line: '1', quantity: '3' },
    { action: 'sell', crm: 'hubspot', company: ' ', sku: 'LEAD-101', seats: '3' },
    { action: 'sell', crm: 'hubspot', company: 'A', sku: 'X', seats: '3' },
    { action: 'sell', crm: 'hubspot', company: 'A', sku: 'LEAD-101', seats: '-1' },
    { action: 'down', system: 'moon' },
    { action: 'mischief', system: 'ti', mischief: 'explode' },
  ])('that makes no sense is refused with a reason: %j', async (form) => {
    await using page = await Page.open();
    const { status, text } = await page.act(form);
    expect(status).toBe(400);
    expect(text).toContain('That was not possible');
  });

  test('leads back to this page only', async () => {
    await using page = await Page.open();
    for (const back of ['//evil.example', 'https://evil.example', '/\\evil.example']) {
      expect((await page.act({ action: 'down', system: 'ti', back })).location).toBe('/');
    }
  });

  test.each([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('is taken from the page itself only, not with %j', async (headers) => {
    await using page = await Page.open();
    expect((await page.act({ action: 'lose', crm: 'hubspot', deal: '9001' }, headers)).status).toBe(403);
    expect(page.sandbox.hubspot.state.valuesOf('deals', '9001').dealstage).toBe('closedwon');
  });

  test('and all that it shows is refused to a name that another site leads here', async () => {
    await using page = await Page.open();
    const { port } = new URL(page.url);
    const status = await new Promise((resolve) => {
      httpRequest({ port, path: '/mail/1', headers: { host: `evil.example:${port}` } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).end();
    });
    expect(status).toBe(403);
  });
});

describe('text that others wrote', () => {
  test.each([
    ['<p>Hello <b>you</b></p>', '<p>Hello <b>you</b></p>'],
    ['<p onclick="x()">a', '<p>a</p>'],
    ['<script>alert(1)</script>', 'alert(1)'],
    ['<img src=x onerror=alert(1)>', ''],
    ['<a href="javascript:alert(1)">x</a>', '<a>x</a>'],
    [
      '<a href="https://a.example/?b=1&amp;c" onclick="x">x</a>',
      '<a href="https://a.example/?b=1&amp;c">x</a>',
    ],
    ["<a href='https://a.example/\"onclick=x'>x</a>", '<a href="https://a.example/onclick=x">x</a>'],
    ['a < b <!-- hidden --> > "c"', 'a &lt; b  &gt; &quot;c&quot;'],
    ['</div></p>text<ul><li>open', 'text<ul><li>open</li></ul>'],
    ['<svg/onload=alert(1)>', ''],
  ])('as HTML keeps its form and can do nothing: %s', (html, expected) => {
    expect(safeHtml(html)).toBe(expected);
  });

  test('as plain text has its addresses as links', () => {
    expect(linkedText('See <https://a.example/x?y=1>.\nBye')).toBe(
      'See &lt;<a href="https://a.example/x?y=1">https://a.example/x?y=1</a>&gt;.<br>Bye',
    );
  });

  test('in a mail has plain addresses as links, and links as they are', () => {
    expect(withLinks('<p>https://a.example/1, <a href="https://b.example">https://b.example</a></p>')).toBe(
      '<p><a href="https://a.example/1">https://a.example/1</a>, <a href="https://b.example">https://b.example</a></p>',
    );
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
    expect(page.sandbox.faults.take('ti', 'GET', '/redemptionCodes/1')).toBeUndefined();
    expect(page.sandbox.faults.take('ti', 'GET', '/redemptionCodes/1/codes')?.status).toBe(503);
  });

  test('show on the page and are cleared by DELETE', async () => {
    await using page = await Page.open();
    await page.addFault({ system: 'hubspot', kind: 'stall', after: 2 });
    expect((await page.get('/log')).text).toContain('>stall</td>');
    const { statusCode } = await request(`${page.url}/faults`, { method: 'DELETE' });
    expect(statusCode).toBe(204);
    expect(page.sandbox.faults.active).toEqual([]);
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
    expect(page.sandbox.faults.active).toEqual([]);
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
    expect(page.sandbox.faults.active).toEqual([]);
  });
});
