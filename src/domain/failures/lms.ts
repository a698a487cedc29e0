import type { FailureKind } from './kind.ts';

/** What fails in the learning platform. */
export const LMS_FAILURES = {
  'lms.unauthorized': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'The learning platform refused the API key.',
    cure: 'Put a valid key into TI_API_KEY, restart the worker, then retry the run.',
  },
  'lms.forbidden': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'The API key may not do this call.',
    cure: 'Give the key a role that may manage redemption codes, then retry the run.',
  },
  'lms.rejected': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'The learning platform refused the code group as invalid.',
    cure: 'Read its message, correct the product or partner in the catalog, then retry the run.',
  },
  'lms.not_found': {
    class: 'never',
    fixedBy: 'admin',
    cause: 'The learning platform does not know the group.',
    cure: 'Check TI_BASE_URL and whether an admin removed the group.',
  },
  'lms.codes_path_missing': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'The tenant has no code list under the configured path.',
    cure: 'Run `dealseat doctor`: it tries the known paths. If none answers, ask the vendor for the path, set TI_CODES_PATH and retry the run; or download the codes of the group in the platform and run `dealseat codes import`.',
  },
  'lms.rate_limited': {
    class: 'later',
    fixedBy: 'admin',
    cause: 'The request budget of the learning platform is used up.',
    cure: 'Nothing: the call is repeated after the delay the platform named. Lower TI_REQUESTS_PER_MINUTE if it recurs.',
  },
  'lms.unavailable': {
    class: 'retry',
    fixedBy: 'admin',
    cause: 'The learning platform could not be reached or answered with a server error.',
    cure: 'Nothing: the call is repeated.',
  },
  'lms.bad_response': {
    class: 'retry',
    fixedBy: 'admin',
    mayPass: true,
    cause: 'The learning platform sent an answer that cannot be read.',
    cure: 'Nothing at first: the call is repeated. When the run waits: compare the answer with docs/engineers.md, then retry the run.',
  },
  'lms.outcome_unknown': {
    class: 'ambiguous',
    fixedBy: 'admin',
    cause: 'The create call was sent and no usable answer came back: the group may exist.',
    cure: 'Nothing at first: the group is looked up by its token before any second create. When the run waits: look for the label in the learning platform, then retry the run.',
  },
  'lms.group_mismatch': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'A group with this token exists but its content, seats or dates differ from the plan.',
    cure: 'Compare the named group with the catalog and the deal; correct either, then retry the run.',
  },
  'lms.codes_not_listed': {
    class: 'retry',
    fixedBy: 'admin',
    cause: 'Not every code of the group is listed yet.',
    cure: 'Nothing: the list is read again until the deadline.',
  },
  'lms.codes_never_listed': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'The codes were not complete before the deadline.',
    cure: 'Open the group in the learning platform; when all codes are there, retry the run.',
  },
  'lms.codes_inconsistent': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'The listed codes do not match the seats: too few distinct codes, or more than were bought.',
    cure: 'Compare the group with the deal in the learning platform, then retry the run.',
  },
} as const satisfies Record<`lms.${string}`, FailureKind>;
