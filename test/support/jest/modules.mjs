/**
 * What a test file imports. The modules of `test/` are its own, each evaluated again for each file, so that the hooks and
 * the state of a support module belong to one file. Everything else (the product, the packages) is loaded and compiled
 * once a process: loading it anew took half of the time of most files.
 */
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

const TESTS = new URL('../../', import.meta.url).href;
const GLOBALS = 'dealseat:jest-globals';
const NAMES = ['afterAll', 'afterEach', 'beforeAll', 'beforeEach', 'describe', 'expect', 'jest', 'test'];

let fileNumber = 0;
let globalsOfFile = {};

/** From here on modules of `test/` are loaded for another file. */
export function beginFile() {
  fileNumber += 1;
}

/** What `@jest/globals` exports to the file. */
export function setGlobals(globals) {
  globalsOfFile = globals;
}

export function importForFile(path) {
  return import(pathToFileURL(path).href);
}

// The module of a file asks for the globals by this name.
globalThis[Symbol.for(GLOBALS)] = () => globalsOfFile;

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === '@jest/globals') return { url: `${GLOBALS}?file=${fileNumber}`, shortCircuit: true };
    const resolved = next(specifier, context);
    if (!resolved.url.startsWith(TESTS) || resolved.url.includes('?')) return resolved;
    return { ...resolved, url: `${resolved.url}?file=${fileNumber}` };
  },
  load(url, context, next) {
    if (!url.startsWith(GLOBALS)) return next(url, context);
    const source = `export const { ${NAMES.join(', ')} } = globalThis[Symbol.for('${GLOBALS}')]();`;
    return { format: 'module', source, shortCircuit: true };
  },
});
