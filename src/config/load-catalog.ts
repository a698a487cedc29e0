import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { CrmModule } from '../clients/crm-module.ts';
import {
  type Access,
  type Catalog,
  type CatalogPartner,
  type CatalogProduct,
  type DealTerms,
  matchName,
  productKey,
  type SeatSource,
} from '../domain/deal/catalog.ts';
import type { CrmName } from '../domain/deal/deal.ts';
import { type MailTool, NO_MAIL } from '../domain/deal/mail-tool.ts';
import { issueInWords } from '../domain/issue-words.ts';
import { isSameName, nameKey } from '../domain/names.ts';
import type { NudgePolicy } from '../domain/seats/nudge-standing.ts';
import { separatorIn } from '../mail/languages.ts';
import { CRMS } from '../processes/crms.ts';
import { CatalogError, type CatalogFault } from './catalog-error.ts';
import { formatPath, issuesOf, pathOf } from './catalog-issues.ts';
import { type CatalogFile, catalogSchema, type ProductFile } from './catalog-schema.ts';
import { toMailPolicy } from './mail-catalog.ts';
import { mendCatalog } from './mend-catalog.ts';
import { toNudges } from './nudge-rules.ts';
import { type ParsedYaml, parseYaml } from './parse-yaml.ts';

export { CatalogError };

interface CatalogOptions {
  /** Learner-facing root of the tenant, for example `https://learn.example.com`. */
  readonly learnerUrl: string;
  /** Default: those of the product. */
  readonly crms?: readonly CrmModule[];
}

/** Name of the platform that new groups are made in; the only one there is. */
export const PLATFORM = 'ti';

/** Reads and validates a catalog file. Throws `CatalogError`, or the file system's error. */
export async function loadCatalog(path: string, options: CatalogOptions): Promise<Catalog> {
  return parseCatalog(await readFile(path, 'utf8'), { ...options, source: path });
}

/** YAML text -> validated catalog. Throws `CatalogError` with every fault. */
export function parseCatalog(text: string, options: CatalogOptions & { readonly source?: string }): Catalog {
  const { source = 'catalog', crms = CRMS, learnerUrl } = options;
  const yaml = parseYaml(text, source);
  const { file, faults: ofSchema } = readFaults(yaml, crms);
  const faults: string[] = [];
  const catalog = file && toCatalog(file, { learnerUrl, crms }, faults);
  const all = [
    ...yaml.faults,
    ...ofSchema,
    ...faults.map((fault) => ({ text: fault, position: yaml.locate(pathOf(fault)) })),
  ];
  if (all.length > 0 || catalog === null) throw new CatalogError(source, all);
  return catalog;
}

/** What the file says of deals, for who needs nothing else of it. Throws as `loadCatalog` does. */
export async function loadDealTerms(path: string, crms: readonly CrmModule[]): Promise<Catalog['deals']> {
  return (await loadPart(path, crms)).deals ?? {};
}

/** What the file says of reminders, for who needs nothing else of it. Throws as `loadCatalog` does. */
export async function loadNudgePolicy(path: string, crms: readonly CrmModule[] = CRMS): Promise<NudgePolicy> {
  const file = await loadPart(path, crms);
  const faults: string[] = [];
  const rules = toNudges(file, crms, faults);
  if (faults.length > 0) {
    throw new CatalogError(
      path,
      faults.map((text) => ({ text, position: null })),
    );
  }
  const tools = crms.map(({ name }) => {
    const { via, traits } = file.handOver.tools[name]?.tool ?? NO_MAIL;
    return [name, { via, writesToPeople: traits.writesToPeople }];
  });
  return { rules, tools: Object.fromEntries(tools) };
}

async function loadPart(path: string, crms: readonly CrmModule[]): Promise<CatalogFile> {
  const yaml = parseYaml(await readFile(path, 'utf8'), path);
  const { file, faults } = readFaults(yaml, crms);
  if (yaml.faults.length + faults.length > 0 || file === null) {
    throw new CatalogError(path, [...yaml.faults, ...faults]);
  }
  return file;
}

/** What the schema refuses, and the file without it; null where nothing of it can be used. */
function readFaults(
  { data, locate }: ParsedYaml,
  crms: readonly CrmModule[],
): { readonly file: CatalogFile | null; readonly faults: readonly CatalogFault[] } {
  const schema = catalogSchema(crms);
  const parsed = schema.safeParse(data, { error: issueInWords });
  if (parsed.success) return { file: parsed.data, faults: [] };
  const issues = issuesOf(parsed.error.issues, { data, schema: catalogJsonSchema(crms) });
  const faults = issues
    .filter(({ isImplied }) => !isImplied)
    .map(({ path, unknownKey, message }) => ({
      text: `${formatPath(path)}: ${message}`,
      position: locate(unknownKey === undefined ? path : [...path, unknownKey]),
    }));
  const mended = schema.safeParse(mendCatalog(data, issues));
  return { file: mended.success ? mended.data : null, faults };
}

/** The JSON Schema for editors; `docs/catalog.schema.json` is its printed form. */
export function catalogJsonSchema(crms: readonly CrmModule[] = CRMS): object {
  const schema = z.toJSONSchema(catalogSchema(crms), { io: 'input', target: 'draft-7' });
  return { title: 'Dealseat catalog', ...schema };
}

function toCatalog(
  file: CatalogFile,
  { learnerUrl, crms }: { readonly learnerUrl: string; readonly crms: readonly CrmModule[] },
  faults: string[],
): Catalog {
  const learnerHost = new URL(learnerUrl).host;
  const learnerHosts = [learnerHost, ...toLearnerHosts(file.learnerHosts ?? [], faults)];
  const products = file.products.map((product, index) =>
    toProduct(product, file, `products[${index}]`, faults),
  );
  reportDuplicates(products, faults);
  const partners = (file.partners ?? []).map((partner, index) =>
    toPartner(partner, learnerHosts, `partners[${index}]`, faults),
  );
  reportTwice(partners, 'partners', faults);
  if (file.partnerRequired === true && partners.length === 0) {
    faults.push('partners: expected at least one, because partnerRequired is true');
  }
  reportSeatSources(file.seatsFrom ?? [], products, faults);
  for (const [crm, terms] of Object.entries(file.deals ?? {})) reportStages(crm, terms, faults);
  const nudges = toNudges(file, crms, faults);
  const nudgesBuyers = nudges.some(({ to: readers }) => readers.includes('buyer'));
  const mail = toMailPolicy(file.handOver.mail, faults, { nudgesBuyers });
  const { to, learners = {}, leftOver, tools } = file.handOver;
  const roleKeys = crms.map(({ catalog }) => catalog.keys.role).join(' or ');
  if (to === 'learners' && Object.keys(learners).length === 0) {
    faults.push(`handOver.learners: expected ${roleKeys}, because handOver.to is "learners"`);
  }
  const buyer = file.buyer ?? { roles: {}, isRequired: false };
  if (buyer.isRequired && Object.keys(buyer.roles).length === 0) {
    faults.push(`buyer: expected ${roleKeys}, because buyer.required is true`);
  }
  const toolOf = (crm: CrmName): MailTool => tools[crm]?.tool ?? NO_MAIL;
  return {
    version: 1,
    products,
    deals: file.deals ?? {},
    seatsFrom: file.seatsFrom ?? [],
    unmatched: file.unmatched ?? 'ask',
    lateRedemption: file.lateRedemption ?? 'ask',
    swapInUse: file.swapInUse ?? 'ask',
    nudges,
    partners,
    partnerRequired: file.partnerRequired ?? false,
    timeZone: file.timeZone ?? null,
    buyer,
    handOver: {
      to,
      learners,
      // A code of the roster may be with somebody: giving it to a learner is for the catalog to say.
      leftOver: leftOver ?? 'buyer',
      tools: Object.fromEntries(crms.map(({ name }) => [name, toolOf(name)])),
      mail,
      workbook: file.handOver.roster?.xlsx ?? null,
      csvSeparator: file.handOver.roster?.separator ?? separatorIn(mail.language),
    },
    approveAboveSeats: file.approval?.aboveSeats ?? null,
    ...(file.approval?.by === undefined ? {} : { approvers: file.approval.by }),
    learnerHosts,
    platform: PLATFORM,
    redeemUrl: `${learnerUrl.replace(/\/+$/, '')}/redeem/{code}`,
  };
}

const FALLBACK_TERMS = { codeLength: 12, seatsPerUnit: 1, lines: 'ask' } as const;

function toProduct(product: ProductFile, file: CatalogFile, where: string, faults: string[]): CatalogProduct {
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
    lines: product.lines ?? defaults.lines ?? FALLBACK_TERMS.lines,
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
    ...(partner.displayName === undefined ? {} : { displayName: partner.displayName }),
    client: partner.client ?? null,
    redeemUrl: partner.redeemUrl === undefined ? null : withAsciiHost(partner.redeemUrl),
  };
}

/** As a browser writes them. A port may follow. */
function toLearnerHosts(hosts: readonly string[], faults: string[]): string[] {
  return hosts.flatMap((text, index) => {
    const address = `https://${text.trim()}`;
    const url = /[/?#@\s]/.test(text.trim()) || !URL.canParse(address) ? null : new URL(address);
    if (url !== null) return url.host;
    faults.push(
      `learnerHosts[${index}]: expected a host name such as learn.acme.example, without scheme, path or @; found ${JSON.stringify(text)}`,
    );
    return [];
  });
}

/** Links are compared with the hosts above, and a mail tool may take no other letters. */
function withAsciiHost(template: string): string {
  if (!URL.canParse(template)) return template;
  return template
    .trim()
    .replace(/^(https?:\/\/)[^/?#]*/i, (_, scheme) => `${scheme.toLowerCase()}${new URL(template).host}`);
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

/** What a product is matched by, and what delivered deals remember it by, may be no other product's. */
function reportDuplicates(products: readonly CatalogProduct[], faults: string[]): void {
  const twice = reportTwice(products, 'products', faults);
  const remembered = new Map<string, number>();
  for (const [index, product] of products.entries()) {
    if (twice.has(index)) continue;
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

/** Entries that match what another one matches, in whatever spelling. */
function reportTwice(
  entries: readonly { readonly match: Parameters<typeof matchName>[0] }[],
  list: string,
  faults: string[],
): ReadonlySet<number> {
  const matched = new Map<string, number>();
  const twice = new Set<number>();
  for (const [index, { match }] of entries.entries()) {
    const text = matchName(match);
    const same = matched.get(nameKey(text));
    if (same === undefined) matched.set(nameKey(text), index);
    else {
      faults.push(`${list}[${index}].match: ${text} is already matched by ${list}[${same}]`);
      twice.add(index);
    }
  }
  return twice;
}

/** Two answers to how many seats a product has would be one too many. */
function reportSeatSources(
  sources: readonly SeatSource[],
  products: readonly CatalogProduct[],
  faults: string[],
): void {
  const keys = new Set(products.filter(({ ignore }) => !ignore).map(productKey));
  const seen = new Set<string>();
  for (const [index, { product, fields }] of sources.entries()) {
    const where = `seatsFrom[${index}]`;
    if (!keys.has(product)) {
      faults.push(
        `${where}.product: no product that gives seats has the key ${product}; expected one of ${[...keys].join(', ')}`,
      );
    }
    const named = Object.entries(fields).map(([crm, field]) => `${crm} field ${field}`);
    if (named.length === 0) faults.push(`${where}: expected the field of at least one CRM`);
    for (const name of [`product ${product}`, ...named]) {
      if (seen.has(nameKey(name))) faults.push(`${where}: ${name} stands in seatsFrom already`);
      seen.add(nameKey(name));
    }
  }
}

function reportStages(crm: CrmName, { wonStages, afterWon }: DealTerms, faults: string[]): void {
  for (const stage of wonStages.filter((each) => afterWon.some((other) => isSameName(other, each)))) {
    faults.push(`deals.${crm}: ${stage} stands in wonStages and in afterWon; expected one of them`);
  }
}
