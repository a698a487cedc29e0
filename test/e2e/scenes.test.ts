import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { PAGE_KEY } from '../../sandbox/environment.ts';
import { SCENES } from '../../sandbox/scenes/all-scenes.ts';
import type { PlayedView } from '../../sandbox/scenes/play-view.ts';
import type { Scene } from '../../sandbox/scenes/scene.ts';
import { SeatService } from '../../sandbox/seats/seat-service.ts';
import type { StateView } from '../../sandbox/state-view.ts';
import { announcerTo } from '../../src/commands/sandbox/stand-ins.ts';
import { openStoreDatabase, type StoreDatabase } from '../../src/store/database.ts';
import { dealseat, PATIENT } from '../commands/dealseat.ts';
import { openServiceWorld, type ServiceWorld } from '../support/service-world.ts';
import { embeddedImage } from '../support/store.ts';
import { until, WAIT_MS } from '../support/until.ts';

// Above every wait, whose errors say what was missing.
jest.setTimeout(2 * WAIT_MS);

/** Learners whom the scene of later learners adds to a delivered deal, by their addresses. */
const LATER = ['moor.', 'okafor.'];

/** Their faults strike every deal that is under way. */
const FELT_BY_ALL = new Set(['refusing-platform', 'outage-pages', 'unlisted-codes', 'mail-before-outage']);

const EXAMPLE = new URL('../../catalog.example.yaml', import.meta.url);

let world: ServiceWorld | undefined;
let store: StoreDatabase | undefined;
const files: string[] = [];

afterEach(async () => {
  await world?.close();
  world = undefined;
  await store?.close();
  store = undefined;
  for (const file of files.splice(0)) await rm(file, { force: true });
});

/** Where the service answers. */
let serviceUrl = '';

/** The service, and a sandbox that reports to it. */
async function open(env: Readonly<Record<string, string>> = {}): Promise<ServiceWorld> {
  const server = { url: '', publicUrl: 'https://dealseat.example.com' };
  store = await openStoreDatabase({ databaseUrl: null, folder: null, image: await embeddedImage() });
  world = await openServiceWorld({
    store,
    sandbox: {
      scenes: {
        report: (sandbox, deal) => announcerTo(server)(sandbox, deal),
        times: { afterWinMs: 200, downMs: 1_000, refusingMs: 1_000 },
      },
    },
    env: {
      DEALSEAT_POLICY_PASSING_MS: '10000',
      DEALSEAT_POLICY_RETRY_MAX_MS: '1000',
      DEALSEAT_POLICY_STILL_MS: '3000',
      DEALSEAT_POLICY_LOOK_AGAIN_MS: '1000',
      ...env,
    },
  });
  await world.startWorker();
  server.url = (await world.startWebhooks()).url;
  serviceUrl = server.url;
  return world;
}

/** Presses the buttons of the page. */
async function play({ sandbox }: ServiceWorld, scenes: readonly Scene[]): Promise<void> {
  const buttons = scenes.flatMap(({ id, crms }) => crms.map((crm) => ({ scene: id, crm })));
  const answers = buttons.map((button) =>
    fetch(`${sandbox.page.url}/play`, {
      method: 'POST',
      headers: { origin: sandbox.page.url },
      body: new URLSearchParams(button),
      redirect: 'manual',
    }),
  );
  for (const { status } of await Promise.all(answers)) expect(status).toBe(303);
}

async function playedIn({ sandbox }: ServiceWorld): Promise<readonly PlayedView[]> {
  const state = (await (await fetch(`${sandbox.page.url}/state.json`)).json()) as StateView;
  return state.play?.played ?? [];
}

type Mapping = Readonly<Record<string, unknown>>;

/** A catalog with what a scene needs in it: entries of lists come to those that are there, other values take their place. */
function withPart(whole: Mapping, part: Mapping): Mapping {
  const changed = Object.entries(part).map(([key, value]) => {
    const present = whole[key];
    if (Array.isArray(value) && Array.isArray(present)) return [key, [...present, ...value]];
    return [key, isMapping(value) && isMapping(present) ? withPart(present, value) : value];
  });
  return { ...whole, ...Object.fromEntries(changed) };
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The scenes that do not stand as they say that they end. */
async function unfinished(opened: ServiceWorld): Promise<readonly string[]> {
  const played = await playedIn(opened);
  return played
    .filter(({ overAt, status, ends }) => overAt === null || status !== ends)
    .map(({ id, crm, status, steps }) => `${id} in ${crm}: ${status}, ${steps.join('; ')}`);
}

/** Runs the command that a scene says at its end, as whoever plays it does. */
async function answer(opened: ServiceWorld, scene: string): Promise<void> {
  const played = async () => (await playedIn(opened)).find(({ id }) => id === scene);
  await until(`${scene} to be over`, async () => typeof (await played())?.overAt === 'string');
  const command = (await played())?.steps.at(-1)?.split(' ').slice(1) ?? [];
  // While the run looks at the deal once more it asks nothing; and it may have found by itself what was mended.
  await until(`${command.join(' ')} to be taken`, async () => {
    const { exitCode } = await dealseat(opened.env, command, PATIENT);
    const { status, ends } = (await played()) ?? {};
    return exitCode === 0 || (status !== undefined && status === ends);
  });
}

/** Presses "Take it back" on the seat of the learner, as the hint of the scene says. */
async function takeBack(opened: ServiceWorld, scene: string): Promise<void> {
  const service = new SeatService(() => ({ url: serviceUrl, key: PAGE_KEY }));
  const { crms } = SCENES.find(({ id }) => id === scene) ?? { crms: [] };
  for (const crm of crms) {
    await until(`the seat of ${scene} in ${crm} to be taken back`, async () => {
      const played = (await playedIn(opened)).find((one) => one.id === scene && one.crm === crm);
      if (played?.dealId == null || played.status !== 'Delivered') return false;
      const { seats } = await service.seatsOf({ crm, dealId: played.dealId });
      const seat = seats.find(({ holder }) => holder !== null);
      if (seat === undefined) return false;
      await service.act(seat, { kind: 'revoke' }, 'for the scene');
      return true;
    });
  }
}

async function untilFinished(opened: ServiceWorld): Promise<void> {
  let left: readonly string[] = [];
  try {
    await until('the scenes to end as they say', async () => {
      left = await unfinished(opened);
      return left.length === 0;
    });
  } catch (error) {
    throw new Error(left.join('\n'), { cause: error });
  }
}

test('every scene that the example catalog can play ends as it says', async () => {
  const opened = await open();
  const scenes = SCENES.filter(({ id, catalog }) => catalog === undefined && !FELT_BY_ALL.has(id));
  await play(opened, scenes);
  const answered = ['validation-rule', 'no-write-scope', 'rule-on-files'];
  await Promise.all(answered.map((scene) => answer(opened, scene)));
  // HubSpot's events start runs for won stages only.
  const isOpenAgain = async () =>
    (await playedIn(opened)).some(
      ({ id, crm, overAt }) => id === 'reopened' && crm === 'hubspot' && overAt !== null,
    );
  await until('the delivered deal of HubSpot to be open again', isOpenAgain);
  expect(await dealseat(opened.env, ['sweep', '--now'], PATIENT)).toMatchObject({ exitCode: 0 });
  await untilFinished(opened);
  const played = await playedIn(opened);
  expect(played).toHaveLength(scenes.flatMap(({ crms }) => crms).length);
});

test('the scenes whose faults strike every deal end as they say', async () => {
  const opened = await open();
  await play(
    opened,
    SCENES.filter(({ id }) => FELT_BY_ALL.has(id)),
  );
  await untilFinished(opened);
});

test('the scenes that need more in the catalog end as they say with it', async () => {
  const file = join(tmpdir(), `dealseat-scenes-${process.pid}.yaml`);
  files.push(file);
  const scenes = SCENES.filter(({ catalog }) => catalog !== undefined);
  const parts = scenes.map(({ catalog = '' }) => parse(catalog) as Mapping);
  const example = parse(await readFile(EXAMPLE, 'utf8')) as Mapping;
  await writeFile(file, stringify(parts.reduce(withPart, example)));
  const opened = await open({ DEALSEAT_CATALOG: file });
  await play(opened, scenes);
  await takeBack(opened, 'next-learner');
  await untilFinished(opened);
  await until('the later learners to have a mail', async () => {
    const { mails } = opened.sandbox.outbox;
    return LATER.every((name) => mails.some(({ to }) => to.startsWith(name)));
  });
  await untilFinished(opened);
});
