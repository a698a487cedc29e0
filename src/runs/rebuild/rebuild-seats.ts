import { createHash } from 'node:crypto';
import type { CrmName, DealRef } from '../../domain/deal/deal.ts';
import type { LedgerGroup } from '../../domain/deal/ledger.ts';
import { DealseatError } from '../../domain/failure.ts';
import type { SeatStore } from '../../store/seat-store.ts';
import { readStandingCodes, type StandingCodes } from '../../store/standing-codes.ts';
import { inTransaction } from '../../store/transaction.ts';
import { readDealOnRecord } from '../deal-on-record.ts';
import { type FoundGroup, type FoundGroups, findGroups } from './found-groups.ts';
import { type PeopleOnDeal, readPeopleOnDeal } from './people-on-deal.ts';
import type { RebuildDeps } from './rebuild-deps.ts';
import {
  type Accesses,
  type FoundProduct,
  type FoundSeats,
  readAccesses,
  seatReplacements,
  seatSold,
  tellSeats,
} from './tell-seats.ts';
import { type ToldProduct, writeOrder, writeSeats } from './write-seats.ts';

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
  /** Seats of code groups that the learning platform no longer has: they are not written. */
  readonly unlisted: number;
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
    return { deal, dealName: deal.dealId, is: 'failed', seats: 0, unsure: 0, unlisted: 0, why };
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
    unlisted: 0,
    why: null,
  };
  if (!('ledger' in record)) return { ...said, is: record.is };
  const { ledger } = record;
  const readStanding = (store: SeatStore) => readStandingCodes(store, said.deal, sha256);
  const before = await readStanding(deps.seats);
  const found = await findGroups(deps, { crm, deal, ledger }, signal);
  const isNew = before.groups === null;
  if (isThere(found, before, isNew)) return { ...said, is: 'there' };

  const people = await readPeopleOnDeal(crm, { deal, ledger }, signal);
  const products = productsOf(found, people);
  const replaced = products.filter(({ replacements }) => replacements.length > 0);
  const groups = replaced.flatMap(({ sold, replacements }) => [...sold, ...replacements]);
  const accesses = await readAccesses(deps, groups, before, signal);
  return await inTransaction(deps.seats.db, async (trx) => {
    const at = new Date(deps.now());
    const order = await writeOrder(trx, { deal, people }, at);
    // Others may have written in the meantime: another rebuild, a delivery, an operation.
    const standing = await readStanding({ ...deps.seats, db: trx });
    if (isThere(found, standing, isNew)) return { ...said, is: 'there' };
    const lacking = lackingIn(found, standing);
    const isMissing: IsMissing = (one) => lacking.has(one.found);
    const told = products.map((product) => tellProduct(product, { people, standing, accesses, isMissing }));
    const seats = await writeSeats(
      { trx, vault: deps.seats.vault, order, at },
      { deal, people },
      { products: told, isMissing },
    );
    const unsure = told.reduce((sum, { told }) => sum + (told?.unsure.size ?? 0), 0);
    return { ...said, is: 'rebuilt', seats, unsure, unlisted: unlistedIn(found, standing) };
  });
}

type IsMissing = (seats: Pick<FoundSeats, 'found'>) => boolean;

/** Of an order that was new to the store, a code group that the platform no longer has is worth a word. */
function isThere(found: FoundGroups, standing: StandingCodes, isNew: boolean): boolean {
  return lackingIn(found, standing).size === 0 && !(isNew && unlistedIn(found, standing) > 0);
}

/** Groups that have codes which the store lacks. */
function lackingIn({ sold, replacements }: FoundGroups, standing: StandingCodes): ReadonlySet<FoundGroup> {
  return new Set(
    [...sold, ...replacements].filter(
      ({ codes, group }) =>
        !standing.inTheMaking.has(group.token) && codes.some(({ code }) => standing.of(code) === null),
    ),
  );
}

function productsOf({ sold, replacements, gone }: FoundGroups, people: PeopleOnDeal): FoundProduct[] {
  const seated = { sold: seatSold(sold, people), replacements: seatReplacements(replacements, people) };
  return [...new Set(people.ledger.groups.map(({ product }) => product))].map((productKey) => {
    const isOfProduct = ({ found: { group } }: FoundSeats) => group.productKey === productKey;
    return {
      productKey,
      sold: seated.sold.filter(isOfProduct),
      replacements: seated.replacements.filter(isOfProduct),
      unlisted: seatCountOf(gone.filter(({ product }) => product === productKey)),
    };
  });
}

function tellProduct(
  { replacements, ...product }: FoundProduct,
  {
    isMissing,
    ...known
  }: {
    readonly people: PeopleOnDeal;
    readonly standing: StandingCodes;
    readonly accesses: Accesses;
    readonly isMissing: IsMissing;
  },
): ToldProduct {
  const isMade = ({ found }: FoundSeats) => !known.standing.inTheMaking.has(found.group.token);
  const found = { ...product, replacements: replacements.filter(isMade) };
  const isTold = found.replacements.length > 0 && [...found.sold, ...found.replacements].some(isMissing);
  return { ...found, told: isTold ? tellSeats(found, known) : null };
}

/** Seats of groups that neither the platform nor the store has. */
function unlistedIn({ gone }: FoundGroups, { groups }: StandingCodes): number {
  return seatCountOf(gone.filter(({ token }) => groups?.has(token) !== true));
}

function seatCountOf(groups: readonly LedgerGroup[]): number {
  return groups.reduce((sum, { active }) => sum + active, 0);
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
