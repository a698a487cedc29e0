import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { issueInWords } from '../../src/domain/issue-words.ts';

const SECRET = 'AB12CD34';

/** What a person reads of the first thing that is refused. */
function words(schema: z.ZodType, data: unknown): string {
  const parsed = schema.safeParse(data, { error: issueInWords });
  return parsed.success ? '' : (parsed.error.issues[0]?.message ?? '');
}

test.each<[string, z.ZodType, unknown, string]>([
  ['a missing value', z.object({ to: z.string() }), {}, 'is missing; expected a text'],
  ['no object', z.object({}), 7, 'expected an object with keys and values; found a number'],
  ['no list', z.array(z.string()), { a: 1 }, 'expected a list; found an object with keys and values'],
  ['a text', z.number(), SECRET, 'expected a number; found a text of 8 characters'],
  ['a list', z.boolean(), [SECRET], 'expected true or false; found a list of 1 element'],
  ['null', z.string(), null, 'expected a text; found null'],
  ['a fraction', z.int(), 1.5, 'expected a whole number; found a number with decimals'],
  ['an empty text', z.string().min(1), '', 'expected at least 1 character; found an empty text'],
  ['a long text', z.string().max(4), SECRET, 'expected at most 4 characters; found a text of 8 characters'],
  ['a small number', z.int().min(4), 2, 'expected at least 4; found a smaller number'],
  ['a large number', z.int().max(10_000), 20_000, 'expected at most 10,000; found a larger number'],
  ['no number above zero', z.number().positive(), 0, 'expected more than 0; found a smaller number'],
  ['an empty list', z.array(z.string()).min(1), [], 'expected at least 1 element; found an empty list'],
  ['a step', z.number().multipleOf(5), 7, 'expected a multiple of 5; found a number'],
  [
    'a near word',
    z.enum(['buyer', 'learners']),
    'learner',
    'expected one of buyer, learners; found a text of 7 characters, did you mean "learners"?',
  ],
  ['another number', z.literal(1), 2, 'expected 1; found another number'],
  ['another word', z.literal('buyer'), SECRET, 'expected buyer; found a text of 8 characters'],
  ['no day', z.iso.date(), SECRET, 'expected a day such as 2027-12-31; found a text of 8 characters'],
  ['no UUID', z.uuid(), SECRET, 'expected a UUID; found a text of 8 characters'],
  ['a key', z.strictObject({}), { sku: SECRET }, 'unknown key "sku"; remove it or correct the spelling'],
  [
    'keys',
    z.strictObject({}),
    { sku: SECRET, nmae: 1 },
    'unknown keys "sku", "nmae"; remove them or correct the spelling',
  ],
  [
    'another kind',
    z.discriminatedUnion('via', [z.object({ via: z.literal('list') }), z.object({ via: z.literal('none') })]),
    { via: SECRET },
    'expected one of list, none',
  ],
  ['a text that the schema has words for', z.string().regex(/^x/, 'expected an x'), SECRET, 'expected an x'],
])('%s is refused in words that name no value', (_, schema, data, said) => {
  expect(words(schema, data)).toBe(said);
  expect(said).not.toContain(SECRET);
});
