import { randomUUID } from 'node:crypto';
import { Argument, type Command } from 'commander';
import { LATE_DECISIONS, type LateDecision } from '../../domain/seats/late-decision.ts';
import { jsonOption, printData } from '../terminal/print.ts';
import { byOption, reasonOption } from '../terminal/tell-run.ts';
import { type CommandContext, unlessInterrupted } from '../terminal/terminal.ts';
import { withSeats } from './seat-session.ts';

interface SettleOptions {
  readonly reason: string;
  readonly by: string;
  readonly json?: boolean;
}

const DONE: Readonly<Record<LateDecision, string>> = {
  keep: 'The learner keeps the access, and the finding is over.',
  end: 'Dealseat ends the access of the learner with the next sync of seats, and then says so on the deal.',
  count: 'Dealseat counts one of the sold seats with the next sync of seats, and then says so on the deal.',
};

/** `dealseat seats settle <seat> <decision>`. */
export function defineSettle(command: Command, context: CommandContext): void {
  const { terminal } = context;
  command
    .command('settle')
    .description('decide about access by a code that was taken back, or by a seat that ended in use')
    .argument('<seat>', 'the id of the seat, or its beginning, as audit shows it')
    .addArgument(new Argument('<decision>', 'what becomes of the access').choices(LATE_DECISIONS))
    .addOption(reasonOption().makeOptionMandatory())
    .addOption(byOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
keep: the learner keeps the access, and nothing else changes. end: Dealseat ends the access in the learning platform.
count: the learner keeps the access and takes one of the seats that are free.

Examples:
  dealseat seats settle 3f1c0a9b end --reason "left the company"
  dealseat seats settle 3f1c0a9b keep --reason "the customer agreed"`,
    )
    .action((seatId: string, decision: LateDecision, options: SettleOptions) =>
      unlessInterrupted(terminal.interrupted, () =>
        withSeats(context, async ({ desk }) => {
          const actor = { kind: 'person', name: options.by } as const;
          const settled = await desk.settleLate({
            id: randomUUID(),
            seatId,
            decision,
            actor,
            reason: options.reason,
          });
          printData(terminal, options, { document: settled, text: () => `${DONE[decision]}\n` });
        }),
      ),
    );
}
