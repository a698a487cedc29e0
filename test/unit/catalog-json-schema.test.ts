import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { catalogSchema } from '../../src/config/catalog-schema.ts';
import { catalogJsonSchema } from '../../src/config/load-catalog.ts';
import { CRMS } from '../../src/processes/crms.ts';

const EXAMPLE_YAML = readFileSync('catalog.example.yaml', 'utf8');

const editor = z.fromJSONSchema(catalogJsonSchema() as Parameters<typeof z.fromJSONSchema>[0]);
const acceptsInEditor = (file: unknown) => editor.safeParse(file).success;
const schema = catalogSchema(CRMS);
const accepts = (file: unknown) => schema.safeParse(file).success;

const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const maybe = { requiredKeys: [] as [] };
const ids = fc.array(word, { maxLength: 3 });

const terms = {
  codeLength: fc.integer({ min: 4, max: 20 }),
  seatsPerUnit: fc.integer({ min: 1, max: 10_000 }),
  accessDays: fc.integer({ min: 1, max: 36_500 }),
  accessUntil: fc.constantFrom('2027-12-31', '2028-02-29'),
  codesExpireAfterDays: fc.integer({ min: 1, max: 36_500 }),
};
const match = fc.oneof(
  fc.record({ sku: word }),
  fc.record({ hubspotProductId: fc.oneof(fc.integer({ min: 1 }), fc.integer({ min: 1 }).map(String)) }),
  fc.record({ salesforceProductId: fc.constantFrom('01t5Y00000AbCdE', '01t5Y00000AbCdEQAV') }),
);
const grants = fc.record({ courses: ids, learningPaths: ids, bundles: ids, licenses: ids }, maybe);
const product = fc.oneof(
  fc.record({ match, ignore: fc.constant(true) }),
  fc.record(
    { match, key: word, title: word, grants, ...terms },
    { requiredKeys: ['match', 'title', 'grants'] },
  ),
);
const roles = fc.record({ hubspotLabel: word, salesforceRole: word }, maybe);
const partner = fc.record(
  {
    match: fc.oneof(
      fc.record({ company: word }),
      fc.record({ domain: word.map((name) => `a${name}.example`) }),
    ),
    label: word,
    displayName: word,
    client: word,
    redeemUrl: fc.constant('https://learn.vendor.example/{code}'),
  },
  { requiredKeys: ['match', 'label'] },
);
const numberOrText = fc.oneof(fc.nat(), word);
const help = fc.record(
  { email: fc.constant('help@vendor.example'), name: word },
  { requiredKeys: ['email'] },
);
const byLanguage = fc.record({ de: fc.record({ subject: word, html: word, text: word }, maybe) });
const mailTemplates = fc.record(
  { buyerFile: byLanguage, buyerLinks: byLanguage, learner: byLanguage },
  maybe,
);
const handOver = fc.record(
  {
    to: fc.constantFrom('buyer', 'learners'),
    learners: roles,
    leftOver: fc.constantFrom('buyer', 'laterLearners'),
    hubspot: fc.oneof(
      fc.record({ via: fc.constant('singleSend'), emailId: fc.integer({ min: 1 }) }),
      fc.record({
        via: fc.constant('sequence'),
        sequenceId: numberOrText,
        userId: numberOrText,
        senderEmail: fc.constant('sam.ops@vendor.example'),
      }),
      fc.record({ via: fc.constant('list'), listId: numberOrText }),
      fc.record({ via: fc.constant('none') }),
    ),
    salesforce: fc.oneof(
      fc.record({ via: fc.constant('emailSimple') }),
      fc.record({ via: fc.constant('none') }),
    ),
    roster: fc.record({ xlsx: fc.boolean(), separator: fc.constantFrom('comma', 'semicolon') }, maybe),
    mail: fc.record(
      {
        language: fc.constantFrom('en', 'de'),
        languageFrom: fc.constant({ salesforceField: 'Language__c' }),
        sender: word,
        help,
        templates: mailTemplates,
      },
      maybe,
    ),
  },
  { requiredKeys: ['to'] },
);
const files = fc.record(
  {
    version: fc.constant(1),
    defaults: fc.record(terms, maybe),
    approval: fc.record({ aboveSeats: fc.nat() }),
    products: fc.array(product, { minLength: 1, maxLength: 3 }),
    partners: fc.array(partner, { maxLength: 2 }),
    partnerRequired: fc.boolean(),
    timeZone: fc.constantFrom('UTC', 'Europe/Berlin'),
    learnerHosts: fc.array(fc.constant('learn.acme.example'), { maxLength: 2 }),
    buyer: fc.record(
      { hubspotLabel: word, salesforceRole: word, required: fc.boolean() },
      { requiredKeys: ['salesforceRole'] },
    ),
    handOver,
  },
  { requiredKeys: ['version', 'products', 'handOver'] },
);

/** The same file with one value, somewhere in it, replaced or one key added. */
function damage(file: unknown, path: readonly number[], value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof file !== 'object' || file === null) return value;
  const keys = [...Object.keys(file), 'unknownKey'];
  const key = keys[step % keys.length] ?? 'unknownKey';
  if (Array.isArray(file)) {
    return file.map((item, index) => (String(index) === key ? damage(item, rest, value) : item));
  }
  return { ...file, [key]: damage((file as Record<string, unknown>)[key], rest, value) };
}

describe('the JSON Schema for editors', () => {
  test('accepts the example', () => {
    expect(acceptsInEditor(parseYaml(EXAMPLE_YAML))).toBe(true);
  });

  test('accepts every file that the parser accepts', () => {
    fc.assert(
      fc.property(files, (file) => {
        expect(accepts(file)).toBe(true);
        expect(acceptsInEditor(file)).toBe(true);
      }),
    );
  });

  test('still accepts what the parser accepts after any one change', () => {
    const values = fc.oneof(fc.jsonValue(), word, fc.integer(), fc.boolean(), fc.constant(null));
    fc.assert(
      fc.property(
        files,
        fc.array(fc.nat(20), { minLength: 1, maxLength: 4 }),
        values,
        (file, path, value) => {
          const changed = damage(file, path, value);
          if (accepts(changed)) expect(acceptsInEditor(changed)).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each([
    ['an unknown key', { ...example(), extra: 1 }],
    ['a wrong type', { ...example(), products: 'all' }],
    ['a number out of range', { ...example(), defaults: { codeLength: 3 } }],
    ['another version', { ...example(), version: 2 }],
  ])('refuses %s before the file is ever used', (_, file) => {
    expect(accepts(file)).toBe(false);
    expect(acceptsInEditor(file)).toBe(false);
  });
});

function example(): Record<string, unknown> {
  return parseYaml(EXAMPLE_YAML) as Record<string, unknown>;
}
