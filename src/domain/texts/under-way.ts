import { countOf } from '../words.ts';

/** What is being done just now, for those who open the deal meanwhile. */

export function creatingText(seatCount: number): string {
  return `Creating ${countOf(seatCount, 'seat')}`;
}

export function creatingLeftOutText(seatCount: number): string {
  return `Creating ${countOf(seatCount, 'seat')} that a person left out before`;
}

export function givingCodesText(learnerCount: number): string {
  return `Giving codes to ${countOf(learnerCount, 'more learner')}`;
}

export function withdrawingText(seatCount: number): string {
  return `Withdrawing ${countOf(seatCount, 'seat')}`;
}

export const REWRITING_ROSTER = 'Rewriting the roster';

export const UNDOING = 'Stopped. What was made so far is being taken back.';

export const UNDOING_NOTE = 'What was about to be handed over is being taken back.';

/** Seats go from learners who left the deal to those who came. */
export function swappingText(seatCount: number): string {
  return `Giving ${countOf(seatCount, 'seat')} of learners who left to those who came.`;
}
