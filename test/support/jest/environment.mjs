import { createRequire } from 'node:module';
import { ModuleMocker } from 'jest-mock';

const { console, process } = globalThis;
const exit = process.exit;
const require = createRequire(import.meta.url);

/** The process itself, given back as it was. */
export default class NativeEnvironment {
  global = globalThis;
  moduleMocker = new ModuleMocker(globalThis);
  fakeTimers = null;
  fakeTimersModern = null;
  #variables = { ...process.env };

  async setup() {
    // Jest looks up a source map for each line of each stack, and has 100 lines of them.
    Error.prepareStackTrace = undefined;
    Error.stackTraceLimit = 20;
  }

  async teardown() {
    await endTemporalRuntime();
    globalThis.console = console;
    process.exit = exit;
    for (const name of Object.keys(process.env)) {
      if (!(name in this.#variables)) delete process.env[name];
    }
    Object.assign(process.env, this.#variables);
  }

  getVmContext() {
    return null;
  }
}

/** Temporal's SDK has one runtime a process, and a file may have given it a logger of its own. */
async function endTemporalRuntime() {
  const sdk = require.cache[require.resolve('@temporalio/worker')];
  await sdk?.exports.Runtime.instance().shutdown();
}
