import type { FailureKind } from './kind.ts';

/** What is wrong with the catalog. */
export const CATALOG_FAILURES = {
  'catalog.product_unmapped': {
    class: 'attention',
    cause:
      'A sold product is not in the catalog; or a delivered one is in it no more, while more of another is sold that may be the same.',
    cure: 'Add the product to catalog.yaml, or mark it `ignore: true`; give a product that is matched in another way since its delivery its old `key`. Restart the worker, then retry the run.',
  },
  'catalog.rule_broken': {
    class: 'attention',
    cause: 'The catalog asks for something the learning platform does not allow.',
    cure: 'Correct the entry that the message names in catalog.yaml, restart the worker, then retry the run.',
  },
} as const satisfies Record<`catalog.${string}`, FailureKind>;
