import type { Crm } from '../clients/crm.ts';
import { listCodes } from '../clients/imported-codes.ts';
import type { Lms } from '../clients/lms.ts';
import { codesOfRoster } from '../clients/roster-codes.ts';
import type { Catalog } from '../domain/deal/catalog.ts';
import type { CrmName, Deal, DealRef } from '../domain/deal/deal.ts';
import { groupTokenOf, rosterTokenOf } from '../domain/deal/ids.ts';
import { handedLearners, type Ledger, type Sealer } from '../domain/deal/ledger.ts';
import { DealseatError } from '../domain/failure.ts';
import { NO_FACTS } from '../domain/planning/facts.ts';
import { existingGroup } from '../domain/planning/groups.ts';
import type { CodeGroup, RedemptionCode } from '../domain/seats/code-group.ts';
import type { Decided, DecidedFinder } from '../domain/seats/decided.ts';
import { createCodeFinder } from '../domain/seats/link-field.ts';
import { type ListedGroup, type Seat, type SeatedGroup, seatsOf } from '../domain/seats/seat.ts';
import { DEALSEAT } from '../domain/seats/seat-state.ts';
import { personName } from '../domain/texts/contacts.ts';
import { type FilledCode, type FilledGroup, fillGroup, upsertOrder } from '../store/fill-order.ts';
import { codesInStore } from '../store/known-seats.ts';
import type { SeatStore } from '../store/seat-store.ts';
import { inTransaction } from '../store/transaction.ts';
import { readDealOnRecord } from './deal-on-record.ts';

export interface RebuildDeps {
  readonly crms: Readonly<Record<CrmName, Crm>>;
  readonly platforms: Readonly<Record<string, Lms>>;
  readonly sealer: Sealer;
  readonly catalog: Catalog;
  readonly seats: SeatStore;
  readonly now: () => number;
}

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
  /** Codes of replacement groups that nobody is known to have. They stay out of the store, so that none is given away. */
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
  const listed = await listGroups(deps, { crm, deal, ledger }, signal);
  const missing = [];
  for (const one of listed) {
    const known = await codesInStore(deps.seats.db, one.group.platform, one.platformGroup.id);
    if (known < one.codes.length) missing.push(one);
  }
  if (missing.length === 0) return { ...said, is: 'there' };
  const people = await readPeople(crm, { deal, ledger }, signal);
  const replacements = await listReplacements(deps, { crm, deal, listed }, signal);
  const known = { ledger, ...people };
  const found = { listed, missing, seated: seat(listed, known), ...seatReplacements(replacements, known) };
  const seats = await write(deps, { deal, ...known }, found);
  return { ...said, is: 'rebuilt', seats, unsure: found.unsure };
}

interface FoundGroup extends ListedGroup {
  readonly platformGroup: CodeGroup;
  readonly issued: number;
}

async function listGroups(
  { platforms, sealer, catalog }: RebuildDeps,
  { crm, deal, ledger }: { readonly crm: Crm; readonly deal: Deal; readonly ledger: Ledger },
  signal: AbortSignal,
): Promise<FoundGroup[]> {
  const found: FoundGroup[] = [];
  for (const entry of ledger.groups) {
    const { platform, group: groupId, token } = entry;
    const lms = platforms[platform];
    if (lms === undefined) throw new Error(`No client of learning platform "${platform}"`);
    const platformGroup = await lms.getGroup(groupId, signal);
    const group = existingGroup(entry, catalog, { ...NO_FACTS, groups: new Map([[groupId, platformGroup]]) });
    const named = { dealId: deal.dealId, token, platform, groupId, label: platformGroup.label };
    const codes = await listCodes({ lms, crm, sealer }, named, signal);
    found.push({ group, platformGroup, codes, issued: entry.issued });
  }
  return found;
}

/** Groups that were made because codes of these were taken back: their labels name the token of the sold one. */
async function listReplacements(
  { platforms, sealer }: RebuildDeps,
  { crm, deal, listed }: { readonly crm: Crm; readonly deal: Deal; readonly listed: readonly FoundGroup[] },
  signal: AbortSignal,
): Promise<FoundGroup[]> {
  const found: FoundGroup[] = [];
  for (const { group: sold } of listed) {
    const { platform, token } = sold;
    const lms = platforms[platform];
    if (lms === undefined) throw new Error(`No client of learning platform "${platform}"`);
    for (const platformGroup of await lms.findGroupsNaming(token, signal)) {
      const { id: groupId, label, seatCount: issued } = platformGroup;
      const own = groupTokenOf(label);
      if (own === token) continue;
      const named = { dealId: deal.dealId, token: own, platform, groupId, label };
      const codes = await listCodes({ lms, crm, sealer }, named, signal);
      const group = { ...sold, token: own, label, part: 1, seatCount: codes.length };
      found.push({ group, platformGroup, codes, issued });
    }
  }
  return found;
}

interface People {
  readonly links: ReadonlyMap<string, string>;
  readonly people: Awaited<ReturnType<Crm['readRedeemLinks']>>['people'];
  /** Codes of the roster on the deal; null: it is gone, or is no table any more. */
  readonly inRoster: ReadonlySet<string> | null;
}

async function readPeople(
  crm: Crm,
  { deal, ledger }: { readonly deal: Deal; readonly ledger: Ledger },
  signal: AbortSignal,
): Promise<People> {
  const ids = new Set([...deal.contacts.map(({ id }) => id), ...handedLearners(ledger)]);
  const isToLearners = ledger.audience === 'learners';
  const { links, people } = isToLearners
    ? await crm.readRedeemLinks([...ids], signal)
    : { links: new Map<string, string>(), people: new Map() };
  const file = ledger.roster?.file;
  const rosters = file === undefined ? [] : await crm.readRosters(deal.dealId, rosterTokenOf(file), signal);
  const codes = rosters.map(({ csv }) => codesOfRoster(csv));
  const isWhole = codes.length > 0 && codes.every((ofFile) => ofFile !== null);
  return { links, people, inRoster: isWhole ? new Set(codes.flat()) : null };
}

const KEPT: Decided = { retired: null, holder: null, isFree: true, isSealed: true };
const WITHDRAWN: Decided = { retired: 'withdrawn', holder: null, isFree: false, isSealed: false };

/** Of a group with withdrawn codes the roster tells which remained. */
function seat(
  listed: readonly FoundGroup[],
  { ledger, links, inRoster }: People & { readonly ledger: Ledger },
): SeatedGroup[] {
  const codes = new Set(listed.flatMap(({ codes: all }) => all.map(({ code }) => code)));
  const findCode = createCodeFinder(codes, [...new Set(ledger.groups.map(({ redeemUrl }) => redeemUrl))]);
  const carried = new Set([...links.values()].flatMap((field) => field.split('\n').map(findCode)));
  const decided: DecidedFinder = (code) => {
    if (inRoster === null || carried.has(code)) return null;
    return inRoster.has(code) ? KEPT : WITHDRAWN;
  };
  return listed.flatMap(({ group, codes: all }) => {
    const hasWithdrawn = all.length > group.seatCount;
    return seatsOf([{ group, codes: all }], links, findCode, hasWithdrawn ? decided : undefined);
  });
}

interface Replaced {
  readonly replacements: readonly { readonly found: FoundGroup; readonly seats: readonly Seat[] }[];
  readonly unsure: number;
}

/** Of replacement codes it is only certain who has those that a contact carries. */
function seatReplacements(found: readonly FoundGroup[], { links }: People): Replaced {
  const codes = new Set(found.flatMap(({ codes: all }) => all.map(({ code }) => code)));
  const findCode = createCodeFinder(codes, [...new Set(found.map(({ group }) => group.redeemUrl))]);
  let unsure = 0;
  const replacements = found.map((one) => {
    const seats = seatsOf([one], links, findCode).flatMap((seated) => seated.seats);
    const held = seats.filter(({ holders }) => holders.length > 0);
    unsure += seats.length - held.length;
    return { found: one, seats: held };
  });
  return { replacements: replacements.filter(({ seats }) => seats.length > 0), unsure };
}

/**
 * The codes in whose place the replacement codes of the product are: those that nobody carries and no roster has. Those that
 * were not used first, for whoever used one may only have lost the link. Without the roster nobody can tell.
 */
function takenBack(
  seated: readonly SeatedGroup[],
  { replacements }: Replaced,
  inRoster: People['inRoster'],
): ReadonlySet<string> {
  const taken = new Set<string>();
  const byProduct = Map.groupBy(replacements, ({ found }) => found.group.productKey);
  for (const [productKey, ofProduct] of inRoster === null ? [] : byProduct) {
    const lost = seated
      .filter(({ group }) => group.productKey === productKey)
      .flatMap(({ seats }) => seats)
      .filter(
        ({ code, holders, isWithdrawn }) => !isWithdrawn && holders.length === 0 && !inRoster?.has(code),
      )
      .sort((a, b) => Number(a.isRedeemed) - Number(b.isRedeemed));
    const count = ofProduct.reduce((sum, { seats }) => sum + seats.length, 0);
    for (const { code } of lost.slice(0, count)) taken.add(code);
  }
  return taken;
}

async function write(
  { seats: store, now }: RebuildDeps,
  { deal, ledger, ...known }: People & { readonly deal: Deal; readonly ledger: Ledger },
  {
    listed,
    missing,
    seated,
    ...replaced
  }: Replaced & {
    readonly listed: readonly FoundGroup[];
    readonly missing: readonly FoundGroup[];
    readonly seated: readonly SeatedGroup[];
  },
): Promise<number> {
  const happening = { actor: DEALSEAT, reason: 'rebuilt', at: new Date(now()) };
  const { crm, account, dealId } = deal;
  return await inTransaction(store.db, async (trx) => {
    const facts = {
      deal: { crm, account, dealId },
      dealName: deal.name,
      dealUrl: deal.url,
      companyName: deal.company?.name || null,
      ownerId: deal.owner?.id ?? null,
      buyerContactId: ledger.handedOver?.to ?? null,
      audience: ledger.audience ?? ('buyer' as const),
    };
    const order = await upsertOrder(trx, facts, happening.at);
    if (ledger.isPending !== true && order.delivered_at === null) {
      // Numbers and reminders wait for it; a ledger of which nobody was handed anything does not say when.
      const deliveredAt = ledger.handedOver?.at ?? happening.at;
      await trx.updateTable('orders').set({ delivered_at: deliveredAt }).where('id', '=', order.id).execute();
    }
    const gone = takenBack(seated, replaced, known.inRoster);
    const sold = listed.map((found, index) => ({ found, seats: seated[index]?.seats ?? [] }));
    const fill = async (purpose: Pick<FilledGroup, 'purpose'>, { found, seats }: (typeof sold)[number]) => {
      const { group, platformGroup, issued } = found;
      const { existing: _, seatCount: _count, codeLength: _length, ...terms } = group;
      const { codesExpireOn: _on, accessEndsOn: _ends, ...described } = terms;
      const filled = { ...described, ...purpose, groupId: platformGroup.id, issued };
      const codes = codesOf(seats, found.codes, { ledger, gone, ...known });
      await fillGroup(trx, store.vault, order, filled, codes, happening);
      return seats.filter(({ code, isWithdrawn }) => !isWithdrawn && !gone.has(code)).length;
    };
    let written = 0;
    for (const one of sold) if (missing.includes(one.found)) written += await fill({}, one);
    for (const one of replaced.replacements) written += await fill({ purpose: 'replacement' }, one);
    return written;
  });
}

function* codesOf(
  seats: readonly Seat[],
  codes: readonly RedemptionCode[],
  {
    ledger,
    people,
    inRoster,
    gone,
  }: People & { readonly ledger: Ledger; readonly gone: ReadonlySet<string> },
): Iterable<FilledCode> {
  const used = new Map(codes.flatMap((one) => (one.isRedeemed ? [[one.code, one] as const] : [])));
  const isToLearners = ledger.audience === 'learners';
  const isSpareKept = isToLearners && !ledger.isSpareOut;
  const handed = new Set(handedLearners(ledger));
  const unheld = seats.filter(({ holders, isWithdrawn }) => !isWithdrawn && holders.length === 0).length;
  // Without the file, all that nobody carries was left over, if that is no more than was.
  const isAllKept = inRoster === null && unheld <= (ledger.roster?.codes ?? 0);
  const isKept = (code: string) => isSpareKept && (isAllKept || inRoster?.has(code) === true);
  for (const { code, isRedeemed, isWithdrawn, holders } of seats) {
    const contactId = isToLearners ? (holders.find((id) => handed.has(id)) ?? holders[0]) : undefined;
    const person = contactId === undefined ? undefined : people.get(contactId);
    const { redeemedAt, redeemedByUserId } = used.get(code) ?? {};
    yield {
      code,
      isRedeemed,
      redeemedAt,
      redeemedByUserId,
      isWithdrawn: isWithdrawn || gone.has(code),
      ...(gone.has(code) ? { isTakenBack: true } : {}),
      isHandedOut: !isKept(code),
      learner:
        contactId === undefined
          ? null
          : {
              contactId,
              email: person?.email ?? null,
              name: person === undefined ? null : personName(person),
            },
    };
  }
}
