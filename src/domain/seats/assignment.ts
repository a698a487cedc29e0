import { DealseatError } from '../failure.ts';
import { linesOf } from './link-field.ts';
import { redeemLink } from './redeem-link.ts';
import type { GroupCodes } from './roster.ts';

/** The codes of one planned group, and which of them were used. */
export interface AssignableCodes extends GroupCodes {
  readonly redeemed: ReadonlySet<string>;
}

export interface Assignment {
  /** One link a product for each learner, by contact id. */
  readonly links: ReadonlyMap<string, readonly string[]>;
  /** The codes that nobody holds: the buyer's roster. */
  readonly spare: readonly GroupCodes[];
}

/**
 * Gives each learner one code of each product, whatever number of groups the product has. Stable: who already
 * carries a link of a product keeps it, whatever happened to the list of learners since; the others take the free
 * codes in order. A code that another contact of the deal carries is not free, because that person was told of it;
 * neither is a redeemed one. `fields`: the link fields of all contacts of the deal.
 */
export function assignCodes(
  groups: readonly AssignableCodes[],
  learnerContactIds: readonly string[],
  fields: ReadonlyMap<string, string>,
): Assignment {
  const links = new Map<string, string[]>(learnerContactIds.map((id) => [id, []]));
  const taken = new Set<string>();
  for (const parts of byProduct(groups)) {
    const { given, withOthers } = assignProduct(parts, learnerContactIds, fields);
    for (const [id, { code, link }] of given) {
      links.get(id)?.push(link);
      taken.add(code);
    }
    for (const code of withOthers) taken.add(code);
  }
  const spare = groups.map(({ group, codes }) => ({
    group,
    codes: codes.filter((code) => !taken.has(code)),
  }));
  return { links, spare };
}

interface ProductAssignment {
  readonly given: ReadonlyMap<string, LinkedCode>;
  /** What contacts who are no learners hold. */
  readonly withOthers: ReadonlySet<string>;
}

function assignProduct(
  parts: readonly AssignableCodes[],
  learnerContactIds: readonly string[],
  fields: ReadonlyMap<string, string>,
): ProductAssignment {
  const codes = parts.flatMap(linkedCodes);
  const byLink = new Map(codes.map((code) => [code.link, code]));
  const heldBy = (id: string) => linesOf(fields.get(id) ?? '').flatMap((line) => byLink.get(line) ?? []);
  const given = new Map<string, LinkedCode>();
  const taken = new Set<string>();
  for (const id of learnerContactIds) {
    const held = heldBy(id).find(({ code }) => !taken.has(code));
    if (held === undefined) continue;
    given.set(id, held);
    taken.add(held.code);
  }
  const others = [...fields.keys()].filter((id) => !learnerContactIds.includes(id) && heldBy(id).length > 0);
  const withOthers = new Set(others.flatMap(heldBy).map(({ code }) => code));
  const free = codes.filter(
    ({ code, isRedeemed }) => !isRedeemed && !taken.has(code) && !withOthers.has(code),
  );
  const without = learnerContactIds.filter((id) => !given.has(id));
  for (const [index, id] of without.entries()) {
    const code = free[index];
    if (code === undefined) throw tooFewFree(parts, { free, without, others });
    given.set(id, code);
  }
  return { given, withOthers };
}

interface LinkedCode {
  readonly code: string;
  readonly link: string;
  readonly isRedeemed: boolean;
}

function linkedCodes({ group, codes, redeemed }: AssignableCodes): LinkedCode[] {
  return codes.map((code) => ({
    code,
    link: redeemLink(group.redeemUrl, code),
    isRedeemed: redeemed.has(code),
  }));
}

/** The plan compared seats with learners; it could not know who else holds codes. */
function tooFewFree(
  parts: readonly GroupCodes[],
  found: {
    readonly free: readonly LinkedCode[];
    readonly without: readonly string[];
    readonly others: readonly string[];
  },
): DealseatError {
  const { free, without, others } = found;
  const holders = others.length === 0 ? '' : `, and contacts who are no learners hold codes: ${few(others)}`;
  return new DealseatError({
    code: 'deal.too_few_seats',
    message: `"${parts[0]?.group.title}" has ${free.length} free codes for ${without.length} learners without one: ${few(without)}${holders}`,
  });
}

function few(contactIds: readonly string[]): string {
  const more = contactIds.length > 5 ? ` and ${contactIds.length - 5} more` : '';
  return `${contactIds.slice(0, 5).join(', ')}${more}`;
}

function byProduct(groups: readonly AssignableCodes[]): AssignableCodes[][] {
  const products = new Map<string, AssignableCodes[]>();
  for (const group of groups) {
    const key = group.group.productKey;
    products.set(key, [...(products.get(key) ?? []), group]);
  }
  return [...products.values()];
}
