import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config/config.ts';
import { createVault } from '../../src/config/secret-keys.ts';
import { createLogger } from '../../src/observability/logging.ts';
import { openSeatDesk } from '../../src/processes/open-seat-desk.ts';
import { startWebhooks } from '../../src/processes/webhooks.ts';
import { openStoreDatabase } from '../../src/store/database.ts';
import { ACME, fillStore } from '../support/filled-store.ts';
import { embeddedImage } from '../support/store.ts';

const env = {
  HUBSPOT_ACCESS_TOKEN: 't',
  HUBSPOT_PORTAL_ID: '62515',
  HUBSPOT_CLIENT_SECRET: 'a-secret-of-the-test',
  WEBHOOK_PUBLIC_URL: 'http://127.0.0.1:8080',
  WEBHOOK_PORT: '0',
  DEALSEAT_SECRET_KEYS: `k1:${Buffer.alloc(32, 5).toString('base64')}`,
  // Port 1 of this machine: nothing listens there.
  TEMPORAL_ADDRESS: '127.0.0.1:1',
};
const config = loadConfig(env);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dealseat-beside-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a command asks the service that has the embedded database, waits for it to answer, and opens the database itself once it has stopped', async () => {
  const store = join(folder, 'seats');
  await expect(openSeatDesk({ config, env, folder: store })).rejects.toThrow(
    'there is no embedded database of seats',
  );

  const database = await openStoreDatabase({
    databaseUrl: null,
    folder: store,
    image: await embeddedImage(),
  });
  await fillStore(database, createVault(config.secretKeys ?? []));
  await expect(openSeatDesk({ config, env, folder: store })).rejects.toMatchObject({ code: 'store.locked' });

  const target = { connectionOptions: { address: env.TEMPORAL_ADDRESS }, namespace: 'default' };
  const logger = createLogger({ level: 'silent' });
  const webhooks = await startWebhooks({ config, target, logger, store: database }, { modules: [] });
  const beside = await openSeatDesk({ config, env, folder: store });
  const seen = await beside.desk.seatsOf(ACME);
  expect(seen.order.counts.sold).toBe(8);
  expect((await beside.desk.find({ text: 'ACME-LEAD-1' })).by).toBe('code');
  expect(beside.waitsHere).toBe(true);
  await beside.close();
  await webhooks.stop();
  await database.close();

  const alone = await openSeatDesk({ config, env, folder: store });
  expect(await alone.desk.seatsOf(ACME)).toEqual(seen);
  expect((await alone.desk.find({ text: 'ACME-LEAD-1' })).by).toBe('code');
  expect(alone.waitsHere).toBe(false);
  await alone.close();
}, 60_000);
