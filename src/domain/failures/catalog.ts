import type { FailureKind } from './kind.ts';

/** What is wrong with the catalog. */
export const CATALOG_FAILURES = {
  'catalog.product_unmapped': {
    class: 'attention',
    fixedBy: 'admin',
    cause:
      'A sold product is not in the catalog. Or a delivered product has left the catalog, and a new product may be the same one.',
    cure: 'Add the product to catalog.yaml, or mark it `ignore: true`. If you changed how a delivered product is matched, set `key` to its old key. Restart the worker, then retry the run.',
    onDeal: 'a product of this deal is not set up for seats yet',
  },
  'catalog.rule_broken': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'The catalog asks for something the learning platform does not allow.',
    cure: 'Correct the entry that the message names in catalog.yaml, restart the worker, then retry the run.',
    onDeal: 'the learning platform does not allow the way in which a product is set up',
  },
} as const satisfies Record<`catalog.${string}`, FailureKind>;
