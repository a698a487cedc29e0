#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { beginLean } from './commands/terminal/lean-process.ts';
import { cacheFolder } from './config/local-folder.ts';

// Both before anything large is loaded. The cache: it is slower, and works, where the folder cannot be written.
beginLean();
enableCompileCache(cacheFolder('compiled'));
const { runDealseat } = await import('./commands/program.ts');
const { EXIT } = await import('./commands/terminal/exit-code.ts');
const { hasColours, hasLinks } = await import('./commands/terminal/abilities.ts');
const { isWatched } = await import('./commands/terminal/terminal.ts');

const interrupting = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Whoever asks twice does not want to wait for an orderly end.
    if (interrupting.signal.aborted) process.exit(EXIT.interrupted);
    interrupting.abort();
  });
}

// `dealseat list | head -1` closes the pipe early: no fault, and nobody left to tell.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.ok);
});

const exitCode = await runDealseat(process.argv.slice(2), {
  env: process.env,
  isInteractive: isWatched(process.stdout),
  areNotesWatched: isWatched(process.stderr),
  ...(isWatched(process.stdout)
    ? { columns: () => process.stdout.columns, rows: () => process.stdout.rows }
    : {}),
  hasColours: hasColours(process.stdout, process.env),
  hasLinks: hasLinks(process.stdout, process.env),
  write: (text) => process.stdout.write(text),
  note: (line) => process.stderr.write(`${line}\n`),
  readInput: async () => {
    process.stdin.setEncoding('utf8');
    let text = '';
    for await (const chunk of process.stdin) {
      text += chunk;
      if (process.stdin.isTTY && text.includes('\n')) break;
    }
    return text;
  },
  interrupted: interrupting.signal,
  loadDotEnv() {
    try {
      process.loadEnvFile();
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  },
});
// Whatever is to be stopped in order has been; the rest (the SDK's runtime, an abandoned call) must not keep the process.
for (const stream of [process.stdout, process.stderr]) {
  await new Promise((resolve) => stream.write('', resolve));
}
process.exit(exitCode);
