import type { Crm } from '../src/clients/crm.ts';
import type { ProvisioningActivities } from '../src/contracts/activities.ts';
import type { WithdrawnGroup } from '../src/contracts/run.ts';
import type { ClawBack } from '../src/domain/planning/plan.ts';
import { linesOf, withLinks } from '../src/domain/seats/link-field.ts';
import { redeemLink } from '../src/domain/seats/redeem-link.ts';
import type { GroupCodes, RosterReceipt } from '../src/domain/seats/roster.ts';
import { cancellationSignal } from './attempt.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { editLinks } from './edit-links.ts';
import { rosterNote } from './hand-over.ts';
import { divideGroup, listGroup, writeRosterCsv } from './roster.ts';

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
        const listed = await listGroup(deps.lms, planned, groupId);
        const { withdrawn, ...kept } = divideGroup(planned, listed, links.values());
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
      const without = (field: string) => withLinks(field, { own: withdrawnLinks, links: [] });
      const losing = [...links].filter(([, field]) => without(field) !== field);
      const emptied = losing.filter(([, field]) => without(field) === '').map(([id]) => id);
      // Before the links go: a later attempt could not tell any more whom it has to take off.
      await takeOffList(crm, clawBack, { emptied, remaining });
      await editLinks(crm, { contactIds: losing.map(([id]) => id) }, without);
      const held = new Set([...links.values()].flatMap((field) => linesOf(without(field))));
      return {
        roster: await replaceRoster(crm, clawBack, { remaining, held }),
        groups,
        contactCount: losing.length,
      };
    },
  };
}

/** Learners who lose their last link; and the buyer, when nothing remains of the deal. */
async function takeOffList(
  crm: Crm,
  { audience, mailTool, buyerContactId, deal }: ClawBack,
  { emptied, remaining }: { readonly emptied: readonly string[]; readonly remaining: readonly GroupCodes[] },
): Promise<void> {
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
  { remaining, held }: { readonly remaining: readonly GroupCodes[]; readonly held: ReadonlySet<string> },
): Promise<RosterReceipt | null> {
  const { dealId } = deal;
  await crm.removeRoster({ dealId, fileName });
  if (remaining.length === 0) return null;
  const spare = remaining.map(({ group, codes }) => ({
    group,
    codes: codes.filter((code) => !held.has(redeemLink(group.redeemUrl, code))),
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
