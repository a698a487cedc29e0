import { DealseatError } from '../../domain/failure.ts';

/** Throws `crm.deal_not_found` for a text that is no record id, which HubSpot would take for part of a path. */
export function requireDealId(dealId: string): string {
  if (/^\d{1,20}$/.test(dealId)) return dealId;
  throw new DealseatError({
    code: 'crm.deal_not_found',
    message:
      'HubSpot: a deal id is a whole number, and the one given is not. Take it from the address of the deal.',
  });
}
