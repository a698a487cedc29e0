import type { CatalogIssue } from './catalog-issues.ts';

type Data = Record<PropertyKey, unknown>;

/**
 * The catalog as it would be without what the schema refuses, so that the rest is checked as well and all faults are found
 * at once. Entries keep their places; what is missing is filled with what nothing else can be compared with.
 */
export function mendCatalog(data: unknown, issues: readonly CatalogIssue[]): unknown {
  if (!isData(data)) return data;
  const catalog = structuredClone(data) as Data;
  for (const issue of issues) leaveOut(catalog, issue);
  catalog.version = 1;
  if (!isData(catalog.handOver)) catalog.handOver = {};
  fill(catalog.handOver as Data, { to: 'buyer' });
  const products = entriesOf(catalog.products);
  catalog.products = (products.length > 0 ? products : [{}]).map((product: Data, index) =>
    product.ignore === true
      ? fill(product, { match: { sku: nobodys(index) } })
      : fill(product, { match: { sku: nobodys(index) }, title: 'x', grants: { courses: ['x'] } }),
  );
  if ('partners' in catalog) {
    catalog.partners = entriesOf(catalog.partners).map((partner, index) =>
      fill(partner, { match: { company: nobodys(index) }, label: 'x' }),
    );
  }
  return catalog;
}

function leaveOut(catalog: Data, { path, unknownKey }: CatalogIssue): void {
  const [top, second, third] = path;
  if (unknownKey !== undefined) {
    const parent = path.reduce<unknown>((value, key) => (isData(value) ? value[key] : undefined), catalog);
    if (isData(parent)) delete parent[unknownKey];
    return;
  }
  if (top === undefined) return;
  const part = catalog[top];
  if ((top === 'products' || top === 'partners') && Array.isArray(part) && typeof second === 'number') {
    const entry: unknown = part[second];
    if (third === undefined || !isData(entry)) part[second] = {};
    else delete entry[third];
    // The key that it names may be the one of the faulty product.
    if (third === 'match' || third === 'key' || third === undefined) delete catalog.seatsFrom;
    return;
  }
  if (top === 'learnerHosts') {
    for (const partner of entriesOf(catalog.partners)) delete partner.redeemUrl;
  }
  if ((top === 'handOver' || top === 'defaults') && isData(part) && second !== undefined) {
    delete part[second];
    if (second === 'learners') part.to = 'buyer';
    return;
  }
  delete catalog[top];
}

function entriesOf(list: unknown): Data[] {
  return (Array.isArray(list) ? list : []).map((entry: unknown) => (isData(entry) ? entry : {}));
}

function fill(entry: Data, missing: Data): Data {
  for (const [key, value] of Object.entries(missing)) if (entry[key] === undefined) entry[key] = value;
  return entry;
}

function nobodys(index: number): string {
  return `a faulty entry of the catalog, number ${index}`;
}

function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null;
}
