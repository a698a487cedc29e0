/** What the tenant has to give access to. Ids are compared without regard to case, as UUIDs are. */
export interface Catalogue {
  readonly courses: readonly CatalogueItem[];
  readonly learningPaths: readonly CatalogueItem[];
  readonly bundles: readonly CatalogueItem[];
  readonly licenses: readonly CatalogueItem[];
  readonly clients: readonly CatalogueClient[];
}

export interface CatalogueItem {
  readonly id: string;
  readonly name: string;
}

export interface CatalogueClient extends CatalogueItem {
  readonly slug: string;
}

/** The body fields of a create call that name content. */
export const TARGET_KINDS = ['courses', 'learningPaths', 'bundles', 'licenses'] as const;

export type TargetKind = (typeof TARGET_KINDS)[number];

export const EXAMPLE_CATALOGUE: Catalogue = {
  courses: [
    { id: '8f2a1c34-5b6d-4e7f-9a01-2b3c4d5e6f70', name: 'Leadership Essentials' },
    { id: '5d1e7b20-93c4-4f6a-8b2d-7c0a9e4f1d33', name: 'Negotiation Basics' },
  ],
  learningPaths: [{ id: '3b9c6e15-2a7f-4d80-b1c5-6e8f0a2d4b71', name: 'Manager Track' }],
  bundles: [{ id: 'b7a40d92-6c1e-4f35-9d28-0e5b3c7f8a64', name: 'Starter Bundle' }],
  licenses: [{ id: 'e21f5a88-0b3d-4c79-a6f1-9d4c8b2e7053', name: 'Acme Sublicense' }],
  clients: [{ id: 'c1a7e700-4b2d-4f19-8c36-5d7e9f0a1b2c', name: 'Acme Corp', slug: 'acme' }],
};

export function findById<Item extends CatalogueItem>(items: readonly Item[], id: string): Item | undefined {
  return items.find((item) => item.id.toLowerCase() === id.toLowerCase());
}
