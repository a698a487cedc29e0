import { addDays, dayEndZone, endOfDay, lastWholeDay } from '../deal/calendar.ts';
import { type Catalog, type GrantingProduct, productKey } from '../deal/catalog.ts';
import { closeDay } from '../deal/close-day.ts';
import type { Deal } from '../deal/deal.ts';
import { groupToken } from '../deal/ids.ts';
import { groupLabel } from '../deal/label.ts';
import { type LedgerGroup, nextPart } from '../deal/ledger.ts';
import { type Problem, problem } from '../failure.ts';
import { dayInWords } from '../texts/days.ts';
import { countOf } from '../words.ts';
import type { Difference } from './compare.ts';
import type { Facts } from './facts.ts';
import { findPartner } from './partner.ts';
import type { PlannedGroup } from './plan.ts';
import type { SoldSeats } from './sale.ts';

/** The create call takes no more codes than this: Create Redemption Code Group, `totalCodesCount`. */
export const MAX_SEATS_PER_GROUP = 10_000;

export function closeDateMissing(): Problem {
  return problem('deal.close_date_missing', 'The deal has no close date.');
}

/** Groups to be made: one a product, or several where there are too many seats for one. */
export function newGroups(
  { deal, catalog, rules, ledger }: Difference,
  seats: readonly SoldSeats[],
  problems: Problem[],
): PlannedGroup[] {
  const closeDate = closeDay(deal, catalog);
  if (seats.length === 0) return [];
  if (closeDate === null) {
    problems.push(closeDateMissing());
    return [];
  }
  const { platform } = catalog;
  const zone = dayEndZone(catalog);
  const partner = findPartner(deal, catalog);
  return seats.flatMap(({ product, seatCount }) => {
    const key = productKey(product);
    const { codesExpireOn, accessEndsOn } = lastDays(product, closeDate);
    if (codesExpireOn !== null && codesExpireOn < rules.today) {
      const message = `Product "${product.title}": the close date ${closeDate} of the deal makes codes that expired on ${codesExpireOn}, ${countOf(product.codesExpireAfterDays ?? 0, 'day')} later.`;
      problems.push(problem('deal.codes_expired', message));
    }
    if (accessEndsOn !== null && accessEndsOn < rules.today) {
      const message = `Product "${product.title}": access would end on ${accessEndsOn}, which has passed.`;
      const onDeal = `access to "${product.title}" would end on ${dayInWords(accessEndsOn)}, which has passed`;
      problems.push(problem('catalog.rule_broken', message, { onDeal, about: product.title }));
    }
    return splitSeats(seatCount).map((partSeats, index) => {
      const part = nextPart(ledger, key) + index;
      const token = groupToken(deal, { platform, productKey: key, part }, rules.sha256);
      return {
        token,
        platform,
        label: groupLabel({
          partner: [partner?.label, deal.company?.name, deal.company?.domain, deal.name, deal.dealId],
          content: [product.title, key],
          closeDate,
          token,
        }),
        productKey: key,
        title: product.title,
        part,
        seatCount: partSeats,
        codeLength: product.codeLength,
        client: partner?.client ?? null,
        codesExpireAt: codesExpireOn === null ? null : endOfDay(codesExpireOn, zone),
        codesExpireOn,
        accessDays: product.access !== null && 'days' in product.access ? product.access.days : null,
        accessUntil: accessEndsOn === null ? null : endOfDay(accessEndsOn, zone),
        accessEndsOn,
        grants: product.grants,
        redeemUrl: redeemUrlFor(deal, catalog),
      };
    });
  });
}

const NO_GRANTS = { courses: [], learningPaths: [], bundles: [], licenses: [] };

/** A group that the ledger names, with the terms it was made under: the catalog may say something else by now. */
export function existingGroup(entry: LedgerGroup, catalog: Catalog, facts: Facts): PlannedGroup {
  const product = catalog.products.find(
    (candidate): candidate is GrantingProduct => !candidate.ignore && productKey(candidate) === entry.product,
  );
  const known = facts.groups.get(entry.group);
  const lastDayOf = (instant: string | null | undefined) =>
    instant ? lastWholeDay(instant, dayEndZone(catalog)) : null;
  return {
    token: entry.token,
    platform: entry.platform,
    label: known?.label ?? entry.token,
    productKey: entry.product,
    title: product?.title ?? entry.product,
    part: entry.part,
    seatCount: entry.active,
    codeLength: product?.codeLength ?? 0,
    client: known?.client ?? null,
    codesExpireAt: known?.codesExpireAt ?? null,
    codesExpireOn: lastDayOf(known?.codesExpireAt),
    accessDays: known?.accessDays ?? null,
    accessUntil: known?.accessUntil ?? null,
    accessEndsOn: lastDayOf(known?.accessUntil),
    grants: known?.grants ?? NO_GRANTS,
    redeemUrl: entry.redeemUrl,
    existing: { groupId: entry.group, issuedCount: entry.issued, isNew: entry.isNew === true },
  };
}

/** The platform's time zone for bare dates is not documented, so instants are sent, made from these. */
function lastDays(product: GrantingProduct, closeDate: string) {
  const { access, codesExpireAfterDays } = product;
  return {
    codesExpireOn: codesExpireAfterDays === null ? null : addDays(closeDate, codesExpireAfterDays),
    accessEndsOn: access !== null && 'until' in access ? access.until : null,
  };
}

/** Full groups first, the rest last: the parts of a larger quantity stay the same. */
function splitSeats(seatCount: number): number[] {
  const parts: number[] = [];
  for (let left = seatCount; left > 0; left -= MAX_SEATS_PER_GROUP)
    parts.push(Math.min(left, MAX_SEATS_PER_GROUP));
  return parts;
}

/** Template of the links of new groups. */
export function redeemUrlFor(deal: Deal, catalog: Catalog): string {
  return findPartner(deal, catalog)?.redeemUrl ?? catalog.redeemUrl;
}
