import { spawn } from 'node:child_process';

const KEPT_LINES = 25;
const PLAIN_REPORT_MS = 15_000;

/** Set-up talks on stderr: stdout belongs to the command that was asked for. */
export function say(line) {
  process.stderr.write(`dealseat: ${line}\n`);
}

/** A set-up step that failed: the message says what and what to try. */
export class SetupError extends Error {}

/**
 * Runs one slow program of the set-up, shows that it is alive, and keeps its words for the case that it fails.
 * @param {{ title: string, command: string, args: string[], cwd: string, env?: NodeJS.ProcessEnv, cure: string }} step
 */
export async function runStep(step) {
  const startedAt = Date.now();
  const elapsed = () => `${Math.round((Date.now() - startedAt) / 1000)} s`;
  say(`${step.title} …`);
  const child = spawn(step.command, step.args, {
    cwd: step.cwd,
    env: step.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  const endWithUs = () => child.kill();
  process.once('exit', endWithUs);

  let words = '';
  const keep = (chunk) => {
    words = (words + chunk).split('\n').slice(-KEPT_LINES).join('\n');
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);

  const isTerminal = process.stderr.isTTY === true;
  const ticker = isTerminal
    ? setInterval(() => process.stderr.write(`\rdealseat:   ${elapsed()} `), 1000)
    : setInterval(() => say(`  still at it, ${elapsed()}`), PLAIN_REPORT_MS);

  const failure = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? null : (signal ?? `exit code ${code}`)));
  });
  clearInterval(ticker);
  process.off('exit', endWithUs);
  if (isTerminal) process.stderr.write('\r\u001b[K');
  if (failure !== null) {
    throw new SetupError(
      `${step.title}: failed (${failure}) after ${elapsed()}.\n${indent(words)}\nTry: ${step.cure}`,
    );
  }
  say(`  done in ${elapsed()}`);
}

function indent(text) {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
