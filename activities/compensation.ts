import type { ProvisioningActivities } from '../src/domain/activities.ts';
import { cancellationSignal, lookPatiently } from './attempt.ts';
import { type ActivityDeps, crmOf } from './deps.ts';

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

    async clearRedeemLinks({ deal, contactIds }) {
      const nothing = new Map(contactIds.map((id) => [id, null]));
      await crmOf(deps, deal).writeRedeemLinks(nothing, cancellationSignal());
    },

    async removeRoster({ deal, fileName }) {
      await crmOf(deps, deal).removeRoster({ dealId: deal.dealId, fileName }, cancellationSignal());
    },
  };
}
