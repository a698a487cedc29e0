#!/usr/bin/env node
import { EXIT } from './commands/exit-code.ts';
import { runDealseat } from './commands/program.ts';

const interrupting = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Whoever asks twice does not want to wait for an orderly end.
    if (interrupting.signal.aborted) process.exit(EXIT.interrupted);
    interrupting.abort();
  });
}

process.exitCode = await runDealseat(process.argv.slice(2), {
  env: process.env,
  isInteractive: process.stdout.isTTY === true,
  write: (text) => process.stdout.write(text),
  note: (line) => process.stderr.write(`${line}\n`),
  interrupted: interrupting.signal,
  loadDotEnv() {
    try {
      process.loadEnvFile();
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  },
});
// What an interrupted command was waiting for would keep the process.
if (interrupting.signal.aborted) process.exit();
