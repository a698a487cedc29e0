import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { groupLabel, LABEL_MAX_LENGTH, replacementLabel, slug } from '../../src/domain/deal/label.ts';

const CLOSE_DATE = '2026-11-20';
const TOKEN = 'd0123456789abcde';
const anyScript = fc.string({ unit: 'grapheme', maxLength: 200 });

describe('a group label', () => {
  test('has only a-z, 0-9 and single hyphens, fits the platform, and ends in its token, in any script', () => {
    fc.assert(
      fc.property(anyScript, anyScript, (partner, content) => {
        const label = groupLabel({
          partner: [partner],
          content: [content],
          closeDate: CLOSE_DATE,
          token: TOKEN,
        });
        expect(label).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
        expect(label.length).toBeLessThanOrEqual(LABEL_MAX_LENGTH);
        expect(label.endsWith(`-${CLOSE_DATE}-${TOKEN}`) || label === `${CLOSE_DATE}-${TOKEN}`).toBe(true);
      }),
    );
  });

  test('starts with partner and content, so that people can read it', () => {
    expect(
      groupLabel({
        partner: ['Acme Corp'],
        content: ['Leadership Essentials'],
        closeDate: CLOSE_DATE,
        token: TOKEN,
      }),
    ).toBe(`acme-corp-leadership-essentials-${CLOSE_DATE}-${TOKEN}`);
  });

  test.each([
    ['株式会社', `manager-track-${CLOSE_DATE}-${TOKEN}`],
    ['Škoda Česko', `skoda-cesko-manager-track-${CLOSE_DATE}-${TOKEN}`],
    ['Straßen & Søn', `strassen-son-manager-track-${CLOSE_DATE}-${TOKEN}`],
    ['Æther Đakovo Łódź', `aether-dakovo-lodz-manager-track-${CLOSE_DATE}-${TOKEN}`],
    ['İstanbul Þór Œuvre', `istanbul-thor-oeuvre-manager-track-${CLOSE_DATE}-${TOKEN}`],
    ['ŁÓDŹ Æsir Þór', `lodz-aesir-thor-manager-track-${CLOSE_DATE}-${TOKEN}`],
    ['GROẞE Đà Ŋ', `grosse-da-n-manager-track-${CLOSE_DATE}-${TOKEN}`],
    ['Ａｃｍｅ', `acme-manager-track-${CLOSE_DATE}-${TOKEN}`],
    ['--- !!! ---', `manager-track-${CLOSE_DATE}-${TOKEN}`],
  ])('of the company %s is %s', (partner, label) => {
    expect(
      groupLabel({ partner: [partner], content: ['Manager Track'], closeDate: CLOSE_DATE, token: TOKEN }),
    ).toBe(label);
  });

  test('takes the first name that has a letter or digit of ours, and passes over empty ones', () => {
    const label = (partner: readonly (string | null | undefined)[], content: readonly string[]) =>
      groupLabel({ partner, content, closeDate: CLOSE_DATE, token: TOKEN });
    expect(label([undefined, '', '株式会社', 'acme.example'], ['管理', 'sku:m-1'])).toBe(
      `acme-example-sku-m-1-${CLOSE_DATE}-${TOKEN}`,
    );
    expect(label([null, '🎓'], ['Track'])).toBe(`track-${CLOSE_DATE}-${TOKEN}`);
  });

  test('keeps the token whole however long partner and content are', () => {
    const long = 'x'.repeat(500);
    const label = groupLabel({ partner: [long], content: [long], closeDate: CLOSE_DATE, token: TOKEN });
    expect(label).toHaveLength(LABEL_MAX_LENGTH);
    expect(label.endsWith(TOKEN)).toBe(true);
  });
});

describe('a slug', () => {
  test('of a slug is that slug, and never longer than asked', () => {
    fc.assert(
      fc.property(anyScript, fc.integer({ min: 0, max: 60 }), (text, maxLength) => {
        const once = slug(text, maxLength);
        expect(once.length).toBeLessThanOrEqual(maxLength);
        expect(slug(once, maxLength)).toBe(once);
      }),
    );
  });
});

describe('the label of a replacement group', () => {
  const OWN = 'd1123456789abcde';

  test('has the front of the sold one, its token, and a token of its own', () => {
    expect(replacementLabel({ label: `acme-leadership-2026-11-20-${TOKEN}`, token: TOKEN }, OWN)).toBe(
      `acme-leadership-2026-11-20-${TOKEN}-${OWN}`,
    );
  });

  test.each([
    ['a label that an admin gave', 'ours'],
    ['one that is as long as can be', `${'a'.repeat(LABEL_MAX_LENGTH - TOKEN.length - 1)}-${TOKEN}`],
    ['one whose cut falls on a hyphen', `${'a'.repeat(65)}-${'b'.repeat(16)}-${TOKEN}`],
  ])('fits the platform after %s', (_, label) => {
    const made = replacementLabel({ label, token: TOKEN }, OWN);
    expect(made.length).toBeLessThanOrEqual(LABEL_MAX_LENGTH);
    expect(made).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(made.endsWith(`${TOKEN}-${OWN}`)).toBe(true);
  });
});
