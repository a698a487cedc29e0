import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflows } from '../../src/temporal/workflow-bundle.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** All that workflow code may import, as `.dependency-cruiser.cjs` enforces it. */
const SOURCES = ['workflows', 'src/domain', 'src/contracts', 'src/temporal', 'package-lock.json'];

/** Jest gives every file modules of its own, so the bundle is kept on disk, under a name made from its sources. */
export async function workflowBundle(): Promise<{ readonly codePath: string }> {
  const folder = join(ROOT, '.cache', 'test');
  const codePath = join(folder, `workflow-bundle-${await fingerprint()}.js`);
  if (!existsSync(codePath)) {
    await mkdir(folder, { recursive: true });
    const { code } = await bundleWorkflows();
    // Renaming is atomic: another process sees the whole bundle or none.
    const partial = join(folder, `partial-${randomUUID()}.js`);
    await writeFile(partial, code);
    await rename(partial, codePath);
  }
  return { codePath };
}

async function fingerprint(): Promise<string> {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    for (const file of await filesOf(join(ROOT, source))) hash.update(file).update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}

async function filesOf(path: string): Promise<string[]> {
  if (path.endsWith('.json')) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
