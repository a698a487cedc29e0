import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { linesOf, withLinks } from '../../src/domain/seats/link-field.ts';

const link = fc.stringMatching(/^https:\/\/learn\.example\/[a-z0-9]{4}$/);
const LINK = 'https://learn.example/ab12';
const links = fc.uniqueArray(link, { maxLength: 6 });
/** Links of other deals, blank lines and what people write; some come with the line ends of a browser. */
const strangers = fc.array(
  fc.oneof(link, fc.constantFrom('', 'call first', ' https://learn.example/0000\r')),
);

describe('the link field of a contact', () => {
  test('has the links of the deal after the edit, once, and every line that is not of the deal as it was', () => {
    fc.assert(
      fc.property(strangers, links, links, (lines, wanted, others) => {
        const own = new Set([...wanted, ...others]);
        const field = lines.join('\n');
        const edited = withLinks(field, { own, links: wanted });
        expect(
          linesOf(edited)
            .filter((line) => own.has(line))
            .sort(),
        ).toEqual([...wanted].sort());
        // Compared as text: a blank line that is left alone is an empty field.
        const foreign = (text: string) =>
          text
            .split('\n')
            .filter((line) => !own.has(line.trim()))
            .join('\n');
        expect(foreign(edited)).toBe(foreign(field));
      }),
      { examples: [[['', LINK], [], [LINK]]] },
    );
  });

  test('is not touched when it is right already, in whatever order', () => {
    fc.assert(
      fc.property(strangers, links, links, (lines, wanted, others) => {
        const own = new Set([...wanted, ...others]);
        const edited = withLinks(lines.join('\n'), { own, links: wanted });
        expect(withLinks(edited, { own, links: [...wanted].reverse() })).toBe(edited);
      }),
    );
  });

  test('is what it was before, once the links of the deal are taken out again', () => {
    fc.assert(
      fc.property(strangers, links, (lines, wanted) => {
        const own = new Set(wanted);
        const before = lines.filter((line) => !own.has(line.trim())).join('\n');
        const edited = withLinks(before, { own, links: wanted });
        expect(withLinks(edited, { own, links: [] })).toBe(before);
      }),
    );
  });
});
