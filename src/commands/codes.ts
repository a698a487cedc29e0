import { readFile } from 'node:fs/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Command } from 'commander';
import { type Config, loadConfig, requireTi } from '../config/config.ts';
import { CatalogError } from '../config/load-catalog.ts';
import type { Progress } from '../contracts/run.ts';
import type { Catalog } from '../domain/deal/catalog.ts';
import type { DealRef } from '../domain/deal/deal.ts';
import { provisioningId } from '../domain/deal/ids.ts';
import { waitsForImport } from '../domain/seats/code-import.ts';
import { countOf, numberOf } from '../domain/words.ts';
import { createCrms, createLms } from '../processes/clients.ts';
import { type Imported, ImportRefused, importCodes } from '../runs/import-codes.ts';
import { readCatalogFile } from './terminal/catalog-file.ts';
import { CRM_ARGUMENT_HELP, DEAL_ID_ARGUMENT_HELP, dealOfCrm } from './terminal/deal-argument.ts';
import { jsonOption, printData } from './terminal/print.ts';
import { withRuns } from './terminal/run-session.ts';
import { readSealer } from './terminal/sealer.ts';
import { byOption, noWaitOption, type TellOptions, tellRun } from './terminal/tell-run.ts';
import { type CommandContext, UsageError } from './terminal/terminal.ts';

interface ImportOptions extends TellOptions {
  readonly group?: string;
}

export function define(command: Command, context: CommandContext): void {
  command
    .command('import')
    .description('give a waiting run the codes that an admin downloaded from the learning platform')
    .argument('<crm>', CRM_ARGUMENT_HELP)
    .argument('<dealId>', DEAL_ID_ARGUMENT_HELP)
    .argument('<file>', 'the codes of the group, downloaded as CSV')
    .option('--group <label>', 'the group that was downloaded, if the deal has several')
    .addOption(byOption())
    .addOption(noWaitOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
For learning platforms that do not list the codes of a group by API. The file has a column "code", or one column only.
Checks the number of codes, their length, and that no code stands there twice. Messages name lines and never a code. The
codes go into a private file on the deal, and the run that waits for them goes on.`,
    )
    .action((crmName: string, dealId: string, file: string, options: ImportOptions) =>
      importDownload(context, { crmName, dealId, file, options }),
    );
}

async function importDownload(
  context: CommandContext,
  {
    crmName,
    dealId,
    file,
    options,
  }: {
    readonly crmName: string;
    readonly dealId: string;
    readonly file: string;
    readonly options: ImportOptions;
  },
): Promise<void> {
  const { terminal } = context;
  const config = loadConfig(terminal.env);
  const deal = dealOfCrm(config, crmName, dealId);
  const csv = await readDownloadFile(file);
  const progress = await withRuns(context, ({ runs }) => progressOf(runs.progress(provisioningId(deal))));
  const labels = progress?.groups.map(({ label }) => label) ?? [];
  const imported = await importInto(config, deal, {
    labels,
    wanted: options.group ?? null,
    csv,
    signal: terminal.interrupted,
  });
  const question = progress?.question;
  // What else the run asks is for a person to answer.
  if (!question?.answers.includes('retry') || !waitsForImport(progress?.problems ?? [])) {
    printData(terminal, options, {
      document: { id: provisioningId(deal), imported, question: null },
      text: () => `${saidOf(imported)}. The run of the deal does not wait for codes now.\n`,
    });
    return;
  }
  const { by } = options;
  const reason = `${countOf(imported.codeCount, 'code')} imported for ${imported.label}`;
  await tellRun(context, [deal.crm, deal.dealId], options, async (runs, id) => ({
    progress: await runs.retry(id, { question: question.id, by, reason }),
    message: { verb: 'retry', question: question.id, by, reason },
    said: `${saidOf(imported)} by ${by}`,
    expected: ['Delivered'],
    question: question.id,
  }));
}

function saidOf({ codeCount, label, fileName }: Imported): string {
  return `${countOf(codeCount, 'code')} imported for ${label} (${fileName} on the deal)`;
}

/** Null: the deal has no open run. */
async function progressOf(asked: Promise<Progress>): Promise<Progress | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

async function importInto(
  config: Config,
  deal: DealRef,
  { signal, ...download }: Omit<Parameters<typeof importCodes>[1], 'deal'> & { readonly signal: AbortSignal },
): Promise<Imported> {
  const ti = requireTi(config);
  const crm = (await createCrms(config))[deal.crm];
  if (crm === undefined) throw new Error(`${deal.crm} is off`);
  const deps = {
    crm,
    platform: createLms(ti),
    sealer: await readSealer(config),
    catalog: await catalogOf(config),
    signal,
  };
  try {
    return await importCodes(deps, { deal, ...download });
  } catch (error) {
    if (!(error instanceof ImportRefused)) throw error;
    throw new Error(`The codes were not imported:\n${shortened(error.message)}`);
  }
}

async function catalogOf({ catalogPath, ti }: Config): Promise<Catalog | null> {
  try {
    return await readCatalogFile(catalogPath, ti?.learnerUrl);
  } catch (error) {
    if (error instanceof CatalogError || error instanceof UsageError) return null;
    throw error;
  }
}

const SHOWN_LINES = 20;

function shortened(text: string): string {
  const lines = text.split('\n');
  const shown = lines.slice(0, SHOWN_LINES).map((line) => `  - ${line}`);
  const more = lines.length - shown.length;
  return [...shown, ...(more > 0 ? [`  - and ${numberOf(more)} more`] : [])].join('\n');
}

async function readDownloadFile(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code: why = String(error) } = error as NodeJS.ErrnoException;
    throw new UsageError(`The file ${file} cannot be read (${why}).`);
  }
}
