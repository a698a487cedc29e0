import { type CatalogClient, type CatalogItem, findById, TARGET_KINDS, type TargetKind } from './catalog.ts';
import type { TiOptions } from './options.ts';
import { Refusal } from './refusal.ts';
import type { NewGroup } from './state.ts';

const FIELDS = new Set<string>([
  'label',
  'codeLength',
  'totalCodesCount',
  'client',
  'expirationDate',
  'accessDays',
  'accessExpirationDate',
  ...TARGET_KINDS,
]);

const NO_TARGET = 'Please choose at least one item to give access to, or select a license.';
const NO_COUNTS = 'Generated Redemption Code Groups must have a value for code length and total codes.';

/**
 * Reads the body of a create call, in the order in which the platform is taken to check it; the first fault wins.
 * Only the two constant texts are the vendor's own; the wording of the others is not known.
 */
export function parseNewGroup(body: unknown, options: TiOptions): NewGroup {
  const refuse = (message: string): never => {
    throw new Refusal(options.invalidStatus, message);
  };
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Refusal(400, 'The body must be a JSON object');
  }
  const fields = new Map<string, unknown>(Object.entries(body).filter(([, value]) => value !== null));

  const label = fields.get('label');
  if (typeof label !== 'string' || label.trim() === '') return refuse('Label is required');
  const codeLength = fields.get('codeLength');
  const totalCodesCount = fields.get('totalCodesCount');
  if (codeLength === undefined || totalCodesCount === undefined) return refuse(NO_COUNTS);
  if (!isInteger(codeLength) || codeLength < 4 || codeLength > 20) {
    return refuse('Code length must be a whole number from 4 to 20');
  }
  if (!isInteger(totalCodesCount) || totalCodesCount < 1 || totalCodesCount > 10_000) {
    return refuse('Total codes must be a whole number from 1 to 10000');
  }
  const accessDays = fields.get('accessDays');
  if (accessDays !== undefined && fields.has('accessExpirationDate')) {
    return refuse('Access days and access expiration date exclude each other');
  }
  if (accessDays !== undefined && (!isInteger(accessDays) || accessDays < 1)) {
    return refuse('Access days must be a whole number above 0');
  }
  const targets = parseTargets(fields, options, refuse);
  const client = parseClient(fields, targets, options, refuse);
  const expirationDate = parseInstant(fields, 'expirationDate', refuse);
  const accessExpirationDate = parseInstant(fields, 'accessExpirationDate', refuse);
  // What the platform does with an unknown field is not known. A misspelt field that goes unnoticed gives learners
  // the wrong access, so the stand-in is strict here.
  const unknown = [...fields.keys()].find((name) => !FIELDS.has(name));
  if (unknown !== undefined) return refuse(`Unknown field ${unknown}`);

  return {
    label,
    codeLength,
    totalCodesCount,
    expirationDate,
    accessDays: accessDays ?? null,
    accessExpirationDate,
    client,
    targets,
  };
}

type Refuse = (message: string) => never;

function parseTargets(
  fields: ReadonlyMap<string, unknown>,
  options: TiOptions,
  refuse: Refuse,
): Record<TargetKind, CatalogItem[]> {
  const ids = { courses: [], learningPaths: [], bundles: [], licenses: [] } as Record<TargetKind, string[]>;
  for (const kind of TARGET_KINDS) ids[kind] = parseIds(kind, fields.get(kind) ?? [], refuse);
  if (TARGET_KINDS.every((kind) => ids[kind].length === 0)) return refuse(NO_TARGET);
  const found = (kind: TargetKind): CatalogItem[] =>
    ids[kind].map((id) => findById(options.catalog[kind], id) ?? refuse(`Unknown id in ${kind}: ${id}`));
  return {
    courses: found('courses'),
    learningPaths: found('learningPaths'),
    bundles: found('bundles'),
    licenses: found('licenses'),
  };
}

function parseIds(kind: TargetKind, value: unknown, refuse: Refuse): string[] {
  if (!Array.isArray(value) || !value.every((id) => typeof id === 'string')) {
    return refuse(`${kind} must be a list of ids`);
  }
  return value;
}

/** For registration codes the vendor says that a Panorama rules out content and access limits. */
function parseClient(
  fields: ReadonlyMap<string, unknown>,
  targets: Readonly<Record<TargetKind, readonly CatalogItem[]>>,
  options: TiOptions,
  refuse: Refuse,
): CatalogClient | null {
  const id = fields.get('client');
  if (id === undefined) return null;
  if (typeof id !== 'string') return refuse('Client must be an id');
  const client = findById(options.catalog.clients, id) ?? refuse(`Unknown client: ${id}`);
  const hasContent = TARGET_KINDS.some((kind) => kind !== 'licenses' && targets[kind].length > 0);
  const hasAccess = fields.has('accessDays') || fields.has('accessExpirationDate');
  if (!options.panoramaTakesContent && (hasContent || hasAccess)) {
    return refuse('A group of a Panorama takes licenses only, without access limits');
  }
  return client;
}

const ISO_8601 = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

function parseInstant(fields: ReadonlyMap<string, unknown>, name: string, refuse: Refuse): string | null {
  const value = fields.get(name);
  if (value === undefined) return null;
  if (typeof value !== 'string' || !ISO_8601.test(value) || Number.isNaN(Date.parse(value))) {
    return refuse(`${name} must be an ISO 8601 date`);
  }
  return new Date(value).toISOString();
}

function isInteger(value: unknown): value is number {
  return Number.isInteger(value);
}
