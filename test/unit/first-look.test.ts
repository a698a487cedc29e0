import { expect, test } from '@jest/globals';
import { FirstLooks } from '../../src/clients/first-looks.ts';

const USUAL_MS = 500;
const KIND = 'a list';

/** Something is finished so long after its making, so many times in a row: when it was looked at, each time. */
async function looksAt(finishedAfterMs: readonly number[], looks = new FirstLooks()) {
  const all: { readonly at: readonly number[]; readonly isFound: boolean }[] = [];
  for (const finishedMs of finishedAfterMs) {
    const at: number[] = [];
    const isFound = await looks.find(KIND, USUAL_MS, async (afterMs) => {
      at.push(afterMs);
      return afterMs >= finishedMs;
    });
    all.push({ at, isFound });
  }
  return all;
}

const times = (count: number, finishedMs: number) => Array.from({ length: count }, () => finishedMs);

test('the first look of all comes after the usual pause', async () => {
  expect(await looksAt([0])).toEqual([{ at: [USUAL_MS], isFound: true }]);
});

test('a system that is done at once is soon looked at at once, with one look each', async () => {
  const all = await looksAt(times(10, 0));
  expect(all.every(({ at, isFound }) => at.length === 1 && isFound)).toBe(true);
  expect(all.at(-1)?.at[0]).toBeLessThan(20);
});

test.each([30, 100, 250, 400, 480])('a system that takes %i ms costs one look in twenty more', async (ms) => {
  const all = await looksAt(times(200, ms));
  const settled = all.slice(20);
  expect(settled.filter(({ at }) => at.length > 1).length).toBeLessThanOrEqual(settled.length / 18);
  // In time, and late by less than it takes, or by half of the usual pause.
  const last = settled.map(({ at }) => at.at(-1) ?? 0).sort((one, other) => one - other);
  expect(last[Math.floor(last.length / 2)]).toBeLessThanOrEqual(Math.min(USUAL_MS, 2 * ms + 20));
  expect(all.every(({ isFound }) => isFound)).toBe(true);
});

test('one that is too early is followed by one after the usual pause, and that is all', async () => {
  const looks = new FirstLooks();
  await looksAt([0], looks);
  expect(await looksAt([400], looks)).toEqual([{ at: [250, USUAL_MS], isFound: true }]);
  expect(await looksAt([10_000], looks)).toEqual([{ at: [USUAL_MS], isFound: false }]);
});

test('a system that has become slower is left alone for longer again', async () => {
  const looks = new FirstLooks();
  await looksAt(times(10, 0), looks);
  const all = await looksAt(times(30, 300), looks);
  expect(all.slice(10).filter(({ at }) => at.length > 1).length).toBeLessThanOrEqual(2);
});

test('one that has become quicker is found out', async () => {
  const looks = new FirstLooks();
  await looksAt(times(10, 450), looks);
  const all = await looksAt(times(100, 0), looks);
  expect(all.at(-1)?.at[0]).toBeLessThan(50);
});

test('of many at once only one tries to be earlier', async () => {
  const looks = new FirstLooks();
  await looksAt([0], looks);
  const at: number[] = [];
  await Promise.all(
    times(20, 0).map(() =>
      looks.find(KIND, USUAL_MS, async (afterMs) => {
        at.push(afterMs);
        await Promise.resolve();
        return true;
      }),
    ),
  );
  expect(at.sort((one, other) => one - other).slice(0, 2)).toEqual([250, USUAL_MS]);
});

test('a look that cannot tell teaches nothing, and one that fails keeps nobody from trying', async () => {
  const looks = new FirstLooks();
  await looksAt([0], looks);
  expect(await looks.find(KIND, USUAL_MS, async () => null)).toBe(false);
  const down = new Error('down');
  await expect(looks.find(KIND, USUAL_MS, () => Promise.reject(down))).rejects.toBe(down);
  expect(await looksAt([0], looks)).toEqual([{ at: [250], isFound: true }]);
});

test('what is learned of one kind says nothing about another', async () => {
  const looks = new FirstLooks();
  await looksAt(times(5, 0), looks);
  const at: number[] = [];
  await looks.find('another', USUAL_MS, async (afterMs) => {
    at.push(afterMs);
    return true;
  });
  expect(at).toEqual([USUAL_MS]);
});

test('a look that stood in line teaches no earlier time than it was made at', async () => {
  const looks = new FirstLooks();
  await looksAt(times(5, 0), looks);
  const earlier = await looksAt([0], looks);
  const slow = new FirstLooks();
  await looksAt([0], slow);
  // Asked to look after 250 ms, it looks when its turn has come.
  await slow.find(KIND, USUAL_MS, async () => {
    const turnAt = performance.now() + 400;
    while (performance.now() < turnAt);
    return true;
  });
  const [next] = await looksAt([0], slow);
  expect(earlier[0]?.at[0]).toBeLessThan(125);
  expect(next?.at[0]).toBeGreaterThanOrEqual(200);
});
