import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { hubspotEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import { serverAddress } from '../support/server.ts';

/** The test has worker processes of its own. */
const rig = openRig({ runsWorker: false });

const POLICY = { silenceMs: 6_000, lookUpMs: 1_000 };

/** A way to the Temporal server that can be cut for good. */
async function openLine(address: string) {
  const { hostname, port } = new URL(`tcp://${address}`);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('data', (chunk) => other.write(chunk));
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: () => {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

describe('A worker that is cut off from Temporal', () => {
  test('in the middle of a step makes nothing any more, and another one goes on within seconds', () =>
    rig.withSandbox({ policy: POLICY }, async (tenant) => {
      const { faults, ti, exchanges } = tenant.sandbox;
      await using line = await openLine(serverAddress());
      // Its look-up never ends, and its answer to Temporal would never arrive.
      faults.add({ system: 'ti', method: 'GET', kind: 'stall' });
      await using _cutOff = tenant.startWorker({ address: line.address });
      const deal = await tenant.startHubSpot();
      await tenant.waitForEvidence(() => faults.hits.length === 1);
      line.cut();
      const cutAt = Date.now();
      await using _other = tenant.startWorker();
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered' });
      expect(ti.state.groups).toHaveLength(1);
      const creates = exchanges.filter(({ system, method }) => system === 'ti' && method === 'POST');
      expect(creates).toHaveLength(1);
      expect(hubspotEvidence(tenant.sandbox, deal).mailedTo).toHaveLength(1);
      expect(Date.now() - cutAt).toBeLessThan(120_000);
    }));
});
