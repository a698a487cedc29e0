import type { Problem } from '../../src/domain/failure.ts';
import { AWAY, type Outage } from '../../src/domain/outage.ts';
import type { Question } from '../../src/domain/planning/question.ts';
import { helpWith } from '../people/ask.ts';

/** Says what is waited for; no one needs to answer it. */
export function helpWithOutage(found: Problem, awaits: Outage): Question {
  return {
    ...helpWith([found]),
    subject: `Dealseat waits until ${AWAY[awaits]} answers again`,
    step: `Waiting until ${AWAY[awaits]} answers again`,
  };
}
