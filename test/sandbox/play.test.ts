import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { request } from 'undici';
import { type Sandbox, startSandbox } from '../../sandbox/index.ts';
import { SCENES } from '../../sandbox/scenes/all-scenes.ts';
import type { PlayedView } from '../../sandbox/scenes/play-view.ts';
import type { Report } from '../../sandbox/scenes/player.ts';
import type { SceneCrm, SceneTimes } from '../../sandbox/scenes/scene.ts';
import type { StateView } from '../../sandbox/state-view.ts';
import { until } from '../support/until.ts';

interface Reported {
  readonly crm: SceneCrm;
  readonly dealId: string;
  /** Those that the same message told of. */
  readonly others: readonly string[];
  /** Lines that the deal had then. */
  readonly lineCount: number;
}

const SHORT = { afterWinMs: 30, downMs: 200, refusingMs: 200, patienceMs: 10_000 };

let opened: Sandbox | undefined;
afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

/** A sandbox with a receiver in the place of the webhook server. */
async function open(
  answer: Report = { isAcknowledged: true, status: 204 },
  times: Partial<SceneTimes> = SHORT,
) {
  const reports: Reported[] = [];
  const sandbox = await startSandbox({
    scenes: {
      report: async (_, { crm, dealIds: [dealId = '', ...others] }) => {
        reports.push({ crm, dealId, others, lineCount: linesOf(sandbox, { crm, dealId }).length });
        return answer;
      },
      times,
      commands: () => 'env $(cat "/tmp/x/sandbox.env") npm run dealseat --',
    },
  });
  opened = sandbox;
  return { sandbox, reports };
}

function linesOf({ hubspot, salesforce }: Sandbox, { crm, dealId }: { crm: SceneCrm; dealId: string }) {
  return crm === 'hubspot'
    ? hubspot.state.associations.linked({ object: 'deals', id: dealId }, 'line_items')
    : salesforce.state.rows('OpportunityLineItem').filter(({ OpportunityId }) => OpportunityId === dealId);
}

async function press(
  { page }: Sandbox,
  form: Record<string, string>,
  headers: Record<string, string> = { origin: page.url },
) {
  const {
    statusCode,
    headers: answered,
    body,
  } = await request(`${page.url}/play`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(form).toString(),
  });
  return { status: statusCode, location: answered.location, text: await body.text() };
}

async function playOf(sandbox: Sandbox) {
  const state = (await (await fetch(`${sandbox.page.url}/state.json`)).json()) as StateView;
  if (!state.play) throw new Error('The page plays nothing');
  return state.play;
}

async function pageAt({ page }: Sandbox, path: string): Promise<string> {
  return (await fetch(`${page.url}${path}`)).text();
}

async function lastPlayed(sandbox: Sandbox): Promise<PlayedView> {
  const [last] = (await playOf(sandbox)).played;
  if (!last) throw new Error('Nothing was played');
  return last;
}

/** Plays one scene to its end; returns its deal. */
async function play(sandbox: Sandbox, scene: string, crm: SceneCrm): Promise<string> {
  expect((await press(sandbox, { scene, crm })).status).toBe(303);
  await until('the scene to be over', async () => (await lastPlayed(sandbox)).overAt !== null);
  return (await lastPlayed(sandbox)).dealId ?? '';
}

function pathsOf({ faults }: Sandbox): string[] {
  return faults.active.map(({ fault }) => fault.path?.source ?? '');
}

const BUTTONS = SCENES.flatMap(({ id, crms }) => crms.map((crm) => [id, crm] as const));

/** What no scene can play, each with its reason. */
const UNSEEN: ReadonlyMap<string, string> = new Map([
  ['A run that is undone', 'A run is undone when a person gives no answer for 14 days.'],
  [
    'A database of seats that was lost',
    'The sandbox keeps its database in memory: losing it ends the sandbox.',
  ],
  ['The nightly audit of seats', 'The audit runs at night and finds what no person can do on the page.'],
  ['A deal of which all agree, in the nightly audit', 'The audit runs at night.'],
  [
    'A difference that the nightly audit finds',
    'The audit runs at night and finds what no person can do on the page.',
  ],
  ['What the nightly audit leaves for another night', 'The audit runs at night.'],
  [
    'After a lost code, a seat that was taken back, and others in use',
    'The sandbox keeps its database in memory: losing it ends the sandbox.',
  ],
  ['Seats whose codes were replaced', 'Only the command of an operator replaces a code.'],
  ['Steps that are interrupted', 'The page cannot stop a worker or the database between two statements.'],
]);

describe('every scene', () => {
  const { names, sections } = realities();

  test('has an id of its own', () => {
    expect(new Set(SCENES.map(({ id }) => id)).size).toBe(SCENES.length);
  });

  test.each(SCENES)('$id says in the words of the realities what happens and what Dealseat does', (scene) => {
    expect(names).toContain(`${scene.section}: ${scene.happens} -> ${scene.expected}`);
  });

  test('is of one section, and every section has one', () => {
    const missing = sections.filter((section) => !SCENES.some((scene) => scene.section === section));
    expect(missing.filter((section) => !UNSEEN.has(section))).toEqual([]);
  });

  test.each(BUTTONS)('%s in %s makes a deal of its own and reports it', async (scene, crm) => {
    const { sandbox, reports } = await open(undefined, { ...SHORT, patienceMs: 0 });
    const dealId = await play(sandbox, scene, crm);
    expect(reports[0]).toMatchObject({ crm, dealId });
    const { steps } = await lastPlayed(sandbox);
    expect(steps[0]).toMatch(/^the deal was (won|made)$/);
    expect(steps).toContain('it was reported');
    const examples = ['9001', '0065Y00001Suvw6QAB'];
    expect(examples).not.toContain(dealId);
  });
});

describe('what a scene does in the CRM', () => {
  test('the buyer is hidden from queries, and the consultant is not', async () => {
    const { sandbox } = await open();
    const dealId = await play(sandbox, 'hidden-buyer', 'salesforce');
    const { store } = sandbox.salesforce.state;
    const roles = store.rows('OpportunityContactRole').filter((row) => row.OpportunityId === dealId);
    const seen = roles.filter(({ ContactId }) => store.findVisible('Contact', String(ContactId)));
    expect(roles.map(({ Role }) => Role)).toEqual(['Economic Buyer', 'Influencer']);
    expect(seen.map(({ Role }) => Role)).toEqual(['Influencer']);
  });

  test.each(['hubspot', 'salesforce'] as const)(
    'lines come to a deal of %s after it was reported',
    async (crm) => {
      const { sandbox, reports } = await open();
      const dealId = await play(sandbox, 'lines-after-win', crm);
      expect(reports).toEqual([{ crm, dealId, others: [], lineCount: 0 }]);
      expect(linesOf(sandbox, { crm, dealId })).toHaveLength(2);
    },
  );

  test('HubSpot answers 404 to two reads of the deal, and of no other', async () => {
    const { sandbox } = await open();
    const dealId = await play(sandbox, 'early-404', 'hubspot');
    const read = async (id: string) => {
      const headers = { authorization: 'Bearer sandbox-hubspot-token' };
      return (await fetch(`${sandbox.hubspot.url}/crm/v3/objects/deals/${id}`, { headers })).status;
    };
    expect([await read(dealId), await read('9001'), await read(dealId), await read(dealId)]).toEqual([
      404, 200, 404, 200,
    ]);
  });

  test('Salesforce shows the deal some time after it was reported', async () => {
    const { sandbox } = await open(undefined, { ...SHORT, afterWinMs: 60_000 });
    await press(sandbox, { scene: 'early-empty-answer', crm: 'salesforce' });
    const { dealId } = await lastPlayed(sandbox);
    expect(sandbox.salesforce.state.store.findVisible('Opportunity', dealId ?? '')).toBeUndefined();
    expect(await lastPlayed(sandbox)).toMatchObject({ overAt: null });
  });

  test('the deal may be written as soon as its owner has a task', async () => {
    const { sandbox } = await open();
    await press(sandbox, { scene: 'validation-rule', crm: 'salesforce' });
    const { dealId } = await lastPlayed(sandbox);
    expect(pathsOf(sandbox)).toEqual([`\\/sobjects\\/Opportunity\\/${dealId}$`]);
    sandbox.salesforce.state.addTask(dealId ?? '', { by: 'integration@vendor.example', description: 'help' });
    await until('the scene to be over', async () => (await lastPlayed(sandbox)).overAt !== null);
    expect(pathsOf(sandbox)).toEqual([]);
    expect((await lastPlayed(sandbox)).steps.at(-1)).toBe(`dealseat retry salesforce ${dealId} --by me`);
  });

  test('what comes after the delivery waits for what Dealseat writes on the deal', async () => {
    const { sandbox, reports } = await open();
    await press(sandbox, { scene: 'reopened', crm: 'hubspot' });
    const { dealId } = await lastPlayed(sandbox);
    const { state } = sandbox.hubspot;
    expect(state.valuesOf('deals', dealId ?? '').dealstage).toBe('closedwon');
    state.edit('deals', dealId ?? '', { dealseat_status: 'Delivered' });
    await until('the scene to be over', async () => (await lastPlayed(sandbox)).overAt !== null);
    expect(state.valuesOf('deals', dealId ?? '').dealstage).toBe('contractsent');
    expect(reports).toHaveLength(2);
  });

  test('the learning platform comes back, and other faults stay', async () => {
    const { sandbox } = await open();
    sandbox.faults.add({ system: 'hubspot', kind: 'stall', path: /never/ });
    await play(sandbox, 'platform-down', 'hubspot');
    expect(pathsOf(sandbox)).toEqual(['never']);
  });
});

describe('the page', () => {
  test('has a button for each scene and CRM, and no script but its own', async () => {
    const { sandbox } = await open();
    const text = await pageAt(sandbox, '/scenes');
    const buttons = text.matchAll(
      /<form method="post" action="\/play"><input type="hidden" name="scene" value="([\w-]+)"><button name="crm" value="(\w+)">/g,
    );
    expect([...buttons].map(([, id, crm]) => [id, crm])).toEqual(BUTTONS);
    expect(text.match(/<script[^>]*>/g)).toEqual(['<script src="/page.js" defer>']);
    expect(text).not.toMatch(/ on\w+="/);
  });

  test('leads to what came of it, which the overview links to', async () => {
    const { sandbox } = await open();
    const { status, location } = await press(sandbox, { scene: 'three-years', crm: 'hubspot' });
    expect({ status, location }).toEqual({ status: 303, location: '/played/1' });
    const played = await pageAt(sandbox, '/played/1');
    for (const shown of [
      'people are asked whether that is 25 seats or 75',
      '<li>The deal was won</li><li>It was reported</li>',
      'Leadership Essentials (LEAD-101)',
      'Reyes',
      'Dealseat has written no status on the deal yet; it should end as NeedsAttention.',
    ]) {
      expect(played).toContain(shown);
    }
    expect(await pageAt(sandbox, '/scenes')).toContain('<a href="/played/1">A deal has one line for each');
  });

  test('shows what Dealseat wrote on the deal, and who was asked', async () => {
    const { sandbox } = await open();
    const dealId = await play(sandbox, 'hidden-buyer', 'salesforce');
    const { state } = sandbox.salesforce;
    state.updateOpportunity(dealId, { Dealseat_Status__c: 'NeedsAttention' });
    state.addTask(dealId, {
      by: 'integration@vendor.example',
      description: 'Dealseat may not see the buyer',
    });
    const played = await pageAt(sandbox, '/played/1');
    expect(played).toContain('The deal is NeedsAttention, as it should be.');
    expect(played).toContain('Dealseat may not see the buyer');
    expect(played).toContain('Economic Buyer, primary, hidden from Dealseat');
  });

  test('says what a scene needs in the catalog, and shows a command as it is typed', async () => {
    const { sandbox } = await open();
    await play(sandbox, 'seats-field', 'hubspot');
    expect(await pageAt(sandbox, '/played/1')).toContain(
      'This scene needs a catalog that says <code>seatsFrom',
    );
    await press(sandbox, { scene: 'no-write-scope', crm: 'hubspot' });
    const { dealId } = await lastPlayed(sandbox);
    const task = sandbox.hubspot.state.create('tasks', { hs_task_subject: 'help', hs_timestamp: Date.now() });
    const { associations } = sandbox.hubspot.state;
    const type = associations.plainType('deals', 'tasks');
    associations.link({ object: 'deals', id: dealId ?? '' }, { object: 'tasks', id: task }, type);
    await until('the scene to be over', async () => (await lastPlayed(sandbox)).overAt !== null);
    expect(await pageAt(sandbox, '/played/2')).toContain(
      `<code>env $(cat &quot;/tmp/x/sandbox.env&quot;) npm run dealseat -- retry hubspot ${dealId} --by me</code>`,
    );
  });

  test.each([
    [{ isAcknowledged: false, status: null }, 'no webhook server answered: is `dealseat start` running?'],
    [{ isAcknowledged: false, status: 503 }, 'answered with status 503'],
  ])('says of %j that %s', async (answer, said) => {
    const { sandbox } = await open(answer);
    await play(sandbox, 'three-years', 'hubspot');
    expect((await lastPlayed(sandbox)).steps.join()).toContain(said);
  });

  test.each([
    ['another site', { origin: 'https://evil.example' }],
    ['a page without an origin', { origin: 'null' }],
    ['a name that leads here', { origin: 'http://evil.example:9100', host: 'evil.example:9100' }],
    ['a name that leads here, from a program', { host: 'evil.example' }],
  ])('plays nothing for %s', async (_, headers) => {
    const { sandbox, reports } = await open();
    expect((await press(sandbox, { scene: 'three-years', crm: 'hubspot' }, headers)).status).toBe(403);
    expect(reports).toEqual([]);
    expect((await playOf(sandbox)).played).toEqual([]);
  });

  test.each([{}, { scene: 'no-such', crm: 'hubspot' }, { scene: 'hidden-buyer', crm: 'hubspot' }])(
    'refuses %j, which is no scene of that CRM',
    async (form) => {
      const { sandbox } = await open();
      expect((await press(sandbox, form as Record<string, string>)).status).toBe(400);
      expect((await playOf(sandbox)).played).toEqual([]);
    },
  );

  test('of a sandbox that reports to nobody plays nothing', async () => {
    opened = await startSandbox();
    expect((await press(opened, { scene: 'three-years', crm: 'hubspot' })).status).toBe(404);
    expect(await pageAt(opened, '/')).not.toContain('/scenes');
    expect((await fetch(`${opened.page.url}/scenes`)).status).toBe(404);
  });
});

/** Names of the cases and of their sections, as `test/realities/` has them. */
function realities(): { readonly names: string[]; readonly sections: string[] } {
  const folder = join(import.meta.dirname, '..', 'realities');
  const names: string[] = [];
  const sections: string[] = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.test.ts'))) {
    const source = readFileSync(join(folder, file), 'utf8');
    for (const [, kind, name = ''] of source.matchAll(
      /\b(describe|test)(?:\.concurrent)?\(\s*'((?:[^'\\]|\\.)*)'/g,
    )) {
      if (kind === 'describe') sections.push(name);
      else names.push(`${sections.at(-1)}: ${name}`);
    }
  }
  return { names, sections };
}
