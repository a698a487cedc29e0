import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { request } from 'undici';
import { servePlain } from '../../sandbox/http.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/index.ts';

async function started(options: SandboxOptions = {}): Promise<Sandbox & AsyncDisposable> {
  const sandbox = await startSandbox(options);
  return Object.assign(sandbox, { [Symbol.asyncDispose]: () => sandbox.close() });
}

async function get(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  const { statusCode, body } = await request(url, { headers });
  return { status: statusCode, text: await body.text() };
}

const TI_KEY = { authorization: 'Bearer sandbox-ti-key' };

describe('the sandbox', () => {
  test('starts all three systems, each with its own address', async () => {
    await using sandbox = await started();
    const urls = [sandbox.ti.url, sandbox.hubspot.url, sandbox.salesforce.url, sandbox.page.url];
    expect(new Set(urls).size).toBe(4);
    expect((await get(`${sandbox.ti.url}/incoming/v2/ping`, TI_KEY)).status).toBe(200);
    const hubspotToken = { authorization: 'Bearer sandbox-hubspot-token' };
    expect((await get(`${sandbox.hubspot.url}/crm/v3/objects/deals/9001`, hubspotToken)).status).toBe(200);
    expect((await get(`${sandbox.salesforce.url}/services/data/`)).status).toBe(200);
  });

  test('starts with one won deal in each CRM', async () => {
    await using sandbox = await started();
    const { deals } = JSON.parse((await get(`${sandbox.page.url}/state.json`)).text);
    expect(deals).toEqual([
      { system: 'hubspot', id: '9001', name: 'Acme leadership rollout', stage: 'closedwon', fields: {} },
      {
        system: 'salesforce',
        id: '0065Y00001Suvw6QAB',
        name: 'Globex manager academy',
        stage: 'Closed Won',
        fields: {},
      },
    ]);
  });

  test('starts empty when told so', async () => {
    await using sandbox = await started({ seed: false });
    const { deals } = JSON.parse((await get(`${sandbox.page.url}/state.json`)).text);
    expect(deals).toEqual([]);
  });

  test('strikes only the system that a fault names, and logs the requests of all', async () => {
    await using sandbox = await started();
    sandbox.faults.add({ system: 'salesforce', kind: 'html' });
    expect((await get(`${sandbox.ti.url}/incoming/v2/ping`, TI_KEY)).status).toBe(200);
    expect((await get(`${sandbox.salesforce.url}/services/data/`)).status).toBe(502);
    expect(sandbox.exchanges.map(({ system, status, fault }) => ({ system, status, fault }))).toEqual([
      { system: 'ti', status: 200, fault: null },
      { system: 'salesforce', status: 502, fault: 'html' },
    ]);
  });

  test('masks the codes of its tenant wherever the page would show them', async () => {
    await using sandbox = await started();
    const { ti, outbox, page } = sandbox;
    ti.state.addGroup({
      label: 'acme-lead',
      codeLength: 12,
      totalCodesCount: 1,
      expirationDate: null,
      accessDays: null,
      accessExpirationDate: null,
      client: null,
      targets: { courses: [], learningPaths: [], bundles: [], licenses: [] },
    });
    const code = ti.state.codes[0]?.code ?? '';
    const link = `${ti.url}/redeem/${code}`;
    outbox.add({
      system: 'salesforce',
      to: 'robin.vale@globex.example',
      subject: 'Seats',
      html: `<a href="${link}">${link}</a>`,
      properties: {},
      attachments: [],
      sentAt: '2026-11-22T10:00:00.000Z',
      key: null,
    });
    expect((await get(link)).text).toContain(code);
    for (const path of ['/', '/groups', '/state.json']) {
      const { status, text } = await get(`${page.url}${path}`);
      expect(status).toBe(200);
      expect(text).not.toContain(code);
    }
  });

  test('reports a deal that is won to the webhook target of its CRM', async () => {
    const arrived = new Set<string>();
    let allArrived = (): void => {};
    const both = new Promise<void>((resolve) => {
      allArrived = resolve;
    });
    const target = await servePlain({
      handler: ({ path, body }) => {
        if (body.includes('9001') || body.includes('0065Y00001Suvw6')) arrived.add(path);
        if (arrived.size === 2) allArrived();
        return { status: 200 };
      },
    });
    const sandbox = await started({
      webhookTargets: { hubspot: `${target.url}/hubspot`, salesforce: `${target.url}/salesforce` },
    });
    try {
      await sandbox.hubspot.fireDealWon('9001');
      sandbox.salesforce.fireOpportunityWon('0065Y00001Suvw6QAB');
      await both;
      expect([...arrived].toSorted()).toEqual(['/hubspot', '/salesforce']);
    } finally {
      await sandbox.close();
      await target.close();
    }
  });

  test('frees its ports when closed, and when one of them is taken', async () => {
    const before = await listenerCount();
    const first = await startSandbox();
    expect((await listenerCount()) - before).toBe(4);
    const page = Number(new URL(first.page.url).port);
    await expect(startSandbox({ ports: { page } })).rejects.toThrow('EADDRINUSE');
    expect((await listenerCount()) - before).toBe(4);
    await first.close();
    expect(await listenerCount()).toBe(before);
  });
});

/** Of this process. Taking a port once more would prove it too, but another process may come before. */
async function listenerCount(): Promise<number> {
  // What is closed still counts until the event loop has come round.
  await turn();
  await turn();
  return process.getActiveResourcesInfo().filter((resource) => resource === 'TCPServerWrap').length;
}
