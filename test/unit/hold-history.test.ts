import { describe, expect, test } from '@jest/globals';
import { type FieldChange, valuesBetween } from '../../src/clients/salesforce/field-history.ts';
import { formatHold, parseHold } from '../../src/domain/deal/hold.ts';
import { judgeHistory } from '../../src/domain/deal/hold-history.ts';

const holdOf = (run: string, { at = '2026-11-21T09:00:00.000Z', isDone = false } = {}) =>
  formatHold({ deployment: 'default/1', run, at, isDone });

const OURS = holdOf('ours');
const THEIRS = holdOf('theirs');
const DONE = holdOf('theirs', { isDone: true, at: '2026-11-21T09:01:00.000Z' });
const SEEN = holdOf('earlier', { isDone: true });

describe('the history of a hold field', () => {
  test.each<[string, string | null, readonly string[]]>([
    ['ours alone', null, [OURS]],
    ['ours after an empty field', null, [OURS, '']],
    ['ours after what was seen', SEEN, [OURS, SEEN, THEIRS, '']],
    ['ours after others who were there before the field was emptied', null, [OURS, '', THEIRS]],
    ['ours after what a person typed', null, [OURS, 'please', '', 'no']],
    ['ours after what a person typed over what was seen', SEEN, [OURS, '', 'please', SEEN]],
    ['ours after an attempt of the same run', null, [OURS, holdOf('ours', { isDone: true }), '']],
    ['ours, and somebody who came later', null, [THEIRS, OURS, '']],
    [
      'ours after an attempt that somebody wrote over',
      SEEN,
      [OURS, THEIRS, holdOf('ours', { at: '2026-11-21T08:59:59.000Z' }), SEEN],
    ],
  ])('shows us to be first by %s', (_, seen, values) => {
    expect(judgeHistory(values, { seen, hold: OURS })).toEqual({ is: 'first' });
  });

  test.each<[string, string | null, readonly string[], string]>([
    ['somebody else', null, [OURS, THEIRS, ''], THEIRS],
    ['somebody else since the reading', SEEN, [OURS, THEIRS, SEEN], THEIRS],
    ['somebody who is done', null, [OURS, DONE, THEIRS, ''], DONE],
    ['somebody who was done over ours', null, [DONE, OURS, THEIRS, ''], DONE],
    ['the first of two', null, [OURS, holdOf('third'), THEIRS, ''], THEIRS],
    ['somebody whom a person wrote over', null, [OURS, 'please', THEIRS, 'no', ''], THEIRS],
  ])('shows us to be late by %s, whose latest text is to be put back', (_, seen, values, putBack) => {
    expect(judgeHistory(values, { seen, hold: OURS })).toEqual({ is: 'late', putBack });
  });

  test.each<[string, string | null, readonly string[]]>([
    ['is empty', null, []],
    ['does not show our own writing', null, [THEIRS, '']],
    ['is cut off before what was seen', SEEN, [OURS, THEIRS]],
    ['shows what was seen only after our own writing', SEEN, [SEEN, OURS, THEIRS]],
  ])('proves nothing when it %s', (_, seen, values) => {
    expect(judgeHistory(values, { seen, hold: OURS })).toEqual({ is: 'unproven' });
  });
});

const change = (OldValue: string | null, NewValue: string | null): FieldChange => ({ OldValue, NewValue });

describe('changes of a Salesforce field', () => {
  test.each<[string, string | null, readonly FieldChange[], readonly string[]]>([
    ['one', null, [change(null, 'a')], ['a', '']],
    [
      'many',
      'x',
      [change('b', 'a'), change('c', 'b'), change('x', 'c'), change(null, 'x')],
      ['a', 'b', 'c', 'x'],
    ],
    ['any order', null, [change(null, 'c'), change('b', 'a'), change('c', 'b')], ['a', 'b', 'c', '']],
    [
      'one that was put back',
      null,
      [change('c', 'a'), change('b', 'c'), change('c', 'b'), change(null, 'c')],
      ['a', 'c', 'b', 'c', ''],
    ],
    ['an emptied field', 'x', [change(null, 'a'), change('b', null), change('x', 'b')], ['a', '', 'b', 'x']],
    [
      'a text that was typed twice',
      null,
      [change('x', 'a'), change('b', 'x'), change('x', 'b'), change(null, 'x')],
      ['a', 'x', 'b', 'x', ''],
    ],
    [
      'one that was written again later, in any order',
      null,
      [change('c', 'a'), change('a', 'c'), change(null, 'c')],
      ['a', 'c', ''],
    ],
    ['later ones', null, [change('a', 'z'), change(null, 'a')], ['a', '']],
  ])('are linked into what the field said, by %s', (_, oldest, history, values) => {
    expect(valuesBetween(history, { newest: 'a', oldest })).toEqual(values);
  });

  test.each<[string, readonly FieldChange[]]>([
    ['there are none', []],
    ['ours is not among them', [change(null, 'b')]],
    ['one is missing', [change('b', 'a'), change(null, 'c')]],
    ['they begin with something else', [change('b', 'a'), change('x', 'b')]],
    ['their values are not kept', [change(null, null), change(null, null)]],
    ['they go round', [change('b', 'a'), change('a', 'b')]],
  ])('give no values when %s', (_, history) => {
    expect(valuesBetween(history, { newest: 'a', oldest: null })).toEqual([]);
  });
});

/** Where one writer stands. Every step is one moment of the CRM. */
interface Writer {
  readonly hold: string;
  readonly next: 'look' | 'write' | 'judge' | 'look back' | 'put back' | 'again' | 'over';
  readonly putBack: string;
  readonly outcome: string;
}

interface Deal {
  /** Newest last. */
  readonly changes: readonly FieldChange[];
  readonly writers: readonly Writer[];
  /** How many attempts may still be cut off, at whatever moment. */
  readonly cutOffs: number;
}

type Step = (deal: Deal, writer: Writer, seen: string | null) => readonly [change: string | null, Writer];

const fieldOf = ({ changes }: Deal, seen: string | null) => {
  const last = changes.at(-1);
  return last === undefined ? seen : last.NewValue;
};

const over = (writer: Writer, outcome = writer.outcome): Writer => ({ ...writer, next: 'over', outcome });

/** The next attempt of one that was cut off looks whose hold is there, and has its own proven. */
function again(deal: Deal, writer: Writer, seen: string | null): Writer {
  const field = fieldOf(deal, seen);
  if (field === writer.hold) return { ...writer, next: 'judge' };
  return field === seen ? { ...writer, next: 'look' } : over(writer, 'late');
}

/** Looks, writes, reads the changes in whatever order they come, and puts back only over its own hold. */
const inSalesforce: Step = (deal, writer, seen) => {
  const { hold, next, putBack } = writer;
  switch (next) {
    case 'look':
      return [null, fieldOf(deal, seen) === seen ? { ...writer, next: 'write' } : over(writer, 'late')];
    case 'write':
      return [hold, { ...writer, next: 'judge' }];
    case 'judge': {
      const [verdict, inOtherOrder] = [deal.changes, deal.changes.toReversed()].map((changes) =>
        judgeHistory(valuesBetween(changes, { newest: hold, oldest: seen }), { seen, hold }),
      );
      expect(inOtherOrder).toEqual(verdict);
      if (verdict?.is !== 'late') return [null, over(writer, verdict?.is)];
      return [null, { ...writer, next: 'look back', putBack: verdict.putBack, outcome: 'late' }];
    }
    case 'look back':
      return [null, fieldOf(deal, seen) === hold ? { ...writer, next: 'put back' } : over(writer)];
    default:
      return [putBack, over(writer)];
  }
};

/** Writes, reads field and values in their order, and puts back if its own hold was in the field then. */
const inHubSpot: Step = (deal, writer, seen) => {
  const { hold, next, putBack } = writer;
  switch (next) {
    case 'look':
      return [hold, { ...writer, next: 'judge' }];
    case 'judge': {
      const values = [...deal.changes.map(({ NewValue }) => NewValue ?? '').reverse(), seen ?? ''];
      const verdict = judgeHistory(values, { seen, hold });
      if (verdict.is !== 'late') return [null, over(writer, verdict.is)];
      if (fieldOf(deal, seen) !== hold) return [null, over(writer, 'late')];
      return [null, { ...writer, next: 'put back', putBack: verdict.putBack, outcome: 'late' }];
    }
    default:
      return [putBack, over(writer)];
  }
};

/** Every end that the steps of the writers can lead to, in whatever order they are made. */
function endsOf(step: Step, seen: string | null, holds: readonly string[], cutOffs = 0): Deal[] {
  const ends: Deal[] = [];
  const known = new Set<string>();
  const visit = (deal: Deal) => {
    const key = JSON.stringify(deal);
    if (known.has(key)) return;
    known.add(key);
    if (deal.writers.every(({ next }) => next === 'over')) ends.push(deal);
    for (const [index, writer] of deal.writers.entries()) {
      if (writer.next === 'over') continue;
      if (deal.cutOffs > 0 && writer.next !== 'again') {
        const writers = deal.writers.with(index, { ...writer, next: 'again' });
        visit({ ...deal, writers, cutOffs: deal.cutOffs - 1 });
      }
      const [written, after] =
        writer.next === 'again' ? [null, again(deal, writer, seen)] : step(deal, writer, seen);
      const OldValue = fieldOf(deal, seen);
      // A text that is written once more changes nothing.
      const changes = written === null || written === OldValue ? [] : [change(OldValue, written)];
      visit({ ...deal, changes: [...deal.changes, ...changes], writers: deal.writers.with(index, after) });
    }
  };
  const writer = { next: 'look', putBack: '', outcome: '' } as const;
  visit({ changes: [], writers: holds.map((hold) => ({ ...writer, hold })), cutOffs });
  return ends;
}

describe.each([
  ['Salesforce', inSalesforce],
  ['HubSpot', inHubSpot],
])('writers who take the hold of one %s deal at once', (_, step) => {
  describe.each([
    ['two', [holdOf('one'), holdOf('two')]],
    ['three', [holdOf('one'), holdOf('two'), holdOf('three')]],
    ['four', [holdOf('one'), holdOf('two'), holdOf('three'), holdOf('four')]],
  ])('%s of them', (__, holds) => {
    test.each([[null], [SEEN]])('over %j end with exactly one who is first, and with its hold', (seen) => {
      const winners = new Set<string>();
      for (const end of endsOf(step, seen, holds)) {
        const outcomes = end.writers.map(({ outcome }) => outcome).sort();
        expect(outcomes).toEqual(['first', ...holds.slice(1).map(() => 'late')]);
        const first = end.writers.find(({ outcome }) => outcome === 'first')?.hold ?? '';
        expect(fieldOf(end, seen)).toBe(first);
        winners.add(first);
      }
      expect([...winners].sort()).toEqual([...holds].sort());
    });
  });

  test.each([
    ['two', 3, [holdOf('one'), holdOf('two')]],
    ['three', 2, [holdOf('one'), holdOf('two'), holdOf('three')]],
  ])('%s of them, %i times cut off and repeated, never end with two that are first', (__, cutOffs, holds) => {
    const outcomes = endsOf(step, SEEN, holds, cutOffs).map((end) => {
      const first = end.writers.filter(({ outcome }) => outcome === 'first');
      expect(first.length).toBeLessThanOrEqual(1);
      expect(end.writers.map(({ outcome }) => outcome)).not.toContain('unproven');
      return first.length;
    });
    expect(outcomes).toContain(1);
  });

  test('of whom one is another attempt of the same run end with one run that is first', () => {
    const again = holdOf('one', { at: '2026-11-21T09:00:05.000Z' });
    for (const end of endsOf(step, null, [holdOf('one'), again, holdOf('two')])) {
      const first = end.writers.flatMap(({ hold, outcome }) =>
        outcome === 'first' ? [parseHold(hold)?.run] : [],
      );
      expect(new Set(first).size).toBe(1);
      expect(parseHold(fieldOf(end, null))?.run).toBe(first[0]);
    }
  });
});
