import { codeInLink, redeemLink } from './redeem-link.ts';
import type { GroupCodes } from './roster.ts';

export interface Assignment {
  /** One link a product for each learner, by contact id. */
  readonly links: ReadonlyMap<string, readonly string[]>;
  /** The codes that nobody got: the buyer's roster. */
  readonly spare: readonly GroupCodes[];
}

/**
 * Gives each learner one code of each product, whatever number of groups the product has. Stable: who already
 * carries a link of a product keeps it, whatever happened to the list of learners since; the others take the free
 * codes in order. The number of codes was checked against the number of learners when the plan was made.
 */
export function assignCodes(
  groups: readonly GroupCodes[],
  learnerContactIds: readonly string[],
  currentLinks: ReadonlyMap<string, string>,
): Assignment {
  const links = new Map<string, string[]>(learnerContactIds.map((id) => [id, []]));
  const given = new Set<string>();
  for (const parts of byProduct(groups)) {
    const free = parts.flatMap(({ group, codes }) =>
      codes.map((code) => ({ code, link: redeemLink(group.redeemUrl, code), template: group.redeemUrl })),
    );
    const byCode = new Map(free.map((entry) => [entry.code, entry]));
    const templates = new Set(free.map(({ template }) => template));
    const kept = new Map<string, string>();
    for (const id of learnerContactIds) {
      const codes = codesIn(currentLinks.get(id) ?? '', templates);
      const held = codes.map((code) => byCode.get(code)).find((entry) => entry && !given.has(entry.code));
      if (held === undefined) continue;
      kept.set(id, held.link);
      given.add(held.code);
    }
    const inOrder = free.filter(({ code }) => !given.has(code)).values();
    for (const id of learnerContactIds) {
      const link = kept.get(id) ?? take(inOrder, given);
      if (link === null) {
        throw new RangeError(`Group ${parts[0]?.group.label} has fewer codes than the deal has learners`);
      }
      links.get(id)?.push(link);
    }
  }
  const spare = groups.map(({ group, codes }) => ({
    group,
    codes: codes.filter((code) => !given.has(code)),
  }));
  return { links, spare };
}

interface FreeCode {
  readonly code: string;
  readonly link: string;
  readonly template: string;
}

function take(codes: Iterator<FreeCode>, given: Set<string>): string | null {
  const { value, done } = codes.next();
  if (done) return null;
  given.add(value.code);
  return value.link;
}

function byProduct(groups: readonly GroupCodes[]): GroupCodes[][] {
  const products = new Map<string, GroupCodes[]>();
  for (const group of groups) {
    const key = group.group.productKey;
    products.set(key, [...(products.get(key) ?? []), group]);
  }
  return [...products.values()];
}

/** The codes that a contact's link field names. The field holds one link a line. */
function codesIn(field: string, templates: ReadonlySet<string>): string[] {
  return field
    .split('\n')
    .flatMap((line) => [...templates].flatMap((template) => codeInLink(template, line.trim()) ?? []));
}
