import type { Crm, RedeemLinks } from '../src/clients/crm.ts';
import { DealseatError } from '../src/domain/failure.ts';
import type { PossibleCarriers } from '../src/domain/planning/plan.ts';
import { countOf } from '../src/domain/words.ts';
import { cancellationSignal } from './earlier-attempts.ts';

/** Link fields, and who the contacts are. */
export type CarriedLinks = Omit<RedeemLinks, 'unseen'>;

export const NO_LINKS: CarriedLinks = { links: new Map(), people: new Map() };

/**
 * The link fields of everyone who may carry a link of the deal, by contact id. A contact of the deal that the CRM does not
 * show for a moment carries something all the same: taken for one without a link, its code would go to somebody else.
 */
export async function readCarriedLinks(
  crm: Crm,
  { present, former }: PossibleCarriers,
): Promise<CarriedLinks> {
  const { unseen, ...seen } = await crm.readRedeemLinks([...present, ...former], cancellationSignal());
  requireSeen(present, unseen);
  return seen;
}

/** Throws for contacts of which it must be known what they carry. */
export function requireSeen(contactIds: readonly string[], unseen: RedeemLinks['unseen']): void {
  const missing = contactIds.filter((id) => unseen.has(id));
  const [first] = missing;
  if (first === undefined) return;
  const isHidden = unseen.get(first) === 'hidden';
  const which =
    missing.length === 1
      ? `Contact ${first}`
      : `Contact ${first}, like ${countOf(missing.length - 1, 'other contact')},`;
  throw new DealseatError({
    code: isHidden ? 'crm.forbidden' : 'crm.not_found',
    mayPass: true,
    message: isHidden
      ? `${which} is hidden from the integration user, so Dealseat cannot tell which redeem link it carries. Let that user read the contact`
      : `${which} was deleted a moment ago, so Dealseat cannot tell which redeem link it carries. Restore it, or take it off the deal`,
  });
}
