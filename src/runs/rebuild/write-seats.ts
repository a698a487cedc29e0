import type { Deal } from '../../domain/deal/deal.ts';
import { handedLearners } from '../../domain/deal/ledger.ts';
import type { RedemptionCode } from '../../domain/seats/code-group.ts';
import type { Seat } from '../../domain/seats/seat.ts';
import { DEALSEAT } from '../../domain/seats/seat-state.ts';
import type { ToldCodes } from '../../domain/seats/tell-codes.ts';
import { personName } from '../../domain/texts/contacts.ts';
import { rebuildUnsureFinding } from '../../domain/texts/rebuild.ts';
import { addSeats, type StoreTransaction } from '../../store/change-seat.ts';
import type { CodeVault } from '../../store/code-vault.ts';
import {
  type FilledCode,
  type FilledGroup,
  fillGroup,
  type OrderRow,
  upsertOrder,
} from '../../store/fill-order.ts';
import { reportFinding } from '../../store/findings.ts';
import { REBUILD_UNSURE, rebuildKey } from '../../store/rebuild-findings.ts';
import type { FoundGroup } from './found-groups.ts';
import type { PeopleOnDeal } from './people-on-deal.ts';
import type { FoundProduct, FoundSeats } from './tell-seats.ts';

/** A product with what was told of its codes; null: none of them was ever replaced. */
export interface ToldProduct extends FoundProduct {
  readonly told: ToldCodes | null;
}

/** Needs the order's row locked. A repeat changes nothing. @returns Seats that were written. */
export async function writeSeats(
  { trx, vault, order, at }: Writing,
  { deal, people }: { readonly deal: Deal; readonly people: PeopleOnDeal },
  {
    products,
    isMissing,
  }: { readonly products: readonly ToldProduct[]; readonly isMissing: (seats: FoundSeats) => boolean },
): Promise<number> {
  const happening = { actor: DEALSEAT, reason: 'rebuilt', at };
  let written = 0;
  for (const { productKey, sold, replacements, told } of products) {
    for (const [groups, purpose] of [[sold, {}] as const, [replacements, REPLACEMENT] as const]) {
      for (const one of groups) {
        // What takes the place of others ends these, too.
        if (!isMissing(one) && told === null) continue;
        const { found, seats } = one;
        const codes = [...codesOf(seats, found.codes, { people, told, purpose })];
        await fillGroup(trx, vault, order, { ...describe(found), ...purpose }, codes, happening);
        if (isMissing(one)) written += codes.filter(({ isWithdrawn }) => !isWithdrawn).length;
      }
    }
    if (told === null) continue;
    await addBareSeats(trx, { order, productKey, count: told.missing }, happening);
    written += told.missing;
    if (told.doubtful + told.missing === 0) continue;
    const title = sold[0]?.found.group.title ?? productKey;
    const text = rebuildUnsureFinding(deal.name, { title, ...told });
    const finding = { key: rebuildKey(order.id, productKey), kind: REBUILD_UNSURE, order_id: order.id };
    await reportFinding(trx, { ...finding, ...text }, at);
  }
  return written;
}

interface Writing {
  readonly trx: StoreTransaction;
  readonly vault: CodeVault;
  readonly order: OrderRow;
  readonly at: Date;
}

const REPLACEMENT = { purpose: 'replacement' } as const;

type Purpose = Pick<FilledGroup, 'purpose'>;

/** Its row stays locked until the transaction ends. */
export async function writeOrder(
  trx: StoreTransaction,
  { deal, people: { ledger } }: { readonly deal: Deal; readonly people: PeopleOnDeal },
  at: Date,
): Promise<OrderRow> {
  const { crm, account, dealId } = deal;
  const facts = {
    deal: { crm, account, dealId },
    dealName: deal.name,
    dealUrl: deal.url,
    companyName: deal.company?.name || null,
    ownerId: deal.owner?.id ?? null,
    buyerContactId: ledger.handedOver?.to ?? null,
    audience: ledger.audience ?? ('buyer' as const),
  };
  const order = await upsertOrder(trx, facts, at);
  if (ledger.isPending !== true && order.delivered_at === null) {
    // Numbers and reminders wait for it; a ledger of which nobody was handed anything does not say when.
    const deliveredAt = ledger.handedOver?.at ?? at;
    await trx.updateTable('orders').set({ delivered_at: deliveredAt }).where('id', '=', order.id).execute();
  }
  return order;
}

function describe({ group, platformGroup, issued }: FoundGroup): FilledGroup {
  const { existing: _, seatCount: _count, codeLength: _length, ...terms } = group;
  const { codesExpireOn: _on, accessEndsOn: _ends, ...described } = terms;
  return { ...described, groupId: platformGroup.id, issued };
}

function addBareSeats(
  trx: StoreTransaction,
  {
    order,
    productKey,
    count,
  }: { readonly order: OrderRow; readonly productKey: string; readonly count: number },
  happening: Parameters<typeof addSeats>[2],
): Promise<unknown> {
  const seat = { order_id: order.id, product_key: productKey, state: 'free' as const, code_id: null };
  return addSeats(trx, Array<typeof seat>(count).fill(seat), happening);
}

function* codesOf(
  seats: readonly Seat[],
  codes: readonly RedemptionCode[],
  {
    people: { ledger, people, inRoster },
    told,
    purpose,
  }: { readonly people: PeopleOnDeal; readonly told: ToldCodes | null; readonly purpose: Purpose },
): Iterable<FilledCode> {
  const used = new Map(codes.flatMap((one) => (one.isRedeemed ? [[one.code, one] as const] : [])));
  const isToLearners = ledger.audience === 'learners';
  const isSpareKept = isToLearners && !ledger.isSpareOut && purpose.purpose === undefined;
  const handed = new Set(handedLearners(ledger));
  const unheld = seats.filter(({ holders, isWithdrawn }) => !isWithdrawn && holders.length === 0).length;
  // Without the file, all that nobody carries was left over, if that is no more than was.
  const isAllKept = inRoster === null && unheld <= (ledger.roster?.codes ?? 0);
  const isKept = (code: string) => isSpareKept && (isAllKept || inRoster?.has(code) === true);
  for (const { code, isRedeemed, isWithdrawn, holders } of seats) {
    const contactId = isToLearners ? (holders.find((id) => handed.has(id)) ?? holders[0]) : undefined;
    const person = contactId === undefined ? undefined : people.get(contactId);
    const { redeemedAt, redeemedByUserId } = used.get(code) ?? {};
    const endedWhy = told === null ? null : endOf(told, code);
    yield {
      code,
      isRedeemed,
      redeemedAt,
      redeemedByUserId,
      isWithdrawn: isWithdrawn || endedWhy !== null,
      ...(isWithdrawn || endedWhy === null ? {} : { endedWhy }),
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

function endOf({ takenBack, unsure }: ToldCodes, code: string): 'revoked' | 'unsure' | null {
  if (takenBack.has(code)) return 'revoked';
  return unsure.has(code) ? 'unsure' : null;
}
