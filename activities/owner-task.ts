import { log } from '@temporalio/activity';
import type { DealRef } from '../src/domain/deal/deal.ts';
import { DealseatError } from '../src/domain/failure.ts';
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
export async function orRefused(deal: DealRef, write: () => Promise<void>): Promise<boolean> {
  try {
    await write();
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
