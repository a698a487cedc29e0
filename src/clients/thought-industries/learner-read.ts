import { DealseatError } from '../../domain/failure.ts';
import { emailKey } from '../../domain/seats/seat-state.ts';
import { encodeSegment, type TiCall } from './call.ts';
import { isSameId } from './content.ts';
import type { ContentSlugs } from './content-slugs.ts';
import { unreadable } from './failures.ts';
import { type LearnerRecord, parseLearner } from './learner-record.ts';
import type { Sender } from './send.ts';

export interface LearnersClient {
  readonly sender: Sender;
  readonly slugs: ContentSlugs;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** By its address, which the platform takes in place of an id. */
export async function findLearner(
  { sender, now }: LearnersClient,
  email: string,
  signal?: AbortSignal,
): Promise<LearnerRecord | null> {
  const call: TiCall = {
    name: 'find a user by e-mail address',
    effect: 'read',
    whenMissing: 'lms.learner_not_found',
    method: 'GET',
    target: `/users/${encodeSegment(email.trim())}`,
    shownTarget: '/users/(address)',
  };
  try {
    const record = recordFrom(call, await sender.send(call, { signal }), now());
    if (emailKey(record.learner.email) === emailKey(email)) return record;
    throw unreadable(call, 'the answer is about a user of another address');
  } catch (error) {
    if (error instanceof DealseatError && error.code === 'lms.learner_not_found') return null;
    throw error;
  }
}

export async function readLearner(
  { sender, now }: LearnersClient,
  userId: string,
  signal?: AbortSignal,
): Promise<LearnerRecord> {
  const call: TiCall = {
    name: `read user ${userId}`,
    effect: 'read',
    whenMissing: 'lms.learner_not_found',
    method: 'GET',
    target: `/users/${encodeSegment(userId)}`,
  };
  const record = recordFrom(call, await sender.send(call, { signal }), now());
  if (!isSameId(record.learner.id, userId)) throw unreadable(call, 'the answer is about another user');
  return record;
}

function recordFrom(call: TiCall, body: unknown, nowMs: number): LearnerRecord {
  const parsed = parseLearner(body, nowMs);
  if ('problem' in parsed) throw unreadable(call, parsed.problem);
  return parsed.value;
}
