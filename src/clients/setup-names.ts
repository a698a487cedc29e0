import type { NamedId, NamedInCrm } from '../domain/deal/catalog-names.ts';
import { nearestOf } from '../domain/did-you-mean.ts';
import { nameKey } from '../domain/names.ts';
import { countOf } from '../domain/words.ts';
import { type Finding, fine, type SetupCheck } from './setup-check.ts';

/** What the catalog matches deals with: an id that leads nowhere matches nothing, silently. */
type Matches = Pick<NamedInCrm, 'products' | 'skus' | 'companies'>;

/** How a CRM looks each of them up; called with at least one. */
type MatchLookUps = {
  readonly [Kind in keyof Matches]: (named: Matches[Kind]) => Promise<SetupCheck>;
};

/** One check for each kind that the catalog names, one after another. */
export async function checkMatches(
  { products, skus, companies }: Matches,
  lookUps: MatchLookUps,
): Promise<SetupCheck[]> {
  return [
    ...(products.length === 0 ? [] : [await lookUps.products(products)]),
    ...(skus.length === 0 ? [] : [await lookUps.skus(skus)]),
    ...(companies.length === 0 ? [] : [await lookUps.companies(companies)]),
  ];
}

/** Further ones are counted. */
const SHOWN = 10;

interface Sought {
  readonly names: readonly string[];
  readonly known: readonly string[];
}

/** Names that are not known, in quotation marks and each with the nearest that is. */
function unknownIn({ names, known }: Sought): string[] {
  const keys = new Set(known.map(nameKey));
  return names
    .filter((name) => !keys.has(nameKey(name)))
    .map((name) => {
      const nearest = nearestOf(name, known);
      return nearest === null ? `"${name}"` : `"${name}" (the nearest is "${nearest}")`;
    });
}

/** `none` completes the finding, such as `no active user is called`. */
export function judgeNames({
  none,
  advice,
  ...sought
}: Sought & { readonly none: string; readonly advice: string }): Finding {
  const unknown = unknownIn(sought);
  if (unknown.length === 0) return fine(countOf(sought.names.length, 'name'));
  return { state: 'failed', found: `${none} ${shortList(unknown)}`, advice };
}

/** A note only: a line that a person typed may carry a SKU of its own. */
export function judgeSkus({
  none = 'no product has',
  ...sought
}: Sought & { readonly none?: string }): Finding {
  const unknown = unknownIn(sought);
  if (unknown.length === 0) return fine(countOf(sought.names.length, 'SKU'));
  return fine(`${none} ${shortList(unknown)}: only lines that carry the SKU themselves can match`);
}

/** `none` completes the finding, such as `the org shows no product`. */
export function judgeIds({
  named,
  known,
  none,
  advice,
}: {
  readonly named: readonly NamedId[];
  readonly known: ReadonlySet<string>;
  readonly none: string;
  readonly advice: string;
}): Finding {
  const unknown = named.filter(({ id }) => !known.has(id)).map(({ id, by }) => `${id} (${by.join(', ')})`);
  if (unknown.length === 0) return fine(countOf(named.length, 'id'));
  return { state: 'failed', found: `${none} ${shortList(unknown)}`, advice };
}

function shortList(entries: readonly string[]): string {
  const more = entries.length - SHOWN;
  return entries.slice(0, SHOWN).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
