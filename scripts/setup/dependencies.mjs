import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { npmCommand } from './npm.mjs';
import { runStep } from './step.mjs';

/** Installs exactly what package-lock.json says, if that is not what node_modules holds. */
export async function ensureDependencies(root, node, env) {
  if (isInstalled(root)) return;
  await withLock(join(root, '.cache', 'setup.lock'), async () => {
    if (isInstalled(root)) return;
    await runStep({
      title: 'installing dependencies with npm ci (about a minute, once for each package-lock.json)',
      cwd: root,
      env,
      ...npmCommand(node, ['ci', '--no-audit', '--no-fund']),
      cure: 'check that the npm registry can be reached and that the disk has 1 GB free, then run the command again.',
    });
  });
}

/**
 * npm writes `node_modules/.package-lock.json` last, so where it is there the install was complete. It lists what
 * was really installed: the lock file less the optional packages of other platforms.
 */
function isInstalled(root) {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === null) throw new Error(`${root} has no readable package-lock.json`);
  if (present === null) return false;
  const isMissing = (path) => path !== '' && wanted[path].optional !== true && present[path] === undefined;
  if (Object.keys(wanted).some(isMissing)) return false;
  return Object.entries(present).every(
    ([path, { version, integrity }]) =>
      wanted[path]?.version === version && wanted[path].integrity === integrity,
  );
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? null;
  } catch {
    return null;
  }
}
