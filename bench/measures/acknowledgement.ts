import { fork } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import type { Sandbox } from '../../sandbox/index.ts';
import { LEAN_FLAGS, MEMORY_VARIABLES } from '../../src/commands/terminal/lean-process.ts';
import type { AcknowledgementOrder, AcknowledgementRoutes } from '../acknowledgement-protocol.ts';
import { PUBLIC_URL } from '../service-context.ts';

/** How long a CRM waits until its signed event is acknowledged, which is when Temporal has accepted the run. */
export interface Acknowledgement {
  readonly events: number;
  readonly perSecond: number;
  readonly product: Percentiles;
  /** A bare Fastify route with the same signature check and the same start, in the same process. */
  readonly bare: Percentiles;
}

interface Percentiles {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const ENTRY = fileURLToPath(new URL('../acknowledgement-process.ts', import.meta.url));
/**
 * Events of a block. The routes take turns by blocks of a tenth of a second, so that a slow moment of the machine hits
 * both: a few such moments decide what 99 % means.
 */
const BLOCK = 10;
const WARM_UP_BLOCKS = 20;

/** No worker polls the queue: what is measured is the way in, and not what the machine does with the deals meanwhile. */
export async function measureAcknowledgement(
  { sandbox, temporalAddress }: { readonly sandbox: Sandbox; readonly temporalAddress: string },
  { events, perSecond }: Pick<Acknowledgement, 'events' | 'perSecond'>,
): Promise<Acknowledgement> {
  const { ti, hubspot, salesforce } = sandbox;
  const urls = { ti: { url: ti.url }, hubspot: { url: hubspot.url }, salesforce: { url: salesforce.url } };
  const order: AcknowledgementOrder = { temporalAddress, taskQueue: 'bench-acknowledgement', urls };
  const child = fork(ENTRY, [JSON.stringify(order)], {
    // As a webhook server of the product begins.
    execArgv: [...LEAN_FLAGS],
    env: { ...MEMORY_VARIABLES, ...process.env },
  });
  try {
    const ended = once(child, 'close').then(([code]) => {
      throw new Error(`The process that takes events ended with ${code}`);
    });
    const [routes] = (await Promise.race([once(child, 'message'), ended])) as [AcknowledgementRoutes];
    ended.catch(() => undefined);
    const ids = newDealIds();
    const send = (blocks: number) => sendBlocks({ sandbox, routes, perSecond, blocks, ids });
    // The first ones open connections, and compile what is used.
    await send(WARM_UP_BLOCKS);
    const took = await send((events * 2) / BLOCK);
    return { events, perSecond, product: percentilesOf(took.product), bare: percentilesOf(took.bare) };
  } finally {
    child.kill('SIGKILL');
  }
}

/** Of deals that are nowhere: the way in does not look for them. */
function* newDealIds(): Generator<string, never> {
  for (let id = 700_000_000; ; id += 1) yield String(id);
}

type Took = Readonly<Record<keyof AcknowledgementRoutes, number[]>>;

/** One event after the other at its moment, whether or not those before it are acknowledged. */
async function sendBlocks(options: {
  readonly sandbox: Sandbox;
  readonly routes: AcknowledgementRoutes;
  readonly perSecond: number;
  readonly blocks: number;
  readonly ids: Generator<string, never>;
}): Promise<Took> {
  const { sandbox, routes, perSecond, blocks, ids } = options;
  const startedAt = performance.now();
  const took: Took = { product: [], bare: [] };
  const sent: Promise<unknown>[] = [];
  for (let index = 0; index < blocks * BLOCK; index += 1) {
    await pause(Math.max(0, startedAt + (index * 1_000) / perSecond - performance.now()));
    const route = routeOf(Math.floor(index / BLOCK));
    const event = timeEvent(routes[route], JSON.stringify(sandbox.hubspot.events([ids.next().value])));
    sent.push(event.then((ms) => took[route].push(ms)));
  }
  await Promise.all(sent);
  return took;
}

/** Each route is as often the first of a pair as the second. */
function routeOf(block: number): keyof AcknowledgementRoutes {
  return [0, 3].includes(block % 4) ? 'product' : 'bare';
}

async function timeEvent(route: string, body: string): Promise<number> {
  const timestamp = String(Date.now());
  const signature = createHmac('sha256', 'sandbox-hubspot-secret')
    .update(`POST${PUBLIC_URL}/webhooks/hubspot${body}${timestamp}`)
    .digest('base64');
  const startedAt = performance.now();
  const answer = await request(route, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-hubspot-signature-v3': signature,
      'x-hubspot-request-timestamp': timestamp,
    },
  });
  await answer.body.dump();
  if (answer.statusCode !== 200) throw new Error(`${route} answered ${answer.statusCode}`);
  return performance.now() - startedAt;
}

function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}
