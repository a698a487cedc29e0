import { DealseatError, type FailureCode } from '../domain/failure.ts';
import { countOf } from '../domain/words.ts';

/** Of one of several requests. */
export interface Refusal {
  /** Counts from 0. */
  readonly index: number;
  readonly code: FailureCode;
  readonly message: string;
}

/** Several operations were asked for at once, and some cannot be done, so none is. Its code is that of the first. */
export class OperationsRefused extends DealseatError {
  readonly refusals: readonly Refusal[];

  constructor(refusals: readonly [Refusal, ...Refusal[]]) {
    const [{ code }] = refusals;
    super({
      code,
      message: `Nothing was asked for, because ${countOf(refusals.length, 'row')} cannot be done`,
    });
    this.refusals = refusals;
  }
}
