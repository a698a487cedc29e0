import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { glob, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';
import { cacheFolder } from '../config/local-folder.ts';

const ROOT = new URL('../../', import.meta.url);

/** All that workflow code may import (a rule of `.dependency-cruiser.cjs`), and what says which SDK is installed. */
const INPUTS = ['workflows/**/*.ts', 'src/contracts/**/*.ts', 'src/domain/**/*.ts', 'package-lock.json'];

/**
 * The code that the worker runs workflows from. A built package carries it as `workflow-bundle.js` and must not
 * start without it; a clone bundles its sources, and keeps the bundle until they change.
 */
export async function loadWorkflowBundle(): Promise<WorkflowBundleOption> {
  if (import.meta.filename.endsWith('.ts')) return cachedBundle(cacheFolder('workflows'));
  const codePath = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));
  if (!existsSync(codePath))
    throw new Error(`${codePath} is missing; build the package with \`npm run build\``);
  return { codePath };
}

async function cachedBundle(folder: string): Promise<WorkflowBundleOption> {
  const codePath = join(folder, `${await hashOfInputs()}.js`);
  if (existsSync(codePath)) return { codePath };
  const bundle = await bundleWorkflows();
  try {
    await mkdir(folder, { recursive: true });
    for (const old of await readdir(folder)) await rm(join(folder, old));
    // A reader sees a whole file or none.
    const scratch = `${codePath}.${process.pid}`;
    await writeFile(scratch, bundle.code);
    await rename(scratch, codePath);
  } catch {
    // Where nothing can be kept, the next start bundles again.
  }
  return bundle;
}

async function hashOfInputs(): Promise<string> {
  const hash = createHash('sha256');
  const files: string[] = [];
  for await (const file of glob(INPUTS, { cwd: fileURLToPath(ROOT) })) files.push(file);
  for (const file of files.sort()) {
    hash.update(JSON.stringify(file)).update(await readFile(new URL(file, ROOT)));
  }
  return hash.digest('hex');
}

/** Bundles the workflow sources of this clone; about a second. */
export function bundleWorkflows(): Promise<{ code: string }> {
  const quiet = () => undefined;
  return bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('workflows/index.ts', ROOT)),
    logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: console.warn, error: console.error },
  });
}
