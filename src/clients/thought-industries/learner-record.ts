import type { Grants } from '../../domain/deal/catalog.ts';
import type { Learner } from '../learners.ts';
import { parseInstant } from './instant.ts';
import { hasId, isJsonObject, type JsonObject, layersOf } from './layers.ts';

export interface LicenseOf {
  readonly id: string;
  readonly role: 'student' | 'manager';
}

export interface LearnerRecord {
  readonly learner: Learner;
  /** All licenses with the role in each; null: the record does not list them. */
  readonly licenses: readonly LicenseOf[] | null;
}

type Parsed = { readonly value: LearnerRecord } | { readonly problem: string };

/** States of access that is over. The platform publishes no list of states, so every other one counts as held. */
const OVER = new Set([
  'expired',
  'revoked',
  'canceled',
  'cancelled',
  'refunded',
  'removed',
  'inactive',
  'dropped',
  'ended',
  'disabled',
]);

/** The user of an answer, bare or in an envelope. The problem names fields, never their values. */
export function parseLearner(body: unknown, nowMs: number): Parsed {
  const record = layersOf(body).find(hasId);
  if (record === undefined) return { problem: 'the answer has no user with an id' };
  const { id, email } = record;
  if (typeof id !== 'string' || typeof email !== 'string')
    return { problem: 'the user has no e-mail address' };
  const courses = heldIn(record.purchasedCourses, ['courseId', 'id'], nowMs);
  const learningPaths = heldIn(record.allocatedLearningPaths, ['learningPathId', 'id'], nowMs);
  const bundles = heldIn(record.purchasedBundles, ['bundleId', 'id'], nowMs);
  const licenses = licensesIn(record, nowMs);
  const holds: Grants = {
    courses: courses ?? [],
    learningPaths: learningPaths ?? [],
    bundles: bundles ?? [],
    licenses:
      licenses?.filter(({ role }) => role === 'student').map((license) => license.id) ??
      activeLicenseIn(record),
  };
  const known = {
    courses: courses !== null,
    learningPaths: learningPaths !== null,
    bundles: bundles !== null,
    licenses: licenses !== null,
  };
  const { firstName, lastName } = record;
  const name = { firstName: textOf(firstName), lastName: textOf(lastName) };
  return { value: { learner: { id, email, ...name, holds: { ...holds, known } }, licenses } };
}

/** Ids of the entries whose access stands; null: there is no such list. */
function heldIn(list: unknown, keys: readonly string[], nowMs: number): string[] | null {
  if (!Array.isArray(list)) return null;
  return list.flatMap((entry) => (stands(entry, nowMs) ? (idIn(entry, keys) ?? []) : []));
}

function licensesIn({ allocatedLicenses }: JsonObject, nowMs: number): LicenseOf[] | null {
  if (!Array.isArray(allocatedLicenses)) return null;
  return allocatedLicenses.flatMap((entry) => {
    const id = stands(entry, nowMs) ? idIn(entry, ['licenseId', 'id']) : null;
    if (id === null) return [];
    const isManager = isJsonObject(entry) && String(entry.licenseRole).toLowerCase() === 'manager';
    return [{ id, role: isManager ? 'manager' : 'student' } as const];
  });
}

/** One of perhaps several. */
function activeLicenseIn({ activeLicense }: JsonObject): string[] {
  const id = idIn(activeLicense, ['id', 'licenseId']);
  return id === null ? [] : [id];
}

function stands(entry: unknown, nowMs: number): boolean {
  if (!isJsonObject(entry)) return true;
  if (typeof entry.status === 'string' && OVER.has(entry.status.toLowerCase())) return false;
  const end = parseInstant(entry.expirationDate ?? entry.accessExpirationDate ?? entry.expiresAt);
  return end === null || Date.parse(end) > nowMs;
}

function idIn(entry: unknown, keys: readonly string[]): string | null {
  if (typeof entry === 'string') return textOf(entry);
  if (!isJsonObject(entry)) return null;
  return keys.map((key) => textOf(entry[key])).find((id) => id !== null) ?? null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
