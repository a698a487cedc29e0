import type { CatalogItem } from './catalog.ts';
import type { TiGroup, TiState } from './state.ts';

/** A group as the create call answers it: never with its codes, and without `uploaded` and `gift`. */
export function createdGroupJson(state: TiState, group: TiGroup): Record<string, unknown> {
  return {
    id: group.id,
    label: group.label,
    redeemedCodesCount: state.redeemedCountOf(group.id),
    totalCodesCount: group.totalCodesCount,
    expirationDate: group.expirationDate,
    accessDays: group.accessDays,
    accessExpirationDate: group.accessExpirationDate,
    client: group.client && named(group.client),
    courses: group.targets.courses.map(({ id, name }) => ({ id, title: name })),
    learningPaths: group.targets.learningPaths.map(named),
    bundles: group.targets.bundles.map(named),
    licenses: group.targets.licenses.map(named),
  };
}

/** A group as list and detail tell it. */
export function groupJson(state: TiState, group: TiGroup): Record<string, unknown> {
  return { ...createdGroupJson(state, group), uploaded: group.uploaded, gift: group.gift };
}

function named({ id, name }: CatalogItem): { id: string; name: string } {
  return { id, name };
}
