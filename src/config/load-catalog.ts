import { readFile } from 'node:fs/promises';
import { type Document, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import {
  type Access,
  type Catalog,
  type CatalogPartner,
  type CatalogProduct,
  matchName,
  productKey,
} from '../domain/deal/catalog.ts';
import {
  type CatalogFile,
  catalogSchema,
  type GrantingProductFile,
  type IgnoredProductFile,
} from './catalog-schema.ts';
import { checkMailTemplate, DEFAULT_MAIL } from './mail-template.ts';

const MAX_FAULTS_TOLD = 100;

/** Thousands of products. What is larger is no catalog, and a check of it would take long. */
const MAX_CHARACTERS = 1024 * 1024;

/** Every fault of a catalog at once, each naming its place (`products[2].grants`) and what was expected. */
export class CatalogError extends Error {
  readonly faults: readonly string[];

  constructor(source: string, faults: readonly string[]) {
    const more = faults.length - MAX_FAULTS_TOLD;
    const told = [...faults.slice(0, MAX_FAULTS_TOLD), ...(more > 0 ? [`and ${more} more`] : [])];
    super(
      `${source} has ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}:\n${told.map((f) => `  - ${f}`).join('\n')}`,
    );
    this.name = 'CatalogError';
    this.faults = faults;
  }
}

interface CatalogOptions {
  /** Learner-facing root of the tenant, for example `https://learn.example.com`. */
  readonly learnerUrl: string;
}

/** Reads and validates a catalog file. Throws `CatalogError`, or the file system's error. */
export async function loadCatalog(path: string, options: CatalogOptions): Promise<Catalog> {
  return parseCatalog(await readFile(path, 'utf8'), { ...options, source: path });
}

/** YAML text -> validated catalog. Throws `CatalogError` with every fault. */
export function parseCatalog(text: string, options: CatalogOptions & { readonly source?: string }): Catalog {
  const source = options.source ?? 'catalog';
  const parsed = catalogSchema.safeParse(parseYaml(text, source));
  if (!parsed.success) {
    throw new CatalogError(
      source,
      parsed.error.issues.flatMap((issue) => describeIssue(issue, [])),
    );
  }
  const faults: string[] = [];
  const catalog = toCatalog(parsed.data, options.learnerUrl, faults);
  if (faults.length > 0) throw new CatalogError(source, faults);
  return catalog;
}

/** The JSON Schema for editors; `docs/catalog.schema.json` is its printed form. */
export function catalogJsonSchema(): object {
  const schema = z.toJSONSchema(catalogSchema, { io: 'input', target: 'draft-7' });
  return { title: 'Dealseat catalog', ...schema };
}

function parseYaml(text: string, source: string): unknown {
  if (text.length > MAX_CHARACTERS) {
    throw new CatalogError(source, [`the file: expected at most ${MAX_CHARACTERS} characters`]);
  }
  const lines = new LineCounter();
  // The parser compares each key with every other one, which takes minutes for a large file.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false });
  const errors = document.errors.map((error) => error.message.split('\n')[0] ?? error.code);
  if (errors.length > 0) throw new CatalogError(source, errors);
  const repeated = repeatedKeys(document, lines);
  if (repeated.length > 0) throw new CatalogError(source, repeated);
  try {
    // Aliases are refused: they can blow a small file up to any size.
    return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    throw new CatalogError(source, [error instanceof Error ? error.message : String(error)]);
  }
}

function repeatedKeys(document: Document.Parsed, lines: LineCounter): string[] {
  const faults: string[] = [];
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) {
          const { line, col } = lines.linePos(key.range?.[0] ?? 0);
          faults.push(`keys must be unique: line ${line}, column ${col}`);
        }
        seen.add(key.value);
      }
    },
  });
  return faults;
}

/** Unions report all their branches; the branch that came furthest is the one its author meant. */
function describeIssue(issue: z.core.$ZodIssue, parent: readonly PropertyKey[]): string[] {
  const path = [...parent, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const best = [...issue.errors].sort((a, b) => score(a) - score(b))[0] ?? [];
    return best.flatMap((inner) => describeIssue(inner, path));
  }
  const where = path.length === 0 ? 'the file' : formatPath(path);
  return [`${where}: ${issue.message}`];
}

/** Fewer faults mean a better fit; a wrong discriminator or a foreign key means another branch was meant. */
function score(issues: readonly z.core.$ZodIssue[]): number {
  const foreign = issues.filter(
    ({ code }) => code === 'invalid_value' || code === 'unrecognized_keys',
  ).length;
  return foreign * 10 + issues.length;
}

function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

function toCatalog(file: CatalogFile, learnerUrl: string, faults: string[]): Catalog {
  const learnerHost = new URL(learnerUrl).host;
  const learnerHosts = [learnerHost, ...(file.learnerHosts ?? [])].map((host) => host.toLowerCase());
  const products = file.products.map((product, index) =>
    toProduct(product, file, `products[${index}]`, faults),
  );
  reportDuplicates(products, faults);
  const { handOver } = file;
  const salesforce = handOver.salesforce ?? { via: 'none' as const };
  const texts: CatalogFile['handOver']['mail'] = salesforce.via === 'emailSimple' ? salesforce : {};
  const mail = {
    subject: texts?.subject ?? handOver.mail?.subject ?? DEFAULT_MAIL.subject,
    body: texts?.body ?? handOver.mail?.body ?? DEFAULT_MAIL.body,
  };
  try {
    checkMailTemplate(mail);
  } catch (error) {
    faults.push(`handOver.mail: ${error instanceof Error ? error.message : String(error)}`);
  }
  const learners = toRoles(handOver.learners);
  if (handOver.to === 'learners' && learners.hubspotLabel === null && learners.salesforceRole === null) {
    faults.push(
      'handOver.learners: expected hubspotLabel or salesforceRole, because handOver.to is "learners"',
    );
  }
  return {
    version: 1,
    products,
    partners: (file.partners ?? []).map((partner, index) =>
      toPartner(partner, learnerHosts, `partners[${index}]`, faults),
    ),
    buyer: toRoles(file.buyer),
    handOver: {
      to: handOver.to,
      learners,
      hubspot: handOver.hubspot ?? { via: 'none' },
      salesforce: { via: salesforce.via },
      mail,
    },
    approveAboveSeats: file.approval?.aboveSeats ?? null,
    learnerHosts,
    redeemUrl: `${learnerUrl.replace(/\/+$/, '')}/redeem/{code}`,
  };
}

const FALLBACK_TERMS = { codeLength: 12, seatsPerUnit: 1 };

function toProduct(
  product: GrantingProductFile | IgnoredProductFile,
  file: CatalogFile,
  where: string,
  faults: string[],
): CatalogProduct {
  if ('ignore' in product) return { match: product.match, ignore: true };
  const defaults = file.defaults ?? {};
  const { grants } = product;
  const full = {
    courses: grants.courses ?? [],
    learningPaths: grants.learningPaths ?? [],
    bundles: grants.bundles ?? [],
    licenses: grants.licenses ?? [],
  };
  if (Object.values(full).every((list) => list.length === 0)) {
    faults.push(`${where}.grants: expected at least one course, learning path, bundle or license`);
  }
  return {
    match: product.match,
    key: product.key ?? null,
    ignore: false,
    title: product.title,
    grants: full,
    seatsPerUnit: product.seatsPerUnit ?? defaults.seatsPerUnit ?? FALLBACK_TERMS.seatsPerUnit,
    codeLength: product.codeLength ?? defaults.codeLength ?? FALLBACK_TERMS.codeLength,
    access: toAccess(product, where, faults) ?? toAccess(defaults, 'defaults', faults),
    codesExpireAfterDays: product.codesExpireAfterDays ?? defaults.codesExpireAfterDays ?? null,
  };
}

function toAccess(
  terms: { accessDays?: number | undefined; accessUntil?: string | undefined },
  where: string,
  faults: string[],
): Access | null {
  if (terms.accessDays !== undefined && terms.accessUntil !== undefined) {
    const fault = `${where}: accessDays and accessUntil exclude each other; expected one of them`;
    if (!faults.includes(fault)) faults.push(fault);
  }
  if (terms.accessDays !== undefined) return { days: terms.accessDays };
  if (terms.accessUntil !== undefined) return { until: terms.accessUntil };
  return null;
}

function toPartner(
  partner: NonNullable<CatalogFile['partners']>[number],
  learnerHosts: readonly string[],
  where: string,
  faults: string[],
): CatalogPartner {
  if (partner.redeemUrl !== undefined) {
    const fault = redeemUrlFault(partner.redeemUrl, learnerHosts);
    if (fault !== null) faults.push(`${where}.redeemUrl: ${fault}`);
  }
  return {
    match: partner.match,
    label: partner.label,
    client: partner.client ?? null,
    redeemUrl: partner.redeemUrl ?? null,
  };
}

function redeemUrlFault(template: string, learnerHosts: readonly string[]): string | null {
  if (template.split('{code}').length !== 2) return 'expected exactly one {code} in it';
  if (!URL.canParse(template))
    return 'expected an absolute URL such as https://learn.example.com/acme/{code}';
  const url = new URL(template);
  if (url.protocol !== 'https:' && url.hostname !== '127.0.0.1') return 'expected https';
  if (url.username !== '' || url.password !== '') return 'expected no user name in it';
  if (url.hash !== '') return 'expected no fragment (#) in it';
  if (!learnerHosts.includes(url.host.toLowerCase())) {
    return `host ${url.host} is not allowed; expected ${learnerHosts.join(' or ')}, or list it in learnerHosts`;
  }
  return null;
}

function toRoles(roles: CatalogFile['buyer']): Catalog['buyer'] {
  return { hubspotLabel: roles?.hubspotLabel ?? null, salesforceRole: roles?.salesforceRole ?? null };
}

/** What a product is matched by, and what delivered deals remember it by, may be no other product's. */
function reportDuplicates(products: readonly CatalogProduct[], faults: string[]): void {
  const matched = new Map<string, number>();
  const remembered = new Map<string, number>();
  for (const [index, product] of products.entries()) {
    const match = matchName(product.match);
    const sameMatch = matched.get(match);
    if (sameMatch !== undefined) {
      faults.push(`products[${index}].match: ${match} is already matched by products[${sameMatch}]`);
      continue;
    }
    matched.set(match, index);
    // An ignored product is delivered to nobody, so the key that its match makes is free.
    if (product.ignore) continue;
    const key = productKey(product);
    const sameKey = remembered.get(key);
    if (sameKey === undefined) remembered.set(key, index);
    else {
      const [field, cure] =
        product.key === null
          ? ['match', 'give one of them another key']
          : ['key', 'expected one that no other product has'];
      faults.push(`products[${index}].${field}: ${key} is already the key of products[${sameKey}]; ${cure}`);
    }
  }
}
