import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CatalogError, parseCatalog } from '../../src/config/load-catalog.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import { renderMail } from '../../src/mail/render.ts';
import { FUZZ_TIMEOUT_MS, fuzz, within } from './bounds.ts';
import { mutated } from './mutations.ts';

const EXAMPLE = readFileSync(new URL('../../catalog.example.yaml', import.meta.url), 'utf8');
const LEARNER_HOST = 'learn.vendor.example';
const MIB = 1024 * 1024;

/** The catalog, or its faults; any other error fails the test. */
function parseOrFaults(text: string): Catalog | readonly string[] {
  try {
    return parseCatalog(text, { learnerUrl: `https://${LEARNER_HOST}` });
  } catch (error) {
    if (!(error instanceof CatalogError)) throw error;
    return error.faults;
  }
}

function withMail(body: string): string {
  return [
    'version: 1',
    'products: [{ match: { sku: A }, title: A, grants: { courses: [x] } }]',
    `handOver: { to: buyer, mail: { templates: { buyerFile: { en: { html: ${JSON.stringify(body)} } } } } }`,
  ].join('\n');
}

describe('a catalog', () => {
  test(
    'that was damaged anyhow is read or refused with faults that say what is wrong',
    () => {
      fc.assert(
        fc.property(mutated(EXAMPLE), (bytes) => {
          const outcome = parseOrFaults(bytes.toString('utf8'));
          if (!Array.isArray(outcome)) return;
          expect(outcome.length).toBeGreaterThan(0);
          expect(outcome.join('\n')).not.toMatch(/Invalid input|Invalid option|Too (small|big)|Unrecognized/);
          for (const fault of outcome) expect(fault).toMatch(/\w/);
        }),
        fuzz(80),
      );
    },
    FUZZ_TIMEOUT_MS,
  );

  const pathOf = (n: number) => `  ${'  '.repeat(n)}a:`;
  test.each([
    ['brackets in brackets', `version: ${'['.repeat(50_000)}`],
    ['closed brackets in brackets', `version: ${'['.repeat(5_000)}${']'.repeat(5_000)}`],
    ['maps in maps', ['version:', ...Array.from({ length: 700 }, (_, n) => pathOf(n))].join('\n')],
    ['keys that are keys', '? '.repeat(20_000)],
    ['a billion laughs', laughs()],
    ['an alias of itself', 'version: &a [*a]'],
    ['very many keys', Array.from({ length: 20_000 }, (_, n) => `a${n}: 1`).join('\n')],
    ['very many products that are none', `version: 1\nproducts: [${'1,'.repeat(20_000)}]`],
    ['more than a megabyte', `# ${'x'.repeat(MIB)}\n${EXAMPLE}`],
    ['tags of other languages', 'version: !!js/function "function () { process.exit(1) }"'],
    ['a prototype', '__proto__: { version: 1 }\nconstructor: 1'],
    ['NULs', '\u0000'.repeat(1_000)],
    ['two documents', `${EXAMPLE}\n---\n${EXAMPLE}`],
  ])('of %s is refused, in bounded time and memory', (_, text) => {
    const outcome = within({ cpuMs: 10_000, heapBytes: 500 * MIB }, () => parseOrFaults(text));
    expect(outcome).toEqual(expect.arrayContaining([expect.any(String)]));
  });

  test('with ten thousand faults tells the first hundred and how many more there are', () => {
    const refused = () =>
      parseCatalog(`products: [${'1,'.repeat(10_000)}]`, { learnerUrl: 'https://a.example' });
    expect(refused).toThrow(/and 9,\d\d\d more$/);
  });
});

describe('a catalog editor', () => {
  test.each(['include', 'render', 'layout'])(
    'cannot make a mail read a file of the machine with {%% %s %%}',
    (tag) => {
      expect(parseOrFaults(withMail(`{% ${tag} "package.json" %}`))).toEqual([
        expect.stringMatching(new RegExp(`^handOver\\.mail\\..*"${tag}" is not available`)),
      ]);
    },
  );

  test('cannot make a mail reach what its author was not given', () => {
    const body =
      '{{ deal.constructor }}{{ deal.__proto__ }}{{ process.env }}{{ globalThis }}{{ deal.name.constructor }}';
    const context = { deal: { name: 'a', company: 'b' } } as Parameters<typeof renderMail>[1];
    expect(renderMail({ subject: 's', html: body, text: null }, context).html).toBe('');
  });

  test('cannot make a mail that never ends or fills the memory', () => {
    const context = { deal: { name: 'a', company: 'b' } } as Parameters<typeof renderMail>[1];
    for (const body of [
      '{% for i in (1..1000000000) %}x{% endfor %}',
      '{% assign a = "xxxxxxxxxx" %}{% for i in (1..100) %}{% assign a = a | append: a %}{% endfor %}',
    ]) {
      const render = () => renderMail({ subject: 's', html: body, text: null }, context);
      within({ cpuMs: 15_000, heapBytes: 300 * MIB }, () => expect(render).toThrow(/limit exceeded/));
    }
  });

  test.each([
    ['another host', 'https://evil.example/{code}'],
    ['a host that ends like ours', `https://evil-${LEARNER_HOST}/{code}`],
    ['a host that begins like ours', `https://${LEARNER_HOST}.evil.example/{code}`],
    ['our host as the user', `https://${LEARNER_HOST}@evil.example/{code}`],
    ['our host before a backslash', `https://evil.example\\@${LEARNER_HOST}/{code}`],
    ['the code in the host', `https://{code}.${LEARNER_HOST}/`],
    ['the code at the end of the host', `https://${LEARNER_HOST}{code}/`],
    ['the code as the port', `https://${LEARNER_HOST}:{code}/`],
    ['another port', `https://${LEARNER_HOST}:8443/{code}`],
    ['a host in other letters', `https://le\u0430rn.vendor.example/{code}`],
    ['the scheme of a script', 'javascript:alert({code})'],
    ['no encryption', `http://${LEARNER_HOST}/{code}`],
    ['no scheme', `//${LEARNER_HOST}/{code}`],
    ['a fragment, which no server sees', `https://${LEARNER_HOST}/#{code}`],
    ['two codes', `https://${LEARNER_HOST}/{code}/{code}`],
    ['no code', `https://${LEARNER_HOST}/`],
  ])('cannot send learners elsewhere with a redeem link that has %s', (_, redeemUrl) => {
    const partner = `partners: [{ match: { company: A }, label: a, redeemUrl: ${JSON.stringify(redeemUrl)} }]`;
    expect(parseOrFaults(`${withMail('x')}\n${partner}`)).toEqual([
      expect.stringMatching(/^partners\[0\]\.redeemUrl: /),
    ]);
  });
});

function laughs(): string {
  const steps = Array.from({ length: 9 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n},`.repeat(9)}]`);
  return ['a0: &a0 lol', ...steps].join('\n');
}
