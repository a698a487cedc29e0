import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import type { Deal } from '../../src/domain/deal/deal.ts';
import { FAILURES, type FailureCode, failureClass } from '../../src/domain/failure.ts';
import { BUYER, contact, deal, FOR_LEARNERS, LEARNERS, line, readingOf, wonAt } from './example-deals.ts';

interface Damage {
  readonly code: FailureCode;
  readonly apply: (deal: Deal) => Deal;
}

const addLine =
  (...lines: Deal['lineItems']) =>
  (to: Deal): Deal => ({ ...to, lineItems: [...to.lineItems, ...lines] });

/** Damages of one list spoil the same part of a deal, so only one of them fits at a time. */
const DAMAGES: readonly (readonly Damage[])[] = [
  [
    { code: 'catalog.product_unmapped', apply: addLine(line('NOPE-1', 1)) },
    { code: 'catalog.product_unmapped', apply: addLine(line(null, 1, { productId: '7999' })) },
  ],
  [{ code: 'deal.line_item_unidentified', apply: addLine(line(null, 1)) }],
  [null, -3, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60].map((quantity) => ({
    code: 'deal.quantity_invalid',
    apply: addLine(line('NEGO-201', quantity)),
  })),
  [
    { code: 'deal.close_date_missing', apply: (to) => ({ ...to, closeDate: null }) },
    {
      code: 'deal.codes_expired',
      apply: (to) => ({ ...to, closeDate: '2024-01-31', ...wonAt('2024-01-31T09:00:00.000Z') }),
    },
  ],
  [
    { code: 'deal.buyer_missing', apply: changeBuyer(() => []) },
    { code: 'deal.buyer_missing', apply: changeBuyer((buyer) => [buyer, { ...buyer, id: '6009' }]) },
    { code: 'deal.buyer_email_missing', apply: changeBuyer((buyer) => [{ ...buyer, email: null }]) },
  ],
  [
    {
      code: 'deal.learner_email_missing',
      apply: (to) => ({
        ...to,
        contacts: [...to.contacts, contact('6010', { roles: ['Learner'], email: null })],
      }),
    },
  ],
  [{ code: 'deal.too_few_seats', apply: addLine(line('TRACK-MGR', 1)) }],
];

function changeBuyer(change: (buyer: Deal['contacts'][number]) => Deal['contacts'][number][]) {
  return (to: Deal): Deal => ({
    ...to,
    contacts: [...change(BUYER), ...to.contacts.filter(({ id }) => id !== BUYER.id)],
  });
}

function problemsOf(broken: Deal, catalog: Catalog = FOR_LEARNERS) {
  const reading = readingOf(broken, catalog);
  return reading.kind === 'blocked' ? reading.problems : [];
}

describe('a deal with several things wrong', () => {
  const damages = fc
    .tuple(...DAMAGES.map((choices) => fc.option(fc.constantFrom(...choices))))
    .map((chosen) => chosen.filter((damage) => damage !== null));

  test('is told of all of them at once, and of nothing else', () => {
    fc.assert(
      fc.property(damages, (chosen) => {
        const broken = chosen.reduce((soFar, { apply }) => apply(soFar), deal());
        const codes = new Set(problemsOf(broken).map(({ code }) => code));
        expect(codes).toEqual(new Set(chosen.map(({ code }) => code)));
      }),
    );
  });

  test('hears of each wrong line by its name', () => {
    const broken = deal({ lineItems: [line('A-1', 1), line('B-2', 1), line('NEGO-201', 0.5)] });
    expect(problemsOf(broken).map(({ message }) => message)).toEqual([
      'Line item "Line A-1" (SKU A-1) matches no product in the catalog.',
      'Line item "Line B-2" (SKU B-2) matches no product in the catalog.',
      'Line item "Line NEGO-201" has quantity 0.5; expected a whole number of at least 1.',
    ]);
  });

  test('gets a cure with every problem, and waits for a person', () => {
    const broken = DAMAGES.map(([first]) => first).reduce(
      (soFar, damage) => damage?.apply(soFar) ?? soFar,
      deal(),
    );
    const problems = problemsOf(broken);
    expect(problems.length).toBeGreaterThanOrEqual(DAMAGES.length);
    for (const { code, message, cure } of problems) {
      expect(failureClass(code)).toBe('attention');
      expect(cure).toBe(FAILURES[code].cure);
      expect(message).toMatch(/\S/);
    }
  });

  test('never shows an e-mail address in a problem', () => {
    fc.assert(
      fc.property(damages, (chosen) => {
        const broken = chosen.reduce((soFar, { apply }) => apply(soFar), deal());
        expect(JSON.stringify(problemsOf(broken))).not.toContain('@');
      }),
    );
  });
});

describe('a single fault', () => {
  test('a deal without line items is told so', () => {
    expect(problemsOf(deal({ lineItems: [] })).map(({ code }) => code)).toEqual(['deal.no_line_items']);
  });

  test('a deal for learners that has none is told which role is missing', () => {
    const [problem, ...more] = problemsOf(deal({ contacts: [BUYER] }));
    expect(problem).toMatchObject({
      code: 'deal.learners_missing',
      message: 'The deal has no contact with the association label "Learner".',
    });
    expect(more).toEqual([]);
  });

  test('codes or access that would be over before they start are told with the day', () => {
    const old = deal({ closeDate: '2025-01-31', ...wonAt('2025-01-31T09:00:00.000Z') });
    expect(problemsOf(old).map(({ code, message }) => [code, message])).toEqual([
      [
        'deal.codes_expired',
        'Product "Leadership Essentials": the close date 2025-01-31 of the deal makes codes that expired on 2026-01-31, 365 days later.',
      ],
    ]);
  });

  test('codes that expire today are still good', () => {
    const old = deal({ closeDate: '2025-11-20', ...wonAt('2025-11-20T09:00:00.000Z') });
    expect(readingOf(old, FOR_LEARNERS).kind).toBe('more');
  });

  test('each product with fewer seats than learners is named', () => {
    const few = deal({
      lineItems: [line('LEAD-101', 1), line('NEGO-201', 9)],
      contacts: [BUYER, ...LEARNERS],
    });
    expect(problemsOf(few).map(({ message }) => message)).toEqual([
      '"Leadership Essentials" has 1 seat for 2 learners of the deal.',
    ]);
  });
});
