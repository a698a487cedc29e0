import type { Plan, PlannedMessage } from '../planning/plan.ts';

/** Above this many, links do not go into a message; the roster file carries them. */
const MAX_LINKS_IN_MESSAGE = 100;

type Messages = Pick<Plan, 'mailTool' | 'messages'>;

/** Links travel in a message only where the tool takes no attachment, and while they are few. */
export function carriesLinks(
  { mailTool }: Messages,
  { audience }: Pick<PlannedMessage, 'audience'>,
  rosterCodeCount: number,
): boolean {
  if (!mailTool.traits.carriesLinks) return false;
  return audience === 'learner' || rosterCodeCount <= MAX_LINKS_IN_MESSAGE;
}

export function anyCarriesLinks(plan: Messages, rosterCodeCount: number): boolean {
  return plan.messages.some((message) => carriesLinks(plan, message, rosterCodeCount));
}
