import type { Crm } from '../clients/crm.ts';
import type { CrmName } from '../domain/deal/deal.ts';
import { DealseatError, problem } from '../domain/failure.ts';
import { withCure } from '../domain/words.ts';
import type { Logger } from '../observability/logging.ts';

const PATIENCE_MS = 10_000;

/**
 * Asks each CRM once whose credentials these are. Throws when they are another account's, because everything would be
 * read from there; whatever else is wrong is told, and may be over by the time a deal comes.
 */
export async function proveAccounts(crms: Readonly<Record<CrmName, Crm>>, logger: Logger): Promise<void> {
  await Promise.all(Object.values(crms).map((crm) => proveAccount(crm, logger)));
}

async function proveAccount(crm: Crm, logger: Logger): Promise<void> {
  const tooLate = AbortSignal.timeout(PATIENCE_MS);
  try {
    await crm.ping(tooLate);
  } catch (error) {
    if (tooLate.aborted) {
      logger.warn({ crm: crm.name }, 'The CRM did not answer at the start');
      return;
    }
    if (!(error instanceof DealseatError) || error.code === 'crm.account_mismatch') throw error;
    const { message, cure } = problem(error.code, error.message);
    logger.warn(
      { crm: crm.name, code: error.code },
      `The CRM refused the first call: ${withCure(message, cure)}`,
    );
  }
}
