import { chmod, mkdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';

/** Folder in which `dealseat start` keeps what belongs to this machine and this user alone. */
export const LOCAL_FOLDER = '.dealseat';

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
