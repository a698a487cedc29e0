/** What the command's exit code tells a script. `docs/command.md` has the same table. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notDelivered: 3,
  temporalUnreachable: 4,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODE_HELP = `
Exit codes:
  0    done; after status and provision --wait: the deal is delivered
  1    the command failed, a run refused it, or a check found something missing
  2    the command line or the configuration is wrong
  3    the deal is not delivered yet, was skipped, or waits for a person
  4    Temporal cannot be reached
  130  you interrupted the command before its end

Help for each command: dealseat <command> --help`;
