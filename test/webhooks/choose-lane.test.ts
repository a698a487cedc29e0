import { beforeEach, describe, expect, test } from '@jest/globals';
import { type ChooseLane, createChooseLane } from '../../webhooks/server/choose-lane.ts';
import type { RunToStart } from '../../webhooks/server/run-to-start.ts';

let nowMs: number;
let chooseLane: ChooseLane;

beforeEach(() => {
  nowMs = 5_000;
  chooseLane = createChooseLane({ normalStartsPerMinute: 20, monotonicMs: () => nowMs });
});

let lastDealId = 9000;

function deals(count: number, changeSource = 'IMPORT', account = '62515'): RunToStart[] {
  return Array.from({ length: count }, () => {
    lastDealId += 1;
    return {
      ref: { crm: 'hubspot', account, dealId: String(lastDealId) },
      trigger: { by: 'hubspot', detail: 'test' },
      changeSource,
    };
  });
}

/** The lane of each deal of one request, each lane once. */
function lanesOf(runs: readonly RunToStart[]): string[] {
  return [...new Set(runs.map(chooseLane(runs)))];
}

describe('an import', () => {
  test('of more than 20 deals in one request is in the bulk lane whole', () => {
    expect(lanesOf(deals(21))).toEqual(['bulk']);
  });

  test('in batches of 10 is in the bulk lane from its third batch on', () => {
    const lanes = Array.from({ length: 100 }, () => lanesOf(deals(10)));
    expect(lanes).toEqual([['normal'], ['normal'], ...Array.from({ length: 98 }, () => ['bulk'])]);
  });

  test('that trickles deal by deal is in the bulk lane from its 21st deal on', () => {
    const lanes = Array.from({ length: 40 }, () => {
      nowMs += 2_000;
      return lanesOf(deals(1));
    });
    expect(lanes.flat()).toEqual([
      ...Array.from({ length: 20 }, () => 'normal'),
      ...Array.from({ length: 20 }, () => 'bulk'),
    ]);
  });

  test.each([
    ['won by hand', deals(1, 'CRM_UI')],
    ['of another account', deals(1, 'IMPORT', '70000')],
  ])('leaves a single deal %s in the normal lane, even in the same request', (_, single) => {
    const imported = deals(60);
    const lanes = [...imported, ...single].map(chooseLane([...imported, ...single]));
    expect(lanes.slice(0, -1)).toEqual(imported.map(() => 'bulk'));
    expect(lanes.at(-1)).toBe('normal');
    expect(lanesOf(deals(1))).toEqual(['bulk']);
  });

  test('makes single deals of its kind wait for a minute after its end, and not longer', () => {
    lanesOf(deals(5_000));
    nowMs += 59_999;
    expect(lanesOf(deals(1))).toEqual(['bulk']);
    nowMs += 1;
    expect(lanesOf(deals(1))).toEqual(['normal']);
  });
});

describe('unless told otherwise', () => {
  beforeEach(() => {
    chooseLane = createChooseLane({ monotonicMs: () => nowMs });
  });

  test('a busy minute of 200 deals is no import, however it is cut', () => {
    expect(lanesOf(deals(100))).toEqual(['normal']);
    for (let batch = 0; batch < 10; batch += 1) expect(lanesOf(deals(10))).toEqual(['normal']);
    expect(lanesOf(deals(1))).toEqual(['bulk']);
  });
});

describe('what is no import', () => {
  test('20 deals in one request', () => {
    expect(lanesOf(deals(20))).toEqual(['normal']);
  });

  test('20 deals a minute, for hours', () => {
    const lanes = Array.from({ length: 1_200 }, () => {
      nowMs += 3_000;
      return lanesOf(deals(1));
    });
    expect(new Set(lanes.flat())).toEqual(new Set(['normal']));
  });

  test('the same 20 deals, however often they are named', () => {
    const same = deals(20);
    const lanes = Array.from({ length: 50 }, () => {
      nowMs += 1_000;
      return lanesOf([...same, ...same]);
    });
    expect(new Set(lanes.flat())).toEqual(new Set(['normal']));
  });
});
