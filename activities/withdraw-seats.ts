import type { Crm } from '../src/clients/crm.ts';
import { codesOfRoster } from '../src/clients/roster-codes.ts';
import type { WithdrawSeatsInput } from '../src/contracts/activities.ts';
import type { WithdrawalReceipt, WithdrawnGroup } from '../src/contracts/run.ts';
import { rosterTokenOf } from '../src/domain/deal/ids.ts';
import type { Withdrawal } from '../src/domain/planning/plan.ts';
import { withSeats } from '../src/domain/seats/link-field.ts';
import type { RosterReceipt } from '../src/domain/seats/roster.ts';
import type { SeatedGroup } from '../src/domain/seats/seat.ts';
import { withdrawnNoteHtml } from '../src/domain/texts/tasks.ts';
import { withdrawnCodes, writeWithdrawnCsv } from '../src/roster/withdrawn-csv.ts';
import { readCarriedLinks } from './carried-links.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { editLinks } from './edit-links.ts';
import { endWithdrawn } from './fill-store.ts';
import { listSeats, type SeatedDeal } from './listing.ts';
import { withdrawnReplacements } from './withdraw-replacements.ts';
import { writeRoster } from './write-roster.ts';

/** A cancel ends the readings, never a write: what is taken from people is taken as a whole. */
export function withdrawSeats(deps: ActivityDeps): (input: WithdrawSeatsInput) => Promise<WithdrawalReceipt> {
  return async ({ withdrawal }) => {
    const crm = crmOf(deps, withdrawal.deal);
    const listed = withdrawal.groups.map((group) => ({ group, groupId: group.existing?.groupId ?? '' }));
    const seated = await listSeats(deps, withdrawal, listed, () =>
      readCarriedLinks(crm, withdrawal.carriers),
    );
    const replaced = await withdrawnReplacements(deps, withdrawal, seated);
    const gone = [...seated.groups, ...replaced.groups];
    const without = remainingLines({
      groups: gone,
      findCode: (line) => seated.findCode(line) ?? replaced.findCode(line),
    });
    const losing = [...seated.fields].filter(([, field]) => without(field) !== field);
    const emptied = losing.filter(([, field]) => without(field) === '').map(([id]) => id);
    const remaining = seated.groups
      .map(({ group, seats }) => ({ group, seats: seats.filter(({ isWithdrawn }) => !isWithdrawn) }))
      .filter(({ seats }) => seats.length > 0);
    const inRoster = decidedSpare(withdrawal, seated) ?? (await readRosterCodes(crm, withdrawal));
    const isSpareUnsure = withdrawal.audience === 'learners' && inRoster === null;
    const isSpareKept = withdrawal.isSpareKept && !isSpareUnsure;
    const left = await endWithdrawn(deps, withdrawal, { seated, inRoster, replaced });
    // Before the links go: a later attempt could not tell any more whom it has to take off.
    await takeBackMessages(crm, withdrawal, { emptied, remaining });
    await editLinks(crm, { contactIds: losing.map(([id]) => id) }, without);
    const roster = await replaceRoster(
      { deps, crm },
      { ...withdrawal, isSpareKept },
      { remaining, inRoster },
    );
    // Only when the customer has none of them any more: until then a person may still decide otherwise.
    await attachWithdrawn({ deps, crm }, withdrawal, gone);
    return {
      roster,
      groups: gone.flatMap(withdrawnOf),
      contactCount: losing.length,
      ...(isSpareUnsure ? { isSpareUnsure } : {}),
      ...(left === null ? {} : { accessLeft: { ...left, rule: deps.catalog.lateRedemption } }),
    };
  };
}

/** A link field less the lines of withdrawn seats. */
function remainingLines({
  groups,
  findCode,
}: Pick<SeatedDeal, 'groups' | 'findCode'>): (field: string) => string {
  const withdrawn = new Set(
    groups.flatMap(({ seats }) => seats.filter(({ isWithdrawn }) => isWithdrawn).map(({ code }) => code)),
  );
  const findWithdrawn = (line: string) => {
    const code = findCode(line);
    return code !== null && withdrawn.has(code) ? code : null;
  };
  return (field) => withSeats(field, [], findWithdrawn);
}

function withdrawnOf({ group, seats }: SeatedGroup): WithdrawnGroup[] {
  const gone = seats.filter(({ isWithdrawn }) => isWithdrawn);
  if (gone.length === 0) return [];
  return [
    {
      label: group.label,
      groupId: group.existing?.groupId ?? '',
      codeCount: gone.length,
      redeemedCount: gone.filter(({ isRedeemed }) => isRedeemed).length,
    },
  ];
}

/** The private file with exactly the codes that the learning platform must expire. It stays, so that it can be looked up. */
async function attachWithdrawn(
  { deps, crm }: { readonly deps: ActivityDeps; readonly crm: Crm },
  { deal, withdrawnFileName: fileName }: Withdrawal,
  groups: readonly SeatedGroup[],
): Promise<void> {
  const csv = await writeWithdrawnCsv(groups, deps.catalog.handOver.csvSeparator);
  const noteHtml = withdrawnNoteHtml(withdrawnCodes(groups));
  await crm.attachRoster({ dealId: deal.dealId, fileName, csv, noteHtml });
}

/** Learners who lose their last link; and the buyer, when nothing remains of the deal. */
async function takeBackMessages(
  crm: Crm,
  { audience, mailTool, buyerContactId, deal }: Withdrawal,
  { emptied, remaining }: { readonly emptied: readonly string[]; readonly remaining: readonly SeatedGroup[] },
): Promise<void> {
  const buyer = remaining.length === 0 && buyerContactId !== null ? [buyerContactId] : [];
  for (const contactId of audience === 'learners' ? emptied : buyer) {
    await crm.mailTool(mailTool).takeBack({ dealId: deal.dealId, contactId });
  }
}

/** What the seat store knows to be with nobody; null: it does not know every code, or the buyer has what is left over. */
function decidedSpare(
  { audience, isSpareKept }: Withdrawal,
  { groups }: SeatedDeal,
): ReadonlySet<string> | null {
  if (audience === 'buyer' || !isSpareKept) return null;
  const seats = groups.flatMap(({ seats: all }) => all);
  if (seats.some(({ decided }) => decided === null)) return null;
  return new Set(seats.flatMap(({ code, decided }) => (decided?.isFree ? code : [])));
}

/**
 * What was spare so far: a code that neither the roster has nor anybody of the deal carries is with somebody who was taken
 * off it. Null: the buyer has all, or the roster cannot be read.
 */
async function readRosterCodes(
  crm: Crm,
  { audience, deal, rosterFileName }: Withdrawal,
): Promise<ReadonlySet<string> | null> {
  if (audience === 'buyer') return null;
  const token = rosterTokenOf(rosterFileName);
  const rosters = await crm.readRosters(deal.dealId, token, cancellationSignal());
  const codes = rosters.map(({ csv }) => codesOfRoster(csv));
  return codes.length > 0 && codes.every((ofFile) => ofFile !== null) ? new Set(codes.flat()) : null;
}

/**
 * Deleted first, not overwritten: a CRM that keeps earlier versions of a file would still show the withdrawn codes.
 * Whoever holds a code as a link is not in the file.
 */
async function replaceRoster(
  { deps, crm }: { readonly deps: ActivityDeps; readonly crm: Crm },
  { deal, groups, rosterFileName: fileName, ...withdrawal }: Withdrawal,
  {
    remaining,
    inRoster,
  }: { readonly remaining: readonly SeatedGroup[]; readonly inRoster: ReadonlySet<string> | null },
): Promise<RosterReceipt | null> {
  const { dealId } = deal;
  await crm.removeRoster({ dealId, fileName });
  if (remaining.length === 0) return null;
  const spare = remaining.map(({ group, seats }) => ({
    group,
    seats: seats.filter(
      ({ code, holders }) => holders.length === 0 && (inRoster === null || inRoster.has(code)),
    ),
  }));
  const seatCount = groups.reduce((sum, group) => sum + group.seatCount, 0);
  const left = { ...withdrawal, groups: groups.filter((group) => group.seatCount > 0), seatCount };
  const { files, sha256, noteHtml, codeCount } = await writeRoster(deps, left, spare);
  const { fileId, url } = await crm.attachRoster({ dealId, fileName, ...files, noteHtml });
  return { fileId, url, fileName, codeCount, sha256 };
}
