import { availableParallelism } from 'node:os';

/** One Jest project; the kind of a test is its folder under test/. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  setupFilesAfterEnv: ['<rootDir>/test/support/fixed-inputs.ts'],
  testSequencer: '<rootDir>/test/support/sequencer.mjs',
  // Two a core, because most suites wait: for timers, pauses between attempts, and other processes.
  maxWorkers: 2 * availableParallelism(),
  // Workflow bundles and native runtimes add up in a worker that lives through every suite.
  workerIdleMemoryLimit: '1GB',
  testTimeout: 60_000,
};
