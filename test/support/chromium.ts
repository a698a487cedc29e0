import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const INSTALL_BOUND_MS = 240_000;

/**
 * A browser of this machine: one on PATH, or one that is installed now where that is allowed. Null with a loud line where
 * neither is possible; on CI that is an error, because the tests of the page must run there.
 */
export function findChromium(): string | null {
  const found = onPath() ?? (install() ? onPath() : null);
  if (found !== null) return found;
  const why = `The page was NOT tried in a browser: none of ${NAMES.join(', ')} is on PATH. Install Chromium, for example \`apt-get install chromium\`.`;
  if (process.env.CI === 'true') throw new Error(why);
  process.stderr.write(`\n${why}\n\n`);
  return null;
}

function onPath(): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter).concat('/usr/bin', '/snap/bin');
  const candidates = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return candidates.find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Only as root and with apt: nobody is asked for a password. */
function install(): boolean {
  if (process.getuid?.() !== 0 || !isExecutable('/usr/bin/apt-get')) return false;
  const options = { timeout: INSTALL_BOUND_MS, stdio: 'ignore' } as const;
  spawnSync('apt-get', ['update'], options);
  const packages = ['install', '--yes', '--no-install-recommends', 'chromium'];
  return spawnSync('apt-get', packages, options).status === 0;
}
