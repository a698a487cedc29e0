import { describe, expect, test } from '@jest/globals';
import { openRig } from '../support/rig.ts';

const rig = openRig();

describe('A dry run', () => {
  test.concurrent('of a deal that does not exist fails with the code that the caller is answered with', () =>
    rig.withSandbox(async (tenant) => {
      await expect(tenant.console.preview(tenant.ref('hubspot', '99999'))).rejects.toMatchObject({
        code: 'crm.deal_not_found',
        message: expect.stringContaining('read deal 99999'),
      });
    }));

  test.concurrent('tells what kept the CRM from answering once it has been asked long enough', () =>
    rig.withSandbox({ policy: { readTotalMs: 1_500 } }, async (tenant) => {
      tenant.sandbox.faults.add({ system: 'hubspot', kind: 'status', status: 503, times: Infinity });
      await expect(tenant.console.preview(tenant.ref('hubspot', '9001'))).rejects.toMatchObject({
        code: 'crm.unavailable',
      });
    }));
});
