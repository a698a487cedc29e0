import { fillPlace, markdownTable } from './markdown.ts';

/**
 * How often each act on a seat asks the learning platform. `test/workflows/act-requests.test.ts` carries each one out
 * against the sandbox, counts, and fails when a number here is another one.
 */
export const ACT_REQUESTS = {
  'revoke, in use': { act: '`revoke` of a seat in use', requests: 2 },
  'revoke, handed out': { act: '`revoke` of a code that was handed out and not used', requests: 0 },
  'revoke, new codes': { act: '`revoke` of a seat in use, where no spare code is left', requests: 5 },
  'reassign, access': { act: '`reassign` of a seat in use, to a user of the platform', requests: 4 },
  'reassign, new user': {
    act: '`reassign` of a seat in use, to a person who is not a user yet',
    requests: 4,
  },
  'reassign, code': { act: '`reassign --give code` of a seat in use', requests: 2 },
  extend: { act: '`extend`', requests: 2 },
  shorten: { act: '`shorten`', requests: 2 },
  'reissue, same code': { act: '`reissue`', requests: 0 },
  'reissue, new code': { act: '`reissue --new-code`', requests: 0 },
  'reissue, new codes': { act: '`reissue --new-code` where no spare code is left', requests: 3 },
  'grant, user': { act: '`grant` to a user of the platform', requests: 2 },
  'grant, new user': { act: '`grant` to a person who is not a user yet', requests: 2 },
} as const;

export type ActCase = keyof typeof ACT_REQUESTS;

/** `docs/seats.md` with the numbers of now. */
export function withCurrentActRequests(page: string): string {
  const rows = Object.values(ACT_REQUESTS).map(({ act, requests }) => [act, String(requests)]);
  return fillPlace(page, 'requests of acts', markdownTable(['act', 'requests'], rows));
}
