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
  0    done; for status and provision --wait: delivered
  1    failed, refused, or a check found something missing
  2    wrong usage or configuration
  3    not delivered yet, skipped, or a person is needed
  4    Temporal cannot be reached
  130  interrupted before it was done

Every command explains itself: dealseat <command> --help`;
