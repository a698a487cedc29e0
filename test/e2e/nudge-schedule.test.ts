import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { ScheduleOverlapPolicy } from '@temporalio/client';
import { sql } from 'kysely';
import { NUDGE_DEALS, NUDGES_ID, type NudgeResult } from '../../src/contracts/nudges.ts';
import type { CrmName } from '../../src/domain/deal/deal.ts';
import { provisioningId } from '../../src/domain/deal/ids.ts';
import { openStoreDatabase, type StoreDatabase } from '../../src/store/database.ts';
import { HUBSPOT_DEAL, SALESFORCE_DEAL } from '../support/sandbox-tenant.ts';
import { openServiceWorld, type ServiceWorld } from '../support/service-world.ts';
import { embeddedImage } from '../support/store.ts';
import { until, WAIT_MS } from '../support/until.ts';

// Above every wait, whose errors say what was missing.
jest.setTimeout(2 * WAIT_MS + 60_000);

const DAY_MS = 24 * 60 * 60_000;
const WEEK = '{ afterDays: 7, unusedAbove: 0.5, to: [buyer, owner] }';

let folder: string;
let store: StoreDatabase;
let world: ServiceWorld;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dealseat-nudges-'));
});
afterEach(async () => {
  await world.close();
  await store.close();
});
afterAll(() => rm(folder, { recursive: true }));

async function openWorld(): Promise<void> {
  store = await openStoreDatabase({ databaseUrl: null, folder: null, image: await embeddedImage() });
  world = await openServiceWorld({ store });
}

/** A worker whose catalog has these rules. */
async function startWorker({
  rules,
  more = '',
  env = {},
}: {
  readonly rules: string;
  readonly more?: string;
  readonly env?: Readonly<Record<string, string>>;
}) {
  const file = join(folder, 'catalog.yaml');
  const example = await readFile('catalog.example.yaml', 'utf8');
  await writeFile(file, `${example}\nnudges: [${rules}]\n${more}\n`);
  return await world.startWorker({ DEALSEAT_CATALOG: file, ...env });
}

const schedule = () => world.client.schedule.getHandle(NUDGES_ID);

/** Wins a deal in each CRM. */
async function deliver(): Promise<void> {
  const { hubspot, salesforce } = world.sandbox;
  const ids: readonly (readonly [CrmName, string])[] = [
    ['hubspot', hubspot.state.createDeal(HUBSPOT_DEAL)],
    ['salesforce', salesforce.state.createOpportunity(SALESFORCE_DEAL)],
  ];
  for (const [crm, dealId] of ids) {
    const ref = world.ref(crm, dealId);
    await world.runs.provision(ref, { by: 'manual', detail: 'test' });
    expect(await world.runs.result(provisioningId(ref))).toMatchObject({ status: 'Delivered' });
  }
}

/** What has happened happened so many days earlier. */
async function pass(days: number): Promise<void> {
  const before = sql<Date>`make_interval(days => ${days})`;
  await store.db
    .updateTable('orders')
    .set(({ ref }) => ({ delivered_at: sql<Date>`${ref('delivered_at')} - ${before}` }))
    .execute();
  await store.db
    .updateTable('nudges')
    .set(({ ref }) => ({ settled_at: sql<Date>`${ref('settled_at')} - ${before}` }))
    .execute();
}

let ticks = 0;

/** The looks of so many whole days of the schedule's own calendar, one after the other, as the server starts them. */
async function looksOf(days: number): Promise<NudgeResult[]> {
  const midnight = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const end = midnight - ticks * DAY_MS;
  ticks += days;
  const before = await looks();
  await schedule().backfill({
    start: new Date(end - days * DAY_MS),
    end: new Date(end - 1),
    overlap: ScheduleOverlapPolicy.BUFFER_ALL,
  });
  const fresh = () => looks().then((all) => all.filter((id) => !before.includes(id)));
  await until('the looks of these days are over', async () => (await fresh()).length === days);
  return await Promise.all(
    (await fresh()).map((id) => world.client.workflow.getHandle(id).result() as Promise<NudgeResult>),
  );
}

/** Ids of the looks that are over, the earliest first. */
async function looks(): Promise<string[]> {
  const ids: string[] = [];
  const query = `WorkflowType="${NUDGE_DEALS}" AND ExecutionStatus="Completed"`;
  for await (const { workflowId } of world.client.workflow.list({ query })) ids.push(workflowId);
  return ids.sort();
}

function reminded() {
  const { outbox, hubspot, salesforce } = world.sandbox;
  const subjects = [
    ...hubspot.state.records.list('tasks').map(({ properties }) => properties.hs_task_subject ?? ''),
    ...salesforce.state.rows('Task').map(({ Subject }) => String(Subject)),
  ];
  return {
    mails: outbox.mails.filter((mail) => /not in use yet/.test(JSON.stringify(mail))).length,
    tasks: subjects.filter((subject) => /not in use yet/.test(subject)).length,
  };
}

test('The schedule is made with the worker, takes over hour and time zone at a restart, and stays paused', async () => {
  await openWorld();
  const worker = await startWorker({ rules: WEEK });
  const made = await schedule().describe();
  expect(made.spec).toMatchObject({ timezone: 'UTC' });
  expect(hourOf(made.info.nextActionTimes[0], 'UTC')).toBe('09:00');
  await schedule().pause('by an operator');
  await worker.stop();
  await startWorker({ rules: WEEK, more: 'timeZone: America/New_York', env: { DEALSEAT_NUDGES_HOUR: '7' } });
  const changed = await schedule().describe();
  expect(changed.spec).toMatchObject({ timezone: 'America/New_York' });
  expect(hourOf(changed.info.nextActionTimes[0], 'America/New_York')).toBe('07:00');
  expect(changed.state).toMatchObject({ paused: true, note: 'by an operator' });
});

function hourOf(time: Date | undefined, timeZone: string): string | undefined {
  return time?.toLocaleTimeString('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });
}

test('A buyer gets one mail and the owner one task, in each CRM, however many days, workers and changed rules follow', async () => {
  await openWorld();
  const worker = await startWorker({ rules: WEEK });
  await deliver();
  await pass(6);
  expect(await looksOf(1)).toMatchObject([{ orders: 2, sent: 0, skipped: 0, isComplete: true }]);
  await pass(2);
  expect((await looksOf(2)).map(({ sent }) => sent).sort()).toEqual([0, 2]);
  expect(reminded()).toEqual({ mails: 2, tasks: 2 });

  await worker.stop();
  const next = await startWorker({ rules: WEEK });
  expect(await looksOf(1)).toMatchObject([{ orders: 2, sent: 0, skipped: 0 }]);

  await next.stop();
  const changed = '{ afterDays: 7, unusedAbove: 0.4, to: [buyer, owner] }';
  await startWorker({ rules: `${changed}, { afterDays: 10, to: owner }` });
  expect(await looksOf(1)).toMatchObject([{ orders: 2, sent: 0, skipped: 0 }]);
  expect(reminded()).toEqual({ mails: 2, tasks: 2 });

  await pass(2);
  expect(await looksOf(1)).toMatchObject([{ orders: 2, sent: 2, skipped: 0 }]);
  expect(reminded()).toEqual({ mails: 2, tasks: 4 });
});
