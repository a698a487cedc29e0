import type { Crm } from '../src/clients/crm.ts';
import type { ProvisioningActivities } from '../src/domain/activities.ts';
import type { ClawBack } from '../src/domain/plan.ts';
import { redeemLink } from '../src/domain/redeem-link.ts';
import type { GroupCodes } from '../src/domain/roster.ts';
import type { RosterReceipt, WithdrawnGroup } from '../src/domain/run.ts';
import { cancellationSignal } from './attempt.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { rosterNote } from './hand-over.ts';
import { listGroup, writeRosterCsv } from './roster.ts';

/** A cancel ends the readings here, never a write: what is taken from people is taken as a whole. */
export function createWithdrawalActivities(
  deps: ActivityDeps,
): Pick<ProvisioningActivities, 'withdrawSeats'> {
  return {
    async withdrawSeats({ clawBack }) {
      const crm = crmOf(deps, clawBack.deal);
      const links = await crm.readRedeemLinks(clawBack.contactIds, cancellationSignal());
      const remaining: GroupCodes[] = [];
      const withdrawnLinks = new Set<string>();
      const groups: WithdrawnGroup[] = [];
      for (const planned of clawBack.groups) {
        const groupId = planned.delivered?.groupId ?? '';
        const { kept, withdrawn } = await listGroup(deps.lms, planned, groupId, links.values());
        if (kept.codes.length > 0) remaining.push(kept);
        for (const { code } of withdrawn) withdrawnLinks.add(redeemLink(planned.redeemUrl, code));
        if (withdrawn.length === 0) continue;
        groups.push({
          label: planned.label,
          groupId,
          codeCount: withdrawn.length,
          redeemedCount: withdrawn.filter(({ isRedeemed }) => isRedeemed).length,
        });
      }
      const left = withoutLinks(links, withdrawnLinks);
      await crm.writeRedeemLinks(left);
      await takeOffList(crm, clawBack, { left, remaining });
      const held = new Map([...links, ...[...left].map(([id, field]) => [id, field ?? ''] as const)]);
      return {
        roster: await replaceRoster(crm, clawBack, { remaining, held }),
        groups,
        contactCount: left.size,
      };
    },
  };
}

/** The link fields that change: without the withdrawn lines, null when nothing is left in them. */
function withoutLinks(
  links: ReadonlyMap<string, string>,
  withdrawn: ReadonlySet<string>,
): ReadonlyMap<string, string | null> {
  const changed = new Map<string, string | null>();
  for (const [contactId, field] of links) {
    const lines = field.split('\n');
    const kept = lines.filter((line) => !withdrawn.has(line.trim()));
    if (kept.length < lines.length) changed.set(contactId, kept.join('\n') || null);
  }
  return changed;
}

/** Learners whose last link is gone; and the buyer, when nothing remains of the deal. */
async function takeOffList(
  crm: Crm,
  { audience, mailTool, buyerContactId, deal }: ClawBack,
  {
    left,
    remaining,
  }: { readonly left: ReadonlyMap<string, string | null>; readonly remaining: readonly GroupCodes[] },
): Promise<void> {
  const emptied = [...left].flatMap(([id, field]) => (field === null ? [id] : []));
  const buyer = remaining.length === 0 && buyerContactId !== null ? [buyerContactId] : [];
  for (const contactId of audience === 'learners' ? emptied : buyer) {
    await crm.takeBackMessage({ dealId: deal.dealId, contactId, tool: mailTool });
  }
}

/**
 * Deleted first, not overwritten: a CRM that keeps earlier versions of a file would still show the withdrawn codes.
 * Whoever holds a code as a link is not in the file.
 */
async function replaceRoster(
  crm: Crm,
  { deal, groups, rosterFileName: fileName }: ClawBack,
  {
    remaining,
    held,
  }: { readonly remaining: readonly GroupCodes[]; readonly held: ReadonlyMap<string, string> },
): Promise<RosterReceipt | null> {
  const { dealId } = deal;
  await crm.removeRoster({ dealId, fileName });
  if (remaining.length === 0) return null;
  const lines = new Set([...held.values()].flatMap((field) => field.split('\n').map((line) => line.trim())));
  const spare = remaining.map(({ group, codes }) => ({
    group,
    codes: codes.filter((code) => !lines.has(redeemLink(group.redeemUrl, code))),
  }));
  const { csv, sha256, codeCount } = await writeRosterCsv(spare);
  const seatCount = groups.reduce((sum, group) => sum + group.seatCount, 0);
  const noteHtml = rosterNote(
    { groups: groups.filter((group) => group.seatCount > 0), seatCount },
    codeCount,
  );
  const { fileId, url } = await crm.attachRoster({ dealId, fileName, csv, noteHtml });
  return { fileId, url, fileName, codeCount, sha256 };
}
