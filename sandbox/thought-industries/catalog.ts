/** What the tenant has to give access to. Ids are compared without regard to case, as UUIDs are. */
export interface Catalog {
  readonly courses: readonly CatalogItem[];
  readonly learningPaths: readonly CatalogItem[];
  readonly bundles: readonly CatalogItem[];
  readonly licenses: readonly CatalogItem[];
  readonly clients: readonly CatalogClient[];
}

export interface CatalogItem {
  readonly id: string;
  readonly name: string;
}

export interface CatalogClient extends CatalogItem {
  readonly slug: string;
}

/** The body fields of a create call that name content. */
export const TARGET_KINDS = ['courses', 'learningPaths', 'bundles', 'licenses'] as const;

export type TargetKind = (typeof TARGET_KINDS)[number];

export const EXAMPLE_CATALOGUE: Catalog = {
  courses: [
    { id: '8f2a1c34-5b6d-4e7f-9a01-2b3c4d5e6f70', name: 'Leadership Essentials' },
    { id: '5d1e7b20-93c4-4f6a-8b2d-7c0a9e4f1d33', name: 'Negotiation Basics' },
  ],
  learningPaths: [{ id: '3b9c6e15-2a7f-4d80-b1c5-6e8f0a2d4b71', name: 'Manager Track' }],
  bundles: [{ id: 'b7a40d92-6c1e-4f35-9d28-0e5b3c7f8a64', name: 'Starter Bundle' }],
  licenses: [{ id: 'e21f5a88-0b3d-4c79-a6f1-9d4c8b2e7053', name: 'Acme Sublicense' }],
  clients: [{ id: 'c1a7e700-4b2d-4f19-8c36-5d7e9f0a1b2c', name: 'Acme Corp', slug: 'acme' }],
};

export function findById<Item extends CatalogItem>(items: readonly Item[], id: string): Item | undefined {
  return items.find((item) => item.id.toLowerCase() === id.toLowerCase());
}
