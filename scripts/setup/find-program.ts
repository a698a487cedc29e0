import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where else a program may stand, and whose PATH counts. */
export interface Places {
  /** Folders that are looked into after those of PATH. */
  readonly folders?: readonly string[] | undefined;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * The first program of this machine that has one of the names: an absolute path, or null if there is none.
 * @param names Each is looked for everywhere before the next.
 */
export function findProgram(
  names: readonly string[],
  { folders = [], env = process.env }: Places = {},
): string | null {
  const places = [...(env.PATH ?? '').split(delimiter).filter((folder) => folder !== ''), ...folders];
  return names.flatMap((name) => places.map((folder) => join(folder, name))).find(isProgram) ?? null;
}

/**
 * The folders `<parent>/<version>/<inner>`, newest version first. Debian keeps programs there that may be installed in
 * several versions, outside PATH: `versionFolders('/usr/lib/postgresql', 'bin')`.
 */
export function versionFolders(parent: string, inner: string): readonly string[] {
  return versionsIn(parent).map((version) => join(parent, version, inner));
}

function versionsIn(parent: string): string[] {
  try {
    return readdirSync(parent).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  } catch {
    // There is none of it on this machine.
    return [];
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
