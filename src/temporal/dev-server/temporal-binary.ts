import { access, constants, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../../config/local-folder.ts';
import { type CommandResult, runCommand } from './run-command.ts';

/**
 * The last tag that `go install` takes: later ones have a replace directive in their go.mod. The SDK's download
 * asks for the same one, so that every machine runs the same server.
 */
const TEMPORAL_CLI_VERSION = 'v1.5.1';

/** First CLI whose server has everything we use switched on (updates, pollers, deployments). */
const OLDEST_USABLE: readonly [number, number] = [1, 4];

const INSTALL_PAGE = 'https://docs.temporal.io/cli#install';
const GO_PAGE = 'https://go.dev/dl';

const DOWNLOAD_TIMEOUT_MS = 5 * 60_000;
const BUILD_TIMEOUT_MS = 30 * 60_000;
const BUILD_USUAL_SECONDS = 240;

export interface TemporalBinaryOptions {
  /** Where a fetched or built binary is kept. */
  readonly cacheDir?: string;
  /** Search path for `temporal` and `go`. */
  readonly path?: string;
  readonly download?: Obtain;
  /** What else a person can do where none can be had, such as `or do this`. */
  readonly otherwise?: string;
}

/** Puts the binary in place and returns null, or returns the reason why it could not. */
type Obtain = (source: Source) => Promise<string | null>;

/**
 * A runnable Temporal CLI: the one on PATH, else the cached one, else fetched by the SDK, else built with Go.
 * @throws an error that lists what was tried, why each failed and what to do.
 */
export async function ensureTemporalBinary(
  report: (line: string) => void,
  options: TemporalBinaryOptions = {},
): Promise<string> {
  const path = options.path ?? process.env.PATH ?? '';
  const cacheDir = options.cacheDir ?? cacheFolder('temporal');
  const failures: string[] = [];

  const installed = await findOnPath('temporal', path);
  if (installed !== null) {
    const unusable = await whyUnusable(installed);
    if (unusable === null) return installed;
    report(`${installed} is not used: ${unusable}.`);
    failures.push(`${installed}: ${unusable}`);
  }

  const cached = join(cacheDir, executableName(`temporal-${TEMPORAL_CLI_VERSION}`));
  if (await isExecutable(cached)) {
    const unusable = await whyUnusable(cached);
    if (unusable === null) return cached;
    report(`The cached Temporal CLI is replaced: ${unusable}.`);
  }

  await mkdir(cacheDir, { recursive: true });
  for (const obtain of [options.download ?? downloadWithSdk, buildWithGo]) {
    const failure = await obtain({ cacheDir, target: cached, path, report });
    if (failure === null) return cached;
    failures.push(failure);
  }
  throw new Error(
    [
      'No Temporal dev server could be found, fetched or built:',
      ...failures.map((failure) => `  - ${failure}`),
      `Install the Temporal CLI (${INSTALL_PAGE}) and put \`temporal\` on PATH, or install Go (${GO_PAGE})${options.otherwise ? `, ${options.otherwise}` : ''}.`,
    ].join('\n'),
  );
}

interface Source {
  readonly cacheDir: string;
  readonly target: string;
  readonly path: string;
  readonly report: (line: string) => void;
}

async function downloadWithSdk({ cacheDir, target, report }: Source): Promise<string | null> {
  report(`Fetching the Temporal dev server (${TEMPORAL_CLI_VERSION}, about 60 MB, under a minute) …`);
  return await inScratchDir(cacheDir, async (scratch) => {
    const result = await runCommand({
      command: process.execPath,
      args: [siblingModule('sdk-download'), scratch, TEMPORAL_CLI_VERSION],
      timeoutMs: DOWNLOAD_TIMEOUT_MS,
    });
    if (result.exitCode !== 0) return `The SDK could not fetch the Temporal CLI: ${reasonOf(result)}`;
    const [file] = (await readdir(scratch)).filter((name) => name.startsWith('temporal'));
    if (file === undefined) return 'The SDK reported a download but left no file.';
    await rename(join(scratch, file), target);
    return null;
  });
}

async function buildWithGo({ cacheDir, target, path, report }: Source): Promise<string | null> {
  const go = await findOnPath('go', path);
  if (go === null) return 'It cannot be built either: there is no `go` on PATH.';
  const source = `github.com/temporalio/cli/cmd/temporal@${TEMPORAL_CLI_VERSION}`;
  report(`Building the Temporal dev server with Go (${source}); about 4 minutes on 2 cores, once …`);
  const startedAt = Date.now();
  let packageCount = 0;
  const progress = setInterval(() => {
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    report(`… ${packageCount} packages compiled, ${seconds} s of about ${BUILD_USUAL_SECONDS} s`);
  }, 10_000);
  try {
    return await inScratchDir(cacheDir, async (scratch) => {
      const result = await runCommand({
        command: go,
        args: ['install', '-v', source],
        env: { GOBIN: scratch, GOWORK: 'off' },
        timeoutMs: BUILD_TIMEOUT_MS,
        onStderrLine: () => {
          packageCount += 1;
        },
      });
      if (result.exitCode !== 0) return `\`go install ${source}\` failed: ${reasonOf(result)}`;
      // Renaming is atomic: two builds at once end with one whole binary, whoever is last.
      await rename(join(scratch, executableName('temporal')), target);
      report(`Built in ${Math.round((Date.now() - startedAt) / 1000)} s; kept in ${target}`);
      return null;
    });
  } finally {
    clearInterval(progress);
  }
}

async function inScratchDir<T>(cacheDir: string, work: (scratch: string) => Promise<T>): Promise<T> {
  const scratch = await mkdtemp(join(cacheDir, 'partial-'));
  try {
    return await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function whyUnusable(binary: string): Promise<string | null> {
  const result = await runCommand({ command: binary, args: ['--version'], timeoutMs: 20_000 });
  if (result.exitCode !== 0) return `\`temporal --version\` failed: ${reasonOf(result)}`;
  const [, major, minor] = /temporal version (\d+)\.(\d+)/.exec(result.stdout) ?? [];
  // Built from source the CLI calls itself 0.0.0-DEV, which says nothing about its age.
  if (major === undefined || minor === undefined || result.stdout.includes('0.0.0')) return null;
  const isOld =
    Number(major) < OLDEST_USABLE[0] ||
    (Number(major) === OLDEST_USABLE[0] && Number(minor) < OLDEST_USABLE[1]);
  return isOld ? `version ${major}.${minor} is older than ${OLDEST_USABLE.join('.')}` : null;
}

/** The first line that looks like the reason, without the decoration of a thrown error. */
function reasonOf(result: CommandResult): string {
  const reason = result.stderrTail.find((line) => /error|fail|cannot|denied|not found/i.test(line));
  const text = reason ?? result.stderrTail.at(-1) ?? `exit code ${result.exitCode}`;
  return text
    .replace(/^\W*(Uncaught )?Error: /, '')
    .trim()
    .slice(0, 300);
}

async function findOnPath(name: string, path: string): Promise<string | null> {
  for (const folder of path.split(delimiter).filter((entry) => entry !== '')) {
    const candidate = join(folder, executableName(name));
    if (await isExecutable(candidate)) return candidate;
  }
  return null;
}

async function isExecutable(file: string): Promise<boolean> {
  return await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function executableName(name: string): string {
  return process.platform === 'win32' ? `${name}.exe` : name;
}

/** The file beside this one, in the sources as well as in `dist/`. */
function siblingModule(name: string): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`./${name}.${extension}`, import.meta.url));
}

/** In a clone nothing is written outside it; an installed package may not be writable, so it uses the user's cache. */
