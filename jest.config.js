import { availableParallelism } from 'node:os';

/** One Jest project; the kind of a test is its folder under test/. */
export default {
  // Node runs the tests as it runs the product, from the sources: Jest neither transforms nor isolates them.
  runtime: '<rootDir>/test/support/jest/runtime.mjs',
  testEnvironment: '<rootDir>/test/support/jest/environment.mjs',
  injectGlobals: false,
  transform: {},
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  setupFilesAfterEnv: ['<rootDir>/test/support/fixed-inputs.ts'],
  testSequencer: '<rootDir>/test/support/sequencer.mjs',
  // Two a core, because most suites wait: for timers, pauses between attempts, and other processes.
  maxWorkers: 2 * availableParallelism(),
  // Workflow bundles and native runtimes add up in a worker that lives through every suite.
  workerIdleMemoryLimit: '1GB',
  // An outage that a test played may still be waited out.
  workerGracefulExitTimeout: 10_000,
  testTimeout: 60_000,
};
