import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { openRig } from '../support/rig.ts';
import { serverAddress } from '../support/server.ts';
import { type Choice, runCell } from './cell.ts';
import { failureOf, type Row } from './matrix.ts';

/**
 * Resets that destroyed, faked or doubted a delivery before, and some of their neighbours. All points of all kinds of
 * runs: `npm run test:resets`.
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
const FAILED: Row = { ...ROW, kind: 'failed' };
const FAILED_THEN_DELIVERED: Row = { ...FAILED, hasLaterDelivery: true };

const BEFORE_ROSTER = /> .*ActivityTaskScheduled attachRoster/;
const BEFORE_MAIL = /> .*ActivityTaskScheduled sendMessages/;
const AFTER_MAIL = /ActivityTask\w+ sendMessages.* > \w+ >/;
const BEFORE_UNDO = /> .*ActivityTaskScheduled removeRoster/;
const AFTER_UNDO = /ActivityTask\w+ quarantineCodeGroup.* > \w+ >/;
const LAST = /> .*WorkflowExecution(Failed|Completed|Canceled)/;

const KNOWN: readonly (readonly [string, Row, Choice])[] = [
  ['that failed and lost its roster is delivered with one, from the mail on', FAILED, BEFORE_MAIL],
  [
    'that failed and lost its roster is delivered with one, from the mail on (Salesforce)',
    { ...FAILED, crm: 'salesforce' },
    BEFORE_MAIL,
  ],
  [
    'that failed leaves nothing with anybody where two mails were refused and nobody helps',
    { ...FAILED, audience: 'learners', isHelped: false },
    LAST,
  ],
  [
    'that failed undoes nothing of a later delivery while nobody helps it',
    { ...FAILED_THEN_DELIVERED, isHelped: false },
    AFTER_MAIL,
  ],
  [
    'that failed undoes nothing of a later delivery in the middle of its undo',
    FAILED_THEN_DELIVERED,
    BEFORE_UNDO,
  ],
  [
    'that failed says nothing of its end on a deal that was delivered later',
    FAILED_THEN_DELIVERED,
    AFTER_UNDO,
  ],
  [
    'that failed undoes nothing of a later delivery (Salesforce)',
    { ...FAILED_THEN_DELIVERED, crm: 'salesforce' },
    BEFORE_UNDO,
  ],
  [
    'that was cancelled leaves a later delivery, and no task to expire its codes',
    { ...ROW, kind: 'cancelled', audience: 'learners', hasLaterDelivery: true },
    BEFORE_ROSTER,
  ],
  ['that was delivered asks nobody whether its mail is out', ROW, BEFORE_MAIL],
  [
    'that was delivered leaves the roster of a later top-up',
    { ...ROW, hasLaterDelivery: true },
    BEFORE_ROSTER,
  ],
  ['that withdrew a seat asks nobody again', { ...ROW, kind: 'withdrawn', reappliesMessages: false }, 1],
  [
    'that withdrew a seat forgets nothing of a later delivery',
    { ...ROW, kind: 'withdrawn', hasLaterDelivery: true },
    /> .*ActivityTaskScheduled withdrawSeats/,
  ],
  [
    'whose deal was merged leaves the surviving one as it is',
    { ...ROW, kind: 'merged', hasLaterDelivery: true },
    BEFORE_ROSTER,
  ],
];

describe('A run that is reset', () => {
  test.concurrent.each(KNOWN)('%s', async (_, row, choice) => {
    const cell = await runCell({ rig, client: new Client({ connection }) }, row, choice);
    if (cell === null) throw new Error('The run has no such point');
    expect(failureOf(row, cell)).toBe('');
  });
});
