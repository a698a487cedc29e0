import type { Catalog, CatalogPartner } from '../deal/catalog.ts';
import type { Company, Deal } from '../deal/deal.ts';
import { type Problem, problem } from '../failure.ts';
import { isSameName } from '../names.ts';

/** The first partner of the catalog that the deal's company is. */
export function findPartner({ crm, company }: Deal, { partners }: Catalog): CatalogPartner | null {
  if (company === null) return null;
  const found = partners.find(({ match }) => {
    if ('company' in match) return isSameName(match.company, company.name);
    if ('domain' in match) return match.domain === company.domain;
    return match.crm === crm && match.companyId === company.id;
  });
  return found ?? null;
}

/** Why it is not known, or not allowed, that the deal has no partner: its codes would be of the wrong Panorama. */
export function partnerProblems(deal: Deal, catalog: Catalog): Problem[] {
  if (findPartner(deal, catalog) !== null) return [];
  const { company, dealId } = deal;
  const byName = catalog.partners.some(({ match }) => 'company' in match || 'domain' in match);
  if (company?.isHidden && byName) {
    return [
      problem(
        'deal.company_hidden',
        `Deal ${dealId}: company ${company.id} is hidden from the integration user, so whether it is a partner of the catalog is not known.`,
      ),
    ];
  }
  if (!catalog.partnerRequired) return [];
  return [
    problem(
      'deal.partner_missing',
      `Deal ${dealId} ${described(company)}; the catalog has partnerRequired: true.`,
    ),
  ];
}

function described(company: Company | null): string {
  if (company === null) return 'has no company';
  if (company.isHidden) return `is of company ${company.id}, which is hidden and no partner by its id`;
  const domain = company.domain === null ? 'no domain' : `domain ${company.domain}`;
  return `is of company "${company.name}" (id ${company.id}, ${domain}), which no partner of the catalog matches`;
}
