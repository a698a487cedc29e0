import { chmod, mkdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder in which `dealseat start` keeps what belongs to this machine and this user alone. */
export const LOCAL_FOLDER = '.dealseat';

/** Of the embedded database of seats, unless a variable names another folder. */
export const STORE_FOLDER = join(LOCAL_FOLDER, 'seats');

/** Where files are kept that can be made again: the clone's own folder, or the user's when we are an installed package. */
export function cacheFolder(name: string): string {
  const here = fileURLToPath(import.meta.url);
  if (here.includes('node_modules')) {
    return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'dealseat', name);
  }
  const levelsUp = here.includes(join('dist', 'src')) ? '../../../' : '../../';
  return join(fileURLToPath(new URL(levelsUp, import.meta.url)), '.cache', name);
}

/**
 * Makes the folder for its user alone. Ours is taken from others if it was open to them; another one may be shared on
 * purpose and stays as it is.
 */
export async function makePrivateFolder(
  folder: string,
  { isOurs = resolve(folder) === resolve(LOCAL_FOLDER) }: { readonly isOurs?: boolean } = {},
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (isOurs) await takeFromOthers(folder, 0o700);
}

/** Files that an earlier version, or another umask, left open to others. Those that do not exist are no fault. */
export async function makeFilesPrivate(files: readonly string[]): Promise<void> {
  for (const file of files) {
    try {
      await takeFromOthers(file, 0o600);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

/** Only where it is needed: who is not the owner may not, and need not. */
async function takeFromOthers(path: string, mode: number): Promise<void> {
  if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, mode);
}
