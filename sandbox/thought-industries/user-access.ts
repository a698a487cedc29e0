import type { SandboxResponse } from '../exchange.ts';
import type { TargetKind } from './catalog.ts';
import { answer, slugOf } from './look-ups.ts';
import { Refusal } from './refusal.ts';
import { type Body, flagIn, idsIn, textIn } from './request-body.ts';
import type { TiState } from './state.ts';
import { type Access, accessOf, type TiUser } from './users.ts';

const LISTS = { courseIds: 'courses', learningPathIds: 'learningPaths', licenseIds: 'licenses' } as const;

/** `POST /users/:id/expirations`: each access that is found counts, and each that is not is told as an error. */
export function setExpirations(state: TiState, user: TiUser, body: Body): SandboxResponse {
  const { named, errors } = namedAccess(state, user, body);
  const date = textIn(body, 'expirationDate');
  const untilMs = Date.parse(date ?? '');
  if (Number.isNaN(untilMs))
    throw new Refusal(state.options.invalidStatus, 'expirationDate must be an ISO 8601 date');
  for (const access of named) access.untilMs = untilMs;
  return answer(state, 'APIUpdateExpirations', { updatedRecordCount: named.length, errors });
}

/** `POST /users/:id/deleteExpirations` sounds like an end and is the opposite: access without end. */
export function deleteExpirations(state: TiState, user: TiUser, body: Body): SandboxResponse {
  const { named, errors } = namedAccess(state, user, body);
  for (const access of named) {
    if (access.untilMs === null) continue;
    access.untilMs = null;
    state.users.destroyed.push({
      userId: user.id,
      action: 'deleteExpirations',
      what: 'expiration',
      id: access.id,
    });
  }
  return answer(state, 'APIDestroyExpirations', { updatedRecordCount: named.length, errors });
}

function namedAccess(state: TiState, user: TiUser, body: Body): { named: Access[]; errors: string[] } {
  if (textIn(body, 'userId')?.toLowerCase() !== user.id) {
    throw new Refusal(state.options.invalidStatus, 'userId must be the user of the path');
  }
  const missing = Object.keys(LISTS).find((list) => body[list] === undefined);
  if (missing !== undefined) throw new Refusal(state.options.invalidStatus, `${missing} is required`);
  const errors: string[] = [];
  const named = Object.entries(LISTS).flatMap(([list, kind]) =>
    idsIn(body, list).flatMap((id) => {
      // An end in the past may be moved into the future again.
      const found = user.access.filter(
        (access) => access.kind === kind && !access.isOver && access.id.toLowerCase() === id.toLowerCase(),
      );
      if (found.length === 0) errors.push(`${user.email} has no access to ${id}`);
      return found;
    }),
  );
  return { named, errors };
}

/** What the two reset calls do unless they are told otherwise is not known; here it is the worst. */
export function resetProgress(
  state: TiState,
  user: TiUser,
  body: Body,
  kind: Extract<TargetKind, 'courses' | 'learningPaths'>,
): SandboxResponse {
  const { options, users } = state;
  const slug = textIn(body, 'slug');
  if (slug === null || body.revokeAccess === undefined) {
    throw new Refusal(options.invalidStatus, 'slug and revokeAccess are required');
  }
  const item = options.catalog[kind].find(({ name }) => slugOf(name) === slug);
  if (!item) throw new Refusal(404, 'Not found');
  const action = kind === 'courses' ? 'resetProgress' : 'resetLearningPathProgress';
  const destroy = (what: 'progress' | 'transcript') =>
    users.destroyed.push({ userId: user.id, action, what, id: item.id });
  if (flagIn(body, 'resetProgress', true)) {
    user.progress.delete(item.id);
    destroy('progress');
  }
  if (flagIn(body, 'eraseTranscript', true)) destroy('transcript');
  const held = accessOf(user, kind, options.now(), item.id);
  if (held.length === 0 && options.resetWithoutAccess === 404) throw new Refusal(404, 'Not found');
  if (flagIn(body, 'revokeAccess', false)) for (const access of held) access.isOver = true;
  const name = kind === 'courses' ? 'ResetUserCourseProgress' : 'ResetUserLearningPathProgress';
  return {
    status: 200,
    body: options.profile === 'documented' ? { data: { [name]: true } } : JSON.stringify(true),
    headers: { 'Content-Type': 'application/json' },
  };
}
