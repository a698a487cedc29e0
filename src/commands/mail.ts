import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { type Config, loadConfig } from '../config/config.ts';
import { crmFactsOf } from '../config/crm-settings.ts';
import { calendarDay, dayEndZone } from '../domain/deal/calendar.ts';
import type { Catalog } from '../domain/deal/catalog.ts';
import { countOf } from '../domain/words.ts';
import { createCrms } from '../processes/clients.ts';
import { planMails } from '../runs/plan-mails.ts';
import { type PreviewedMails, previewPlan, previewSample } from '../runs/preview-mails.ts';
import { readCatalogFile } from './terminal/catalog-file.ts';
import { CRM_ARGUMENT_HELP, DEAL_ID_ARGUMENT_HELP, dealOfCrm } from './terminal/deal-argument.ts';
import { EXIT } from './terminal/exit-code.ts';
import { jsonOption, printData, problemLine, table } from './terminal/print.ts';
import { readSealer } from './terminal/sealer.ts';
import { type CommandContext, UsageError } from './terminal/terminal.ts';

interface PreviewOptions {
  readonly to: string;
  readonly sample?: boolean;
  readonly json?: boolean;
}

export function define(command: Command, context: CommandContext): void {
  const { terminal } = context;
  command
    .command('preview')
    .description('write the mails of a deal to files, with sample codes; sends nothing')
    .argument('[crm]', CRM_ARGUMENT_HELP)
    .argument('[dealId]', DEAL_ID_ARGUMENT_HELP)
    .option('--to <folder>', 'the folder for the files', 'mail-preview')
    .addOption(new Option('--sample', 'show every mail in every language, without a deal'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Writes each mail as HTML and as plain text, and a roster as CSV and XLSX. All codes are samples. Reads the deal in the CRM;
works without Temporal and without the learning platform. For a deal that is not won, or was delivered before, it shows what a
first delivery would send. Exit code 3: something in the deal must be fixed first.`,
    )
    .action(async (crm: string | undefined, dealId: string | undefined, options: PreviewOptions) => {
      const config = loadConfig(terminal.env);
      const catalog = await readCatalogFile(config.catalogPath, config.ti?.learnerUrl);
      if (options.sample) {
        const today = calendarDay(Date.now(), dayEndZone(catalog));
        await show(context, options, { previewed: await previewSample(catalog, today), notes: [] });
        return;
      }
      if (crm === undefined || dealId === undefined) {
        throw new UsageError('Name a CRM and a deal id, such as hubspot 9001, or use --sample');
      }
      await previewDeal(context, options, { config, catalog, crm, dealId });
    });
}

async function previewDeal(
  context: CommandContext,
  options: PreviewOptions,
  named: {
    readonly config: Config;
    readonly catalog: Catalog;
    readonly crm: string;
    readonly dealId: string;
  },
): Promise<void> {
  const { terminal } = context;
  const { config, catalog } = named;
  const ref = dealOfCrm(config, named.crm, named.dealId);
  const crm = (await createCrms(config, catalog))[ref.crm];
  const facts = crmFactsOf(config)[ref.crm];
  if (crm === undefined || facts === undefined) throw new UsageError(`${ref.crm} is off`);
  const found = await planMails({
    crm,
    facts,
    catalog,
    sealer: await readSealer(config),
    dealId: ref.dealId,
    nowMs: Date.now(),
    signal: terminal.interrupted,
  });
  if (found.is === 'blocked') {
    printData(terminal, options, {
      document: { mails: [], files: [], problems: found.problems },
      text: () => `To fix first:\n${found.problems.map((problem) => `- ${problemLine(problem)}\n`).join('')}`,
    });
    context.exit(EXIT.notDelivered);
    return;
  }
  const { plan, deal } = found;
  const notes = found.asFirst
    ? ['Dealseat would send nothing for this deal now. The files show what a first delivery would send.']
    : [];
  if (plan.messages.length === 0) notes.push('The catalog names no e-mail tool for this deal.');
  else if (!plan.mailTool.traits.writesToPeople) {
    notes.push(
      `The catalog makes ${facts.displayName} ${plan.mailTool.description}, which sends texts of its own: it does not use these.`,
    );
  }
  await show(context, options, { previewed: await previewPlan(plan, deal, catalog), notes });
}

async function show(
  { terminal }: CommandContext,
  options: PreviewOptions,
  { previewed, notes }: { readonly previewed: PreviewedMails; readonly notes: readonly string[] },
): Promise<void> {
  const { mails, files } = previewed;
  await mkdir(options.to, { recursive: true });
  for (const { name, content } of files) await writeFile(join(options.to, name), content);
  printData(terminal, options, {
    document: { folder: options.to, mails, files: files.map(({ name }) => name), notes },
    text: () =>
      [
        table(
          ['file', 'to contact', 'subject'],
          mails.map(({ name, contactId, subject }) => [`${name}.html`, contactId ?? '', subject]),
        ),
        `${countOf(files.length, 'file')} in ${options.to}. All codes in them are samples.\n`,
        ...notes.map((note) => `${note}\n`),
      ].join(''),
  });
}
