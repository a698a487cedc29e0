/**
 * What a test file imports. The modules of `test/` are its own, each evaluated again for each file, so that the hooks and
 * the state of a support module belong to one file. Everything else (the product, the packages) is loaded and compiled
 * once a process: loading it anew took half of the time of most files.
 */
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

const TESTS = new URL('../../', import.meta.url).href;
const GLOBALS = new URL('./globals.mjs', import.meta.url).href;

let fileNumber = 0;

/** From here on modules of `test/` are loaded for another file. */
export function beginFile() {
  fileNumber += 1;
}

/** What `@jest/globals` exports to the file. */
export function setGlobals(globals) {
  globalThis[Symbol.for('dealseat:jest-globals')] = globals;
}

export function importForFile(path) {
  return import(pathToFileURL(path).href);
}

// It resolves only: with a hook that loads, some Nodes cannot load packages that are CommonJS.
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === '@jest/globals') {
      return { url: `${GLOBALS}?file=${fileNumber}`, format: 'module', shortCircuit: true };
    }
    const resolved = next(specifier, context);
    if (!resolved.url.startsWith(TESTS) || resolved.url.includes('?')) return resolved;
    return { ...resolved, url: `${resolved.url}?file=${fileNumber}` };
  },
});
