import type { Approvers } from './action.ts';
import { type Catalog, type Grants, mailToolFor } from './catalog.ts';
import type { CrmName } from './deal.ts';
import type { MailTool } from './mail-tool.ts';

/** What a catalog names of one CRM, beside stages and fields of deals. */
export interface NamedInCrm {
  readonly tool: MailTool;
  /** What contacts of a deal are called: the key of the catalog, and the name. */
  readonly roles: readonly { readonly key: string; readonly name: string }[];
  /** Whose approvals count, in every CRM: each knows its own keys. */
  readonly approvers: Approvers;
  /** What is matched by the CRM's own id. */
  readonly products: readonly NamedId[];
  readonly companies: readonly NamedId[];
  /** As people wrote them. */
  readonly skus: readonly string[];
}

/** Roles of learners count only where learners get codes. */
export function namedInCrm(catalog: Catalog, crm: CrmName): NamedInCrm {
  const { buyer, handOver, products, partners } = catalog;
  const roles = [
    { key: 'buyer', name: buyer.roles[crm] },
    { key: 'handOver.learners', name: handOver.to === 'learners' ? handOver.learners[crm] : undefined },
  ];
  return {
    tool: mailToolFor(catalog, crm),
    roles: roles.flatMap(({ key, name }) => (name === undefined ? [] : [{ key, name }])),
    approvers: catalog.approvers ?? {},
    products: gathered(
      products.flatMap((product) =>
        'productId' in product.match && product.match.crm === crm
          ? [{ id: product.match.productId, by: product.ignore ? 'ignored' : product.title }]
          : [],
      ),
    ),
    companies: gathered(
      partners.flatMap(({ match, label }) =>
        'companyId' in match && match.crm === crm ? [{ id: match.companyId, by: label }] : [],
      ),
    ),
    skus: [...new Set(products.flatMap(({ match }) => ('sku' in match ? match.sku : [])))],
  };
}

/** An id that the catalog names, and by what for: the title of a product, or the label of a partner. */
export interface NamedId {
  readonly id: string;
  readonly by: readonly string[];
}

/** What a catalog names of the learning platform. */
export interface NamedInPlatform {
  readonly content: Readonly<Record<keyof Grants, readonly NamedId[]>>;
  readonly clients: readonly NamedId[];
}

export function namedInPlatform({ products, partners }: Catalog): NamedInPlatform {
  const granting = products.flatMap((product) => (product.ignore ? [] : [product]));
  const ids = (kind: keyof Grants) =>
    gathered(granting.flatMap(({ title, grants }) => grants[kind].map((id) => ({ id, by: title }))));
  return {
    content: {
      courses: ids('courses'),
      learningPaths: ids('learningPaths'),
      bundles: ids('bundles'),
      licenses: ids('licenses'),
    },
    clients: gathered(
      partners.flatMap(({ client, label }) => (client === null ? [] : [{ id: client, by: label }])),
    ),
  };
}

function gathered(pairs: readonly { readonly id: string; readonly by: string }[]): NamedId[] {
  const byId = Map.groupBy(pairs, ({ id }) => id.toLowerCase());
  return [...byId.values()].flatMap((same) => {
    const [first] = same;
    return first === undefined ? [] : [{ id: first.id, by: [...new Set(same.map(({ by }) => by))] }];
  });
}
