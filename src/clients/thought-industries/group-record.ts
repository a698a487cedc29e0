import { z } from 'zod';
import { issueInWords } from '../../domain/issue-words.ts';
import type { CodeGroup, CreateGroupRequest } from '../../domain/seats/code-group.ts';
import { parseInstant } from './instant.ts';
import { hasId, layersOf } from './layers.ts';

/** Ids are opaque: samples of the vendor's own reference are no valid UUIDs. */
const id = z.string().min(1);

/** A related record: `{id, title}` or `{id, name}`. */
const reference = z.object({ id }).transform((record) => record.id);
const references = z
  .array(reference)
  .nullish()
  .transform((ids) => ids ?? []);

const instant = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value, context) => {
    if (value === null || value === undefined) return null;
    const parsed = parseInstant(value);
    if (parsed === null) context.addIssue({ code: 'custom', message: 'not an ISO 8601 date' });
    return parsed;
  });

const groupSchema = z
  .object({
    id,
    label: id,
    totalCodesCount: z.int().nonnegative(),
    redeemedCodesCount: z.int().nonnegative().nullish(),
    expirationDate: instant,
    accessDays: z.int().nullish(),
    accessExpirationDate: instant,
    client: reference.nullish(),
    courses: references,
    learningPaths: references,
    bundles: references,
    licenses: references,
  })
  .transform(
    (group): CodeGroup => ({
      id: group.id,
      label: group.label,
      seatCount: group.totalCodesCount,
      redeemedCount: group.redeemedCodesCount ?? 0,
      client: group.client ?? null,
      codesExpireAt: group.expirationDate,
      accessDays: group.accessDays ?? null,
      accessUntil: group.accessExpirationDate,
      grants: {
        courses: group.courses,
        learningPaths: group.learningPaths,
        bundles: group.bundles,
        licenses: group.licenses,
      },
    }),
  );

type Parsed<T> = { readonly value: T } | { readonly problem: string };

/** One group record. The problem names fields and expected types, never values. */
export function parseGroup(record: unknown): Parsed<CodeGroup> {
  const parsed = groupSchema.safeParse(record, { error: issueInWords });
  if (parsed.success) return { value: parsed.data };
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'group'}: ${message}`);
  return { problem: `the group cannot be read: ${faults.join('; ')}` };
}

/** The group of a create or detail answer, bare or wrapped. */
export function parseGroupAnswer(body: unknown): Parsed<CodeGroup> {
  return parseGroup(layersOf(body).find(hasId) ?? body);
}

/** The rows of a group list, unread: the list holds groups of everybody, also such as we could not parse. */
export function groupRows(body: unknown): readonly unknown[] | null {
  for (const layer of layersOf(body)) {
    if (Array.isArray(layer.redemptionCodeGroups)) return layer.redemptionCodeGroups;
    if (Array.isArray(layer.data)) return layer.data;
  }
  return null;
}

/** The body of the create call. Absent options are left out, and every date is a full UTC instant. */
export function createBody(request: CreateGroupRequest): Record<string, unknown> {
  const { grants } = request;
  const optional = {
    client: request.client,
    expirationDate: fullInstant(request.codesExpireAt),
    accessDays: request.accessDays,
    accessExpirationDate: fullInstant(request.accessUntil),
    courses: orNull(grants.courses),
    learningPaths: orNull(grants.learningPaths),
    bundles: orNull(grants.bundles),
    licenses: orNull(grants.licenses),
  };
  return {
    label: request.label,
    codeLength: request.codeLength,
    totalCodesCount: request.seatCount,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== null)),
  };
}

function fullInstant(date: string | null): string | null {
  return date === null ? null : new Date(date).toISOString();
}

function orNull(ids: readonly string[]): readonly string[] | null {
  return ids.length === 0 ? null : ids;
}
