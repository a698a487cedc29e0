import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where installers put it without naming it in PATH. */
const USUAL_PLACES = [
  '/usr/lib/libreoffice/program/soffice',
  '/opt/libreoffice/program/soffice',
  '/Applications/LibreOffice.app/Contents/MacOS/soffice',
];

/** The program, or null: it is not installed. */
export function findSoffice(env: NodeJS.ProcessEnv = process.env): string | null {
  const inPath = (env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'soffice'));
  return [...inPath, ...USUAL_PLACES].find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** For the tests that read our files as a buyer's spreadsheet does. Installs it where that needs nobody's leave. */
export async function bringLibreOffice(print: (line: string) => void): Promise<void> {
  if (findSoffice() !== null) return;
  const isDebianRoot = process.getuid?.() === 0 && isProgram('/usr/bin/apt-get');
  if (isDebianRoot) {
    print('installing LibreOffice, with which the tests read rosters (a minute or two, once) …');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    try {
      await run('apt-get', ['update', '-qq'], { env });
      await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'libreoffice-calc'], { env });
    } catch {
      // Said below.
    }
  }
  if (findSoffice() === null) {
    print(
      'NOT RUN: test/spreadsheets, because LibreOffice (soffice) is not installed. Install libreoffice-calc.',
    );
  }
}
