import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createCodeFinder, linesOf, withSeats } from '../../src/domain/seats/link-field.ts';
import { redeemLink } from '../../src/domain/seats/redeem-link.ts';

const TEMPLATE = 'https://learn.example/{code}';
const LINK = 'https://learn.example/ab12';
const code = fc.stringMatching(/^[a-z0-9]{4}$/);
const codes = fc.uniqueArray(code, { maxLength: 6 });
/** Links of other deals, blank lines and what people write; some come with the line ends of a browser. */
const strangers = fc.array(
  fc.oneof(
    code.map((each) => redeemLink(TEMPLATE, each)),
    fc.constantFrom('', 'call first', ' https://learn.example/0000\r'),
  ),
);

function finderOf(own: Iterable<string>) {
  return createCodeFinder(new Set(own), [TEMPLATE]);
}

function seatsOf(wanted: readonly string[], template = TEMPLATE) {
  return wanted.map((each) => ({ code: each, template }));
}

describe('the link field of a contact', () => {
  test('has the links of the deal after the edit, once, and every line that is not of the deal as it was', () => {
    fc.assert(
      fc.property(strangers, codes, codes, (lines, wanted, others) => {
        const findCode = finderOf([...wanted, ...others]);
        const field = lines.join('\n');
        const edited = withSeats(field, seatsOf(wanted), findCode);
        const found = linesOf(edited).flatMap((line) => findCode(line) ?? []);
        expect(found.sort()).toEqual([...wanted].sort());
        // Compared as text: a blank line that is left alone is an empty field.
        const foreign = (text: string) =>
          text
            .split('\n')
            .filter((line) => findCode(line.trim()) === null)
            .join('\n');
        expect(foreign(edited)).toBe(foreign(field));
      }),
      { examples: [[['', LINK], [], ['ab12']]] },
    );
  });

  test('is not touched when it is right already, in whatever order and by whatever template', () => {
    fc.assert(
      fc.property(strangers, codes, codes, (lines, wanted, others) => {
        const findCode = finderOf([...wanted, ...others]);
        const edited = withSeats(lines.join('\n'), seatsOf(wanted), findCode);
        const anew = seatsOf([...wanted].reverse(), 'https://new.example/r?c={code}');
        expect(withSeats(edited, anew, findCode)).toBe(edited);
      }),
    );
  });

  test('is what it was before, once the links of the deal are taken out again', () => {
    fc.assert(
      fc.property(strangers, codes, (lines, wanted) => {
        const findCode = finderOf(wanted);
        const before = lines.filter((line) => findCode(line.trim()) === null).join('\n');
        const edited = withSeats(before, seatsOf(wanted), findCode);
        expect(withSeats(edited, [], findCode)).toBe(before);
      }),
    );
  });
});

describe('a code of the deal', () => {
  test.each([
    'https://learn.example/redeem/{code}',
    'https://learn.example/{code}/',
    'https://learn.example/join?code={code}&from=acme',
    'https://learn.example/#{code}',
    'https://learn.example/redeem/{code}?utm=x#top',
    'Your code: {code}',
    '{code}',
  ])('is found in a line made with %s, though no template of today says so', (template) => {
    const hard = 'A+b/ü 1';
    const findCode = createCodeFinder(new Set(['ab12', hard]), [TEMPLATE]);
    expect(findCode(template.replace('{code}', 'ab12'))).toBe('ab12');
    expect(findCode(redeemLink(template, hard))).toBe(hard);
  });

  test('is found where it is a part of a path segment, by the templates that its links were made with', () => {
    const templates = ['https://learn.example/code-{code}.html', TEMPLATE];
    const findCode = createCodeFinder(new Set(['ab12']), templates);
    expect(findCode('https://learn.example/code-ab12.html')).toBe('ab12');
    expect(
      createCodeFinder(new Set(['ab12']), [TEMPLATE])('https://learn.example/code-ab12.html'),
    ).toBeNull();
  });

  test.each(['https://learn.example/AB12', 'https://learn.example/xab12', 'ab12x', '%E0%A4%A', ''])(
    'is not found in %j',
    (line) => {
      expect(finderOf(['ab12'])(line)).toBeNull();
    },
  );

  test('is looked for in any text without a failure', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (line) => {
        expect(finderOf(['zz99-not-there'])(line)).toBeNull();
      }),
    );
  });
});
