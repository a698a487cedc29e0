import type { Command } from 'commander';
import { loadConfig } from '../config/config.ts';
import { catalogJsonSchema } from '../config/load-catalog.ts';
import type { Catalog } from '../domain/deal/catalog.ts';
import { countOf, numberOf, withCure } from '../domain/words.ts';
import { muteNudges } from './doctor/mute-nudges.ts';
import { readCatalogFile } from './terminal/catalog-file.ts';
import { jsonOption, printData } from './terminal/print.ts';
import type { CommandContext } from './terminal/terminal.ts';

export function define(command: Command, context: CommandContext): void {
  const { terminal } = context;
  command
    .command('check')
    .description('show every fault of a catalog file')
    .argument('[file]', 'the catalog file; without it, the file that DEALSEAT_CATALOG names, or catalog.yaml')
    .addOption(jsonOption())
    .action(async (file: string | undefined, options: { json?: boolean }) => {
      const config = loadConfig(terminal.env);
      const { catalogPath, ti } = config;
      const path = file ?? catalogPath;
      const catalog = await readCatalogFile(path, ti?.learnerUrl);
      const summary = summarize(path, catalog);
      const warnings = muteNudges(catalog, config).map(
        ({ name, found, cure }) => `Warning: ${withCure(`${name}: ${found}`, cure ?? '')}`,
      );
      printData(terminal, options, {
        document: { isValid: true, ...summary, warnings },
        text: () =>
          `${path}: valid. ${describe(summary)}\n${warnings.map((line) => `${line}\n`).join('')}${CONTENT_IDS}\n`,
      });
    });
  command
    .command('schema')
    .description('print the JSON schema of catalog files, for editors')
    .action(() => terminal.write(`${JSON.stringify(catalogJsonSchema(), null, 2)}\n`));
}

const CONTENT_IDS =
  'This command does not look up content and client ids: `dealseat doctor` does. A dry run of a deal shows how Dealseat would use them.';

export interface CatalogSummary {
  readonly file: string;
  readonly products: number;
  readonly ignored: number;
  readonly partners: number;
}

export function summarize(file: string, { products, partners }: Catalog): CatalogSummary {
  const ignored = products.filter(({ ignore }) => ignore).length;
  return { file, products: products.length - ignored, ignored, partners: partners.length };
}

function describe({ products, ignored, partners }: CatalogSummary): string {
  return `${countOf(products, 'product')} with seats, ${numberOf(ignored)} without, ${countOf(partners, 'partner')}.`;
}
