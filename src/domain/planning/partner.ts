import type { Catalog, CatalogPartner } from '../deal/catalog.ts';
import type { Deal } from '../deal/deal.ts';
import { type Problem, problem } from '../failure.ts';
import { isSameName } from '../names.ts';

/** The first partner of the catalog that the deal's company is. One that the CRM does not show is known by its id alone. */
export function findPartner(
  { crm, company, unseenCompany }: Deal,
  { partners }: Catalog,
): CatalogPartner | null {
  // Whoever merges two companies does not know of the catalog, which may name the one that is gone.
  const ids = [company?.id, ...(company?.formerIds ?? []), unseenCompany?.id];
  const found = partners.find(({ match }) => {
    if ('company' in match) return company !== null && isSameName(match.company, company.name);
    if ('domain' in match) return match.domain === company?.domain;
    return match.crm === crm && ids.includes(match.companyId);
  });
  return found ?? null;
}

/** Why it is not known, or not allowed, that the deal has no partner: its codes would be of the wrong Panorama. */
export function partnerProblems(deal: Deal, catalog: Catalog): Problem[] {
  const found = findPartner(deal, catalog);
  const hidden = unseenPartner(deal, catalog, found);
  if (hidden !== null) return [hidden];
  if (found !== null || !catalog.partnerRequired) return [];
  return [
    problem('deal.partner_missing', `The deal ${described(deal)}, and seats are made for partners only.`),
  ];
}

/** A company that the CRM does not show, where its name or domain could make another partner of it. */
function unseenPartner(
  { unseenCompany }: Deal,
  { partners }: Catalog,
  found: CatalogPartner | null,
): Problem | null {
  if (unseenCompany === null) return null;
  const before = found === null ? partners : partners.slice(0, partners.indexOf(found));
  if (before.every(({ match }) => 'crm' in match)) return null;
  const { id, why } = unseenCompany;
  const is = why === 'hidden' ? 'is hidden from the integration user' : 'was deleted';
  return problem(
    'deal.company_hidden',
    `The company of the deal (id ${id}) ${is}, so whether it is a partner of the catalog is not known.`,
  );
}

function described({ company, unseenCompany }: Deal): string {
  if (unseenCompany !== null)
    return `is of company ${unseenCompany.id}, which Dealseat cannot see, and which is not a partner by its id`;
  if (company === null) return 'has no company';
  const domain = company.domain === null ? 'no domain' : `domain ${company.domain}`;
  return `is of company "${company.name}" (${domain}), which is not set up as a partner`;
}
