import type { PlannedGroup } from '../planning/plan.ts';
import { compareText } from '../planning/sale.ts';
import type { RedemptionCode } from './code-group.ts';
import { codeInLink } from './redeem-link.ts';

/**
 * Which codes of a group the customer may use when some were withdrawn: the redeemed ones first, then those that
 * contacts carry as links, then in order. Made the same way at every reading, because nothing but the learning
 * platform and the CRM may remember codes.
 */
export function keptCodes(
  group: Pick<PlannedGroup, 'seatCount' | 'redeemUrl'>,
  listed: readonly RedemptionCode[],
  links: Iterable<string>,
): RedemptionCode[] {
  const held = new Set<string>();
  for (const field of links) {
    for (const line of field.split('\n')) held.add(codeInLink(group.redeemUrl, line.trim()) ?? '');
  }
  const rank = ({ code, isRedeemed }: RedemptionCode) => (isRedeemed ? 0 : held.has(code) ? 1 : 2);
  return [...listed]
    .sort((a, b) => rank(a) - rank(b) || compareText(a.code, b.code))
    .slice(0, group.seatCount);
}
