import type { Crm } from '../src/clients/crm.ts';
import { codesOfRoster } from '../src/clients/roster-codes.ts';
import type { HandOverInput, ProvisioningActivities } from '../src/contracts/activities.ts';
import type { Plan } from '../src/domain/planning/plan.ts';
import { type Assignment, assignCodes } from '../src/domain/seats/assignment.ts';
import { withLinks } from '../src/domain/seats/link-field.ts';
import { redeemLink } from '../src/domain/seats/redeem-link.ts';
import { cancellationSignal } from './attempt.ts';
import { holdClaim } from './claim.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { editLinks } from './edit-links.ts';
import { collectCodes, type ListedGroup, writeRosterCsv } from './roster.ts';

/** A cancel ends the readings here, never a write: one that was cut off could still happen after its compensation. */
export function createHandOverActivities(
  deps: ActivityDeps,
): Pick<ProvisioningActivities, 'writeRedeemLinks' | 'attachRoster'> {
  return {
    async writeRedeemLinks(input) {
      const crm = crmOf(deps, input.plan.deal);
      await holdClaim(deps, { ...input.plan, claim: input.claim });
      await keepLinks(crm, await assign(deps, crm, input));
    },

    async attachRoster(input) {
      const { plan } = input;
      const crm = crmOf(deps, plan.deal);
      await holdClaim(deps, { ...plan, claim: input.claim });
      const assigned = await assign(deps, crm, input);
      // What is not in the file must be with a learner, also after a run of another deal wrote over it.
      await keepLinks(crm, assigned);
      const { spare } = assigned;
      const { csv, sha256, codeCount } = await writeRosterCsv(spare);
      const { fileId, url } = await crm.attachRoster({
        dealId: plan.deal.dealId,
        fileName: plan.rosterFileName,
        csv,
        noteHtml: rosterNote(plan, codeCount),
      });
      await removeSuperseded(crm, plan, assigned);
      return { fileId, url, fileName: plan.rosterFileName, codeCount, sha256 };
    },
  };
}

/**
 * A merged deal brings its roster along. It goes when all of its codes are this deal's by now; one with others is the
 * only place that holds those.
 */
async function removeSuperseded(
  crm: Crm,
  { deal, supersededRosters }: Plan,
  { groups }: Assigned,
): Promise<void> {
  if (supersededRosters.length === 0) return;
  const codes = new Set(groups.flatMap((group) => group.codes));
  for (const token of supersededRosters) {
    const { rosters } = await crm.readHandOver(deal.dealId, token, cancellationSignal());
    for (const { fileName, csv } of rosters) {
      if (!codesOfRoster(csv)?.every((code) => codes.has(code))) continue;
      await crm.removeRoster({ dealId: deal.dealId, fileName });
    }
  }
}

interface Assigned extends Assignment {
  /** The link fields of the deal's contacts. */
  readonly fields: ReadonlyMap<string, string>;
  /** Every link of the deal's groups, those of withdrawn codes included. */
  readonly own: ReadonlySet<string>;
  /** With every code of the deal, whoever has it. */
  readonly groups: readonly ListedGroup[];
}

/**
 * Who has which code. In buyer mode nobody is given one. Called by every step that needs codes, and gives each the same
 * answer, because links once written are kept.
 */
async function assign(deps: ActivityDeps, crm: Crm, input: HandOverInput): Promise<Assigned> {
  const { learnerContactIds, contactIds, revision } = input.plan;
  // Nobody can carry a link of a deal that is delivered to its buyer for the first time.
  const holders = learnerContactIds.length > 0 || revision !== null ? contactIds : [];
  const { groups, fields } = await collectCodes(deps.lms, input, async () =>
    holders.length === 0 ? new Map() : crm.readRedeemLinks(holders, cancellationSignal()),
  );
  const own = learnerContactIds.length === 0 ? [] : groups.flatMap(linksOf);
  return { ...assignCodes(groups, learnerContactIds, fields), fields, own: new Set(own), groups };
}

/** The same for a step that needs the answer several times: the platform counts its requests. */
export function assignOnce(deps: ActivityDeps, crm: Crm, input: HandOverInput): () => Promise<Assignment> {
  let assigned: Promise<Assignment> | null = null;
  return () => {
    assigned ??= assign(deps, crm, input);
    return assigned;
  };
}

function linksOf({ group, codes, withdrawn }: ListedGroup): string[] {
  return [...codes, ...withdrawn.map(({ code }) => code)].map((code) => redeemLink(group.redeemUrl, code));
}

function keepLinks(crm: Crm, { links, own, fields: current }: Assigned): Promise<void> {
  return editLinks(crm, { contactIds: [...links.keys()], current }, (field, id) =>
    withLinks(field, { own, links: links.get(id) ?? [] }),
  );
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
