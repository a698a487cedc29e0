import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { runDealseat } from '../../src/commands/program.ts';
import { allPages, codeBlocks, type Page, ROOT, readPage, withoutCodeBlocks } from './pages.ts';

const run = promisify(execFile);

/** What `npm run` and the clone's own set-up see, without the settings of this machine. */
const env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' };

/** Commands of the README and the set-up that no test can run as they stand, and why. */
const NOT_RUN: Readonly<Record<string, string>> = {
  'npm run demo': 'test/e2e runs it',
  'npm test': 'runs this test',
  'npm run --silent dealseat -- sandbox > sandbox.env': 'runs until it is stopped; test/commands starts it',
  'env $(cat sandbox.env) npm run dealseat -- start': 'runs until it is stopped; test/commands starts it',
  'env $(cat sandbox.env) npm run dealseat -- provision hubspot 9001 --wait':
    'needs the two before it; test/commands runs it against the sandbox',
  'npm run dealseat -- doctor --fix': 'needs tenants; test/commands runs it against the sandbox',
  'npm run dealseat -- doctor': 'needs tenants; test/commands runs it against the sandbox',
  'npm run dealseat -- provision hubspot 9001 --dry-run':
    'needs tenants; test/commands runs it against the sandbox',
  'npm run dealseat -- start': 'needs tenants; test/commands starts it against the sandbox',
  'npm run dealseat -- start --sandbox': 'runs until it is stopped; test/e2e starts it',
  'npm run dealseat -- verify hubspot 9001': 'needs tenants; test/commands runs it against the sandbox',
};

/** Commands that only copy files: run in a folder of their own. */
const copies = ['cp .env.example .env', 'cp catalog.example.yaml catalog.yaml'];
/** Commands that are run as they stand. */
const runHere = ['npm run dealseat -- catalog check'];

const PAGES = [
  'README.md',
  'docs/set-up.md',
  'docs/thought-industries.md',
  'docs/hubspot.md',
  'docs/salesforce.md',
];
const lines = PAGES.flatMap((page) => codeBlocks(readPage(page), 'sh')).flatMap((block) =>
  block.trim().split('\n'),
);

describe('the commands of the README and the set-up', () => {
  test('every one of them is run by a test', () => {
    const covered = new Set([...Object.keys(NOT_RUN), ...copies, ...runHere]);
    expect(lines.filter((line) => !covered.has(line))).toEqual([]);
    expect([...covered].filter((line) => !lines.includes(line))).toEqual([]);
  });

  test('the configuration and the catalog are copied from files that are there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dealseat-readme-'));
    try {
      for (const name of ['.env.example', 'catalog.example.yaml']) {
        await copyFile(join(ROOT, name), join(folder, name));
      }
      for (const line of copies) await run('sh', ['-c', line], { cwd: folder });
      expect(await readFile(join(folder, '.env'), 'utf8')).toContain('TI_API_KEY=');
      expect(await readFile(join(folder, 'catalog.yaml'), 'utf8')).toContain('products:');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test.each(runHere)('%s', async (line) => {
    const { stdout } = await run('sh', ['-c', line], {
      cwd: ROOT,
      env: { ...env, DEALSEAT_CATALOG: 'catalog.example.yaml' },
    });
    expect(stdout).toContain('catalog.example.yaml: valid');
  });
});

describe('dealseat commands on any page', () => {
  const calls = [...new Set(allPages().flatMap(dealseatCalls))];

  test('there are some to look at', () => {
    expect(calls.length).toBeGreaterThan(10);
  });

  test.each(calls)('dealseat %s exists with these options', async (call) => {
    const words = call.split(' ');
    const commands = words.filter((word) => !word.startsWith('-'));
    const help = await helpOf(commands);
    const missing = words.filter((word) => word.startsWith('--')).filter((option) => !help.includes(option));
    expect(missing).toEqual([]);
  });
});

/** Sub-command, arguments and options of each call in code on the page. */
function dealseatCalls(page: Page): string[] {
  const blocks = ['sh', 'text'].flatMap((language) => codeBlocks(page, language));
  const inline = [...withoutCodeBlocks(page).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  return [...blocks.flatMap((block) => block.split('\n')), ...inline].flatMap((line) => {
    const [, call] = /^(?:.* )?dealseat (?:-- )?([a-z][^>]*)$/.exec(line) ?? [];
    if (call === undefined) return [];
    const [command = ''] = call.split(/\.(?: |$)/);
    const words = command.split(' ').filter((word) => /^(?:[\w.]+|--[a-z-]+)$/.test(word));
    return [words.join(' ')];
  });
}

/** Loads the command as a call would; an unknown one fails. */
async function helpOf(words: readonly string[]): Promise<string> {
  let help = '';
  const exitCode = await runDealseat([...words, '--help'], {
    env: {},
    isInteractive: false,
    write: (text) => {
      help += text;
    },
    note: () => undefined,
    interrupted: new AbortController().signal,
    loadDotEnv: () => undefined,
  });
  expect(exitCode).toBe(0);
  // Help for a word that is no command is that of the whole program.
  expect(help).toContain(`Usage: dealseat ${words[0]}`);
  return help;
}
