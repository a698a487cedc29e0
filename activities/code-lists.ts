import { type ListedOf, listCodes as list, lookAtCodes as look } from '../src/clients/imported-codes.ts';
import type { DealRef } from '../src/domain/deal/deal.ts';
import type { CodesLook, RedemptionCode } from '../src/domain/seats/code-group.ts';
import { type ActivityDeps, crmOf, platformOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';

type Deps = Pick<ActivityDeps, 'platforms' | 'crms' | 'sealer'>;
type Group = Omit<ListedOf, 'dealId'>;

/** All codes of a group of the deal, each once. */
export function listCodes(deps: Deps, deal: DealRef, group: Group): Promise<readonly RedemptionCode[]> {
  return list(sources(deps, deal, group), named(deal, group), cancellationSignal());
}

/** What a first look at that list shows. */
export function lookAtList(deps: Deps, deal: DealRef, group: Group, signal: AbortSignal): Promise<CodesLook> {
  return look(sources(deps, deal, group), named(deal, group), signal);
}

function sources(deps: Deps, deal: DealRef, { platform }: Group) {
  return { lms: platformOf(deps, platform), crm: crmOf(deps, deal), sealer: deps.sealer };
}

/** Without what else a plan says of the group. */
function named({ dealId }: DealRef, { token, platform, groupId, label }: Group): ListedOf {
  return { dealId, token, platform, groupId, label };
}
