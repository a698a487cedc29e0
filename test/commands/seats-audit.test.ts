import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { sql } from 'kysely';
import { loadConfig } from '../../src/config/config.ts';
import { alertId } from '../../src/contracts/alert.ts';
import { SEAT_AUDIT_ID } from '../../src/contracts/seat-audit.ts';
import { ensureSeatAuditSchedule } from '../../src/temporal/seat-audit-schedule.ts';
import { createReplayer } from '../support/replay.ts';
import { HUBSPOT_DEAL, SALESFORCE_DEAL } from '../support/sandbox-tenant.ts';
import { seatsIn } from '../support/seat-store.ts';
import { WAIT_MS } from '../support/until.ts';
import { workflowBundle } from '../support/workflow-bundle.ts';
import { documentOf } from './dealseat.ts';
import { openServiceRig } from './service-rig.ts';

const SLOW = WAIT_MS + 60_000;

const open = openServiceRig({
  keepsSeats: true,
  // Nobody listens there; an alert waits longer before it is sent than these tests take.
  env: { DEALSEAT_ALERT_WEBHOOK_URL: 'http://127.0.0.1:1/alerts' },
});

/** Delivered before the tests: one deal in each CRM, and a second one in HubSpot. */
let deals: { readonly hubspot: string; readonly second: string; readonly salesforce: string };
let client: Client;

beforeAll(async () => {
  const { dealseat, sandbox, env } = open();
  deals = {
    hubspot: sandbox.hubspot.state.createDeal(HUBSPOT_DEAL),
    second: sandbox.hubspot.state.createDeal(HUBSPOT_DEAL),
    salesforce: sandbox.salesforce.state.createOpportunity(SALESFORCE_DEAL),
  };
  const outcomes = await Promise.all([
    dealseat('provision', 'hubspot', deals.hubspot, '--wait'),
    dealseat('provision', 'hubspot', deals.second, '--wait'),
    dealseat('provision', 'salesforce', deals.salesforce, '--wait'),
  ]);
  expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
  const connection = await Connection.connect({ address: env.TEMPORAL_ADDRESS ?? '' });
  client = new Client({ connection, namespace: env.TEMPORAL_NAMESPACE ?? '' });
}, SLOW);
afterAll(() => client.connection.close());

async function known() {
  const { db } = open().seats();
  const orders = await db
    .selectFrom('orders')
    .select(['crm', 'deal_id', 'deal_name', 'company_name', 'audience', 'buyer_contact_id', 'delivered_at'])
    .orderBy('deal_id')
    .execute();
  const seats = (await seatsIn(open().seats())).map(({ id: _, ...seat }) => seat);
  return {
    orders: orders.map(({ delivered_at: at, ...order }) => ({ ...order, isDelivered: at !== null })),
    seats,
  };
}

/** As if the database was lost. */
async function lose(): Promise<void> {
  await sql`truncate orders, findings, audit_log, redemptions restart identity cascade`.execute(
    open().seats().db,
  );
}

test('the schedule of the audit is there, takes over new settings, and stays paused', async () => {
  const { taskQueue, policy } = loadConfig(open().env);
  const schedule = client.schedule.getHandle(SEAT_AUDIT_ID);
  expect((await schedule.describe()).action.args).toEqual([{ maxRequests: 15 * 6_000, policy }]);
  await schedule.pause('by an operator');
  await ensureSeatAuditSchedule({ client, taskQueue, policy, requestsPerMinute: 2 });
  const { action, state, spec } = await schedule.describe();
  expect(action.args).toEqual([{ maxRequests: 30, policy }]);
  expect(state.paused).toBe(true);
  expect(spec.calendars).toHaveLength(1);
});

test(
  'audit --now finds what differs, with one alert for each kind, and is over when it is put right',
  async () => {
    const { dealseat, seats, portalId } = open();
    expect(await dealseat('seats', 'audit', '--now')).toEqual({
      exitCode: 0,
      stdout: 'No open findings.\n',
      stderr: 'Compared the seats of 3 deals.\n',
    });
    const { db } = seats();
    await db.deleteFrom('seat_events').execute();
    const ofHubSpot = db.selectFrom('orders').select('orders.id').where('crm', '=', 'hubspot');
    await db.deleteFrom('seats').where('order_id', 'in', ofHubSpot).execute();

    const found = await dealseat('seats', 'audit', '--now', '--json');
    expect(found.exitCode).toBe(1);
    const findings = documentOf(found).findings as { readonly dealId: string; readonly kind: string }[];
    expect(findings.map(({ dealId }) => dealId).sort()).toEqual([deals.hubspot, deals.second].sort());
    expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(['audit.seats_differ']));
    const about = 'audit.seats_differ';
    const scope = { crm: 'hubspot', account: portalId };
    const alert = client.workflow.getHandle(alertId({ code: 'store.differs', scope, about }));
    const signals = (await alert.fetchHistory()).events?.filter(
      ({ workflowExecutionSignaledEventAttributes: signal }) => signal,
    );
    expect(signals).toHaveLength(1);
    const replayer = createReplayer(await workflowBundle());
    const run = client.workflow.getHandle(`${SEAT_AUDIT_ID}-now`);
    await replayer.replay(await run.fetchHistory(), run.workflowId);
    await replayer.close();

    const shown = await dealseat('seats', 'audit', 'hubspot', deals.hubspot);
    expect(shown).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('1 open finding:\n'),
      stderr: '',
    });
    expect(shown.stdout).toContain('was given 3 seats of Leadership Essentials, and the database has 0');
    await lose();
    await dealseat('seats', 'rebuild');
    const over = await dealseat('seats', 'audit', '--now');
    expect(over).toMatchObject({ exitCode: 0, stdout: 'No open findings.\n' });
  },
  SLOW,
);

test(
  'rebuild writes the seats of one deal, and then those of all others, as they were before',
  async () => {
    const { dealseat } = open();
    const before = await known();
    expect(before.orders.map(({ isDelivered }) => isDelivered)).toEqual([true, true, true]);
    await lose();
    expect(await dealseat('seats', 'rebuild', 'hubspot', deals.hubspot)).toEqual({
      exitCode: 0,
      stdout: `hubspot ${deals.hubspot} ${HUBSPOT_DEAL.name}: 3 seats written\n1 deal looked at, 3 seats of 1 deal written.\n`,
      stderr: '',
    });
    const { exitCode, stdout, stderr } = await dealseat('seats', 'rebuild');
    expect([exitCode, stderr]).toEqual([0, '']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.at(-1)).toMatch(/^\d+ deals looked at, 6 seats of 2 deals written\.$/);
    expect(lines).toContain(
      `hubspot ${deals.hubspot} ${HUBSPOT_DEAL.name}: the database has all of its seats`,
    );
    expect(lines).toContain(`salesforce ${deals.salesforce} ${SALESFORCE_DEAL.name}: 3 seats written`);
    expect(lines.filter((line) => line.endsWith(': nothing was delivered')).length).toBe(lines.length - 4);
    expect(await known()).toEqual(before);
    const json = await dealseat('seats', 'rebuild', '--json');
    expect(JSON.parse(json.stdout)).toHaveLength(lines.length - 1);
  },
  SLOW,
);
