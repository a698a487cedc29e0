import type { LateObstacle } from '../seats/late-decision.ts';
import type { TaskText } from './tasks.ts';

/** What came of a code that was taken back and redeemed all the same. */
export type LateOutcome =
  | { readonly is: 'revoked' }
  | { readonly is: 'allowed' }
  /** `because`: why the rule of the catalog could not be followed; null: it says to ask. */
  | { readonly is: 'asked'; readonly because: LateObstacle | null };

export const OBSTACLES: Readonly<Record<LateObstacle, string>> = {
  unknown_learner:
    'Dealseat did not end the access, because the learning platform does not say which learner it was.',
  other_seat:
    'Dealseat did not end the access, because the learner has the same content by another seat, which would end, too.',
  not_ended: 'Dealseat could not end the access. The administrator of the learning platform can.',
  no_free_seat: 'Dealseat did not count it as a sold seat, because none is free.',
};

export function lateRedemptionTask({
  dealName,
  found,
  learner,
  outcome,
}: {
  readonly dealName: string;
  /** The text of the finding. */
  readonly found: string;
  /** Address by the platform; null: it does not say. */
  readonly learner: string | null;
  readonly outcome: LateOutcome;
}): TaskText {
  return {
    subject: SUBJECTS[outcome.is],
    text: [
      dealName,
      found,
      ...(learner === null ? [] : [`The learner: ${learner}`]),
      ...linesOf(outcome),
    ].join('\n'),
  };
}

const SUBJECTS: Readonly<Record<LateOutcome['is'], string>> = {
  revoked: 'Dealseat: access by a code that was taken back has been ended',
  allowed: 'Dealseat: a code that was taken back is in use, and counts as a sold seat',
  asked: 'Dealseat: a code that was taken back is in use',
};

function linesOf(outcome: LateOutcome): readonly string[] {
  switch (outcome.is) {
    case 'revoked':
      return ['Dealseat ended the access. Nothing is to be done unless the learner should have kept it.'];
    case 'allowed':
      return ['The learner keeps the access and has one of the seats that were free.'];
    case 'asked':
      return [
        ...(outcome.because === null ? [] : [OBSTACLES[outcome.because]]),
        'Decide whether the learner keeps the access, and tell your administrator of Dealseat. The access can stay, end, or count as one of the seats that are free.',
      ];
  }
}
