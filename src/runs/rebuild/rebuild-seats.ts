import { createHash } from 'node:crypto';
import type { CrmName, DealRef } from '../../domain/deal/deal.ts';
import { DealseatError } from '../../domain/failure.ts';
import { readStandingCodes } from '../../store/standing-codes.ts';
import { readDealOnRecord } from '../deal-on-record.ts';
import { type FoundGroup, findReplacementGroups, findSoldGroups } from './found-groups.ts';
import { readPeopleOnDeal } from './people-on-deal.ts';
import type { RebuildDeps } from './rebuild-deps.ts';
import { type FoundSeats, seatReplacements, seatSold, tellSeats } from './tell-seats.ts';
import { type RebuiltProduct, writeSeats } from './write-seats.ts';

export interface RebuiltDeal {
  /** As it is now: a merged deal is the one that lives on. */
  readonly deal: DealRef;
  readonly dealName: string;
  /**
   * `rebuilt`: seats were written. `there`: the store had them all. `nothing`: the deal was given none. `unbelievable`:
   * its ledger was edited, copied or damaged. `failed`: `why` says it.
   */
  readonly is: 'rebuilt' | 'there' | 'nothing' | 'unbelievable' | 'failed';
  /** Seats that were written. */
  readonly seats: number;
  /** Codes that somebody may have by right, and that fill no seat: none is given away, and people are asked about each that is used. */
  readonly unsure: number;
  /** For people, without codes; null unless it failed. */
  readonly why: string | null;
}

const DEALS_A_PAGE = 100;

/**
 * Writes the seats of all won deals of an account into the store, as ledgers, platform and CRM still know them: what a lost
 * database had, but for the history, the names of those who asked, and what was exported. Yields one deal at a time; a
 * deal that fails does not stop the others. A repeat changes nothing.
 */
export async function* rebuildSeats(
  deps: RebuildDeps,
  { crm: name, account }: { readonly crm: CrmName; readonly account: string },
  { since, signal }: { readonly since: string; readonly signal: AbortSignal },
): AsyncGenerator<RebuiltDeal, void, undefined> {
  const crm = deps.crms[name];
  if (crm === undefined) return;
  const until = new Date(deps.now()).toISOString();
  for (let from = since; ; ) {
    const page = await crm.findWonDeals({ since: from, until, limit: DEALS_A_PAGE, signal });
    for (const { dealId } of page.deals) {
      yield await rebuildOrSay(deps, { crm: name, account, dealId }, signal);
    }
    if (page.isComplete) return;
    from = page.next;
  }
}

async function rebuildOrSay(deps: RebuildDeps, deal: DealRef, signal: AbortSignal): Promise<RebuiltDeal> {
  try {
    return await rebuildDeal(deps, deal, signal);
  } catch (error) {
    if (!(error instanceof DealseatError) || error.code.startsWith('store.')) throw error;
    const why = `${error.code}: ${error.message}`;
    return { deal, dealName: deal.dealId, is: 'failed', seats: 0, unsure: 0, why };
  }
}

/** One deal. Throws what CRM, platform and store throw. */
export async function rebuildDeal(
  deps: RebuildDeps,
  ref: DealRef,
  signal: AbortSignal,
): Promise<RebuiltDeal> {
  const crm = deps.crms[ref.crm];
  if (crm === undefined) throw new Error(`No client of CRM "${ref.crm}"`);
  const { deal, ...record } = await readDealOnRecord(crm, deps.sealer, ref.dealId, signal);
  const { account, dealId } = deal;
  const said = {
    deal: { crm: ref.crm, account, dealId },
    dealName: deal.name,
    seats: 0,
    unsure: 0,
    why: null,
  };
  if (!('ledger' in record)) return { ...said, is: record.is };
  const { ledger } = record;
  const standing = await readStandingCodes(deps.seats, said.deal, sha256);
  const sold = await findSoldGroups(deps, { crm, deal, ledger }, signal);
  const replacements = (await findReplacementGroups(deps, { crm, deal, sold }, signal)).filter(
    ({ group }) => !standing.inTheMaking.has(group.token),
  );
  const isMissing = ({ codes }: FoundGroup) => codes.some(({ code }) => standing.of(code) === null);
  if (![...sold, ...replacements].some(isMissing)) return { ...said, is: 'there' };

  const people = await readPeopleOnDeal(crm, { deal, ledger }, signal);
  const products: RebuiltProduct[] = [];
  const seated = { sold: seatSold(sold, people), replacements: seatReplacements(replacements, people) };
  for (const productKey of new Set(ledger.groups.map(({ product }) => product))) {
    const isOfProduct = ({ found: { group } }: FoundSeats) => group.productKey === productKey;
    const found = {
      productKey,
      sold: seated.sold.filter(isOfProduct),
      replacements: seated.replacements.filter(isOfProduct),
    };
    const isLost = [...found.sold, ...found.replacements].some((one) => isMissing(one.found));
    const told =
      isLost && found.replacements.length > 0
        ? await tellSeats(deps, found, { people, standing }, signal)
        : null;
    products.push({ ...found, told });
  }
  const seats = await writeSeats(deps, { deal, people }, { products, isMissing });
  const unsure = products.reduce((sum, { told }) => sum + (told?.unsure.size ?? 0), 0);
  return { ...said, is: 'rebuilt', seats, unsure };
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
