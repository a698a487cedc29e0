import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';

const run = promisify(execFile);

/** As CSV in UTF-8, every cell as it is shown, and every sheet to a file of its own. */
const AS_SHOWN = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1';
/** UTF-8, and the sign of the file between columns: a comma or a semicolon, as the program of that country expects. */
const SIGN_CODES = { ',': 44, ';': 59 } as const;

/** For the names of files, which have the names of sheets in them: without a locale LibreOffice writes them in Latin-1. */
const UTF_8 = { LC_ALL: 'C.UTF-8' };

type Sign = keyof typeof SIGN_CODES;

interface Opened {
  /** Of the CSV file. */
  readonly csv: readonly string[][];
  /** Rows by the name of the sheet, in no order. */
  readonly sheets: ReadonlyMap<string, readonly string[][]>;
}

/**
 * Both files of a roster, as LibreOffice shows them to a person of that locale. `sign`: what stands between the columns of
 * the CSV file.
 */
export async function openAs(
  soffice: string,
  files: { readonly csv: Uint8Array; readonly xlsx: Uint8Array },
  { locale, folder, sign }: { readonly locale: string; readonly folder: string; readonly sign: Sign },
): Promise<Opened> {
  const asCsv = `--infilter=Text - txt - csv (StarCalc):${SIGN_CODES[sign]},34,76,1`;
  const profile = join(folder, `profile-${locale}`);
  const out = join(folder, `out-${locale}`);
  await mkdir(join(profile, 'user'), { recursive: true });
  await writeFile(join(profile, 'user', 'registrymodifications.xcu'), settingsOf(locale));
  await writeFile(join(folder, `roster-${locale}.csv`), files.csv);
  await writeFile(join(folder, `roster-${locale}.xlsx`), files.xlsx);
  // One after the other: a profile has one user at a time.
  for (const [options, ending] of [
    [[asCsv], 'csv'],
    [[], 'xlsx'],
  ] as const) {
    const place = `-env:UserInstallation=${pathToFileURL(profile).href}`;
    const input = join(folder, `roster-${locale}.${ending}`);
    const target = join(out, ending);
    await run(
      soffice,
      [place, '--headless', ...options, '--convert-to', AS_SHOWN, '--outdir', target, input],
      { env: { ...process.env, ...UTF_8 } },
    );
  }
  const [csv = []] = [...(await sheetsIn(join(out, 'csv'), locale)).values()];
  return { csv, sheets: await sheetsIn(join(out, 'xlsx'), locale) };
}

async function sheetsIn(folder: string, locale: string): Promise<Map<string, string[][]>> {
  const sheets = new Map<string, string[][]>();
  for (const name of await readdir(folder)) {
    const rows: string[][] = parse(await readFile(join(folder, name)), { bom: true });
    sheets.set(name.slice(`roster-${locale}-`.length, -'.csv'.length), rows);
  }
  return sheets;
}

function settingsOf(locale: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>${locale}</value></prop></item></oor:items>`;
}
