import type { SandboxResponse } from '../exchange.ts';
import { type CatalogItem, findById, type TargetKind } from './catalog.ts';
import { answer, slugOf } from './look-ups.ts';
import { Refusal } from './refusal.ts';
import { type Body, flagIn, idsIn, textIn } from './request-body.ts';
import type { TiState } from './state.ts';
import { userJson } from './user-json.ts';
import { accessOf, giveAccess, type TiUser, type UserFields } from './users.ts';

/** `POST /users`. Without `upsert` an address that is known is refused. */
export function createUser(state: TiState, body: Body): SandboxResponse {
  const { users, options } = state;
  const email = textIn(body, 'email');
  if (email === null || !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email.trim())) {
    // The platform quotes what it refuses.
    return refuse(state, `Email ${email ?? ''} is invalid`);
  }
  const known = users.find(email);
  if (known && !flagIn(body, 'upsert', false)) return refuse(state, `Email ${email} has already been taken`);
  const given = accessIn(state, body);
  const user = known ?? users.add(email.trim());
  update(state, user, body, given);
  // What the vendor's own client asks for; taken to be the default, too.
  if (flagIn(body, 'sendInvite', true)) users.invited.push(user.email);
  return {
    ...answer(state, 'CreateUser', userJson(state, user)),
    status: known ? 200 : options.createStatus,
  };
}

/** `PUT /users/:id`: merges, unless it is said that licenses are replaced. */
export function updateUser(state: TiState, user: TiUser, body: Body): SandboxResponse {
  update(state, user, body, accessIn(state, body));
  return answer(state, 'UpdateUser', userJson(state, user));
}

/** Errors with a status of success where the tenant does so, as the vendor's own client expects. */
function refuse(state: TiState, message: string): SandboxResponse {
  const status = state.options.refusedUserStatus;
  return { status, body: { errors: [{ message }] } };
}

interface Given {
  readonly kind: TargetKind;
  readonly id: string;
  readonly role: 'student' | 'manager';
}

function update(state: TiState, user: TiUser, body: Body, given: readonly Given[]): void {
  const nowMs = state.options.now();
  const fields: UserFields = {};
  for (const name of ['firstName', 'lastName', 'clientId'] as const) {
    const value = textIn(body, name);
    if (value !== null) fields[name] = value;
  }
  // Once set it stays.
  const key = textIn(body, 'externalCustomerId');
  if (key !== null && user.externalCustomerId === null) fields.externalCustomerId = key;
  Object.assign(user, fields);
  if (flagIn(body, 'replaceLicenseAccess', false)) replace(state, user, 'licenses', given);
  if (flagIn(body, 'replaceCourseAccess', false)) replace(state, user, 'courses', given);
  for (const each of given) giveAccess(user, { ...each, by: 'grant', untilMs: null }, nowMs);
}

function replace(state: TiState, user: TiUser, kind: TargetKind, given: readonly Given[]): void {
  for (const access of accessOf(user, kind, state.options.now())) {
    const stays = given.some(
      ({ id, role }) => id.toLowerCase() === access.id.toLowerCase() && role === access.role,
    );
    if (!stays) access.isOver = true;
  }
}

/** Content by id or slug, licenses by id: what the vendor's page names. Unknown ids are refused before anything is done. */
function accessIn(state: TiState, body: Body): Given[] {
  const { catalog } = state.options;
  const by = (
    field: string,
    kind: TargetKind,
    find: (items: readonly CatalogItem[], value: string) => CatalogItem | undefined,
    role: Given['role'] = 'student',
  ) =>
    idsIn(body, field).map((value) => {
      const item = find(catalog[kind], value);
      if (!item) throw new Refusal(state.options.invalidStatus, `Unknown value in ${field}: ${value}`);
      return { kind, id: item.id, role };
    });
  const bySlug = (items: readonly CatalogItem[], slug: string) =>
    items.find(({ name }) => slugOf(name) === slug);
  return [
    ...by('courseIds', 'courses', findById),
    ...by('courseSlugs', 'courses', bySlug),
    ...by('learningPathSlugs', 'learningPaths', bySlug),
    ...by('bundleSlugs', 'bundles', bySlug),
    ...by('studentLicenseIds', 'licenses', findById),
    ...by('managerLicenseIds', 'licenses', findById, 'manager'),
  ];
}
