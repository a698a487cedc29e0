/**
 * Every time bound of a run, in milliseconds. They travel in the workflow's input, so a run keeps the bounds it
 * started with; `DEALSEAT_POLICY_<NAME>` overrides one (see `src/config/`), and tests shorten them.
 */
export interface Policy {
  /** One attempt of a call that reads or writes a handful of records. */
  readonly attemptMs: number;
  /** One attempt of a step that lists all codes and uploads the roster. */
  readonly rosterAttemptMs: number;
  /** After this long without a sign of life of a step, another worker takes it over. */
  readonly silenceMs: number;
  /** All attempts of a read together. */
  readonly readTotalMs: number;
  /** All attempts of a write together. */
  readonly writeTotalMs: number;
  /** All attempts of a compensation together. */
  readonly undoTotalMs: number;
  /**
   * How long a failure that may pass by itself is repeated before a person is asked, or a deal that an event told of is
   * looked for before it is believed not to be there.
   */
  readonly passingMs: number;
  /** How long a system must be away before those who run Dealseat are alerted, while steps are still repeated. */
  readonly awayMs: number;
  /** First and longest pause between attempts. */
  readonly retryInitialMs: number;
  readonly retryMaxMs: number;
  /**
   * How long a write with unknown outcome is looked up before it is repeated: by what was observed of its account between
   * these two, and the longer one while nothing was. The gaps between the looks grow up to the interval.
   */
  readonly lookUpMinMs: number;
  readonly lookUpMs: number;
  readonly lookUpIntervalMs: number;
  /** How long a deal must stand still before it is acted on that is being written, and how long that is waited for. */
  readonly stillMs: number;
  readonly writingMs: number;
  /** How often a run that waits for a person reads its deal again. */
  readonly lookAgainMs: number;
  /** How long a hold on a deal is left alone before it is believed, and how long it lasts unless it is renewed. */
  readonly holdPauseMs: number;
  readonly holdLeaseMs: number;
  /** For how long a hold that was just proven needs no look. */
  readonly holdTrustMs: number;
  /** First and longest pause before the code list is looked at, and when we stop hoping. */
  readonly pollIntervalMs: number;
  readonly pollMaxMs: number;
  readonly pollDeadlineMs: number;
  /** How long a run waits for a person before it compensates and fails. */
  readonly attentionDeadlineMs: number;
  /** How far before the win a close date may lie: one further back is taken for imported history. */
  readonly closedLongAgoMs: number;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

export const DEFAULT_POLICY: Policy = {
  attemptMs: 2 * minute,
  rosterAttemptMs: 30 * minute,
  silenceMs: 10 * second,
  readTotalMs: 6 * hour,
  writeTotalMs: 24 * hour,
  undoTotalMs: 3 * day,
  passingMs: 15 * minute,
  awayMs: 15 * minute,
  retryInitialMs: second,
  retryMaxMs: minute,
  lookUpMinMs: 5 * second,
  lookUpMs: 2 * minute,
  lookUpIntervalMs: 10 * second,
  stillMs: 20 * second,
  writingMs: 5 * minute,
  lookAgainMs: hour,
  holdPauseMs: second / 2,
  holdLeaseMs: 90 * minute,
  holdTrustMs: 30 * second,
  pollIntervalMs: second / 2,
  pollMaxMs: minute,
  pollDeadlineMs: 2 * hour,
  attentionDeadlineMs: 14 * day,
  closedLongAgoMs: 30 * day,
};
