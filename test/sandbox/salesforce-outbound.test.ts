import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openOrg } from './salesforce-org.ts';

const DEAL = '0065Y00001Suvw6QAB';
const ack = (value: boolean, element = 'notificationsResponse') =>
  `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><${element} xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>${value}</Ack></${element}></soapenv:Body></soapenv:Envelope>`;

let org: Awaited<ReturnType<typeof openOrg>>;
let listener: Awaited<ReturnType<typeof listen>>;
beforeEach(async () => {
  org = await openOrg({ minuteMs: 2 });
  listener = await listen();
});
afterEach(async () => {
  await org.close();
  await listener.close();
});

/** What the org posts to; answers as told, with an acknowledgement when not told. */
async function listen() {
  const messages: { body: string; headers: Record<string, unknown> }[] = [];
  const answers: { status: number; body: string; before?: () => void }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    messages.push({ body: Buffer.concat(chunks).toString(), headers: request.headers });
    const { status, body, before } = answers.shift() ?? { status: 200, body: ack(true) };
    before?.();
    response.writeHead(status).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    messages,
    answers,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error('waited in vain');
    await wait(5);
  }
}

const notificationIds = (body: string) => [...body.matchAll(/<Id>(04l\w+)<\/Id>/g)].map((match) => match[1]);
const sendOne = () => org.sendOutboundMessage({ targetUrl: listener.url, opportunityIds: [DEAL] });

describe('an outbound message', () => {
  test('tells the org, the action, and the record as it is now', () => {
    org.state.updateOpportunity(DEAL, { Name: 'Tom & Jerry <1>' });
    const xml = org.outboundMessage([DEAL]);
    expect(xml).toContain('<OrganizationId>00D5Y000001MPM7UAO</OrganizationId>');
    expect(xml).toMatch(/<ActionId>04k\w{15}<\/ActionId>/);
    expect(xml).toContain('<SessionId xsi:nil="true"/>');
    expect(xml).toContain('/services/Soap/c/66.0/00D5Y000001MPM7</EnterpriseUrl>');
    expect(xml).toContain(`<sf:Id>${DEAL}</sf:Id>`);
    expect(xml).toContain('<sf:Name>Tom &amp; Jerry &lt;1&gt;</sf:Name>');
    expect(xml).toContain('<sf:StageName>Closed Won</sf:StageName>');
  });

  test('names the user who changed each record last', () => {
    const other = org.state.createOpportunity({
      name: 'B',
      stageName: 'Prospecting',
      closeDate: '2026-12-01',
    });
    org.state.setStage(DEAL, 'Closed Won');
    org.state.setStage(other, 'Closed Won', { by: 'kim.ops@vendor.example' });
    const kim = org.state.createUser({ email: 'kim.ops@vendor.example' });
    const users = [...org.outboundMessage([DEAL, other]).matchAll(/<sf:LastModifiedById>(\w+)</g)];
    expect(users.map((match) => match[1])).toEqual([org.state.userId, kim]);
    expect(kim).not.toBe(org.state.userId);
  });

  test('leaves out fields that are null', () => {
    const xml = org.outboundMessage([DEAL], { fields: ['Name', 'Dealseat_Status__c'] });
    expect(xml).toContain('<sf:Name>');
    expect(xml).not.toContain('Dealseat_Status__c');
  });

  test('carries 1 to 100 notifications, each with an id of its own', () => {
    const xml = org.outboundMessage(Array.from({ length: 100 }, () => DEAL));
    expect(new Set(notificationIds(xml)).size).toBe(100);
    expect(() => org.outboundMessage([])).toThrow(RangeError);
    expect(() => org.outboundMessage(Array.from({ length: 101 }, () => DEAL))).toThrow(RangeError);
  });

  test('is posted as SOAP 1.1', async () => {
    expect(await sendOne()).toEqual({ status: 200, acked: true });
    expect(listener.messages[0]?.headers).toMatchObject({
      'content-type': 'text/xml; charset=utf-8',
      soapaction: '""',
    });
  });

  test('can claim another org, or come twice', async () => {
    const opportunityIds = [DEAL];
    await org.sendOutboundMessage({ targetUrl: listener.url, opportunityIds, wrongOrg: true });
    expect(listener.messages[0]?.body).not.toContain('00D5Y000001MPM7UAO');
    await org.sendOutboundMessage({ targetUrl: listener.url, opportunityIds, duplicate: true });
    expect(listener.messages).toHaveLength(3);
    expect(listener.messages[1]?.body).toBe(listener.messages[2]?.body);
  });

  test.each([
    ['the schema form', 200, ack(true), true],
    ['the form seen in the wild', 200, ack(true, 'notifications'), true],
    ['a refusal', 200, ack(false), false],
    ['a bare 200', 200, '', false],
    ['an Ack with another status', 202, ack(true), false],
    ['an Ack in no namespace', 200, '<Ack>true</Ack>', false],
    ['broken XML', 200, ack(true).slice(0, -5), false],
    ['an error', 503, 'later', false],
  ])('takes %s for what it is', async (_name, status, body, acked) => {
    listener.answers.push({ status, body });
    expect(await sendOne()).toEqual({ status, acked });
  });

  test('to nobody is not acknowledged', async () => {
    const { url } = listener;
    await listener.close();
    const delivery = await org.sendOutboundMessage({ targetUrl: url, opportunityIds: [DEAL] });
    expect(delivery).toEqual({ status: null, acked: false });
    listener = await listen();
  });
});

describe('the delivery queue', () => {
  test('sends a message when an opportunity enters a won stage, and only then', async () => {
    org.setWebhookTarget(listener.url);
    const id = org.state.createOpportunity({
      name: 'New',
      stageName: 'Prospecting',
      closeDate: '2026-12-01',
    });
    await org.call('PATCH', `/sobjects/Opportunity/${id}`, { body: { Dealseat_Status__c: 'Planning' } });
    expect(org.outbound.pending).toEqual([]);
    await org.call('PATCH', `/sobjects/Opportunity/${id}`, { body: { StageName: 'Closed Won' } });
    await until(() => org.outbound.deliveries.length === 1);
    await org.call('PATCH', `/sobjects/Opportunity/${id}`, { body: { Dealseat_Status__c: 'Delivered' } });
    expect(org.outbound.pending).toEqual([]);
    expect(org.outbound.deliveries).toMatchObject([{ acked: true, opportunityIds: [id] }]);
  });

  test('sends one when somebody sets an action, and none when it is emptied', async () => {
    org.setWebhookTarget(listener.url);
    org.state.act(DEAL, 'Retry', { email: 'ana@vendor.example' });
    await until(() => org.outbound.deliveries.length === 1);
    await org.call('PATCH', `/sobjects/Opportunity/${DEAL}`, { body: { Dealseat_Action__c: null } });
    expect(org.outbound.pending).toEqual([]);
    const unknown = { body: { Dealseat_Action__c: 'Explode' } };
    expect((await org.call('PATCH', `/sobjects/Opportunity/${DEAL}`, unknown)).status).toBe(400);
  });

  test('repeats the same notification until it is acknowledged', async () => {
    listener.answers.push({ status: 503, body: '' }, { status: 200, body: ack(false) });
    org.setWebhookTarget(listener.url);
    org.fireOpportunityWon(DEAL);
    await until(() => org.outbound.deliveries.some((delivery) => delivery.acked));
    expect(org.outbound.deliveries.map((delivery) => delivery.status)).toEqual([503, 200, 200]);
    const ids = listener.messages.flatMap((message) => notificationIds(message.body));
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
    expect(org.outbound.pending).toEqual([]);
  });

  test('tells the stage at the time of sending, not of the event', async () => {
    // The stage moves while the first try is under way, so the second one is always sent after it.
    listener.answers.push({ status: 503, body: '', before: () => org.state.setStage(DEAL, 'Prospecting') });
    org.setWebhookTarget(listener.url);
    org.fireOpportunityWon(DEAL);
    await until(() => org.outbound.deliveries.some((delivery) => delivery.acked));
    expect(listener.messages.at(-1)?.body).toContain('<sf:StageName>Prospecting</sf:StageName>');
  });

  test('gives up after a day', async () => {
    org.state.settings.minuteMs = 0;
    listener.answers.push(...Array.from({ length: 30 }, () => ({ status: 503, body: '' })));
    org.setWebhookTarget(listener.url);
    org.fireOpportunityWon(DEAL);
    await until(() => org.outbound.deliveries.length > 0 && org.outbound.pending.length === 0);
    expect(org.outbound.deliveries.length).toBeGreaterThan(10);
    expect(org.outbound.deliveries.every((delivery) => !delivery.acked)).toBe(true);
  });

  test('says so when it has no target', () => {
    expect(() => org.fireOpportunityWon(DEAL)).toThrow('target');
  });
});
