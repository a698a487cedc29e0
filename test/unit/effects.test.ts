import { describe, expect, test } from '@jest/globals';
import { REMOTE_CALLS, remoteCallOf } from '../../scripts/docs/effects/effects.ts';

const writes = REMOTE_CALLS.flatMap((call) => (call.effect === 'read' ? [] : [call]));

describe('the table of remote calls', () => {
  test('names every call once', () => {
    const names = REMOTE_CALLS.map(({ call }) => call);
    expect(names).toEqual([...new Set(names)]);
  });

  test.each(REMOTE_CALLS.map((call) => [call.call, call] as const))(
    'takes a request of "%s" for that call and for no other',
    (_, row) => {
      const path = row.path.replaceAll(/\{\w+\}/g, 'x1');
      expect(remoteCallOf({ ...row, path })).toBe(row);
      expect(remoteCallOf({ ...row, path: `${path}/more/of/it` })).not.toBe(row);
    },
  );

  test.each(writes.map((call) => [call.call, call] as const))(
    'looks "%s" up by reads of the same system that it knows',
    (_, { system, lookedUpBy }) => {
      const reads = REMOTE_CALLS.filter((call) => call.effect === 'read' && call.system === system);
      expect(lookedUpBy.filter((name) => !reads.some(({ call }) => call === name))).toEqual([]);
    },
  );

  test('looks before it repeats wherever a repeat could make a second one', () => {
    const blind = writes.filter(
      ({ effect, lookedUpBy }) => effect === 'guarded create' && lookedUpBy.length === 0,
    );
    expect(blind).toEqual([]);
  });

  test('does not know a call that nobody has described', () => {
    const path = '/incoming/v2/redemptionCodes/x1';
    expect(remoteCallOf({ system: 'Thought Industries', method: 'DELETE', path })).toBeUndefined();
  });
});
