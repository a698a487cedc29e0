import { describe, expect, test } from '@jest/globals';
import { askedIn, type Exchange } from '../../sandbox/http.ts';
import { openRig } from '../support/rig.ts';
import type { SandboxTenant } from '../support/sandbox-tenant.ts';

const rig = openRig();

/** On a busy machine the next step begins later than its hold is trusted. */
const PATIENT = { holdTrustMs: 240_000, attemptMs: 240_000, writeTotalMs: 300_000 };

/** Longer than a test may take. */
const NEVER_MS = 900_000;
const NO_PAUSE = { ...PATIENT, holdPauseMs: NEVER_MS, holdLeaseMs: 6 * NEVER_MS };

const QUESTION = 'GET /query';
const EDIT = 'PATCH /sobjects/Opportunity/{id}';
const FILE = 'POST /sobjects/ContentVersion';
const MAIL = 'POST /actions/standard/emailSimple';

/** Without the version, and with `{id}` for what is another one in each org. */
function named({ method, path }: Exchange): string {
  const resource = path.replace(/^\/services\/data\/v\d+\.0/, '').replace(/\/0[0-9A-Za-z]{17}$/, '/{id}');
  return `${method} ${resource}`;
}

/** What the delivery asks of an org that the worker knows: it has a token, and has seen how soon mails are logged. */
async function deliveryOf(tenant: SandboxTenant): Promise<Exchange[]> {
  const deliver = async () => {
    const { id } = await tenant.startSalesforce();
    expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
  };
  await deliver();
  const before = tenant.sandbox.exchanges.length;
  await deliver();
  return tenant.sandbox.exchanges.slice(before).filter(({ system }) => system === 'salesforce');
}

describe('Salesforce is asked', () => {
  test.concurrent('at most six times for a delivery, in which what belongs together goes as one and nothing pauses', () =>
    rig.withSandbox({ policy: NO_PAUSE }, async (tenant) => {
      const calls = await deliveryOf(tenant);
      expect(calls.length).toBeLessThanOrEqual(6);
      expect(askedIn(calls).map(named)).toEqual([
        // The deal, and what was just taken off it; the hold, looked at, written and proven.
        ...[QUESTION, 'GET /queryAll', 'GET /queryAll'],
        ...[QUESTION, EDIT, QUESTION],
        // The roster and its workbook, and what is about to be handed over.
        ...[FILE, 'GET /sobjects/ContentVersion/{id}', FILE],
        EDIT,
        MAIL,
        // The mark, the task of its owner once the mark is there, and how the deal looks then.
        ...[EDIT, QUESTION, 'POST /sobjects/Task', QUESTION],
      ]);
    }));

  test.concurrent('once more where no history tells who was first with the deal', () =>
    rig.withSandbox({ policy: PATIENT, salesforce: { trackedFields: [] } }, async (tenant) => {
      expect((await deliveryOf(tenant)).length).toBeLessThanOrEqual(7);
    }));
});
