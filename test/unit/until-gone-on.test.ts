import { describe, expect, test } from '@jest/globals';
import type { Progress } from '../../src/contracts/run.ts';
import { untilGoneOn } from '../../src/runs/follow-run.ts';
import { TemporalUnavailableError } from '../../src/runs/port.ts';

const waiting = { status: 'NeedsAttention', step: 'Waiting' } as Progress;
const going = { status: 'Provisioning', step: 'Making groups' } as Progress;

function follow(answers: readonly (Progress | Error)[], patienceMs = 10_000) {
  const rest = [...answers];
  const progress = async () => {
    const answer = rest.shift() ?? waiting;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return untilGoneOn({ progress }, 'a run', {
    told: waiting,
    isWaiting: ({ status }) => status === 'NeedsAttention',
    signal: new AbortController().signal,
    pollMs: 1,
    patienceMs,
  });
}

describe('after a message was taken', () => {
  test('the state is shown in which the run has gone on', async () => {
    expect(await follow([waiting, going])).toEqual({ progress: going, hasGoneOn: true });
  });

  test('a run that stays where it is is waited for in vain, and not for long', async () => {
    expect(await follow([], 5)).toEqual({ progress: waiting, hasGoneOn: false });
  });

  test('a server that is busy makes no failure of a message that was taken', async () => {
    const busy = new TemporalUnavailableError('busy');
    expect(await follow([busy, busy, going])).toEqual({ progress: going, hasGoneOn: true });
    expect(await follow(Array(50).fill(busy), 5)).toMatchObject({ hasGoneOn: false });
  });
});
