import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { createLagStore } from '../../src/temporal/lag-store.ts';
import { serverAddress } from '../support/server.ts';

let connection: Connection;
beforeAll(async () => {
  connection = await Connection.connect({ address: serverAddress() });
});
afterAll(() => connection.close());

describe('what was observed of an account', () => {
  test('is kept by Temporal for all workers, the last observation in place of the one before', async () => {
    const account = `ti:${randomUUID()}`;
    const [mine, others] = [1, 2].map(() => createLagStore(new Client({ connection }), `test-${account}`));
    expect(await others?.recall(account)).toBeNull();
    await mine?.remember(account, { lags: [{ ms: 40, size: 25 }], at: 1 });
    const later = {
      lags: [
        { ms: 40, size: 25 },
        { ms: 900, size: 25 },
      ],
      at: 2,
    };
    await mine?.remember(account, later);
    expect(await others?.recall(account)).toEqual(later);
    await new Client({ connection }).workflow.getHandle(`lag:${account}`).terminate('the test is over');
  });
});
