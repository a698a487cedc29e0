import { expect, test } from '@jest/globals';
import { rowsOf, rowTable } from '../../bench/rows.ts';
import { COUNTED, driveResult } from './figures-for-tests.ts';

test('a bound is met only when every deal was delivered in time and nothing twice', () => {
  const rowOf = (given: Parameters<typeof driveResult>[0]) => rowsOf({ lost: driveResult(given) })[0];
  expect(rowOf({})).toMatchObject({ figure: '10.0 s', bound: 'at most 20.0 s', isMet: true });
  expect(rowOf({ tookMs: 20_100 })).toMatchObject({ isMet: false });
  expect(rowOf({ groupsTooMany: 1, mailsTooMany: 1 })).toMatchObject({
    figure: '10.0 s, 2 twice',
    isMet: false,
  });
  expect(rowOf({ open: 3 })).toMatchObject({ figure: '10.0 s, 3 not delivered', isMet: false });
  expect(rowOf({ notMailed: 1 })).toMatchObject({ isMet: false });
});

test('the time and the requests of a deal are judged for each CRM', () => {
  const rows = rowsOf({
    sequence: [
      { crm: 'hubspot', ...driveResult({ deals: 10 }) },
      { crm: 'salesforce', ...driveResult({ deals: 10, eachMs: null, open: 10 }) },
    ],
  });
  expect(rows.map(({ figure, isMet }) => [figure, isMet])).toEqual([
    ['1.5 s', true],
    ['14', true],
    ['8', false],
    ['Infinity s', false],
    ['7', true],
    ['8', false],
  ]);
});

test('many deals are bound by the machine when its cores are busy, and otherwise by waiting', () => {
  const burst = (share: number) =>
    rowsOf({
      burst: driveResult({
        cpu: { cores: 2, shares: [{ name: 'node', share }] },
        memoryBytes: 600 * 1_024 ** 2,
      }),
    });
  expect(burst(0.9)[0]?.boundBy).toBe('the 2 cores: node 90 %');
  expect(burst(0.5)[0]?.boundBy).toMatch(/^its own steps, .*; the 2 cores were busy for 50 %/);
  expect(burst(0.5)[1]).toMatchObject({ figure: '600 MiB', isMet: true });
});

test('workers share a quota well when they use most of it and none is refused', () => {
  const workersWith = (given: Parameters<typeof driveResult>[0]) =>
    rowsOf({
      workers: [{ workers: 3, free: driveResult(), allowed: driveResult(given), allowedPerMinute: 600 }],
    })[0];
  expect(workersWith({ platformMs: 8_800 })).toMatchObject({ figure: '91 %', isMet: true });
  expect(workersWith({ platformMs: 8_800, refusedForQuota: 1 })).toMatchObject({ isMet: false });
  expect(workersWith({ platformMs: 9_500 })).toMatchObject({ figure: '84 %', isMet: false });
});

test('what was not measured has no row, and the table counts the bounds that are met', () => {
  expect(rowsOf({})).toEqual([]);
  const { explanation, rows } = rowTable({ ...COUNTED, kill: driveResult({ tookMs: 61_000 }) });
  expect(explanation).toBe('1 of 2 bounds are met.');
  expect(rows.map(([measure = '', , , isMet]) => [measure, isMet])).toEqual([
    ['killed with 20 deals in flight, from the restart', '**no**'],
    ['history events, one group', 'yes'],
  ]);
});
