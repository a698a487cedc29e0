import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { SALESFORCE } from '../../src/clients/salesforce/module.ts';
import { CRMS } from '../../src/processes/crms.ts';
import { TemporalUnavailableError } from '../../src/runs/port.ts';
import { WEBHOOK_PROBLEMS } from '../../webhooks/server/problems.ts';
import {
  acceptedBody,
  manualBody,
  previewBody,
  problemBody,
  provisioningBody,
} from '../../webhooks/server/schemas.ts';
import {
  createRig,
  eventually,
  hubspotDelivery,
  MANUAL_KEY,
  PREVIEW,
  type Rig,
  SALESFORCE_SECRET,
  sendHubSpot,
  sendManual,
  stageEvent,
} from './fixture.ts';

const open: Rig[] = [];

async function listening(limits: Parameters<typeof createRig>[0] = {}): Promise<{ rig: Rig; port: number }> {
  const rig = createRig(limits);
  open.push(rig);
  await rig.app.listen({ host: '127.0.0.1', port: 0 });
  return { rig, port: (rig.app.server.address() as AddressInfo).port };
}

afterEach(async () => {
  await Promise.all(open.splice(0).map(({ app }) => app.close()));
});

/** Writes raw bytes and resolves with all that came back before the server closed the connection. */
function talk(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}

describe('health', () => {
  test('/healthz says the process lives, even with Temporal down', async () => {
    const rig = createRig();
    rig.provisioner.beforeReady = async () => {
      throw new TemporalUnavailableError('down');
    };
    const response = await rig.app.inject('/healthz');
    expect([response.statusCode, response.json()]).toEqual([200, { status: 'ok' }]);
  });

  test('/readyz tells the truth about Temporal, down and up again', async () => {
    const rig = createRig();
    const failures = [new TemporalUnavailableError('down'), new Error('no such namespace canary')];
    for (const failure of failures) {
      rig.provisioner.beforeReady = async () => {
        throw failure;
      };
      const response = await rig.app.inject('/readyz');
      expect([response.statusCode, response.json().code]).toEqual([503, 'temporal.unavailable']);
      expect(response.body).not.toContain('canary');
    }
    rig.provisioner.beforeReady = async () => {};
    expect((await rig.app.inject('/readyz')).statusCode).toBe(200);
  });

  test('/readyz answers 503 when Temporal does not answer at all', async () => {
    const rig = createRig({ limits: { readyBudgetMs: 20 } });
    rig.provisioner.beforeReady = () => new Promise(() => {});
    expect((await rig.app.inject('/readyz')).statusCode).toBe(503);
  });

  test('many callers of /readyz make one question to Temporal', async () => {
    const rig = createRig();
    let release = (): void => {};
    rig.provisioner.beforeReady = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    const answers = [...Array(20)].map(() => rig.app.inject('/readyz'));
    await eventually('a check runs', () => rig.provisioner.readyCount > 0);
    setImmediate(() => setImmediate(release));
    expect((await Promise.all(answers)).map(({ statusCode }) => statusCode)).toEqual(Array(20).fill(200));
    expect(rig.provisioner.readyCount).toBe(1);
  });
});

describe('metrics', () => {
  test('requests and events are counted by source and outcome', async () => {
    const rig = createRig();
    await sendHubSpot(rig, [stageEvent(), stageEvent({ propertyName: 'amount' })]);
    await rig.app.inject(hubspotDelivery({ body: '[]', secret: 'wrong' }));
    await sendManual(rig, { crm: 'hubspot', dealId: '9001' });
    await sendManual(rig, 'x');
    const text = (await rig.app.inject('/metrics')).body;
    for (const line of [
      'dealseat_webhook_events_total{source="hubspot",outcome="started"} 1',
      'dealseat_webhook_events_total{source="hubspot",outcome="other_event"} 1',
      'dealseat_webhook_requests_total{source="hubspot",outcome="accepted"} 1',
      'dealseat_webhook_requests_total{source="hubspot",outcome="forged"} 1',
      'dealseat_webhook_requests_total{source="manual",outcome="accepted"} 1',
      'dealseat_webhook_requests_total{source="manual",outcome="refused"} 1',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
  });

  test('no request can make a label of its own, nor put a secret into one', async () => {
    const rig = createRig();
    for (const url of [
      '/canary',
      `/webhooks/salesforce/${SALESFORCE_SECRET}`,
      '/provisionings/canary',
      '/canary%zz',
    ]) {
      await rig.app.inject({ method: 'POST', url });
      await rig.app.inject(url);
    }
    expect((await rig.app.inject('/metrics')).body).not.toMatch(new RegExp(`canary|${SALESFORCE_SECRET}`));
  });
});

describe('answers', () => {
  test('an unknown address, a wrong method and a broken escape are problem+json that repeat nothing of the request', async () => {
    const rig = createRig();
    const answers = [
      await rig.app.inject('/canary'),
      await rig.app.inject({ method: 'DELETE', url: '/webhooks/hubspot?canary' }),
      await rig.app.inject('/canary%zz'),
    ];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 404, 400]);
    for (const answer of answers) {
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(problemBody.parse(answer.json()).status).toBe(answer.statusCode);
      expect(answer.body).not.toContain('canary');
    }
  });

  test('every answer forbids caches to keep it', async () => {
    const rig = createRig();
    for (const url of ['/healthz', '/nowhere', '/openapi.json']) {
      expect((await rig.app.inject(url)).headers['cache-control']).toBe('no-store');
    }
  });

  test('every request leaves one line in the log, with the route, the status and the time', async () => {
    const rig = createRig();
    await sendHubSpot(rig, [stageEvent(), null]);
    const lines = rig
      .log()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'info',
        method: 'POST',
        route: '/webhooks/hubspot',
        status: 200,
        tookMs: expect.any(Number),
        events: { started: 1, malformed: 1 },
        msg: 'answered',
      }),
    ]);
  });
});

const NO_SALESFORCE = Object.fromEntries(
  Object.keys(SALESFORCE.environment.variables).map((name) => [name, '']),
);

describe('/openapi.json', () => {
  test('describes every route that is served', async () => {
    const rig = createRig();
    const document = (await rig.app.inject('/openapi.json')).json();
    expect(document.openapi).toBe('3.1.0');
    await rig.app.ready();
    for (const [path, methods] of Object.entries<object>(document.paths)) {
      const url = path.replaceAll(/\{(\w+)\}/g, ':$1');
      for (const method of Object.keys(methods)) {
        expect([url, rig.app.hasRoute({ url, method: method.toUpperCase() as 'GET' })]).toEqual([url, true]);
      }
    }
    const served = [
      '/webhooks/hubspot',
      '/webhooks/salesforce/{secret}',
      '/webhooks/manual',
      '/provisionings/{id}',
      '/api/keys/rotate',
      '/api/people/erase',
      '/api/people/export',
      '/api/seats',
      '/api/seats/find',
      '/api/seats/findings',
      '/api/seats/findings/close',
      '/api/seats/{id}',
      '/api/seats/{id}/link',
      '/api/seats/{id}/late-redemption',
      '/api/seats/export',
      '/api/seat-operations',
      '/api/seat-operations/batch',
      '/api/seat-operations/{id}',
      '/api/seat-operations/{id}/retry',
      '/healthz',
      '/readyz',
      '/metrics',
    ];
    expect(Object.keys(document.paths).sort()).toEqual(served.sort());
  });

  test('names no route of a CRM that is off', async () => {
    const document = (await createRig({ env: NO_SALESFORCE }).app.inject('/openapi.json')).json();
    expect(Object.keys(document.paths).filter((path) => path.startsWith('/webhooks/'))).toEqual([
      '/webhooks/manual',
      '/webhooks/hubspot',
    ]);
  });

  test('the manual body is printed from the schema that checks it', async () => {
    const document = (await createRig().app.inject('/openapi.json')).json();
    const schema = document.paths['/webhooks/manual'].post.requestBody.content['application/json'].schema;
    expect(schema.properties.crm.enum).toEqual(CRMS.map(({ name }) => name));
    expect(schema).toMatchObject({
      type: 'object',
      required: ['crm', 'dealId'],
      additionalProperties: false,
    });
    expect(Object.keys(schema.properties)).toEqual(Object.keys(manualBody(CRMS).shape));
  });

  test('what is sent has the shape that is described', async () => {
    const rig = createRig();
    const headers = { authorization: `Bearer ${MANUAL_KEY}` };
    expect(() => {
      previewBody.parse(PREVIEW);
    }).not.toThrow();
    acceptedBody.parse((await sendManual(rig, { crm: 'hubspot', dealId: '9001' })).json());
    previewBody.parse((await sendManual(rig, { crm: 'hubspot', dealId: '9001', dryRun: true })).json());
    provisioningBody.parse((await rig.app.inject({ url: `/provisionings/${PREVIEW.id}`, headers })).json());
    problemBody.parse((await rig.app.inject('/nowhere')).json());
  });

  test('every problem has a status that fits its kind', () => {
    for (const { status } of Object.values(WEBHOOK_PROBLEMS)) expect(status).toBeGreaterThanOrEqual(400);
    expect(new Set(Object.values(WEBHOOK_PROBLEMS).map(({ title }) => title)).size).toBe(
      Object.keys(WEBHOOK_PROBLEMS).length,
    );
  });
});

describe('on a real socket', () => {
  test('a signed delivery is taken', async () => {
    const { rig, port } = await listening();
    const { url, headers, payload } = hubspotDelivery({ body: JSON.stringify([stageEvent()]) });
    const response = await fetch(`http://127.0.0.1:${port}${url}`, {
      method: 'POST',
      headers,
      body: payload,
    });
    expect([response.status, await response.json()]).toEqual([200, { events: 1, accepted: 1 }]);
    expect(rig.provisioner.started).toHaveLength(1);
  });

  test('a sender that trickles its headers is cut off', async () => {
    const { port } = await listening({ limits: { headersTimeoutMs: 100, requestTimeoutMs: 5_000 } });
    const answer = await talk(port, 'POST /webhooks/hubspot HTTP/1.1\r\nhost: x\r\nx-a: ');
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('webhook.timeout');
  });

  test('a sender that connects and stays silent is cut off', async () => {
    const { port } = await listening({ limits: { headersTimeoutMs: 100, requestTimeoutMs: 5_000 } });
    expect(await talk(port, '')).not.toMatch(/^HTTP\/1\.1 2/);
  });

  test('a dry run may take longer than a request may take to arrive', async () => {
    const { rig, port } = await listening({ limits: { headersTimeoutMs: 2_000, requestTimeoutMs: 2_000 } });
    // A sender that comes after it, and sends nothing, is over its time meanwhile.
    rig.provisioner.beforePreview = async () => {
      await talk(port, '');
    };
    const response = await fetch(`http://127.0.0.1:${port}/webhooks/manual`, {
      method: 'POST',
      headers: { authorization: `Bearer ${MANUAL_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ crm: 'hubspot', dealId: '9001', dryRun: true }),
    });
    expect(response.status).toBe(200);
  });

  test('a sender that trickles its body is cut off', async () => {
    const { rig, port } = await listening({ limits: { headersTimeoutMs: 100, requestTimeoutMs: 200 } });
    const { url, headers } = hubspotDelivery({ body: '[]' });
    const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const answer = await talk(
      port,
      [`POST ${url} HTTP/1.1`, 'host: x', ...head, 'content-length: 1000', '', '['].join('\r\n'),
    );
    expect(answer).not.toMatch(/^HTTP\/1\.1 2/);
    expect(rig.provisioner.started).toEqual([]);
  });

  test.each([
    ['bytes that are not HTTP', 'canary\r\n\r\n', /^HTTP\/1\.1 400 /],
    [
      'a header with a control character',
      `GET /webhooks/salesforce/canary HTTP/1.1\r\nhost: x\r\na: \u0001\r\n\r\n`,
      /^HTTP\/1\.1 400 /,
    ],
    [
      'headers of 20 KB',
      `GET /canary HTTP/1.1\r\nhost: x\r\na: ${'a'.repeat(20_000)}\r\n\r\n`,
      /^HTTP\/1\.1 431 /,
    ],
    [
      'two lengths',
      'POST /canary HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
      /^HTTP\/1\.1 400 /,
    ],
    [
      'length and chunks',
      'POST /canary HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
      /^HTTP\/1\.1 400 /,
    ],
  ])(
    '%s get problem+json, nothing is logged of them, and the server goes on',
    async (_what, bytes, status) => {
      const { rig, port } = await listening();
      const answer = await talk(port, bytes);
      expect(answer).toMatch(status);
      expect(answer).toContain('application/problem+json');
      expect(answer + rig.log()).not.toContain('canary');
      expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    },
  );

  test('a sender that hangs up in the middle of a body harms nobody', async () => {
    const { rig, port } = await listening();
    const { url, headers } = hubspotDelivery({ body: '[]' });
    const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(
          [`POST ${url} HTTP/1.1`, 'host: x', ...head, 'content-length: 1000', '', '['].join('\r\n'),
        );
        setImmediate(() => socket.destroy());
      });
      socket.on('close', () => resolve());
    });
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    expect(rig.log()).not.toContain('"level":"error"');
  });
});

describe('a stop', () => {
  test.each<[string, 'connection' | 'request', (socket: Socket) => void]>([
    ['drips its headers', 'connection', (socket) => drip(socket, 'x-a: ')],
    ['drips its body', 'request', (socket) => drip(socket, `${SIGNED}content-length: 9999\r\n\r\n`)],
    ['says nothing', 'connection', () => undefined],
  ])('waits for no caller that %s', async (_, beginning, behave) => {
    const { rig, port } = await listening({ limits: { closingMs: 200 } });
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    const isOver = new Promise((resolve) => socket.on('close', resolve));
    const begun = once(rig.app.server, beginning);
    behave(socket);
    await begun;
    await rig.app.close();
    await isOver;
  });

  test('lets a request that is under way be answered', async () => {
    const { rig, port } = await listening({ limits: { closingMs: 60_000 } });
    let answer: () => void = () => undefined;
    rig.provisioner.beforeReady = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const ready = fetch(`http://127.0.0.1:${port}/readyz`);
    await eventually('the request is under way', () => rig.provisioner.readyCount === 1);
    const closed = rig.app.close();
    answer();
    expect((await ready).status).toBe(200);
    await closed;
  });
});

const SIGNED = Object.entries(hubspotDelivery({ body: '[]' }).headers)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('');

/** Sends a byte at a time until the server hangs up. */
function drip(socket: Socket, opening: string): void {
  socket.write(`POST /webhooks/hubspot HTTP/1.1\r\nhost: x\r\n${opening}`);
  const timer = setInterval(() => socket.write('a'), 20);
  socket.on('close', () => clearInterval(timer));
}
