import { type Catalog, productKey } from '../deal/catalog.ts';
import type { Deal } from '../deal/deal.ts';
import { groupToken, rosterToken, type Sha256Hex } from '../deal/ids.ts';
import type { Ledger } from '../deal/ledger.ts';
import type { DealMark } from '../deal/mark.ts';
import type { CodeGroup } from '../seats/code-group.ts';

/**
 * What a ledger names that is not this deal's. Copies of a deal carry its fields along, and people can edit them: those
 * seats belong to somebody else. Those of a deal that was merged into this one are its own now.
 */
export function foreignNames(ledger: Ledger, deal: Deal, sha256: Sha256Hex): string[] {
  const owners = [deal, ...deal.mergedDealIds.map((dealId) => ({ ...deal, dealId }))];
  const groups = ledger.groups
    .filter(
      ({ token, product: productKey, part, platform }) =>
        !owners.some((owner) => token === groupToken(owner, { platform, productKey, part }, sha256)),
    )
    .map(({ token }) => `group ${token}`);
  const file = ledger.roster?.file ?? null;
  const isOwnFile =
    file === null || owners.some((owner) => file.endsWith(`-${rosterToken(owner, sha256)}.csv`));
  return isOwnFile ? groups : [...groups, `roster ${file}`];
}

/** More groups than one product of a deal ever has. */
const MAX_PARTS = 50;

/**
 * Group labels that a copy of another deal brought along, where the ledger did not come with them. One label of its own
 * makes a deal the owner of them all: of products that have left the catalog the tokens cannot be told.
 */
export function foreignLabels(
  { groupLabels }: Pick<DealMark, 'groupLabels'>,
  deal: Deal,
  { platform, products }: Catalog,
  sha256: Sha256Hex,
): readonly string[] {
  const labels = groupLabels.filter((label) => /-d[0-9a-f]{15}$/.test(label));
  const keys = products.map(productKey);
  const owners = [deal.dealId, ...deal.mergedDealIds].map((dealId) => ({ ...deal, dealId }));
  const parts = Array.from({ length: MAX_PARTS }, (_, index) => index + 1);
  const isOwn = owners.some((owner) =>
    keys.some((key) =>
      parts.some((part) => {
        const token = groupToken(owner, { platform, productKey: key, part }, sha256);
        return labels.some((label) => isLabelOf(label, token));
      }),
    ),
  );
  return isOwn ? [] : labels;
}

/**
 * Groups of an unsealed ledger whose id leads to a group of another token: an id is only a number that anybody can write
 * there, while the platform's label was written by the run that made the group.
 */
export function foreignIds(ledger: Ledger, known: ReadonlyMap<string, CodeGroup>): string[] {
  return ledger.groups
    .filter(({ active, group, token }) => active > 0 && !isLabelOf(known.get(group)?.label ?? '', token))
    .map(({ group }) => `group id ${group}`);
}

function isLabelOf(label: string, token: string): boolean {
  return label === token || label.endsWith(`-${token}`);
}

/** Link templates of an unsealed ledger that lead elsewhere than the catalog allows: they get a code each. */
export function foreignTemplates({ groups }: Ledger, learnerHosts: readonly string[]): string[] {
  const templates = new Set(groups.filter(({ active }) => active > 0).map(({ redeemUrl }) => redeemUrl));
  return [...templates]
    .filter((template) => !learnerHosts.includes(hostOf(template)))
    .map((template) => `link template ${template.slice(0, 200)}, whose host is not in learnerHosts`);
}

/** Empty for anything but a plain web address: what a browser reads in another way is no host of ours. */
function hostOf(template: string): string {
  return /^https?:\/\/([a-z0-9.:-]+)(?=[/?])/i.exec(template)?.[1]?.toLowerCase() ?? '';
}
