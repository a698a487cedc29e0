import fc from 'fast-check';

/** Any number would do. */
const SEED = 20_261_120;

const { FUZZ_RUNS, FUZZ_SEED } = process.env;

// Properties make the same inputs in every run, so that none fails by chance after a change that has nothing to do with
// it. New inputs come with `FUZZ_RUNS`, which looks for more; `FUZZ_SEED` repeats those of a failure.
if (FUZZ_SEED !== undefined) fc.configureGlobal({ seed: Number(FUZZ_SEED) });
else if (FUZZ_RUNS === undefined) fc.configureGlobal({ seed: SEED });
