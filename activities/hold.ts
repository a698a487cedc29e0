import { createHash } from 'node:crypto';
import { sleep } from '@temporalio/activity';
import type { HoldClaim, HoldOutcome, RecordNow } from '../src/clients/crm.ts';
import type { RecordWrite, UnderHold } from '../src/contracts/activities.ts';
import type { DealRef } from '../src/domain/deal/deal.ts';
import { formatHold, type HoldVerdict, judgeHold, NOT_READ } from '../src/domain/deal/hold.ts';
import { DealseatError } from '../src/domain/failure.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { isOfReading } from './untouched.ts';

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

/** A step that lost a race puts back what it wrote over; until then a look may find the loser's hold. */
const PUT_BACK_MS = 3_000;
const PUT_BACK_LOOK_MS = 100;

/**
 * Whether a step of this very execution has proven the hold a moment ago. A reset makes another execution, and any run
 * may have had the deal since.
 */
export function isJustProven({ hold }: UnderHold): boolean {
  const { provenAt, bounds } = hold;
  if (provenAt === undefined || !isOfReading(hold)) return false;
  return Math.abs(Date.now() - provenAt) < (bounds.trustMs ?? 0);
}

/**
 * Begins every step that would do again what another run of the deal has done. No CRM can write a field only if it
 * still has its old value. Where the CRM tells who wrote first, that one has the deal; elsewhere a hold counts once it
 * was left alone for a while and read back: of several writers the last one finds its own. The while is `pauseMs`, and on
 * a slow CRM twice what look and write took, so that another's write that is about as slow is seen. `fields` are written
 * together with a new hold. Returns what the deal's fields said at the last look; null: none was needed. Throws
 * `run.held_elsewhere` and `run.superseded`.
 */
export async function takeHold(
  deps: ActivityDeps,
  input: Step,
  fields: HoldClaim['fields'] = {},
): Promise<RecordNow | null> {
  if (isJustProven(input)) return null;
  const { deal, hold } = input;
  const startedAt = Date.now();
  let claimed = isFreeAsRead(deps, input) ? await claimOnce(deps, input, fields) : null;
  if (claimed === 'first') return null;
  let leftAlone: string | null = null;
  let refused: string | null | undefined;
  for (;;) {
    const { record, verdict } = await lookAtRecord(deps, input);
    switch (verdict.is) {
      case 'elsewhere':
      case 'superseded':
        if (hold.provenAt === undefined || Date.now() - startedAt > PUT_BACK_MS)
          throw lost(deps, { deal, record, verdict });
        await sleep(PUT_BACK_LOOK_MS);
        continue;
      case 'written':
        return record;
      case 'held':
      case 'fresh':
        // Asked once: a CRM that does not tell who was first now will not tell it a moment later.
        if (claimed !== 'unproven' && isOfCutOffAttempt(input, record)) {
          claimed = await prove(deps, input, record.hold);
          if (claimed === 'first') return record;
          if (claimed === 'late') continue;
        }
        if (verdict.is === 'held') return record;
        // Its age may never say so: the clock of whoever wrote it may be far ahead.
        if (record.hold === leftAlone) return record;
        leftAlone = record.hold;
        await sleep(verdict.restMs);
        continue;
      case 'free':
        claimed = await claim(deps, input, record.hold, fields);
        if (claimed === 'first') return record;
        // A look that does not show yet who was first is not made again without a pause.
        if (record.hold === refused) await sleep(PUT_BACK_LOOK_MS);
        refused = record.hold;
    }
  }
}

/**
 * A hold of ours that is there since the reading, and that no step has told to be proven, was written by an attempt that was
 * cut off: it may have come too late, and not have come to put back the first one's.
 */
function isOfCutOffAttempt(
  { hold: { provenAt, seen } }: UnderHold,
  record: RecordNow,
): record is RecordNow & { readonly hold: string } {
  return provenAt === undefined && seen !== NOT_READ && record.hold !== null && record.hold !== seen;
}

async function prove(deps: ActivityDeps, { deal, hold }: UnderHold, written: string): Promise<HoldOutcome> {
  const { dealId } = deal;
  return await crmOf(deps, deal).proveHold({ dealId, seen: hold.seen, hold: written }, cancellationSignal());
}

/** By the reading that this execution has just made, which saves a look: the CRM compares the field with it. */
function isFreeAsRead({ deployment }: ActivityDeps, { hold }: UnderHold): boolean {
  const isTaken = hold.provenAt !== undefined;
  if (isTaken || hold.seen === NOT_READ || !isOfReading(hold)) return false;
  const { run, seen, bounds } = hold;
  return judgeHold(seen, { deployment, run, seen, now: Date.now(), bounds }).is === 'free';
}

/** Claims that are under way, of each worker. */
const claims = new WeakMap<ActivityDeps, Map<string, Promise<HoldOutcome>>>();

/** Steps of one execution that begin together, one for each group, take the hold together. */
async function claimOnce(
  deps: ActivityDeps,
  input: UnderHold,
  fields: HoldClaim['fields'],
): Promise<HoldOutcome | null> {
  const { deal, hold } = input;
  const underWay = claims.get(deps) ?? new Map<string, Promise<HoldOutcome>>();
  claims.set(deps, underWay);
  const key = JSON.stringify([deal, hold.run, hold.readIn]);
  const others = underWay.get(key);
  // What ended the other step says nothing about this one, which looks for itself then.
  if (others !== undefined) return others.catch(() => null);
  const own = claim(deps, input, hold.seen, fields).finally(() => underWay.delete(key));
  underWay.set(key, own);
  return own;
}

/** If it is not told to be ours, only a look tells, which comes after a pause where the CRM does not say who was first. */
async function claim(
  deps: ActivityDeps,
  input: UnderHold,
  seen: string | null,
  fields: HoldClaim['fields'],
): Promise<HoldOutcome> {
  const { deal, hold } = input;
  const startedAt = Date.now();
  const claimed = { dealId: deal.dealId, seen, hold: workingHold(deps, input), fields };
  const outcome = await crmOf(deps, deal).takeHold(claimed);
  if (outcome === 'unproven') await sleep(Math.max(hold.bounds.pauseMs, 2 * (Date.now() - startedAt)));
  return outcome;
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
