import TestSequencer from '@jest/test-sequencer';

/** Folders under test/ of which every suite takes a few seconds at most. */
const QUICK = /\/test\/(unit|sandbox|webhooks|toolchain|docs)\//;

/**
 * By the durations of an earlier run, as Jest does it. A clone that was never tested knows none: there Jest goes by the size
 * of the files, and a long suite that begins last would keep one core busy and leave the others idle.
 */
export default class LongestFirst extends TestSequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const isQuick = ({ path }) => QUICK.test(path.replaceAll('\\', '/'));
    return [...sorted.filter((test) => !isQuick(test)), ...sorted.filter(isQuick)];
  }
}
