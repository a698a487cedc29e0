import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Crm } from '../../src/clients/crm.ts';
import type { Lms } from '../../src/clients/lms.ts';
import { proveHandOver } from '../../src/commands/verify/prove-hand-over.ts';
import type { CodeGroup } from '../../src/domain/code-group.ts';
import type { Deal } from '../../src/domain/deal.ts';

const LABEL = 'acme-leadership-2026-11-20-d0123456789abcd';
const TEMPLATE = 'https://learn.vendor.example/redeem/{code}';

/** What the two systems hold; a deal in order unless a test changes it. */
interface World {
  readonly listed: readonly string[];
  readonly groupIds: readonly string[];
  readonly roster: readonly string[];
  readonly links: Readonly<Record<string, string>>;
  readonly seatCount: number;
  /** Instead of what the run wrote. */
  readonly detail?: string;
}

const IN_ORDER: World = {
  listed: ['aaaa', 'bbbb', 'cccc'],
  groupIds: ['group-1'],
  roster: ['aaaa', 'bbbb', 'cccc'],
  links: {},
  seatCount: 3,
};

describe('the proof of a hand-over', () => {
  test('holds when roster and platform agree', async () => {
    expect(await differing(IN_ORDER)).toEqual([]);
  });

  test('holds when some codes are with learners, each with one', async () => {
    const links = { '6001': link('aaaa'), '6002': `${link('bbbb')}\nhttps://elsewhere.example/redeem/cccc` };
    expect(await differing({ ...IN_ORDER, roster: ['cccc'], links })).toEqual([]);
  });

  test('reads a code that the roster had to disarm', async () => {
    const codes = ['-aaa', '=bbb', 'cccc'];
    expect(await differing({ ...IN_ORDER, listed: codes, roster: ["'-aaa", "'=bbb", 'cccc'] })).toEqual([]);
  });

  test.each<[string, Partial<World>, string[]]>([
    ['a group that exists twice', { groupIds: ['group-1', 'group-2'] }, [`group ${LABEL} exists once`]],
    [
      'a group that is gone',
      { groupIds: [] },
      [
        `group ${LABEL} exists once`,
        'listed codes = seats',
        'every row has a code of its own of these groups',
      ],
    ],
    ['another group than the one on the deal', { groupIds: ['group-9'] }, [`group ${LABEL} exists once`]],
    ['more codes than seats', { seatCount: 2 }, ['listed codes = seats']],
    [
      'a code that is listed twice',
      { listed: ['aaaa', 'bbbb', 'bbbb'], roster: ['aaaa', 'bbbb'] },
      ['listed codes = seats'],
    ],
    [
      'a foreign code in the roster',
      { roster: ['aaaa', 'bbbb', 'dddd'] },
      ['every row has a code of its own of these groups', 'every other code is with one learner'],
    ],
    [
      'a code twice in the roster',
      { roster: ['aaaa', 'bbbb', 'bbbb'] },
      ['every row has a code of its own of these groups', 'every other code is with one learner'],
    ],
    ['a code that nobody has', { roster: ['aaaa', 'bbbb'] }, ['every other code is with one learner']],
    [
      'a code that two learners have',
      { roster: ['aaaa', 'bbbb'], links: { '6001': link('cccc'), '6002': link('cccc') } },
      ['every other code is with one learner'],
    ],
    [
      'a detail without a SHA-256',
      { detail: 'all good' },
      ['SHA-256 of the file = the one on the deal', 'rows of the file = codes on the deal'],
    ],
    [
      'another SHA-256',
      { detail: `3 codes in the roster, SHA-256 ${'0'.repeat(64)}` },
      ['SHA-256 of the file = the one on the deal'],
    ],
  ])('finds %s', async (_, change, expected) => {
    expect(await differing({ ...IN_ORDER, ...change })).toEqual(expected);
  });

  test('shows no code, whatever it finds', async () => {
    const proof = await prove({ ...IN_ORDER, roster: ['aaaa', 'dddd'], links: { '6001': link('bbbb') } });
    expect(JSON.stringify(proof)).not.toMatch(/aaaa|bbbb|cccc|dddd/);
  });
});

async function differing(world: World): Promise<string[]> {
  const { checks } = await prove(world);
  return checks.filter(({ isProven }) => !isProven).map(({ name }) => name);
}

function link(code: string): string {
  return TEMPLATE.replace('{code}', code);
}

function prove(world: World) {
  const lines = ['code,redeem_url', ...world.roster.map((code) => `${code},${link(code)}`)];
  const csv = Buffer.from(`${lines.join('\r\n')}\r\n`);
  const sha256 = createHash('sha256').update(csv).digest('hex');
  const detail =
    world.detail ?? `3 seats delivered: ${world.roster.length} codes in the roster, SHA-256 ${sha256}`;
  return proveHandOver({
    crm: crmOf(world, { detail, csv }),
    lms: lmsOf(world),
    dealId: '9001',
    linkTemplates: [TEMPLATE],
    signal: new AbortController().signal,
  });
}

/** Only what the proof may use: anything else fails the test. */
function crmOf(world: World, { detail, csv }: { detail: string; csv: Buffer }): Crm {
  const contacts = ['6001', '6002'].map((id) => ({ id }));
  const mark = {
    status: 'Delivered',
    groupIds: ['group-1'],
    groupLabels: [LABEL],
    seatCount: world.seatCount,
  };
  const crm: Partial<Crm> = {
    readDeal: async () =>
      ({ crm: 'hubspot', account: '62515', dealId: '9001', contacts, mark }) as unknown as Deal,
    readHandOver: async () => ({ detail, rosters: [{ fileName: 'roster.csv', csv }] }),
    readRedeemLinks: async (ids) => new Map(Object.entries(world.links).filter(([id]) => ids.includes(id))),
  };
  return crm as Crm;
}

function lmsOf(world: World): Lms {
  const lms: Partial<Lms> = {
    findGroupsByToken: async () => world.groupIds.map((id) => ({ id, label: LABEL }) as CodeGroup),
    async *listCodes() {
      yield world.listed.map((code) => ({ code }) as never);
    },
  };
  return lms as Lms;
}
