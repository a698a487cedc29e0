import { type Catalog, type Grants, mailToolFor } from './catalog.ts';
import type { CrmName } from './deal.ts';
import type { MailTool } from './mail-tool.ts';

/** What a catalog names of one CRM, beside stages and fields of deals. */
export interface NamedInCrm {
  readonly tool: MailTool;
  /** What contacts of a deal are called: the key of the catalog, and the name. */
  readonly roles: readonly { readonly key: string; readonly name: string }[];
}

/** Roles of learners count only where learners get codes. */
export function namedInCrm(catalog: Catalog, crm: CrmName): NamedInCrm {
  const { buyer, handOver } = catalog;
  const roles = [
    { key: 'buyer', name: buyer.roles[crm] },
    { key: 'handOver.learners', name: handOver.to === 'learners' ? handOver.learners[crm] : undefined },
  ];
  return {
    tool: mailToolFor(catalog, crm),
    roles: roles.flatMap(({ key, name }) => (name === undefined ? [] : [{ key, name }])),
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
