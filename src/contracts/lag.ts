/** Name of the workflow whose memo keeps what was observed: for all workers, and over restarts. */
export const NOTE_LAG = 'noteLag';

export const LAG_MEMO = 'lag';

/** `account`: of a platform or an e-mail tool. */
export function lagId(account: string): string {
  return `lag:${account}`;
}
