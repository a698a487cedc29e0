import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { openRig, serverAddress } from '../support/rig.ts';
import { type Choice, runCell } from './cell.ts';
import { nameOf, type Row } from './matrix.ts';

/**
 * Resets that once destroyed or faked a delivery, and their neighbours. All points of all kinds of runs:
 * `npm run test:resets`.
 */
const rig = openRig();

let connection: Connection;
beforeAll(async () => {
  connection = await Connection.connect({ address: serverAddress() });
});
afterAll(() => connection.close());

const ROW: Row = {
  kind: 'delivered',
  crm: 'hubspot',
  audience: 'buyer',
  hasLaterDelivery: false,
  reappliesMessages: true,
  isHelped: true,
};
const later = { hasLaterDelivery: true } as const;

const KNOWN: readonly (readonly [string, Row, Choice])[] = [
  ['delivers with a roster, though its undo had removed that', { ...ROW, kind: 'failed' }, /> .*sendMessages/],
];

describe('A run that is reset', () => {
  test.concurrent.each(KNOWN)('%s', async (_, row, choice) => {
    const cell = await runCell({ rig, client: new Client({ connection }) }, row, choice);
    expect(cell).toMatchObject({ broken: [] });
  });
});
