import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { HUBSPOT } from '../../src/clients/hubspot/module.ts';
import { CatalogError, parseCatalog } from '../../src/config/load-catalog.ts';
import { productKey } from '../../src/domain/deal/catalog.ts';
import { namedInCrm } from '../../src/domain/deal/catalog-names.ts';
import { NO_MAIL } from '../../src/domain/deal/mail-tool.ts';
import { CRMS } from '../../src/processes/crms.ts';

const EXAMPLE_YAML = readFileSync('catalog.example.yaml', 'utf8');
const LEARNER_URL = 'https://learn.vendor.example';
const EXAMPLE = parse(EXAMPLE_YAML);

const MINIMAL = `
version: 1
products:
  - match: { sku: A }
    title: A course
    grants: { courses: [course-1] }
handOver: { to: buyer }
`;

function parse(yaml: string) {
  return parseCatalog(yaml, { learnerUrl: LEARNER_URL, source: 'catalog.yaml' });
}

/** Every fault of a catalog, in order. */
function faultsOf(yaml: string): readonly string[] {
  try {
    parse(yaml);
  } catch (error) {
    if (error instanceof CatalogError) return error.faults;
    throw error;
  }
  return [];
}

describe('a catalog without faults', () => {
  test('the example has the products, the partner and the tools it shows', () => {
    expect(EXAMPLE.products.map(({ match, ignore }) => [match, ignore])).toEqual([
      [{ sku: 'LEAD-101' }, false],
      [{ sku: 'NEGO-201' }, false],
      [{ sku: 'TRACK-MGR' }, false],
      [{ sku: 'SUPPORT-GOLD' }, true],
    ]);
    expect(EXAMPLE).toMatchObject({
      partners: [{ label: 'acme' }],
      approveAboveSeats: 1_000,
      handOver: {
        to: 'buyer',
        tools: { hubspot: { via: 'singleSend' }, salesforce: { via: 'emailSimple' } },
      },
      platform: 'ti',
    });
  });

  test('a product takes from the defaults what it does not say itself', () => {
    expect(EXAMPLE.products).toMatchObject([
      { codeLength: 12, seatsPerUnit: 1, access: { days: 365 }, codesExpireAfterDays: 365 },
      { access: { days: 90 } },
      {},
      {},
    ]);
  });

  test('what nobody says has the documented default: 12 characters, one seat a unit, no end, no mail', () => {
    expect(parse(MINIMAL)).toMatchObject({
      products: [{ codeLength: 12, seatsPerUnit: 1, access: null, codesExpireAfterDays: null }],
      partners: [],
      buyer: { roles: {}, isRequired: false },
      handOver: { learners: {}, tools: { hubspot: NO_MAIL, salesforce: NO_MAIL } },
      approveAboveSeats: null,
      redeemUrl: 'https://learn.vendor.example/redeem/{code}',
    });
  });

  test('who may approve on the deal is kept under the keys of the CRMs', () => {
    const by = 'by: { hubspotUsers: [ana@vendor.example], salesforceRoles: [Finance] }';
    expect(parse(`${MINIMAL}\napproval: { aboveSeats: 10, ${by} }`)).toMatchObject({
      approveAboveSeats: 10,
      approvers: { hubspotUsers: ['ana@vendor.example'], salesforceRoles: ['Finance'] },
    });
    expect(parse(MINIMAL).approvers).toBeUndefined();
  });

  test("a product's own end of access replaces the default's days", () => {
    const yaml = MINIMAL.replace('version: 1', 'version: 1\ndefaults: { accessDays: 365 }').replace(
      'title:',
      'accessUntil: 2027-12-31\n    title:',
    );
    expect(parse(yaml).products).toMatchObject([{ access: { until: '2027-12-31' } }]);
  });

  test('a redeem page may be on the tenant’s host or on a listed one', () => {
    const yaml = `${MINIMAL}
learnerHosts: [learn.acme.example]
partners:
  - { match: { company: A }, label: a, redeemUrl: 'https://learn.acme.example/a/{code}' }
  - { match: { company: B }, label: b, redeemUrl: 'https://LEARN.vendor.example/b/{code}' }
`;
    expect(parse(yaml).partners).toHaveLength(2);
  });

  test('a redeem page in letters beyond a to z becomes what a browser makes of it', () => {
    const yaml = `${MINIMAL}
learnerHosts: [Lernen.müller.example]
partners: [{ match: { company: A }, label: a, redeemUrl: 'https://lernen.müller.example/a/{code}' }]
`;
    const {
      learnerHosts,
      partners: [only],
    } = parse(yaml);
    expect(only?.redeemUrl).toBe('https://lernen.xn--mller-kva.example/a/{code}');
    expect(learnerHosts).toContain('lernen.xn--mller-kva.example');
  });

  test('a product is remembered by its key, which is made from its match unless it says one', () => {
    const yaml = withProduct('match: { hubspotProductId: "7002" }, key: sku:OLD');
    expect(parse(yaml).products.map(productKey)).toEqual(['sku:a', 'sku:old']);
  });

  test('a SKU that stands for no seats any more leaves its key to the product that it was', () => {
    const yaml = withProduct('match: { sku: NEW }, key: sku:OLD').replace(
      'handOver',
      '  - { match: { sku: OLD }, ignore: true }\nhandOver',
    );
    expect(parse(yaml).products).toHaveLength(3);
  });

  test('numbers are taken for ids of sequences, users and lists, because people write them bare', () => {
    const yaml = MINIMAL.replace('{ to: buyer }', '{ to: buyer, hubspot: { via: list, listId: 2001 } }');
    expect(parse(yaml).handOver.tools.hubspot).toMatchObject({ via: 'list', settings: { listId: '2001' } });
  });

  test('a text of the catalog takes the place of the one for that kind and language, and no other', () => {
    const yaml = MINIMAL.replace(
      '{ to: buyer }',
      '{ to: buyer, mail: { templates: { learner: { DE: { subject: own } } } } }',
    );
    const { learner, buyerFile } = parse(yaml).handOver.mail.templates;
    expect(learner.de).toMatchObject({
      subject: 'own',
      html: expect.stringContaining('Sie brauchen ein Konto'),
    });
    expect(learner.en?.subject).not.toBe('own');
    expect(buyerFile.de?.subject).not.toBe('own');
  });

  test.each([
    ['{ to: buyer }', 'comma'],
    ['{ to: buyer, mail: { language: en } }', 'comma'],
    ['{ to: buyer, mail: { language: de } }', 'semicolon'],
    ['{ to: buyer, mail: { language: de }, roster: { separator: comma } }', 'comma'],
    ['{ to: buyer, roster: { separator: semicolon } }', 'semicolon'],
  ])('with handOver %s the columns of CSV files have a %s between them', (handOver, separator) => {
    expect(parse(MINIMAL.replace('{ to: buyer }', handOver)).handOver.csvSeparator).toBe(separator);
  });
});

describe('the buyer', () => {
  const withBuyer = (buyer: string) => parse(EXAMPLE_YAML.replace(/^buyer: .*$/m, `buyer: ${buyer}`));

  test('may be required to have the role', () => {
    expect(withBuyer('{ salesforceRole: Economic Buyer, required: true }').buyer).toEqual({
      roles: { salesforce: 'Economic Buyer' },
      isRequired: true,
    });
  });

  test('cannot be required to have a role that is not named', () => {
    expect(() => withBuyer('{ required: true }')).toThrow(
      'buyer: expected hubspotLabel or salesforceRole, because buyer.required is true',
    );
  });
});

describe('what a CRM calls its own', () => {
  test('is told by CRM, whatever the keys in the file are', () => {
    const yaml = `
version: 1
products:
  - { match: { hubspotProductId: "7002" }, title: A, grants: { courses: [x] } }
  - { match: { salesforceProductId: 01t5Y00000AbCdE }, ignore: true }
partners:
  - { match: { hubspotCompanyId: "8001" }, label: a }
  - { match: { salesforceAccountId: 0015Y00000AbCdE }, label: b }
buyer: { hubspotLabel: Training buyer, salesforceRole: Decision Maker }
handOver: { to: learners, learners: { salesforceRole: Learner } }
`;
    const catalog = parse(yaml);
    const { products, partners, buyer, handOver } = catalog;
    expect(namedInCrm(catalog, 'hubspot')).toMatchObject({
      products: [{ id: '7002', by: ['A'] }],
      companies: [{ id: '8001', by: ['a'] }],
      skus: [],
    });
    expect(namedInCrm(catalog, 'salesforce')).toMatchObject({
      products: [{ id: '01t5Y00000AbCdEQAV', by: ['ignored'] }],
      companies: [{ by: ['b'] }],
    });
    expect(products.map(({ match }) => match)).toEqual([
      { crm: 'hubspot', productId: '7002' },
      { crm: 'salesforce', productId: '01t5Y00000AbCdEQAV' },
    ]);
    expect(partners.map(({ match }) => match)).toEqual([
      { crm: 'hubspot', companyId: '8001' },
      { crm: 'salesforce', companyId: '0015Y00000AbCdEQAV' },
    ]);
    expect(buyer).toEqual({
      roles: { hubspot: 'Training buyer', salesforce: 'Decision Maker' },
      isRequired: false,
    });
    expect(handOver.learners).toEqual({ salesforce: 'Learner' });
  });

  test.each([
    [
      '{ via: singleSend, emailId: 7 }',
      'send transactional e-mail 7',
      ['reachesLearners', 'writesToPeople', 'carriesLinks'],
    ],
    [
      '{ via: sequence, sequenceId: 3, userId: 4, senderEmail: sam.ops@vendor.example }',
      'enrol in sequence 3',
      ['reachesLearners', 'remembersPeople'],
    ],
    ['{ via: list, listId: 2001 }', 'add to list 2001', ['reachesLearners']],
    ['{ via: none }', 'no e-mail', []],
  ])('HubSpot: %s %ss and can %j', (given, description, traits) => {
    const { hubspot } = parse(tool(given)).handOver.tools;
    expect(hubspot?.description).toBe(description);
    expect(Object.entries(hubspot?.traits ?? {}).flatMap(([trait, has]) => (has ? [trait] : []))).toEqual(
      traits,
    );
  });

  test('Salesforce: emailSimple writes to people, one text for all', () => {
    const yaml = MINIMAL.replace('{ to: buyer }', '{ to: buyer, salesforce: { via: emailSimple } }');
    expect(parse(yaml).handOver.tools.salesforce).toEqual({
      via: 'emailSimple',
      settings: {},
      traits: { reachesLearners: false, writesToPeople: true, carriesLinks: false, remembersPeople: false },
      description: 'send an e-mail with the roster attached',
    });
  });

  test('ends with the list of CRMs: the keys of another one are unknown, those of a third are known', () => {
    const options = { learnerUrl: LEARNER_URL, crms: [HUBSPOT] };
    const yaml = MINIMAL.replace('{ to: buyer }', '{ to: buyer, salesforce: { via: none } }');
    expect(() => parseCatalog(yaml, options)).toThrow(/handOver: .*"salesforce"/);
    const { keys } = HUBSPOT.catalog;
    const sugar = {
      ...HUBSPOT,
      name: 'sugar',
      catalog: { ...HUBSPOT.catalog, keys: { ...keys, product: 'sugarId' } },
    };
    const match = MINIMAL.replace('sku: A', 'sugarId: 7001').replace(
      '{ to: buyer }',
      '{ to: buyer, sugar: { via: none } }',
    );
    const { products, handOver } = parseCatalog(match, { learnerUrl: LEARNER_URL, crms: [sugar] });
    expect(products[0]?.match).toEqual({ crm: 'sugar', productId: '7001' });
    expect(handOver.tools).toEqual({ sugar: NO_MAIL });
    expect(CRMS.map(({ name }) => name)).not.toContain('sugar');
  });
});

describe('a catalog with faults', () => {
  test.each<[string, string, RegExp]>([
    ['an unknown key', MINIMAL.replace('title:', 'titel: x\n    title:'), /^products\[0\]: .*"titel"/],
    ['an unknown key at the top', `${MINIMAL}\nextra: 1`, /^the file: .*"extra"/],
    ['another version', MINIMAL.replace('version: 1', 'version: 2'), /^version: .*1/],
    ['no products', 'version: 1\nproducts: []\nhandOver: { to: buyer }', /^products: /],
    ['no title', MINIMAL.replace('title: A course', ''), /^products\[0\]\.title: /],
    [
      'no content',
      MINIMAL.replace('[course-1]', '[]'),
      /^products\[0\]\.grants: expected at least one course/,
    ],
    [
      'an empty content id',
      MINIMAL.replace('[course-1]', "['  ']"),
      /^products\[0\]\.grants\.courses\[0\]: /,
    ],
    ['codes too short', withTerm('codeLength: 3'), /^products\[0\]\.codeLength: .*4/],
    ['codes too long', withTerm('codeLength: 21'), /^products\[0\]\.codeLength: .*20/],
    ['half a seat', withTerm('seatsPerUnit: 0.5'), /^products\[0\]\.seatsPerUnit: /],
    ['no seat a unit', withTerm('seatsPerUnit: 0'), /^products\[0\]\.seatsPerUnit: .*1/],
    ['a number as text', withTerm('accessDays: "365"'), /^products\[0\]\.accessDays: /],
    ['a day that does not exist', withTerm('accessUntil: 2027-02-30'), /^products\[0\]\.accessUntil: /],
    [
      'both ends of access',
      withTerm('accessDays: 1\n    accessUntil: 2027-12-31'),
      /^products\[0\]: accessDays and accessUntil exclude each other/,
    ],
    [
      'both ends of access in the defaults',
      `${MINIMAL}\ndefaults: { accessDays: 1, accessUntil: 2027-12-31 }`,
      /^defaults: accessDays and accessUntil exclude/,
    ],
    [
      'a product in two entries',
      MINIMAL.replace('handOver', '  - { match: { sku: A }, ignore: true }\nhandOver'),
      /^products\[1\]\.match: sku:A is already matched by products\[0\]/,
    ],
    ['a key that is no text', withTerm('key: 7'), /^products\[0\]\.key: expected a text/],
    ['an empty key', withTerm("key: ' '"), /^products\[0\]\.key: /],
    ['a key that is too long', withTerm(`key: ${'k'.repeat(301)}`), /^products\[0\]\.key: .*300/],
    [
      'a key for a product that gives no seats',
      MINIMAL.replace('handOver', '  - { match: { sku: B }, ignore: true, key: b }\nhandOver'),
      /^products\[1\]: .*"key"/,
    ],
    [
      'one key for two products',
      withProduct('match: { sku: B }, key: a').replace('title:', 'key: a\n    title:'),
      /^products\[1\]\.key: a is already the key of products\[0\]; expected one that no other product has$/,
    ],
    [
      'a key that another product has from its match',
      withProduct('match: { sku: B }, key: sku:A'),
      /^products\[1\]\.key: sku:a is already the key of products\[0\]/,
    ],
    [
      'a match that makes the key of another product',
      withProduct('match: { sku: B }').replace('title:', 'key: sku:B\n    title:'),
      /^products\[1\]\.match: sku:b is already the key of products\[0\]; give one of them another key$/,
    ],
    [
      'a match of two kinds',
      MINIMAL.replace('sku: A', 'sku: A, hubspotProductId: "1"'),
      /^products\[0\]\.match: /,
    ],
    [
      'a product in two spellings',
      MINIMAL.replace('handOver', "  - { match: { sku: ' a' }, ignore: true }\nhandOver"),
      /^products\[1\]\.match: sku:a is already matched by products\[0\]/,
    ],
    [
      'a SKU of blanks',
      MINIMAL.replace('sku: A', 'sku: "\u00a0\u200b"'),
      /^products\[0\]\.match\.sku: .*blanks/,
    ],
    [
      'a HubSpot product id that is no number',
      MINIMAL.replace('sku: A', 'hubspotProductId: LEAD-101'),
      /^products\[0\]\.match\.hubspotProductId: expected the digits of a HubSpot product record id; found "LEAD-101"/,
    ],
    [
      'a Salesforce id of 16 characters',
      matching('salesforceAccountId: 0015Y00000AbCdEQ'),
      /15 or 18 characters/,
    ],
    [
      'a Salesforce id in the wrong case',
      matching('salesforceAccountId: 0015Y00000ABCDEQAV'),
      /15 or 18 characters/,
    ],
    [
      'the Salesforce id of a contact',
      matching('salesforceAccountId: 0035Y00000AbCdEQAV'),
      /starts with 001/,
    ],
    [
      'a domain with a scheme',
      matching('domain: https://acme.example'),
      /^partners\[0\]\.match\.domain: expected a host name/,
    ],
    ['a domain with a path', matching('domain: acme.example/about'), /expected a host name/],
    ['an e-mail address for a domain', matching('domain: ask@acme.example'), /expected a host name/],
    ['a domain without a dot', matching('domain: acme'), /expected a host name/],
    ['a company of blanks', matching('company: "\u00a0"'), /^partners\[0\]\.match\.company: /],
    ['a role of blanks', `${MINIMAL}\nbuyer: { hubspotLabel: "\u200b" }`, /^buyer\.hubspotLabel: .*blanks/],
    [
      'a partner in two spellings of its domain',
      partners('domain: müller.example', 'domain: www.XN--Mller-kva.example'),
      /^partners\[1\]\.match: domain xn--mller-kva\.example is already matched by partners\[0\]/,
    ],
    [
      'a partner in two spellings of its name',
      partners('company: Société Générale', 'company: "SOCIE\u0301TE\u0301\u00a0GE\u0301NE\u0301RALE"'),
      /^partners\[1\]\.match: company .* is already matched by partners\[0\]/,
    ],
    [
      'a partner in both lengths of its id',
      partners('salesforceAccountId: 0015Y00000AbCdE', 'salesforceAccountId: 0015Y00000AbCdEQAV'),
      /^partners\[1\]\.match: salesforce:0015Y00000AbCdEQAV is already matched by partners\[0\]/,
    ],
    [
      'no partner where one is required',
      `${MINIMAL}\npartnerRequired: true`,
      /^partners: expected at least one/,
    ],
    ['a time zone that is none', `${MINIMAL}\ntimeZone: Europe/Bonn`, /^timeZone: expected the IANA name/],
    ['an offset for a time zone', `${MINIMAL}\ntimeZone: '+02:00'`, /^timeZone: expected the IANA name/],
    [
      'a learner host with a scheme',
      `${MINIMAL}\nlearnerHosts: ['https://a.example']`,
      /^learnerHosts\[0\]: expected a host name/,
    ],
    ['a label with capitals', partner('label: Acme'), /^partners\[0\]\.label: only a-z/],
    ['a label too long', partner(`label: ${'a'.repeat(31)}`), /^partners\[0\]\.label: .*30/],
    [
      'a redeem page elsewhere',
      redeemUrl('https://evil.example/{code}'),
      /^partners\[0\]\.redeemUrl: host evil\.example is not allowed/,
    ],
    ['a redeem page without a code', redeemUrl('https://learn.vendor.example/x'), /exactly one \{code\}/],
    [
      'a redeem page with two codes',
      redeemUrl('https://learn.vendor.example/{code}/{code}'),
      /exactly one \{code\}/,
    ],
    ['a redeem page that is no URL', redeemUrl('/redeem/{code}'), /absolute URL/],
    ['a redeem page without TLS', redeemUrl('http://learn.vendor.example/{code}'), /expected https/],
    ['a redeem page with a user', redeemUrl('https://a:b@learn.vendor.example/{code}'), /no user name/],
    ['a redeem page with a fragment', redeemUrl('https://learn.vendor.example/#{code}'), /no fragment/],
    ['a host made by the code', redeemUrl('https://{code}.vendor.example/x'), /^partners\[0\]\.redeemUrl: /],
    ['an unknown audience', MINIMAL.replace('to: buyer', 'to: everybody'), /^handOver\.to: /],
    [
      'learners without a role',
      MINIMAL.replace('to: buyer', 'to: learners'),
      /^handOver\.learners: expected/,
    ],
    ['an unknown tool', tool('{ via: pigeon }'), /^handOver\.hubspot/],
    ['a list id that is no id', tool('{ via: list, listId: {} }'), /^handOver\.hubspot\.listId/],
    ['a single send without its e-mail', tool('{ via: singleSend }'), /^handOver\.hubspot\.emailId: /],
    [
      'a sequence from no address',
      tool('{ via: sequence, sequenceId: 1, userId: 2, senderEmail: sam }'),
      /^handOver\.hubspot\.senderEmail: /,
    ],
    [
      'a template that cannot be parsed',
      MINIMAL.replace(
        'to: buyer',
        'to: buyer, mail: { templates: { learner: { en: { html: "{% if %" } } } }',
      ),
      /^handOver\.mail\.templates\.learner\.en\.html: /,
    ],
    ['a threshold below zero', `${MINIMAL}\napproval: { aboveSeats: -1 }`, /^approval\.aboveSeats: /],
    [
      'approvers under a key that no CRM has',
      `${MINIMAL}\napproval: { aboveSeats: 1, by: { hubspotUsers: [ana], hubspotRoles: [Finance] } }`,
      /^approval\.by: .*hubspotRoles/,
    ],
    [
      'nobody who may approve',
      `${MINIMAL}\napproval: { aboveSeats: 1, by: {} }`,
      /^approval\.by: expected at least one of hubspotUsers, hubspotTeams, salesforceUsers/,
    ],
    ['a key written twice', `${MINIMAL}\nversion: 1`, /unique/i],
    ['broken YAML', 'version: [1', /./],
    ['nothing in it', '', /^the file: /],
  ])('with %s is refused, and the fault names where', (_, yaml, fault) => {
    expect(faultsOf(yaml)).toEqual([expect.stringMatching(fault)]);
    // In our words, not in those of the library that reads it.
    expect(faultsOf(yaml)[0]).not.toMatch(/Invalid |Too (small|big)|Unrecognized|received/);
  });

  test('with several faults is told all of them at once', () => {
    const yaml = `
version: 1
products:
  - { match: { sku: A }, title: '', grants: { courses: [x] } }
  - { match: { sku: B }, title: B, grants: { courses: [x] }, codeLength: 99 }
partners: [{ match: { company: C }, label: 'C C' }]
handOver: { to: nobody }
`;
    expect(faultsOf(yaml).map((fault) => fault.split(':')[0])).toEqual([
      'products[0].title',
      'products[1].codeLength',
      'partners[0].label',
      'handOver.to',
    ]);
  });

  test('of the second kind is also told at once: they need the whole file', () => {
    const yaml = `
version: 1
products:
  - { match: { sku: A }, title: A, grants: {} }
  - { match: { sku: A }, title: B, grants: { courses: [x] }, accessDays: 1, accessUntil: 2027-01-01 }
handOver: { to: learners }
`;
    expect(faultsOf(yaml).map((fault) => fault.split(':')[0])).toEqual([
      'products[0].grants',
      'products[1]',
      'products[1].match',
      'handOver.learners',
    ]);
  });

  test('is told with the name of its file', () => {
    expect(() => parse('version: 2')).toThrow(/catalog\.yaml/);
  });

  test('with aliases is refused, because a small file can grow without bound through them', () => {
    const yaml = `${MINIMAL}\nlearnerHosts: &h [a.example]\npartners: *h`;
    expect(faultsOf(yaml)).toEqual([expect.stringMatching(/alias/i)]);
  });
});

test('the example names the schema that editors check it with', () => {
  expect(EXAMPLE_YAML.split('\n')[0]).toBe('# yaml-language-server: $schema=docs/catalog.schema.json');
});

function withTerm(term: string): string {
  return MINIMAL.replace('title:', `${term}\n    title:`);
}

function withProduct(keys: string): string {
  const product = `{ ${keys}, title: Another course, grants: { courses: [course-2] } }`;
  return MINIMAL.replace('handOver', `  - ${product}\nhandOver`);
}

function partner(label: string): string {
  return `${MINIMAL}\npartners: [{ match: { company: A }, ${label} }]`;
}

function matching(match: string): string {
  return partners(match);
}

function partners(...matches: readonly string[]): string {
  const entries = matches.map((match, index) => `  - { match: { ${match} }, label: p${index} }`);
  return `${MINIMAL}\npartners:\n${entries.join('\n')}`;
}

function redeemUrl(url: string): string {
  return partner(`label: a, redeemUrl: '${url}'`);
}

function tool(hubspot: string): string {
  return MINIMAL.replace('{ to: buyer }', `{ to: buyer, hubspot: ${hubspot} }`);
}

describe('the faults of a catalog', () => {
  const messageOf = (yaml: string): string => {
    try {
      parse(yaml);
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };

  test('of its form, its sense and its templates are all named at once, each with its line', () => {
    const yaml = `version: 1
products:
  - match: { sku: LEAD-101 }
    titel: Leadership
    grants: { courses: [a] }
  - match: { sku: LEAD-101 }
    title: Again
    grants: { courses: [] }
    codeLenght: 99
partners:
  - match: { company: Acme }
    label: 'A A'
    redeemUrl: https://evil.example/{code}
handOver:
  to: learners
  hubspot: { via: singleSend, emailID: 1 }
  salesforce: { via: emailSimple, subject: Hello }
  mail:
    templates:
      buyerFile:
        en:
          subject: 'Hello {{ seats '
          html: '{{ deal.name | shout }}'
`;
    expect(messageOf(yaml).split('\n').slice(1)).toEqual([
      '  - line 4, column 5: products[0]: unknown key "titel"; did you mean "title"?',
      '  - line 6, column 5: products[1].match: sku:LEAD-101 is already matched by products[0]',
      expect.stringMatching(/^ {2}- line 8, column 5: products\[1\]\.grants: expected at least one course/),
      '  - line 9, column 5: products[1]: unknown key "codeLenght"; did you mean "codeLength"?',
      expect.stringMatching(/^ {2}- line 12, column 5: partners\[0\]\.label: only a-z/),
      expect.stringMatching(/^ {2}- line 13, column 5: partners\[0\]\.redeemUrl: host evil\.example/),
      expect.stringMatching(/^ {2}- line 14, column 1: handOver\.learners: expected hubspotLabel or/),
      '  - line 16, column 31: handOver.hubspot: unknown key "emailID"; did you mean "emailId"?',
      '  - line 17, column 35: handOver.salesforce: unknown key "subject"',
      expect.stringMatching(
        /^ {2}- line 22, column 11: handOver\.mail\.templates\.buyerFile\.en\.subject: output/,
      ),
      expect.stringMatching(
        /^ {2}- line 23, column 11: handOver\.mail\.templates\.buyerFile\.en\.html: undefined/,
      ),
    ]);
  });

  test('name the keys that are known where none is near', () => {
    expect(faultsOf(`${MINIMAL}\nextra: 1`)).toEqual([
      expect.stringMatching(/^the file: unknown key "extra"; expected one of defaults, approval, /),
    ]);
  });

  test('are not multiplied by what one of them hides', () => {
    const yaml = `${MINIMAL.replace('sku: A', 'skuu: A')}seatsFrom: [{ product: 'sku:A', hubspotProperty: seats }]\n`;
    expect(faultsOf(yaml)).toEqual([expect.stringMatching(/^products\[0\]\.match: .*did you mean "sku"/)]);
  });

  test('are all named though a key that must be there is misspelt', () => {
    const faulty = MINIMAL.replace('title:', 'titel:');
    for (const extra of ['approval: { aboveSeat: 5 }', "seatsFrom: [{ prodct: 'sku:A' }]"]) {
      const found = faultsOf(`${faulty}${extra}\npartners: []\npartnerRequired: true\n`);
      expect(found).toHaveLength(3);
      expect(found).toContain('partners: expected at least one, because partnerRequired is true');
    }
  });

  test('of the file as YAML stand in their line too', () => {
    expect(messageOf('version: 1\nproducts: [1')).toMatch(/- line 2, column \d+: Flow sequence/);
    expect(messageOf(`${MINIMAL}version: 1\n`)).toMatch(/- line 8, column 1: keys must be unique: version/);
  });
});
