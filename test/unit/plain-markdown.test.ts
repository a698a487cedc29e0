import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { plainMarkdown } from '../../workflows/plain-markdown.ts';

describe('text from a CRM in the details pane of a run', () => {
  test('makes no heading, link, picture or tag', () => {
    const hostile = 'x\n\n# y ![](https://evil.example/p.png) <img src=x> [a](b) `c`';
    expect(plainMarkdown(hostile)).toBe(
      'x \\# y \\!\\[\\]\\(https://evil.example/p.png\\) \\<img src=x\\> \\[a\\]\\(b\\) \\`c\\`',
    );
  });

  test('keeps ordinary names as they are', () => {
    expect(plainMarkdown('Acme, 25 seats for Zoë & Söhne: 20 %')).toBe(
      'Acme, 25 seats for Zoë & Söhne: 20 %',
    );
  });

  test('stays on one line, and every sign that Markdown knows is escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
        const plain = plainMarkdown(text);
        expect(plain).not.toMatch(/[\n\r]/);
        expect(plain.replace(/\\[\\`*_{}[\]()#+!|<>~-]/g, '')).not.toMatch(/[\\`*_{}[\]()#+!|<>~-]/);
        expect(plain.length).toBeLessThanOrEqual(1_000);
      }),
    );
  });
});
