import type { Lms } from '../src/clients/lms.ts';
import type { LinkedGroup, ProvisioningActivities } from '../src/contracts/activities.ts';
import { DealseatError } from '../src/domain/failure.ts';
import { linesOf, withLinks } from '../src/domain/seats/link-field.ts';
import { codeInLink, redeemLink } from '../src/domain/seats/redeem-link.ts';
import { cancellationSignal, lookPatiently } from './attempt.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { editLinks } from './edit-links.ts';

export function createCompensationActivities(
  deps: ActivityDeps,
): Pick<ProvisioningActivities, 'quarantineCodeGroup' | 'clearRedeemLinks' | 'removeRoster'> {
  return {
    async quarantineCodeGroup({ deal, ownerId, group, settleMs = 0, settleIntervalMs = 0 }) {
      const look = async () => {
        const groups = await deps.lms.findGroupsByToken(group.token, cancellationSignal());
        return groups.length > 0 ? groups : null;
      };
      const found = await lookPatiently(look, { settleMs, settleIntervalMs });
      if (found === null) return { quarantined: [] };
      const names = found.map(({ label, id }) => `${label} (${id})`);
      await crmOf(deps, deal).notifyOwner(
        {
          dealId: deal.dealId,
          ownerId,
          key: `quarantine-${group.token}`,
          subject: 'Dealseat: a code group was made and not handed out',
          text: [
            'The provisioning of this deal ended before its codes were handed out. The learning platform cannot',
            'delete a code group by API, so ask its admin to look at:',
            ...names.map((name) => `- ${name}`),
            'Starting the deal again uses this group; if that will not happen, let the admin expire it.',
          ].join('\n'),
        },
        cancellationSignal(),
      );
      return { quarantined: names };
    },

    async clearRedeemLinks({ deal, contactIds, groups }) {
      const crm = crmOf(deps, deal);
      const fields = await crm.readRedeemLinks(contactIds, cancellationSignal());
      const own = await ownLinks(deps.lms, groups, [...fields.values()].flatMap(linesOf));
      await editLinks(crm, { contactIds }, (field) => withLinks(field, { own, links: [] }));
    },

    async removeRoster({ deal, fileName }) {
      await crmOf(deps, deal).removeRoster({ dealId: deal.dealId, fileName }, cancellationSignal());
    },
  };
}

/**
 * Which of the lines are links of these groups. Links of other deals look alike, so the platform is asked; and while a
 * list is not complete, a line that is not in it says nothing.
 */
async function ownLinks(
  lms: Lms,
  groups: readonly LinkedGroup[],
  lines: readonly string[],
): Promise<ReadonlySet<string>> {
  const own = new Set<string>();
  const open = (redeemUrl: string) =>
    lines.some((line) => !own.has(line) && codeInLink(redeemUrl, line) !== null);
  const incomplete: LinkedGroup[] = [];
  for (const group of groups) {
    const links = new Set<string>();
    if (!open(group.redeemUrl)) continue;
    for await (const page of lms.listCodes(group.groupId, cancellationSignal())) {
      for (const { code } of page) links.add(redeemLink(group.redeemUrl, code));
    }
    for (const line of lines) if (links.has(line)) own.add(line);
    if (links.size < group.seatCount) incomplete.push(group);
  }
  const unsure = incomplete.find(({ redeemUrl }) => open(redeemUrl));
  if (unsure === undefined) return own;
  throw new DealseatError({
    code: 'lms.codes_not_listed',
    message: `The codes of ${unsure.label} are not all listed, so its links cannot be told from those of other deals`,
  });
}
