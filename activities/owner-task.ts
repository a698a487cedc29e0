import { log } from '@temporalio/activity';
import type { Crm } from '../src/clients/crm.ts';
import type { DealRef } from '../src/domain/deal/deal.ts';
import { DealseatError } from '../src/domain/failure.ts';
import type { ActivityDeps } from './deps.ts';
import { isRepeated } from './patience.ts';

const GONE: ReadonlySet<string> = new Set(['crm.deal_not_found', 'crm.not_found']);

/** No owner has a task of a deal that is gone. */
export function isDealGone(error: unknown): boolean {
  return error instanceof DealseatError && GONE.has(error.code);
}

/**
 * Writes or closes a task of a deal. False: the CRM refuses it today, which says nothing of other deals, so that it is tried
 * again later. Throws what is repeated at once.
 */
export async function orRefused(
  { crms }: Pick<ActivityDeps, 'crms'>,
  deal: DealRef,
  write: (crm: Crm) => Promise<void>,
): Promise<boolean> {
  const crm = crms[deal.crm];
  // The CRM is off, or another account by now.
  if (crm?.account !== deal.account) return false;
  try {
    await write(crm);
    return true;
  } catch (error) {
    if (isDealGone(error)) return true;
    if (!(error instanceof DealseatError)) throw error;
    const { code } = error;
    if (isRepeated(error, {})) throw error;
    log.warn('A task about the seats of a deal could not be written', { ...deal, code });
    return false;
  }
}
