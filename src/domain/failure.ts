import { CATALOG_FAILURES } from './failures/catalog.ts';
import { CRM_FAILURES } from './failures/crm.ts';
import { DEAL_FAILURES } from './failures/deal.ts';
import type { FailureClass, FailureKind, Fixer } from './failures/kind.ts';
import { LMS_FAILURES } from './failures/lms.ts';
import { RUN_FAILURES } from './failures/run.ts';
import { SEAT_FAILURES } from './failures/seat.ts';
import { STORE_FAILURES } from './failures/store.ts';

export { type FailureClass, type Fixer, IS_REPEATED } from './failures/kind.ts';

/**
 * The one failure taxonomy. Clients throw `DealseatError`; `src/temporal/failure-conversion.ts` turns it
 * into Temporal's `ApplicationFailure` (type = code); workflows branch on the code, never on text.
 */

/**
 * Every failure code, in one table. Codes of `run`, `plan`, `approval` and `withdrawal` stand in `failures/run.ts`, those of
 * every other area in the file of its name. `docs/failures.md` prints the table and a test keeps the two equal.
 */
export const FAILURES = {
  ...LMS_FAILURES,
  ...CRM_FAILURES,
  ...DEAL_FAILURES,
  ...CATALOG_FAILURES,
  ...RUN_FAILURES,
  ...STORE_FAILURES,
  ...SEAT_FAILURES,
} as const satisfies Record<string, FailureKind>;

export type FailureCode = keyof typeof FAILURES;

const KINDS: Readonly<Record<FailureCode, FailureKind>> = FAILURES;

export function isFailureCode(value: unknown): value is FailureCode {
  return typeof value === 'string' && Object.hasOwn(FAILURES, value);
}

export function failureClass(code: FailureCode): FailureClass {
  return FAILURES[code].class;
}

export function fixerOf(code: FailureCode): Fixer {
  return FAILURES[code].fixedBy;
}

/** One thing that is wrong with a deal, a catalog entry or a remote system, told to the person who can fix it. */
export interface Problem {
  readonly code: FailureCode;
  /** Names the field, what was found and what was expected. Never holds a redemption code or a token. */
  readonly message: string;
  readonly cure: string;
  /** What happened, in the words of those who work on the deal; absent: the message is (sales), or the code says it (admin). */
  readonly onDeal?: string;
  /** What the cause is about where one code has many, such as a product: each has an alert of its own. */
  readonly about?: string;
}

export function problem(
  code: FailureCode,
  message: string,
  more: Pick<Problem, 'onDeal' | 'about'> = {},
): Problem {
  return { code, message, cure: FAILURES[code].cure, ...more };
}

/** Sales: the next step. Admin: what holds the deal up. */
export function onDealOf(code: FailureCode): string {
  const { onDeal, cure } = KINDS[code];
  return onDeal ?? cure;
}

interface DealseatErrorOptions {
  readonly code: FailureCode;
  /** Names the call or field and what was found. Never holds a redemption code, a token or a whole body. */
  readonly message: string;
  /** For class `later`: how long the other side asked us to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** For class `ambiguous`: how long the call was waited for, in milliseconds. What may have happened is at least so late. */
  readonly tookMs?: number | undefined;
  /** Beside what the code says. */
  readonly mayPass?: boolean | undefined;
  /** It has lasted too long to be repeated once more. */
  readonly isBelieved?: boolean;
  readonly cause?: unknown;
}

/** Thrown by every client for every failure it foresees. Anything else that is thrown is a bug. */
export class DealseatError extends Error {
  readonly code: FailureCode;
  readonly retryAfterMs: number | undefined;
  readonly tookMs: number | undefined;
  /** Repeated for a while, whatever its class, and believed after that: see `activities/patience.ts`. */
  readonly mayPass: boolean;
  readonly isBelieved: boolean;

  constructor(options: DealseatErrorOptions) {
    super(options.message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'DealseatError';
    this.code = options.code;
    this.retryAfterMs = options.retryAfterMs;
    this.tookMs = options.tookMs;
    const { class: ownClass, mayPass } = KINDS[options.code];
    this.mayPass = options.mayPass || mayPass || ownClass === 'ambiguous';
    this.isBelieved = options.isBelieved ?? false;
  }

  get class(): FailureClass {
    return failureClass(this.code);
  }
}
