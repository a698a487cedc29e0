/**
 * `npm run release -- <version> [--dry-run]`: version, changelog, package, histories, commit and tag. All of it happens
 * in a work tree of its own, so that a failed release leaves nothing behind. It neither pushes nor publishes.
 */
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withRelease } from './release/changelog.ts';
import { packProblems } from './release/packed-files.ts';
import { program } from './release/program.ts';
import { tryPackage } from './release/try-package.ts';
import { versionProblem } from './release/version.ts';

const USAGE = `Usage: npm run release -- <version> [--dry-run]
Makes a release of the branch main: version, changelog, tried package, histories, commit and tag.
--dry-run does all of it and keeps nothing.`;

const root = join(import.meta.dirname, '..');
const git = (...args: string[]) => program(root, 'git', args);

const { version, isDryRun } = parse();
try {
  refuseUnfit();
  await release();
} catch (error) {
  print(`release: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

/** What would make the release another thing than what main has. */
function refuseUnfit(): void {
  const branch = git('rev-parse', '--abbrev-ref', 'HEAD');
  if (branch !== 'main')
    throw new Error(`The branch is ${branch}. Releases are made of main: git switch main`);
  const changed = git('status', '--porcelain');
  if (changed !== '') throw new Error(`These files are not committed. Commit or remove them:\n${changed}`);
  const current = (JSON.parse(git('show', 'HEAD:package.json')) as { version: string }).version;
  const released = git('tag', '--list', 'v*')
    .split('\n')
    .filter(Boolean)
    .map((tag) => tag.slice(1));
  const problem = versionProblem({ next: version, current, released });
  if (problem !== null) throw new Error(`${problem}.`);
}

async function release(): Promise<void> {
  const tree = await mkdtemp(join(tmpdir(), 'dealseat-release-tree-'));
  git('worktree', 'add', '--quiet', '--detach', tree, 'HEAD');
  try {
    // What the clone fetched before, such as the Temporal CLI. The dependencies are those of the lock file, no others.
    await mkdir(join(root, '.cache'), { recursive: true });
    await symlink(join(root, '.cache'), join(tree, '.cache'));
    step('dependencies');
    program(tree, 'npm', ['ci', '--no-audit', '--no-fund']);
    await prepare(tree);
    const packed = await pack(tree);
    step('try the package in an empty folder');
    await tryPackage({ file: packed, version, cache: join(root, '.cache') });
    if (isDryRun) print(`\nRelease ${version} can be made. Nothing was kept.`);
    else publishable(tree, packed);
  } finally {
    git('worktree', 'remove', '--force', tree);
    await rm(tree, { recursive: true, force: true });
  }
}

async function prepare(tree: string): Promise<void> {
  step('version and changelog');
  program(tree, 'npm', ['version', '--no-git-tag-version', '--allow-same-version', version]);
  const changelog = join(tree, 'CHANGELOG.md');
  const day = new Date().toISOString().slice(0, 10);
  await writeFile(changelog, withRelease(await readFile(changelog, 'utf8'), version, day));
  step('histories of this version');
  program(tree, process.execPath, ['test/replay/record.ts', join(tree, historiesOf(version))]);
}

/** Returns the packed file, which outlives the work tree unless this is a dry run. */
async function pack(tree: string): Promise<string> {
  step('build and pack');
  program(tree, process.execPath, ['scripts/build.ts']);
  const folder = isDryRun ? tree : join(root, '.cache', 'releases');
  await mkdir(folder, { recursive: true });
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const packed = Object.values(JSON.parse(program(tree, 'npm', args)) as Packed)[0];
  if (packed === undefined) throw new Error('npm packed nothing');
  const problems = packProblems(packed.files.map(({ path }) => path));
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return join(folder, packed.filename);
}

/** What npm says of each packed file. */
type Packed = Readonly<
  Record<string, { readonly filename: string; readonly files: readonly { readonly path: string }[] }>
>;

function publishable(tree: string, packed: string): void {
  step('commit and tag');
  const inTree = (...args: string[]) => program(tree, 'git', args);
  inTree('add', 'package.json', 'package-lock.json', 'CHANGELOG.md', historiesOf(version));
  inTree('commit', '--quiet', '--message', `Release ${version}`);
  const commit = inTree('rev-parse', 'HEAD');
  git('merge', '--ff-only', '--quiet', commit);
  git('tag', '--annotate', `v${version}`, '--message', `Dealseat ${version}`, commit);
  print(`
Release ${version} is committed and tagged, and ${packed} was tried.
Push it; CI tests the tag and publishes it:
  git push --atomic origin main v${version}
Where no CI publishes:
  npm publish ${packed} --access public`);
}

function historiesOf(release: string): string {
  return join('test', 'replay', 'releases', release);
}

function parse(): { readonly version: string; readonly isDryRun: boolean } {
  try {
    const { values, positionals } = parseArgs({
      options: { 'dry-run': { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    const [wanted, ...rest] = positionals;
    if (wanted === undefined || rest.length > 0) throw new Error('expected one version');
    return { version: wanted.replace(/^v/, ''), isDryRun: values['dry-run'] };
  } catch (error) {
    print(`release: ${error instanceof Error ? error.message : error}\n${USAGE}`);
    process.exit(2);
  }
}

function step(title: string): void {
  print(`${title} …`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
