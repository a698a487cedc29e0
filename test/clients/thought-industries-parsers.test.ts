import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseCodesPage } from '../../src/clients/thought-industries/codes-page.ts';
import { compileCodesPath } from '../../src/clients/thought-industries/codes-path.ts';
import { errorText } from '../../src/clients/thought-industries/error-messages.ts';
import { parseGroup, parseGroupAnswer } from '../../src/clients/thought-industries/group-record.ts';
import { parseInstant } from '../../src/clients/thought-industries/instant.ts';
import { nextPage, readPages, withPage } from '../../src/clients/thought-industries/pages.ts';

const codeText = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== '');
const listKey = fc.constantFrom('redemptionCodes', 'codes', 'data', 'items');
const codeKey = fc.constantFrom('code', 'redemptionCode', 'value');
const noise = fc.dictionary(fc.constantFrom('id', 'createdAt', 'total', 'flags'), fc.jsonValue());

const AT = '2026-11-20T08:00:00.000Z';
const used = fc.constantFrom(
  { json: { redeemed: true }, expected: {} },
  { json: { redeemed: false, redeemedAt: AT }, expected: { redeemedAt: AT } },
  { json: { status: 'Redeemed', user: { id: 'u-1' } }, expected: { redeemedByUserId: 'u-1' } },
  { json: { status: 'USED', redeemedByUserId: 'u-2' }, expected: { redeemedByUserId: 'u-2' } },
  { json: { redeemed: true, redeemedAt: null, userId: 7 }, expected: {} },
  { json: { redeemed: true, redeemedAt: 'some day' }, expected: {} },
);
const fresh = fc.constantFrom(
  {},
  { redeemed: false },
  { redeemed: null, redeemedAt: null },
  { redeemedAt: '' },
  { status: 'active' },
);

const rows = fc.array(
  fc.record({ code: codeText, key: codeKey, noise, isRedeemed: fc.boolean(), used, fresh }).map((row) => ({
    expected: { code: row.code, isRedeemed: row.isRedeemed, ...(row.isRedeemed ? row.used.expected : {}) },
    json: { ...row.noise, ...(row.isRedeemed ? row.used.json : row.fresh), [row.key]: row.code },
  })),
  { maxLength: 8 },
);

describe('a page of codes', () => {
  test('is read the same wherever the list lies and whatever its fields are called', () => {
    fc.assert(
      fc.property(rows, listKey, fc.constantFrom('bare', 'flat', 'data', 'enveloped'), (list, key, place) => {
        const json = list.map((row) => row.json);
        const body = {
          bare: json,
          flat: { pageInfo: {}, [key]: json },
          data: { data: { [key]: json } },
          enveloped: { data: { APIRedemptionCodes: { id: 'g', [key]: json } } },
        }[place];
        expect(parseCodesPage(body)).toEqual({ codes: list.map((row) => row.expected) });
      }),
    );
  });

  test('never drops a row: one that cannot be read spoils the page', () => {
    const badRow = fc.constantFrom(null, 'ab12', 7, {}, { code: '' }, { code: ' ' }, { code: 7 }, []);
    fc.assert(
      fc.property(rows, badRow, fc.nat(), (list, bad, at) => {
        const json: unknown[] = list.map((row) => row.json);
        const index = at % (json.length + 1);
        json.splice(index, 0, bad);
        expect(parseCodesPage({ codes: json })).toEqual({ problem: 'bad_row', row: index + 1 });
      }),
    );
  });

  test('survives any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        const page = parseCodesPage(body);
        expect('codes' in page || page.problem === 'no_list' || page.problem === 'bad_row').toBe(true);
      }),
    );
  });

  test('is empty, not missing, while the platform says null', () => {
    expect(parseCodesPage({ redemptionCodes: null })).toEqual({ codes: [] });
    expect(parseCodesPage({ data: null })).toEqual({ problem: 'no_list' });
  });

  test('is not mistaken in other lists of a group', () => {
    expect(parseCodesPage({ id: 'g', courses: [{ id: 'c', code: 'x' }] })).toEqual({ problem: 'no_list' });
  });
});

describe('a group', () => {
  const group = { id: 'rc100000-zz', label: 'a-b', totalCodesCount: 5 };
  const problemOf = (record: unknown) => {
    const parsed = parseGroup(record);
    return 'problem' in parsed ? parsed.problem : null;
  };

  test('needs no more than id, label and count', () => {
    expect(parseGroup(group)).toEqual({
      value: {
        id: 'rc100000-zz',
        label: 'a-b',
        seatCount: 5,
        redeemedCount: 0,
        client: null,
        codesExpireAt: null,
        accessDays: null,
        accessUntil: null,
        grants: { courses: [], learningPaths: [], bundles: [], licenses: [] },
      },
    });
  });

  test('is found bare and wrapped', () => {
    const bare = parseGroupAnswer(group);
    expect(parseGroupAnswer({ data: group })).toEqual(bare);
    expect(parseGroupAnswer({ data: { APICreateRedemptionCodes: group } })).toEqual(bare);
  });

  test('with fields nobody knows yet is read all the same', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().map((key) => `x${key}`),
          fc.jsonValue(),
        ),
        (unknown) => {
          expect(parseGroup({ ...unknown, ...group })).toEqual(parseGroup(group));
        },
      ),
    );
  });

  test.each([
    ['id', { id: '' }],
    ['label', { label: null }],
    ['totalCodesCount', { totalCodesCount: '5' }],
    ['redeemedCodesCount', { redeemedCodesCount: -1 }],
    ['expirationDate', { expirationDate: 'canary day' }],
    ['accessDays', { accessDays: 1.5 }],
    ['courses.0.id', { courses: [{ title: 'canary' }] }],
    ['client', { client: 'canary' }],
  ])('with a bad %s names the field and not the value', (field, change) => {
    const problem = problemOf({ ...group, ...change });
    expect(problem).toContain(`${field}:`);
    expect(problem).not.toContain('canary');
  });
});

describe('a date', () => {
  const anyDate = fc.date({
    min: new Date('1970-01-01'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  });

  test('is the same instant in every form', () => {
    fc.assert(
      fc.property(anyDate, (date) => {
        const iso = date.toISOString();
        for (const form of [
          iso,
          iso.replace('Z', '+00:00'),
          iso.replace('Z', ''),
          iso.replace('T', ' '),
          date.getTime(),
        ]) {
          expect(parseInstant(form)).toBe(iso);
        }
      }),
    );
  });

  test.each([
    ['2027-12-31', '2027-12-31T00:00:00.000Z'],
    ['2027-12-31T23:59', '2027-12-31T23:59:00.000Z'],
    ['2027-12-31 23:59:59 UTC', '2027-12-31T23:59:59.000Z'],
    ['2027-12-31T23:59:59.123456Z', '2027-12-31T23:59:59.123Z'],
    ['2027-12-31T23:59:59-0500', '2028-01-01T04:59:59.000Z'],
  ])('%s is %s', (text, expected) => {
    expect(parseInstant(text)).toBe(expected);
  });

  test.each(['', 'soon', '31.12.2027', '2027-13-01', 'Dec 31, 2027', Number.NaN, null, {}])(
    '%j is none',
    (value) => {
      expect(parseInstant(value)).toBeNull();
    },
  );
});

describe('paging', () => {
  test.each([
    ['a cursor', { pageInfo: { hasMore: true, cursor: 'c2' } }, { parameter: 'cursor', value: 'c2' }],
    [
      'a numeric cursor',
      { pageInfo: { hasMore: true, cursor: 1518 } },
      { parameter: 'cursor', value: '1518' },
    ],
    ['a page number', { pageInfo: { hasMore: true, currentPage: 1 } }, { parameter: 'page', value: '2' }],
    ['a next cursor', { data: [], meta: { nextCursor: 'c2' } }, { parameter: 'cursor', value: 'c2' }],
    ['a page count', { data: [], meta: { page: 1, totalPages: 2 } }, { parameter: 'page', value: '2' }],
    [
      'an envelope',
      { data: { API: { pageInfo: { hasMore: true, cursor: 'c' } } } },
      { parameter: 'cursor', value: 'c' },
    ],
  ])('goes on by %s', (_, body, link) => {
    expect(nextPage(body)).toEqual({ hasMore: true, link });
  });

  test.each([
    ['hasMore is false, whatever the cursor', { pageInfo: { hasMore: false, cursor: 'c2', total: 99 } }],
    ['the last page is reached', { data: [], meta: { page: 2, totalPages: 2 } }],
    ['nothing is said of pages', { codes: [] }],
    ['the answer is a bare list', []],
  ])('ends when %s', (_, body) => {
    expect(nextPage(body).hasMore).toBe(false);
  });

  test('always ends, and asks for no page twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ hasMore: fc.boolean(), cursor: fc.option(fc.constantFrom('a', 'b', 'c')) }), {
          minLength: 1,
        }),
        async (answers) => {
          const asked: string[] = [];
          const ends: unknown[] = [];
          const read = async (link: { value: string } | null) => {
            asked.push(link?.value ?? '');
            return { pageInfo: answers[(asked.length - 1) % answers.length] };
          };
          for await (const { end } of readPages(read, 50)) ends.push(end);
          expect(new Set(asked).size).toBe(asked.length);
          expect(ends.slice(0, -1).every((end) => end === null)).toBe(true);
          expect(ends.at(-1)).not.toBeNull();
        },
      ),
    );
  });

  test('stops at the cap although every cursor is new', async () => {
    let asked = 0;
    const ends: unknown[] = [];
    const read = async () => {
      asked += 1;
      return { pageInfo: { hasMore: true, cursor: `c${asked}` } };
    };
    for await (const { end } of readPages(read, 5)) ends.push(end);
    expect(ends).toEqual([null, null, null, null, 'broken']);
    expect(asked).toBe(5);
  });

  test('sends a cursor back exactly, with or without another query', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('/codes', '/codes?groupId=g'), (cursor, target) => {
        const url = new URL(`https://t.example${withPage(target, { parameter: 'cursor', value: cursor })}`);
        expect(url.searchParams.get('cursor')).toBe(cursor);
        expect(url.searchParams.get('groupId')).toBe(target.includes('?') ? 'g' : null);
      }),
    );
  });
});

describe('the path of the code list', () => {
  test('carries any id as one segment or one query value', () => {
    const id = fc.string({ minLength: 1 }).filter((text) => text !== '.' && text !== '..');
    fc.assert(
      fc.property(id, (groupId) => {
        const inPath = new URL(`https://t.example${compileCodesPath('/a/{groupId}/b')(groupId)}`);
        const segments = inPath.pathname.split('/');
        expect(segments).toHaveLength(4);
        expect(decodeURIComponent(segments[2] ?? '')).toBe(groupId);
        const inQuery = new URL(`https://t.example${compileCodesPath('/b?g={groupId}')(groupId)}`);
        expect(inQuery.searchParams.get('g')).toBe(groupId);
      }),
    );
  });
});

describe('error texts', () => {
  test('are short and printable, whatever the platform sends', () => {
    const hostile = fc.string({ unit: 'binary', maxLength: 400 });
    const body = fc.oneof(
      fc.jsonValue(),
      fc.record({ errors: fc.array(fc.oneof(hostile, fc.record({ message: hostile }))) }),
      fc.record({ error: hostile, message: hostile }),
    );
    fc.assert(
      fc.property(body, (json) => {
        const text = errorText(json, []);
        expect(text.length).toBeLessThanOrEqual(5 * 200 + 100);
        expect(text).not.toMatch(/\p{Cc}|\u2028|\u2029|\u202e/u);
      }),
    );
  });

  test('never hold a secret, wherever it stands', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.string({ maxLength: 300 }), (before, after) => {
        const secret = 'ti_live_0123456789abcdef';
        expect(errorText({ errors: [`${before}${secret}${after}`] }, [secret])).not.toContain('ti_live');
      }),
    );
  });

  test('beyond five are counted', () => {
    const errors = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'a'];
    expect(errorText({ errors }, [])).toBe('a; b; c; d; e; and 2 more');
  });

  test('of the rate limit show text and name', () => {
    expect(errorText({ error: 'rate_limit_exceeded', message: 'Wait.', retryAfter: 3 }, [])).toBe(
      'Wait.; rate_limit_exceeded',
    );
  });
});
