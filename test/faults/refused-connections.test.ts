import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import type { SandboxSystem } from '../../sandbox/faults.ts';
import type { CrmName } from '../../src/domain/deal/deal.ts';
import { Gate } from '../support/gate.ts';
import { openRig } from '../support/rig.ts';
import { serverAddress } from '../support/server.ts';
import { until } from '../support/until.ts';
import { deliver, WIDE_BOUNDS } from './run-deal.ts';

const rig = openRig();

interface Outage {
  readonly system: SandboxSystem;
  readonly crm: CrmName;
  /** So many requests reach the system before nothing listens there any more. */
  readonly after: number;
}

const OUTAGES: readonly Outage[] = [
  { system: 'ti', crm: 'hubspot', after: 0 },
  { system: 'ti', crm: 'salesforce', after: 2 },
  { system: 'hubspot', crm: 'hubspot', after: 0 },
  { system: 'hubspot', crm: 'hubspot', after: 8 },
  { system: 'salesforce', crm: 'salesforce', after: 0 },
  { system: 'salesforce', crm: 'salesforce', after: 4 },
];

let connection: Connection;
beforeAll(async () => {
  connection = await Connection.connect({ address: serverAddress() });
});
afterAll(() => connection.close());

/** Whether an attempt of a step of this run ended because nothing listened. */
async function hasMetRefusal(id: string): Promise<boolean> {
  const { raw } = await new Client({ connection }).workflow.getHandle(id).describe();
  return (raw.pendingActivities ?? []).some(({ lastFailure }) =>
    lastFailure?.message?.includes('ECONNREFUSED'),
  );
}

describe('a system that refuses connections', () => {
  for (const { system, crm, after } of OUTAGES) {
    test.concurrent(`(${system}, after ${after} requests) is waited for, and the deal is delivered once (${crm})`, async () => {
      const gate = new Gate();
      const options = {
        policy: WIDE_BOUNDS,
        route: async (urls: Readonly<Record<SandboxSystem, string>>) => ({
          ...urls,
          [system]: await gate.openBefore(urls[system]),
        }),
        // The org tells callers its own address along with the token.
        ...(system === 'salesforce' ? { salesforce: { baseUrl: () => gate.url } } : {}),
      };
      try {
        await rig.withSandbox(options, async (tenant) => {
          const requests = () => tenant.sandbox.exchanges.filter((made) => made.system === system).length;
          if (after === 0) await gate.shut();
          const { codes } = await deliver(tenant, { crm, scenario: 'buyer' }, async ({ id }) => {
            await until('the system is at work', () => requests() >= after);
            await gate.shut();
            await until('a call was refused', () => hasMetRefusal(id));
            await gate.open();
          });
          expect(codes).toEqual([]);
        });
      } finally {
        await gate.shut();
      }
    }, 300_000);
  }
});
