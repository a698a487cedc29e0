import { createHash } from 'node:crypto';
import { sleep } from '@temporalio/activity';
import type { DealFields, RecordNow } from '../src/clients/crm.ts';
import type { RecordWrite, UnderHold } from '../src/contracts/activities.ts';
import type { DealRef } from '../src/domain/deal/deal.ts';
import { formatHold, type HoldVerdict, judgeHold } from '../src/domain/deal/hold.ts';
import { DealseatError } from '../src/domain/failure.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';

/** `write`: what a step is about to write on the record; its own last word is known again by it. */
type Step = UnderHold & { readonly write?: RecordWrite };

/** A step that begins by taking or renewing the hold on its deal. */
export function underHold<I extends UnderHold, R>(
  deps: ActivityDeps,
  step: (input: I) => Promise<R>,
): (input: I) => Promise<R> {
  return async (input) => {
    await takeHold(deps, input);
    return step(input);
  };
}

/**
 * Begins every step that would do again what another run of the deal has done. No CRM can write a field only if it
 * still has its old value, so a hold counts once it was written, left alone for a while and read back: of several
 * writers the last one finds its own. The while is `pauseMs`, and on a slow CRM twice what look and write took, so
 * that another's write that is about as slow is seen. `fields` are written together with a new hold. Returns what
 * the deal's fields said at the last look. Throws `run.held_elsewhere` and `run.superseded`.
 */
export async function takeHold(deps: ActivityDeps, input: Step, fields: DealFields = {}): Promise<RecordNow> {
  const { deal, hold } = input;
  for (;;) {
    const lookedAt = Date.now();
    const { record, verdict } = await lookAtRecord(deps, input);
    if (verdict.is === 'elsewhere' || verdict.is === 'superseded')
      throw lost(deps, { deal, record, verdict });
    if (verdict.is === 'held' || verdict.is === 'written') return record;
    if (verdict.is === 'fresh') {
      await sleep(verdict.restMs);
      continue;
    }
    await crmOf(deps, deal).writeDealFields(deal.dealId, { ...fields, claim: workingHold(deps, input) });
    await sleep(Math.max(hold.bounds.pauseMs, 2 * (Date.now() - lookedAt)));
  }
}

/** What the deal's own fields say, and whose deal it is by them. */
export async function lookAtRecord(
  deps: ActivityDeps,
  { deal, hold: { run, seen, bounds }, write }: Step,
): Promise<{ readonly record: RecordNow; readonly verdict: HoldVerdict }> {
  const record = await crmOf(deps, deal).readRecord(deal.dealId, cancellationSignal());
  const { deployment } = deps;
  const writes = write && hashOf(write);
  const verdict = judgeHold(record.hold, { deployment, run, seen, now: Date.now(), bounds, writes });
  return { record, verdict };
}

function workingHold({ deployment }: ActivityDeps, { hold }: UnderHold): string {
  return formatHold({ deployment, run: hold.run, at: new Date().toISOString(), isDone: false });
}

/** The text of the hold field once the run has said its last word, `write`. */
export function doneHold({ deployment }: ActivityDeps, { hold, write }: Required<Step>): string {
  const at = new Date().toISOString();
  return formatHold({ deployment, run: hold.run, at, isDone: true, wrote: hashOf(write) });
}

function hashOf(write: RecordWrite): string {
  return createHash('sha256').update(JSON.stringify(write)).digest('hex').slice(0, 8);
}

function lost(
  { deployment }: ActivityDeps,
  found: { readonly deal: DealRef; readonly record: RecordNow; readonly verdict: HoldVerdict },
): DealseatError {
  const { deal, record, verdict } = found;
  return verdict.is === 'elsewhere'
    ? new DealseatError({
        code: 'run.held_elsewhere',
        message: `Deal ${deal.dealId} is held by another deployment of Dealseat (${record.hold}); this one is ${deployment}`,
      })
    : new DealseatError({
        code: 'run.superseded',
        message: `Another run has worked on deal ${deal.dealId} since it was read (${record.hold})`,
      });
}
