import type { Crm } from '../../clients/crm.ts';
import { parseHold } from '../../domain/deal/hold.ts';
import { DealseatError, problem } from '../../domain/failure.ts';
import { problemLine } from '../terminal/print.ts';
import { type DoctorCheck, failed, note, ok } from './check.ts';

/**
 * Proves that the CRM lets Dealseat edit this deal, by writing its status as it stands: a validation rule or an approval may
 * forbid edits of won deals, and only a write meets it.
 */
export async function checkDealWrite(
  crm: Crm,
  { dealId, name, signal }: { readonly dealId: string; readonly name: string; readonly signal: AbortSignal },
): Promise<DoctorCheck> {
  try {
    const { status, hold } = await crm.readRecord(dealId, signal);
    // What it writes between our reading and our write must not be written over.
    if (parseHold(hold)?.isDone === false)
      return note(name, 'A run is working on this deal; choose another deal.');
    await crm.writeDealFields(dealId, { status }, signal);
    return ok(name);
  } catch (error) {
    if (!(error instanceof DealseatError)) throw error;
    return failed(name, problemLine(problem(error.code, error.message)));
  }
}
