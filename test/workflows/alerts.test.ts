import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection } from '@temporalio/worker';
import {
  ALERT_OPERATORS,
  type Alert,
  type AlertActivities,
  type AlertProgress,
  DEAL_WAITS,
  type RaiseAlertInput,
} from '../../src/contracts/alert.ts';
import { createLogger } from '../../src/observability/logging.ts';
import { installRuntime } from '../../src/temporal/runtime.ts';
import { createWorker } from '../../src/temporal/worker.ts';
import { routeByAccount } from '../support/route-by-account.ts';
import { serverAddress } from '../support/server.ts';
import { until, WAIT_MS } from '../support/until.ts';
import { workflowBundle } from '../support/workflow-bundle.ts';

type Look = AlertActivities['stillWaiting'];

const CAUSE = { code: 'lms.unauthorized', scope: null, about: null } as const;
const DEAL = { crm: 'hubspot', account: '62515', dealId: '9001', name: 'Acme', url: '' } as const;
const RAISED: RaiseAlertInput = { cause: CAUSE, message: 'HTTP 401', cure: 'Set the key anew.', deal: DEAL };
const BOUNDS = { gatherMs: 50, lookMs: 50, lookMaxMs: 100, repeatMs: 600_000 };

const taskQueue = `alerts-${randomUUID()}`;
const looks = new Map<string, Look>();
const sent = new Map<string, Alert[]>();
/** Whose next message is lost. */
const deaf = new Set<string>();
let client: Client;
const stops: (() => Promise<unknown>)[] = [];

jest.setTimeout(WAIT_MS);

beforeAll(async () => {
  installRuntime(createLogger({ level: 'fatal' }));
  const address = serverAddress();
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  client = new Client({ connection });
  const worker = await createWorker({
    connection: native,
    namespace: 'default',
    taskQueue,
    workflowBundle: await workflowBundle(),
    activities: {
      ...routeByAccount(new Map()),
      raiseAlert: async () => ({ isRaised: true }),
      stillWaiting: async (input) => (await looks.get(input.cause.about ?? '')?.(input)) ?? input,
      sendAlert: async ({ channel, alert }) => {
        if (channel !== 'webhook') return { isSent: false };
        const about = alert.cause.about ?? '';
        if (deaf.delete(about)) throw ApplicationFailure.nonRetryable('the receiver is away');
        sent.get(about)?.push(alert);
        return { isSent: true };
      },
    },
    shutdownGraceMs: 1_000,
  });
  const ended = worker.run();
  stops.push(
    async () => {
      worker.shutdown();
      await ended;
    },
    () => native.close(),
    () => connection.close(),
  );
});

afterAll(async () => {
  for (const stop of stops) await stop();
});

/** An alert of its own, with what its looks find. */
async function raise(
  look: Look,
  more: { raised?: Partial<RaiseAlertInput>; carried?: AlertProgress; isDeaf?: true } = {},
) {
  const about = randomUUID();
  const cause = { ...CAUSE, about };
  const alerts: Alert[] = [];
  looks.set(about, look);
  sent.set(about, alerts);
  const { carried, isDeaf } = more;
  if (isDeaf) deaf.add(about);
  const handle = await client.workflow.signalWithStart(ALERT_OPERATORS, {
    workflowId: `alert-test-${about}`,
    taskQueue,
    args: [{ cause, bounds: BOUNDS, ...(carried && { carried }) }],
    signal: DEAL_WAITS,
    signalArgs: [{ ...RAISED, cause, ...more.raised }],
  });
  return { handle, alerts, states: () => alerts.map(({ state }) => state) };
}

describe('An alert to those who run Dealseat', () => {
  test.concurrent('is sent though no one can see which deals still wait', async () => {
    let fails = true;
    const { alerts, handle } = await raise(async () => {
      if (fails) throw ApplicationFailure.nonRetryable('the list of runs is away');
      return { deals: [] };
    });
    await until('it is sent', () => alerts.length > 0);
    expect(alerts[0]).toMatchObject({ state: 'raised', dealCount: 1 });
    fails = false;
    await handle.result();
  });

  test.concurrent('is sent again soon where it reached no one', async () => {
    let isFixed = false;
    const look: Look = async ({ deals }) => ({ deals: isFixed ? [] : deals });
    const { alerts, states, handle } = await raise(look, { isDeaf: true });
    await until('it is sent', () => alerts.length > 0);
    isFixed = true;
    await handle.result();
    expect(states()).toEqual(['raised', 'resolved']);
  });

  test.concurrent('keeps a deal that came again while it looked', async () => {
    let isFirst = true;
    let isFixed = false;
    const { alerts, states, handle } = await raise(async ({ cause, deals }) => {
      if (!isFirst) return { deals: isFixed ? [] : deals };
      isFirst = false;
      await client.workflow
        .getHandle(`alert-test-${cause.about}`)
        .signal(DEAL_WAITS, { ...RAISED, cause } satisfies RaiseAlertInput);
      return { deals: [] };
    });
    await until('it is sent', () => alerts.length > 0);
    expect(alerts[0]).toMatchObject({ state: 'raised', dealCount: 1, deals: [DEAL] });
    isFixed = true;
    await handle.result();
    expect(states()).toEqual(['raised', 'resolved']);
  });

  test.concurrent('of which neither the deal nor its owner could be told is sent once, whatever the run shows', async () => {
    const { states, handle } = await raise(async () => ({ deals: [] }), { raised: { isUntold: true } });
    await handle.result();
    expect(states()).toEqual(['raised']);
  });

  test.concurrent('to a thousand deals drops its history before it is large', async () => {
    const deals = Array.from({ length: 1_000 }, (_, index) => {
      return { ...DEAL, dealId: String(index), name: 'x'.repeat(700) };
    });
    let isFixed = false;
    const carried = { deals, message: 'm', cure: 'c', sentAt: Date.now(), since: Date.now(), count: 1 };
    const { handle } = await raise(async (look) => ({ deals: isFixed ? [] : look.deals }), { carried });
    await until('it goes on as new', async () => {
      const { runId } = await client.workflow.getHandle(handle.workflowId).describe();
      return runId !== handle.signaledRunId;
    });
    isFixed = true;
    await client.workflow.getHandle(handle.workflowId).result();
  });
});
