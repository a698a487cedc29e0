import { randomUUID } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { Command } from 'commander';
import type { SeatState } from '../../domain/seats/seat-state.ts';
import { countOf } from '../../domain/words.ts';
import { CRM_ARGUMENT_HELP, DEAL_ID_ARGUMENT_HELP, dealOfWords } from '../terminal/deal-argument.ts';
import { Painted } from '../terminal/look.ts';
import { byOption, reasonOption } from '../terminal/tell-run.ts';
import { type CommandContext, UsageError, unlessInterrupted } from '../terminal/terminal.ts';
import { stateOption } from './list-seats.ts';
import { withSeats } from './seat-session.ts';

interface ExportOptions {
  readonly state?: readonly SeatState[];
  readonly product?: string;
  readonly withCodes?: boolean;
  readonly out?: string;
  readonly by: string;
  readonly reason?: string;
}

/** `dealseat seats export <crm> <deal>`. */
export function defineExport(command: Command, context: CommandContext): void {
  const { terminal } = context;
  command
    .command('export')
    .description('write the seats of a deal as CSV')
    .argument('<crm>', CRM_ARGUMENT_HELP)
    .argument('<dealId>', DEAL_ID_ARGUMENT_HELP)
    .addOption(stateOption())
    .option('--product <key>', 'only the seats of this product, by its key in the catalog')
    .option('--with-codes', 'with the codes that can still be used; those seats then count as handed out')
    .option('--out <file>', 'write to this new file, for your eyes only; without it, to standard output')
    .addOption(reasonOption())
    .addOption(byOption())
    .addHelpText(
      'after',
      `
The columns of the roster, and for each seat its state, holder and dates. A code is money: --with-codes needs --reason,
and Dealseat notes who asked, when and why, before it writes the first code.

Examples:
  dealseat seats export hubspot 9001 > seats.csv
  dealseat seats export hubspot 9001 --state free --with-codes --out codes.csv --reason "the buyer lost the roster"`,
    )
    .action((crm: string, dealId: string, options: ExportOptions) =>
      unlessInterrupted(terminal.interrupted, async () => {
        const { state: states, product: productKey, withCodes, out, reason, by } = options;
        if (withCodes && reason === undefined) throw new UsageError('--with-codes needs --reason <text>.');
        const deal = dealOfWords(terminal.env, [crm, dealId]);
        // Before any seat counts as handed out.
        const file = out === undefined ? null : await openNewFile(out);
        await withSeats(context, async ({ desk }) => {
          const { csv, seatCount, codeCount, exposedCount } = await desk.exportSeats(deal, {
            ...(states === undefined ? {} : { states }),
            ...(productKey === undefined ? {} : { productKey }),
            ...(withCodes && reason !== undefined
              ? { codes: { id: randomUUID(), actor: { kind: 'person', name: by }, reason } }
              : {}),
          });
          // Its cells have no control characters: what is left of them are the line ends of a CSV file.
          if (file === null) terminal.paint(new Painted(csv, csv));
          else await file.writeFile(csv);
          const codes = withCodes
            ? `, ${countOf(codeCount, 'code')}; ${countOf(exposedCount, 'seat')} more ${exposedCount === 1 ? 'counts' : 'count'} as handed out now`
            : '';
          terminal.note(`${countOf(seatCount, 'seat')}${codes}.`);
        }).finally(() => file?.close());
      }),
    );
}

async function openNewFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx', 0o600);
  } catch (error) {
    const { code: why = String(error) } = error as NodeJS.ErrnoException;
    throw new UsageError(
      why === 'EEXIST'
        ? `The file ${file} exists; choose another name.`
        : `The file ${file} cannot be written (${why}).`,
    );
  }
}
