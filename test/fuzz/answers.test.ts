import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseErrorBody } from '../../src/clients/hubspot/error-body.ts';
import { faultsOf } from '../../src/clients/salesforce/faults.ts';
import { parseCodesPage } from '../../src/clients/thought-industries/codes-page.ts';
import { parseGroupAnswer } from '../../src/clients/thought-industries/group-record.ts';
import { nextPage, readPages } from '../../src/clients/thought-industries/pages.ts';
import { FAILURES } from '../../src/domain/failure.ts';
import { codeInLink, redeemLink } from '../../src/domain/seats/redeem-link.ts';
import { DEALS, failureOf, openWorld, type SandboxCrm, type World } from '../activities/world.ts';
import { FUZZ_TIMEOUT_MS, fuzz, within } from './bounds.ts';
import { mutated } from './mutations.ts';

const MIB = 1024 * 1024;
const TEMPLATE = 'https://learn.vendor.example/redeem/{code}';

const CODES = JSON.stringify({
  data: {
    redemptionCodes: [
      { code: 'AB12CD34', redeemed: false },
      { redemptionCode: 'EF56', status: 'redeemed' },
    ],
  },
  pageInfo: { hasMore: true, cursor: 'abc' },
});
const GROUP = JSON.stringify({
  data: {
    APICodeGroup: {
      id: '1',
      label: 'acme-2026-11-20-d0123456789abcd',
      totalCodesCount: 25,
      expirationDate: '2027-11-20T23:59:59.000Z',
      accessExpirationDate: 1_795_000_000_000,
      courses: [{ id: 'c', title: 'x' }],
    },
  },
  meta: { page: 1, totalPages: 2, nextCursor: null },
});

/** Damaged JSON that is still JSON, or any JSON with the names that the parser looks for. */
function answers(...samples: readonly string[]): fc.Arbitrary<unknown> {
  const names = [
    'data',
    'codes',
    'code',
    'id',
    'label',
    'meta',
    'page',
    'totalPages',
    'nextCursor',
    'pageInfo',
    'cursor',
    'hasMore',
    // An object that has these cannot be converted to a text or a number.
    'toString',
    'valueOf',
  ];
  const { tree } = fc.letrec<{ tree: unknown; record: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie('tree'), { maxLength: 3 }),
      tie('record'),
    ),
    record: fc.dictionary(fc.constantFrom(...names), tie('tree'), { maxKeys: 5, noNullPrototype: true }),
  }));
  return fc.oneof(tree, mutated(...samples).map(jsonOf));
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

describe('the code list', () => {
  test('of any form gives codes that can be links, or says what is wrong with it', () => {
    fc.assert(
      fc.property(answers(CODES), (body) => {
        const page = parseCodesPage(body);
        if ('problem' in page) return;
        for (const { code } of page.codes)
          expect(codeInLink(TEMPLATE, redeemLink(TEMPLATE, code))).toBe(code);
      }),
      fuzz(500),
    );
  });

  test.each([
    ['half a character', { codes: [{ code: 'AB\ud800' }] }],
    ['blanks', { codes: [{ code: ' \u00a0\t' }] }],
    ['a number', { codes: [{ code: 1234 }] }],
    ['nothing', { codes: [{ code: 'AB12' }, null] }],
  ])('with a code of %s is refused as a whole, so that no seat is lost', (_, body) => {
    expect(parseCodesPage(body)).toEqual({ problem: 'bad_row', row: body.codes.length });
  });

  test('never moves a link to another host, whatever the codes are', () => {
    const hostile = fc.constantFrom(
      '..',
      '.',
      '../..',
      '//evil.example',
      '@evil.example',
      '\\',
      '\u202e',
      '%00',
    );
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: 'binary', minLength: 1 })), (code) => {
        const { origin, username, hash } = new URL(redeemLink(TEMPLATE, code));
        expect({ origin, username, hash }).toEqual({
          origin: 'https://learn.vendor.example',
          username: '',
          hash: '',
        });
      }),
      fuzz(500),
    );
  });

  test('of a hundred thousand rows is read in bounded time and memory', () => {
    const text = JSON.stringify({
      codes: Array.from({ length: 100_000 }, (_, n) => ({ code: `C${n}`, redeemed: n % 2 === 0 })),
    });
    const page = within({ cpuMs: 5_000, heapBytes: 150 * MIB }, () => parseCodesPage(JSON.parse(text)));
    expect(page).toMatchObject({ codes: { length: 100_000 } });
  });

  test('whose pages never end is left after the agreed number of them', async () => {
    let asked = 0;
    const endless = async () => ({ codes: [], meta: { nextCursor: `c${asked++}` } });
    const ends: unknown[] = [];
    for await (const { end } of readPages(endless, 50)) ends.push(end);
    expect([ends.length, ends.at(-1)]).toEqual([50, 'broken']);
  });

  test('with any page information leads on by a link, or to its end', () => {
    fc.assert(
      fc.property(answers(CODES, GROUP), (body) => {
        const { link } = nextPage(body);
        if (link !== null) expect(link.value).not.toBe('');
      }),
      fuzz(300),
    );
    const unconvertible = { toString: 1, valueOf: 1 };
    expect(nextPage({ meta: { page: unconvertible, totalPages: 2 } })).toEqual({
      hasMore: false,
      link: null,
    });
  });
});

test('a group record of any form is read, or its faults are named by field and without values', () => {
  fc.assert(
    fc.property(answers(GROUP), (body) => {
      const group = parseGroupAnswer(body);
      if ('problem' in group) expect(group.problem).toMatch(/^the group cannot be read: \w/);
      else expect(Number.isInteger(group.value.seatCount)).toBe(true);
    }),
    fuzz(500),
  );
  const problem = parseGroupAnswer({ id: 'canary-1', label: 'canary-2', totalCodesCount: 'canary-3' });
  expect(problem).toEqual({ problem: expect.stringMatching(/totalCodesCount: /) });
  expect(JSON.stringify(problem)).not.toContain('canary');
});

const ERRORS = {
  hubspot: JSON.stringify({
    status: 'error',
    message: 'Property values were not valid: [{"name":"x","error":"INVALID_OPTION"}]',
    category: 'VALIDATION_ERROR',
    errors: [{ context: { requiredGranularScopes: ['crm.objects.deals.read'] } }],
  }),
  salesforce: JSON.stringify([{ errorCode: 'INVALID_FIELD', message: 'No such column', fields: ['a'] }]),
};

test('an error answer of either CRM is read or taken as empty, however damaged it is', () => {
  fc.assert(
    fc.property(mutated(ERRORS.hubspot, ERRORS.salesforce, '<html></html>', ''), (bytes) => {
      expect(parseErrorBody(bytes.toString('utf8'))).toMatchObject({ requiredScopes: expect.any(Array) });
      for (const { code } of faultsOf(bytes)) expect(typeof code).toBe('string');
    }),
    fuzz(500),
  );
});

test('an error answer of megabytes is read in bounded time and memory', () => {
  for (const text of [
    '['.repeat(MIB / 2),
    JSON.stringify({ message: '[{'.repeat(MIB / 4) }),
    JSON.stringify(Array.from({ length: 20_000 }, () => ({ errorCode: 'X' }))),
  ]) {
    within({ cpuMs: 5_000, heapBytes: 200 * MIB }, () => {
      parseErrorBody(text);
      faultsOf(Buffer.from(text));
    });
  }
});

describe('an answer of the CRM while a deal is read', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ believedMs: 0 });
  });
  afterAll(() => world.close());

  const PROPERTIES = {
    dealname: 'x',
    dealstage: 'closedwon',
    pipeline: 'default',
    hs_lastmodifieddate: '2026-11-20T09:00:05Z',
  };
  const ANSWERS: readonly (readonly [SandboxCrm, string, RegExp, string])[] = [
    [
      'hubspot',
      'the deal',
      /\/deals\/9001$/,
      JSON.stringify({
        id: '9001',
        properties: { ...PROPERTIES, closedate: '2026-11-20' },
        propertiesWithHistory: { dealstage: [{ value: 'closedwon', timestamp: '2026-11-20T09:00:00Z' }] },
      }),
    ],
    [
      'hubspot',
      'its line items',
      /line_items\/batch\/read$/,
      JSON.stringify({ results: [{ id: '1', properties: { quantity: '25', hs_sku: 'LEAD-101' } }] }),
    ],
    [
      'hubspot',
      'its stages',
      /\/pipelines\/deals$/,
      JSON.stringify({
        results: [
          {
            id: 'default',
            label: 'Sales',
            displayOrder: 0,
            stages: [
              { id: 'closedwon', label: 'Won', metadata: { isClosed: 'true', probability: '1.0' } },
              { id: 'lead', label: 'Lead', metadata: { isClosed: { toString: 1, valueOf: 1 } } },
            ],
          },
        ],
      }),
    ],
    [
      'salesforce',
      'the opportunity',
      /\/query$/,
      JSON.stringify({
        done: true,
        totalSize: 1,
        records: [
          {
            Id: '0065Y00001Suvw6QAB',
            Name: 'x',
            StageName: 'Closed Won',
            IsWon: true,
            CloseDate: '2026-11-21',
            SystemModstamp: '2026-11-21T09:00:05.000+0000',
            OpportunityLineItems: { done: true, totalSize: 1, records: [{ Id: '1', Quantity: 1e3 }] },
          },
        ],
      }),
    ],
  ];

  test.each(ANSWERS)(
    '%s: damaged in %s ends in a plan or in a failure with a code, never in a crash',
    async (crm, _, path, sample) => {
      await fc.assert(
        fc.asyncProperty(mutated(sample), async (bytes) => {
          world.sandbox.faults.clear();
          world.fail({
            system: crm,
            path,
            kind: 'status',
            status: 200,
            headers: { 'content-type': 'application/json' },
            body: bytes.toString('utf8'),
          });
          const outcome = await world.read(DEALS[crm]).catch((error) => error);
          if (outcome instanceof Error) {
            const { code } = await failureOf(Promise.reject(outcome));
            expect(Object.keys(FAILURES)).toContain(code);
          } else expect(['more', 'blocked', 'nothing', 'fewer']).toContain(outcome.kind);
        }),
        fuzz(25),
      );
      const struck = world.sandbox.faults.hits.filter(({ fault }) => fault.path === path);
      expect(struck.length).toBeGreaterThan(0);
    },
    FUZZ_TIMEOUT_MS,
  );

  test.each(['253402300800000', '+020000-01-01T00:00:00Z', '-000001-01-01T00:00:00Z', '9'.repeat(30)])(
    'hubspot: a close date of %s, which no calendar day can tell, is put before a person',
    async (closedate) => {
      world.sandbox.faults.clear();
      const properties = { ...PROPERTIES, closedate };
      world.fail({
        system: 'hubspot',
        path: /\/deals\/9001$/,
        kind: 'status',
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: { id: '9001', properties },
      });
      expect(await world.read(DEALS.hubspot)).toMatchObject({
        kind: 'blocked',
        problems: expect.arrayContaining([expect.objectContaining({ code: 'deal.close_date_missing' })]),
      });
    },
  );
});
