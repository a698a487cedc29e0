import type { Crm } from '../src/clients/crm.ts';
import type { HandOverInput, ProvisioningActivities } from '../src/domain/activities.ts';
import { type Assignment, assignCodes } from '../src/domain/assignment.ts';
import type { Plan } from '../src/domain/plan.ts';
import { cancellationSignal } from './attempt.ts';
import { holdClaim } from './claim.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { collectCodes, writeRosterCsv } from './roster.ts';

/** A cancel ends the readings here, never a write: one that was cut off could still happen after its compensation. */
export function createHandOverActivities(
  deps: ActivityDeps,
): Pick<ProvisioningActivities, 'writeRedeemLinks' | 'attachRoster'> {
  return {
    async writeRedeemLinks(input) {
      const crm = crmOf(deps, input.plan.deal);
      await holdClaim(deps, { ...input.plan, claim: input.claim });
      const { links } = await assign(deps, crm, input);
      const fields = [...links].map(([contactId, lines]) => [contactId, lines.join('\n')] as const);
      await crm.writeRedeemLinks(new Map(fields));
    },

    async attachRoster(input) {
      const { plan } = input;
      const crm = crmOf(deps, plan.deal);
      await holdClaim(deps, { ...plan, claim: input.claim });
      const { spare } = await assign(deps, crm, input);
      const { csv, sha256, codeCount } = await writeRosterCsv(spare);
      const { fileId, url } = await crm.attachRoster({
        dealId: plan.deal.dealId,
        fileName: plan.rosterFileName,
        csv,
        noteHtml: rosterNote(plan, codeCount),
      });
      return { fileId, url, fileName: plan.rosterFileName, codeCount, sha256 };
    },
  };
}

/**
 * Who has which code. In buyer mode nobody has one and all are spare. Called by every step that needs codes, and
 * gives each the same answer, because links once written are kept.
 */
export async function assign(deps: ActivityDeps, crm: Crm, input: HandOverInput): Promise<Assignment> {
  const { learnerContactIds } = input.plan;
  const current =
    learnerContactIds.length === 0
      ? new Map<string, string>()
      : await crm.readRedeemLinks(learnerContactIds, cancellationSignal());
  const codes = await collectCodes(deps.lms, input, current.values());
  return assignCodes(codes, learnerContactIds, current);
}

export function rosterNote(plan: Pick<Plan, 'groups' | 'seatCount'>, codeCount: number): string {
  const rows = plan.groups.map(
    (group) => `<li>${escapeHtml(group.title)}: ${group.seatCount} seats (${escapeHtml(group.label)})</li>`,
  );
  return [
    `<p><strong>Dealseat: ${plan.seatCount} seats provisioned.</strong></p>`,
    `<ul>${rows.join('')}</ul>`,
    `<p>The attached roster has ${codeCount} redemption codes with their links. Give each row to one learner only.</p>`,
  ].join('');
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
