import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Crm } from '../../src/clients/crm.ts';
import type { Lms } from '../../src/clients/lms.ts';
import { createSealer, parseSecretKeys } from '../../src/config/secret-keys.ts';
import type { Deal, DealRef } from '../../src/domain/deal/deal.ts';
import { formatLedger, type Ledger, NO_SEATS } from '../../src/domain/deal/ledger.ts';
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
  /** In the field of the deal. */
  readonly seatCount: number;
  /** Codes made, and codes in use. */
  readonly ledger: { readonly issued: number; readonly active: number };
  /** Of the ledger, instead of what fits the roster. */
  readonly file?: Partial<NonNullable<Ledger['roster']>>;
  readonly isPending?: true;
  /** Instead of the ledger. */
  readonly field?: string | null;
  readonly status?: string;
  readonly platform?: string;
  readonly isShown?: boolean;
}

const DEAL: DealRef = { crm: 'hubspot', account: '62515', dealId: '9001' };
const FILE = 'roster-acme-d0123456789abcd.csv';
const OURS = sealerOf('ours');
const OTHERS = sealerOf('others');

function sealerOf(id: string) {
  return createSealer(parseSecretKeys(`${id}:${Buffer.alloc(32, id).toString('base64')}`) ?? []);
}

const IN_ORDER: World = {
  listed: ['aaaa', 'bbbb', 'cccc'],
  groupIds: ['group-1'],
  roster: ['aaaa', 'bbbb', 'cccc'],
  links: {},
  seatCount: 3,
  ledger: { issued: 3, active: 3 },
};

describe('the proof of a hand-over', () => {
  test('holds when roster and platform agree', async () => {
    expect(await differing(IN_ORDER)).toEqual([]);
  });

  test('holds when the columns of the roster have semicolons between them', async () => {
    const csv = csvOf(IN_ORDER).toString('utf8').replaceAll(',', ';');
    expect(await differing({ ...IN_ORDER, csv })).toEqual([]);
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
      'more codes than were made',
      { ledger: { issued: 2, active: 2 }, seatCount: 2 },
      ['listed codes = codes made for the deal', 'seats of the groups = seats on the deal'],
    ],
    [
      'another number of seats in the field of the deal',
      { seatCount: 4 },
      ['seats of the groups = seats on the deal'],
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
      'a file that is empty',
      { roster: [], csv: '', file: { codes: 3, sha256: '0'.repeat(64) } },
      [
        'SHA-256 of the file = the one on the deal',
        'rows of the file = codes on the deal',
        'every other code is with one learner, or withdrawn',
      ],
    ],
    ['another SHA-256', { file: { sha256: '0'.repeat(64) } }, ['SHA-256 of the file = the one on the deal']],
    ['another number of rows', { file: { codes: 4 } }, ['rows of the file = codes on the deal']],
    [
      'a file of another name',
      { file: { file: 'roster-other-d0123456789abcd.csv' } },
      [
        'one roster file on the deal, the one of the ledger',
        'SHA-256 of the file = the one on the deal',
        'rows of the file = codes on the deal',
        'people find the file on the deal',
        'every other code is with one learner, or withdrawn',
      ],
    ],
    ['a file without a note or link', { isShown: false }, ['people find the file on the deal']],
    ['a hand-over that was not finished', { isPending: true }, ['the hand-over is finished']],
    [
      'a group of a platform that is not set up',
      { platform: 'other' },
      [
        `group ${LABEL} exists once`,
        'listed codes = codes made for the deal',
        'seats of the groups = seats on the deal',
        'every row has a code of its own of these groups',
      ],
    ],
  ])('finds %s', async (_, change, expected) => {
    expect(await differing({ ...IN_ORDER, ...change })).toEqual(expected);
  });

  test('holds while a delivered deal waits for a person', async () => {
    expect(await differing({ ...IN_ORDER, status: 'NeedsAttention' })).toEqual([]);
  });

  test('fails for a ledger that somebody edited, and for one of another deal or deployment', async () => {
    const seal = 'the ledger is sealed by this deployment for this deal';
    const written = ledgerOf(IN_ORDER, csvOf(IN_ORDER));
    const edited = formatLedger(written, DEAL, OURS).replace('sku:lead-101', 'sku:LEAD-102');
    const ofOther = formatLedger(written, DEAL, OTHERS);
    const copied = formatLedger(written, { ...DEAL, dealId: '9002' }, OURS);
    for (const field of [edited, ofOther, copied])
      expect(await differing({ ...IN_ORDER, field })).toEqual([seal]);
  });

  test.each(['no ledger', '{}', null])('compares nothing with a ledger field of %j', async (field) => {
    expect(await differing({ ...IN_ORDER, field })).toEqual(['the ledger of the deal can be read']);
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
      found: 'a text that does not list codes',
    });
    expect(JSON.stringify(checks)).not.toMatch(/aaaa|aa"aa|bbbb|cccc/);
  });

  test('finds nothing to prove on a deal that was not delivered', async () => {
    const world = { ...IN_ORDER, status: 'Planning', field: null };
    expect(await prove(world)).toEqual({ status: 'Planning', checks: [] });
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
  return proveHandOver({
    crm: crmOf(world),
    platforms: { ti: lmsOf(world) },
    sealer: OURS,
    dealId: DEAL.dealId,
    signal: new AbortController().signal,
  });
}

function csvOf({ csv, roster }: World): Buffer {
  const lines = ['code,redeem_url', ...roster.map((code) => `${code},${link(code)}`)];
  return Buffer.from(csv ?? `${lines.join('\r\n')}\r\n`);
}

/** Only what the proof may use: anything else fails the test. */
function crmOf(world: World): Crm {
  const csv = csvOf(world);
  const written = {
    status: world.status ?? 'Delivered',
    groupIds: ['group-1'],
    groupLabels: [LABEL],
    seats: world.seatCount,
    ledger: world.field === undefined ? formatLedger(ledgerOf(world, csv), DEAL, OURS) : world.field,
    hold: null,
  };
  const contacts = ['6001', '6002'].map((id) => ({ id }));
  const crm: Partial<Crm> = {
    readDeal: async () => ({ ...DEAL, written, contacts }) as unknown as Deal,
    readRosters: async () => [{ fileName: FILE, csv, isShown: world.isShown ?? true }],
    readRedeemLinks: async (ids) => ({
      links: new Map(Object.entries(world.links).filter(([id]) => ids.includes(id))),
      people: new Map(),
      unseen: new Map(),
    }),
  };
  return crm as Crm;
}

function ledgerOf(world: World, csv: Buffer): Ledger {
  const sha256 = createHash('sha256').update(csv).digest('hex');
  const group = {
    token: 'd0123456789abcd',
    product: 'sku:lead-101',
    part: 1,
    platform: world.platform ?? 'ti',
    group: 'group-1',
    redeemUrl: TEMPLATE,
    ...world.ledger,
  };
  return {
    ...NO_SEATS,
    audience: 'buyer',
    roster: { file: FILE, codes: world.roster.length, sha256, ...world.file },
    groups: [group],
    ...(world.isPending ? { isPending: true } : {}),
  };
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
