import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The `dealseat` command as it is shipped. */
export const BUILT_COMMAND = fileURLToPath(new URL('../../dist/src/cli.js', import.meta.url));
export const BUILT_BUNDLE = fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url));

let isBuilt = false;

/** Builds it from these sources, once a run. */
export function buildPackage(report: (line: string) => void): void {
  if (isBuilt) return;
  report('Building the package …');
  const { status } = spawnSync(process.execPath, ['scripts/build.ts'], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) throw new Error('The package could not be built');
  isBuilt = true;
}
