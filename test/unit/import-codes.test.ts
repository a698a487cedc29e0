import { describe, expect, test } from '@jest/globals';
import type { Crm, RosterFile } from '../../src/clients/crm.ts';
import type { Lms } from '../../src/clients/lms.ts';
import { formatLedger, type Ledger, NO_SEATS } from '../../src/domain/deal/ledger.ts';
import { DealseatError } from '../../src/domain/failure.ts';
import type { CodeGroup } from '../../src/domain/seats/code-group.ts';
import { importCodes } from '../../src/runs/import-codes.ts';
import { testSealer } from '../support/sandbox-activities.ts';

const DEAL = { crm: 'hubspot', account: '62515', dealId: '9001' };
const GROUP = {
  id: 'group-1',
  label: 'acme-leadership-d0123456789abcde',
  seatCount: 2,
  grants: { courses: [], learningPaths: [], bundles: [], licenses: [] },
} as unknown as CodeGroup;
const OTHER = { ...GROUP, id: 'group-2', label: 'acme-negotiation-dfedcba987654321' };
const CODES = ['k3f9xq2m7abc', '9zt4hw8pl0de'];

interface Given {
  readonly ledger?: string | null;
  readonly groups?: readonly CodeGroup[];
  readonly listsCodes?: boolean;
  /** Looks of the CRM's search that do not show a new file yet. */
  readonly lateBy?: number;
}

function open({ ledger = null, groups = [GROUP], listsCodes = false, lateBy = 0 }: Given = {}) {
  const files: RosterFile[] = [];
  let late = lateBy;
  const crm = {
    readRecord: async () => ({ ledger }),
    readRosters: async (_: string, token: string) => {
      if (files.length > 0 && late > 0) {
        late -= 1;
        return [];
      }
      return files.filter(({ fileName }) => fileName.endsWith(`-${token}.csv`));
    },
    findFileNames: async (beginning: string) =>
      files.map(({ fileName }) => fileName).filter((name) => name.startsWith(beginning)),
    attachRoster: async (file: RosterFile) => {
      files.push(file);
    },
    removeRoster: async ({ fileName }: RosterFile) => {
      files.splice(
        files.findIndex((file) => file.fileName === fileName),
        1,
      );
    },
  };
  const platform: Partial<Lms> = {
    name: 'ti',
    displayName: 'Thought Industries',
    findGroupsByToken: async (token) => groups.filter(({ label }) => label.endsWith(token)),
    lookAtCodes: async () => {
      if (listsCodes) return { codes: [], hasMore: false, total: 0 };
      throw new DealseatError({ code: 'lms.codes_path_missing', message: 'none' });
    },
  };
  const deps = {
    crm: crm as unknown as Crm,
    platform: platform as Lms,
    sealer: testSealer,
    catalog: null,
    signal: new AbortController().signal,
  };
  const importThem = (codes: readonly string[], wanted: string | null = null) =>
    importCodes(deps, {
      deal: DEAL,
      labels: groups.map(({ label }) => label),
      wanted,
      csv: Buffer.from(['code', ...codes].join('\n')),
    });
  return { files, importThem };
}

/** Of a deal that was given the codes of the group. */
function ledgerOf(more: Partial<Ledger>): string {
  const group = {
    token: 'd0123456789abcde',
    product: 'sku:lead-101',
    part: 1,
    platform: 'ti',
    group: 'group-1',
    redeemUrl: 'https://learn.example/redeem/{code}',
    issued: 2,
    active: 2,
  };
  return formatLedger({ ...NO_SEATS, audience: 'buyer', groups: [group], ...more }, DEAL, testSealer);
}

describe('an import', () => {
  test('waits until the CRM shows the file, so that the run finds it', async () => {
    const { files, importThem } = open({ lateBy: 1 });
    expect(await importThem(CODES)).toMatchObject({ codeCount: 2 });
    expect(files).toHaveLength(1);
  });

  test('of the same file again writes nothing, and of a corrected one takes its place', async () => {
    const { files, importThem } = open();
    await importThem(CODES);
    await importThem([...CODES].reverse());
    expect(files).toHaveLength(1);
    await importThem(['aaaaaaaaaaaa', 'bbbbbbbbbbbb']);
    expect(files).toHaveLength(1);
    expect(Buffer.from(files[0]?.csv ?? []).toString()).toContain('aaaaaaaaaaaa');
  });

  test('of other codes is refused where the roster has the first ones, though their file is gone', async () => {
    const file = 'roster-acme-d00000000000beef.csv';
    const roster = { file, codes: 2, sha256: '0'.repeat(64) };
    const ledger = ledgerOf({ roster });
    const { files, importThem } = open({ ledger });
    const csv = Buffer.from(
      ['code,group_label', ...CODES.map((code) => `${code},${GROUP.label}`), 'other,label-d1'].join('\r\n'),
    );
    files.push({ dealId: DEAL.dealId, fileName: file, csv, noteHtml: '' });
    await expect(importThem(['aaaaaaaaaaaa', 'bbbbbbbbbbbb'])).rejects.toThrow('people have them');
    expect(files).toHaveLength(1);
    expect(await importThem(CODES)).toMatchObject({ codeCount: 2 });
  });

  test('of other codes is refused once people have the first ones', async () => {
    const { files, importThem } = open({ ledger: ledgerOf({}) });
    await importThem(CODES);
    await expect(importThem(['aaaaaaaaaaaa', 'bbbbbbbbbbbb'])).rejects.toThrow('people have them');
    expect(Buffer.from(files[0]?.csv ?? []).toString()).toContain(CODES[0]);
  });

  test('is refused where the platform lists the codes itself', async () => {
    const { files, importThem } = open({ listsCodes: true });
    await expect(importThem(CODES)).rejects.toThrow('there is nothing to import');
    expect(files).toEqual([]);
  });

  test('needs the name of the group where the deal has several, and says which there are', async () => {
    const { importThem } = open({ groups: [GROUP, OTHER] });
    await expect(importThem(CODES)).rejects.toThrow(`add --group with one of ${GROUP.label}, ${OTHER.label}`);
    await expect(importThem(CODES, 'nothing')).rejects.toThrow('names no group');
    expect(await importThem(CODES, OTHER.label)).toMatchObject({ label: OTHER.label });
  });

  test('is refused for a deal without a group, with what to do first', async () => {
    await expect(open({ groups: [] }).importThem(CODES)).rejects.toThrow(
      'start it with `dealseat provision`',
    );
  });
});
