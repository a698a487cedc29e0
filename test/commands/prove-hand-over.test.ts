import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Crm } from '../../src/clients/crm.ts';
import type { Lms } from '../../src/clients/lms.ts';
import type { Deal, DealMark } from '../../src/domain/deal/deal.ts';
import { type LedgerRoster, NO_SEATS } from '../../src/domain/deal/ledger.ts';
import type { CodeGroup } from '../../src/domain/seats/code-group.ts';
import { proveHandOver } from '../../src/runs/prove-hand-over.ts';

const LABEL = 'acme-leadership-2026-11-20-d0123456789abcd';
const TEMPLATE = 'https://learn.vendor.example/redeem/{code}';

/** What the two systems hold; a deal in order unless a test changes it. */
interface World {
  readonly listed: readonly string[];
  readonly groupIds: readonly string[];
  readonly roster: readonly string[];
  /** Instead of the roster with these codes. */
  readonly csv?: string;
  readonly links: Readonly<Record<string, string>>;
  readonly seatCount: number;
  /** Instead of what the run wrote. */
  readonly detail?: string;
  /** On deals of today: codes made, and codes in use. */
  readonly ledger?: { readonly issued: number; readonly active: number } | 'unreadable';
  readonly status?: string;
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

  test('holds when codes were withdrawn, and finds one that somebody still has', async () => {
    const ledger = { issued: 3, active: 2 };
    const world = { ...IN_ORDER, roster: ['aaaa'], seatCount: 2, ledger };
    expect(await differing({ ...world, links: { '6001': link('bbbb') } })).toEqual([]);
    const links = { '6001': link('bbbb'), '6002': link('cccc') };
    expect(await differing({ ...world, links })).toEqual([
      'every other code is with one learner, or withdrawn',
    ]);
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
        'listed codes = codes made for the deal',
        'seats of the groups = seats on the deal',
        'every row has a code of its own of these groups',
      ],
    ],
    ['another group than the one on the deal', { groupIds: ['group-9'] }, [`group ${LABEL} exists once`]],
    [
      'more codes than seats',
      { seatCount: 2 },
      ['listed codes = codes made for the deal', 'seats of the groups = seats on the deal'],
    ],
    [
      'a code that is listed twice',
      { listed: ['aaaa', 'bbbb', 'bbbb'], roster: ['aaaa', 'bbbb'] },
      ['listed codes = codes made for the deal', 'seats of the groups = seats on the deal'],
    ],
    [
      'a foreign code in the roster',
      { roster: ['aaaa', 'bbbb', 'dddd'] },
      [
        'every row has a code of its own of these groups',
        'every other code is with one learner, or withdrawn',
      ],
    ],
    [
      'a code twice in the roster',
      { roster: ['aaaa', 'bbbb', 'bbbb'] },
      [
        'every row has a code of its own of these groups',
        'every other code is with one learner, or withdrawn',
      ],
    ],
    [
      'a code that nobody has',
      { roster: ['aaaa', 'bbbb'] },
      ['every other code is with one learner, or withdrawn'],
    ],
    [
      'a code that two learners have',
      { roster: ['aaaa', 'bbbb'], links: { '6001': link('cccc'), '6002': link('cccc') } },
      ['every other code is with one learner, or withdrawn'],
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

  test('holds while a delivered deal waits for a person', async () => {
    const ledger = { issued: 3, active: 3 };
    const waiting = {
      ...IN_ORDER,
      ledger,
      status: 'NeedsAttention',
      detail: 'The deal has fewer seats now.',
    };
    expect(await differing(waiting)).toEqual([]);
  });

  test('says that a ledger cannot be read, and compares nothing with it', async () => {
    expect(await differing({ ...IN_ORDER, ledger: 'unreadable' })).toEqual([
      'the ledger of the deal can be read',
    ]);
  });

  test.each([
    ['has a row that is too long', 'code,redeem_url\r\naaaa,bbbb,cccc\r\n'],
    ['has a quote that never ends', 'code,redeem_url\r\n"aaaa,bbbb\r\n'],
    ['has a quote in a cell', 'code,redeem_url\r\naa"aa,bbbb\r\n'],
  ])('finds a roster that somebody has edited until it %s, and shows nothing of it', async (_, csv) => {
    const { checks } = await prove({ ...IN_ORDER, csv });
    expect(checks).toContainEqual({
      name: 'the roster file can be read',
      isProven: false,
      found: 'a text that is no list of codes',
    });
    expect(JSON.stringify(checks)).not.toMatch(/aaaa|aa"aa|bbbb|cccc/);
  });

  test('finds nothing to prove on a deal that was not delivered', async () => {
    expect(await prove({ ...IN_ORDER, status: 'Planning' })).toEqual({ status: 'Planning', checks: [] });
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
  const csv = Buffer.from(world.csv ?? `${lines.join('\r\n')}\r\n`);
  return proveHandOver({
    crm: crmOf(world, csv),
    lms: lmsOf(world),
    dealId: '9001',
    linkTemplates: [TEMPLATE],
    signal: new AbortController().signal,
  });
}

/** Only what the proof may use: anything else fails the test. */
function crmOf(world: World, csv: Buffer): Crm {
  const contacts = ['6001', '6002'].map((id) => ({ id }));
  const sha256 = createHash('sha256').update(csv).digest('hex');
  const codes = world.roster.length;
  const detail = world.detail ?? `3 seats delivered: ${codes} codes in the roster, SHA-256 ${sha256}`;
  const mark: DealMark = {
    status: world.status ?? 'Delivered',
    groupIds: ['group-1'],
    groupLabels: [LABEL],
    seatCount: world.seatCount,
    ledger: ledgerOf(world, { file: 'roster.csv', codes, sha256 }),
  };
  const deal: Partial<Deal> = { crm: 'hubspot', account: '62515', dealId: '9001', mark };
  const crm: Partial<Crm> = {
    readDeal: async () => ({ ...deal, contacts }) as unknown as Deal,
    readHandOver: async () => ({ detail, rosters: [{ fileName: 'roster.csv', csv }] }),
    readRedeemLinks: async (ids) => new Map(Object.entries(world.links).filter(([id]) => ids.includes(id))),
  };
  return crm as Crm;
}

function ledgerOf({ ledger }: World, roster: LedgerRoster): DealMark['ledger'] {
  if (ledger === undefined) return null;
  if (ledger === 'unreadable') return ledger;
  const group = { token: 'd0123456789abcd', product: 'sku:LEAD-101', part: 1, group: 'group-1', ...ledger };
  return { ...NO_SEATS, roster, groups: [group] };
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
