import { createRequire } from 'node:module';
import { ModuleMocker } from 'jest-mock';
import { beginFile, importForFile, setGlobals } from './modules.mjs';

const require = createRequire(import.meta.url);

/** Where Jest's runner keeps what it knows of a file: on the global object, as if each file had one of its own. */
const KEPT_BY_RUNNER = ['EVENT_HANDLERS', 'JEST_STATE_SYMBOL', 'TEST_TIMEOUT_SYMBOL'];
const TIMEOUT = Symbol.for('TEST_TIMEOUT_SYMBOL');

/** Runs one test file in the process itself. Jest's own runtime gives each file a VM with all modules loaded anew. */
export default class NativeRuntime {
  #mocker = new ModuleMocker(globalThis);

  constructor() {
    beginFile();
  }

  unstable_shouldLoadAsEsm() {
    return true;
  }

  async unstable_importModule(path) {
    return importForFile(path);
  }

  /** The runner itself, which begins every file without the tests and hooks of another. */
  requireInternalModule(path) {
    delete require.cache[path];
    return require(path);
  }

  requireModule(path) {
    return require(path);
  }

  setGlobalsForRuntime(globals) {
    const mocker = this.#mocker;
    const jest = {
      fn: mocker.fn.bind(mocker),
      spyOn: mocker.spyOn.bind(mocker),
      setTimeout: (timeoutMs) => {
        globalThis[TIMEOUT] = timeoutMs;
        return jest;
      },
    };
    setGlobals({ ...globals, jest });
  }

  /** Node leaves every line of a source where it was. */
  getSourceMaps() {
    return new Map();
  }

  getAllCoverageInfoCopy() {}

  enterTestCode() {}

  leaveTestCode() {}

  teardown() {
    this.#mocker.restoreAllMocks();
    for (const symbol of Object.getOwnPropertySymbols(globalThis)) {
      if (KEPT_BY_RUNNER.includes(symbol.description)) delete globalThis[symbol];
    }
  }
}
