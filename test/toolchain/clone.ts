import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

const LOCK = {
  packages: { '': { name: 'dealseat' }, 'node_modules/undici': { version: '8.13.1', integrity: 'sha512-a' } },
};

export interface Finished {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A clone with the real set-up scripts, a small program in place of the command, and a stand-in for npm that
 * notes its calls in `npm-calls` and does what `npm` (a script body) says.
 */
export class Clone {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(program: string): Promise<Clone> {
    const clone = new Clone(await mkdtemp(join(tmpdir(), 'dealseat-clone-')));
    await cp(join(root, 'scripts'), clone.path('scripts'), { recursive: true });
    await clone.write('src/cli.ts', program);
    await clone.write('package.json', '{"type":"module"}');
    await clone.write('package-lock.json', JSON.stringify(LOCK));
    await clone.npmDoes(INSTALLS);
    return clone;
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  async write(file: string, content: string): Promise<void> {
    await mkdir(join(this.path(file), '..'), { recursive: true });
    await writeFile(this.path(file), content);
  }

  async npmDoes(script: string): Promise<void> {
    await this.write(
      'npm/npm-cli.js',
      `const fs = require('node:fs'); const [, , ...args] = process.argv;
       fs.appendFileSync(${JSON.stringify(this.path('npm-calls'))}, args.join(' ') + '\\n');
       ${script}`,
    );
    await this.write('npm/package.json', '{"type":"commonjs"}');
  }

  async installedBefore(): Promise<void> {
    await this.write('node_modules/.package-lock.json', JSON.stringify(LOCK));
  }

  async npmCalls(): Promise<string[]> {
    return await readFile(this.path('npm-calls'), 'utf8').then(
      (text) => text.trim().split('\n'),
      () => [],
    );
  }

  start(
    args: readonly string[],
    nodeOptions: readonly string[] = [],
  ): { child: ChildProcess; end: Promise<Finished> } {
    const child = spawn(process.execPath, [...nodeOptions, this.path('scripts/run.mjs'), ...args], {
      env: { PATH: process.env.PATH, npm_execpath: this.path('npm/npm-cli.js') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    const end = new Promise<Finished>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
    });
    return { child, end };
  }

  async run(args: readonly string[], nodeOptions: readonly string[] = []): Promise<Finished> {
    return await this.start(args, nodeOptions).end;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Slow enough that two runs at once would meet. */
const INSTALLS = `
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  fs.mkdirSync('node_modules', { recursive: true });
  fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
`;
