import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { BudgetExceeded, RequestBudget, systemClock } from '../../src/clients/request-budget.ts';
import { takingTurnsAs } from '../../src/clients/turn-taker.ts';
import { FakeClock, reactions } from './fake-clock.ts';

const second = 1_000;
const minute = 60 * second;

interface Caller {
  readonly budget: RequestBudget;
  readonly clock: FakeClock;
}

function budgetOf(requestsPerMinute: number, burst?: number): Caller {
  const clock = new FakeClock(0);
  return {
    clock,
    budget: new RequestBudget({ requestsPerMinute, clock, ...(burst === undefined ? {} : { burst }) }),
  };
}

/** Asks for a turn and notes when it came, or what came instead. */
function ask(
  { budget, clock }: Caller,
  options: { maxWaitMs?: number; signal?: AbortSignal } = {},
): { at: number | null; refusal: unknown } {
  const note: { at: number | null; refusal: unknown } = { at: null, refusal: null };
  budget.turn({ maxWaitMs: options.maxWaitMs ?? minute, signal: options.signal }).then(
    () => {
      note.at = clock.now();
    },
    (reason: unknown) => {
      note.refusal = reason;
    },
  );
  return note;
}

function askTimes(caller: Caller, count: number) {
  return Array.from({ length: count }, () => ask(caller));
}

describe('our own budget', () => {
  test('lets a burst go at once and then one request an interval', async () => {
    const caller = budgetOf(15, 3);
    const notes = askTimes(caller, 6);
    await caller.clock.advance(minute);
    expect(notes.map(({ at }) => at)).toEqual([0, 0, 0, 4 * second, 8 * second, 12 * second]);
  });

  test('fills up again in a quiet time, never above the burst', async () => {
    const caller = budgetOf(60, 2);
    askTimes(caller, 2);
    await caller.clock.advance(10 * minute);
    const notes = askTimes(caller, 3);
    await caller.clock.advance(minute);
    const start = 10 * minute;
    expect(notes.map(({ at }) => at)).toEqual([start, start, start + second]);
  });

  test.each([
    [15, 15],
    [600, 20],
    [0.5, 1],
  ])('of %d a minute allows %d at once unless told otherwise', async (requestsPerMinute, expected) => {
    const caller = budgetOf(requestsPerMinute);
    const notes = Array.from({ length: 40 }, () => ask(caller, { maxWaitMs: 1e9 }));
    await reactions();
    expect(notes.filter(({ at }) => at === 0)).toHaveLength(expected);
  });

  test('is never exceeded over any minute, whatever the arrivals', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 0, max: 20 * second }), { minLength: 1, maxLength: 60 }),
        async (requestsPerMinute, burst, pauses) => {
          const caller = budgetOf(requestsPerMinute, burst);
          const notes = [];
          for (const pause of pauses) {
            await caller.clock.advance(pause);
            notes.push(ask(caller, { maxWaitMs: 1e12 }));
          }
          await caller.clock.advance(1e9);
          const turns = notes.map(({ at }) => at ?? Number.NaN);
          expect(turns).toEqual([...turns].sort((a, b) => a - b));
          for (const start of turns) {
            const inOneMinute = turns.filter((at) => at >= start && at < start + minute).length;
            expect(inOneMinute).toBeLessThanOrEqual(requestsPerMinute + burst);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'of %d a minute is refused',
    (requestsPerMinute) => {
      expect(() => new RequestBudget({ requestsPerMinute })).toThrow(RangeError);
    },
  );

  test('keeps nobody waiting because the clock of the machine is set back', async () => {
    const budget = new RequestBudget({ requestsPerMinute: 6_000, burst: 2 });
    const clock = jest.spyOn(Date, 'now');
    try {
      await budget.turn({ maxWaitMs: 1_000 });
      await budget.turn({ maxWaitMs: 1_000 });
      clock.mockReturnValue(Date.parse('2020-01-01'));
      await budget.turn({ maxWaitMs: 1_000 });
    } finally {
      clock.mockRestore();
    }
  });

  test('runs on the system clock when handed none', async () => {
    const budget = new RequestBudget({ requestsPerMinute: 6_000, burst: 1 });
    const before = systemClock.now();
    for (let turn = 0; turn < 3; turn += 1) await budget.turn({ maxWaitMs: minute });
    expect(systemClock.now() - before).toBeGreaterThanOrEqual(19);
  });
});

describe('waiting', () => {
  test('ends in the order of arrival', async () => {
    const caller = budgetOf(60, 1);
    const order: number[] = [];
    for (const number of [1, 2, 3, 4]) {
      void caller.budget.turn({ maxWaitMs: minute }).then(() => order.push(number));
    }
    await caller.clock.advance(minute);
    expect(order).toEqual([1, 2, 3, 4]);
  });

  test('leaves no timer behind', async () => {
    const caller = budgetOf(60, 1);
    const cancelled = new AbortController();
    askTimes(caller, 2);
    ask(caller, { signal: cancelled.signal });
    expect(caller.clock.pendingTimers).toBe(1);
    cancelled.abort();
    await caller.clock.advance(second);
    expect(caller.clock.pendingTimers).toBe(0);
  });

  test('that is cancelled throws the reason and gives its place to the next', async () => {
    const caller = budgetOf(60, 1);
    const controller = new AbortController();
    ask(caller);
    const cancelled = ask(caller, { signal: controller.signal });
    const next = ask(caller);
    const reason = new Error('deal cancelled');
    controller.abort(reason);
    await caller.clock.advance(minute);
    expect(cancelled).toEqual({ at: null, refusal: reason });
    expect(next.at).toBe(second);
  });

  test('does not begin when cancelled before', async () => {
    const caller = budgetOf(60, 1);
    const reason = new Error('deal cancelled');
    const cancelled = ask(caller, { signal: AbortSignal.abort(reason) });
    const next = ask(caller);
    await reactions();
    expect(cancelled.refusal).toBe(reason);
    expect(next.at).toBe(0);
  });

  test('is not disturbed by a cancellation after the turn came', async () => {
    const caller = budgetOf(60, 1);
    const controller = new AbortController();
    const note = ask(caller, { signal: controller.signal });
    const next = ask(caller);
    await reactions();
    controller.abort(new Error('later'));
    await caller.clock.advance(minute);
    expect(note).toEqual({ at: 0, refusal: null });
    expect(next.at).toBe(second);
  });

  test('beyond the bound of the caller is refused at once, with the delay, and takes no turn', async () => {
    const caller = budgetOf(6, 1);
    askTimes(caller, 3);
    const refused = ask(caller, { maxWaitMs: 29 * second });
    const patient = ask(caller, { maxWaitMs: 30 * second });
    await reactions();
    expect(refused.refusal).toBeInstanceOf(BudgetExceeded);
    expect(refused.refusal).toMatchObject({ retryAfterMs: 30 * second });
    await caller.clock.advance(minute);
    expect(patient.at).toBe(30 * second);
  });
});

describe('when the other side asks to wait', () => {
  test('nobody goes before, and then they go one by one', async () => {
    const caller = budgetOf(60, 10);
    caller.budget.holdFor(30 * second);
    const notes = askTimes(caller, 3);
    await caller.clock.advance(minute);
    expect(notes.map(({ at }) => at)).toEqual([30 * second, 31 * second, 32 * second]);
  });

  test('a shorter wish does not cut a longer one', async () => {
    const caller = budgetOf(60, 10);
    caller.budget.holdFor(30 * second);
    caller.budget.holdFor(second);
    const note = ask(caller);
    await caller.clock.advance(minute);
    expect(note.at).toBe(30 * second);
  });

  test('those already waiting too long for their bound are sent away with the delay', async () => {
    const caller = budgetOf(60, 1);
    ask(caller);
    const short = ask(caller, { maxWaitMs: 20 * second });
    const long = ask(caller, { maxWaitMs: 5 * minute });
    caller.budget.holdFor(40 * second);
    await reactions();
    expect(short.refusal).toMatchObject({ retryAfterMs: 40 * second });
    await caller.clock.advance(minute);
    expect(long.at).toBe(40 * second);
  });
});

describe('a refusal that names no time', () => {
  /** Refuses every request until then, as a platform does that says no more than 429. */
  function refusingUntil(caller: Caller, open: number) {
    const refused: number[] = [];
    const taken: number[] = [];
    const request = async (): Promise<void> => {
      for (;;) {
        await caller.budget.turn({ maxWaitMs: 1e9 });
        const now = caller.clock.now();
        if (now >= open) {
          taken.push(now);
          caller.budget.accepted();
          return;
        }
        refused.push(now);
        caller.budget.refused();
      }
    };
    return { request, refused, taken };
  }

  test('holds everybody once, asks again in growing gaps by one request, and then all go', async () => {
    const caller = budgetOf(600, 20);
    const { request, refused, taken } = refusingUntil(caller, 20 * second);
    for (let count = 0; count < 20; count += 1) void request();
    await caller.clock.advance(minute);

    const probes = [...new Set(refused)].filter((at) => at > 0);
    expect(probes).toEqual([1_000, 2_500, 4_750, 8_125, 13_188]);
    // One at a time, after the burst that was refused first.
    expect(refused).toHaveLength(20 + probes.length);
    expect(taken).toHaveLength(20);
    expect(taken[0]).toBe(20_782);
    expect(taken.at(-1)).toBeLessThan(23 * second);
  });

  test('is taken for one, however many were on their way', async () => {
    const caller = budgetOf(600, 20);
    expect(Array.from({ length: 10 }, () => caller.budget.refused())).toEqual(Array(10).fill(second));
  });

  test('lets the next one ask when the first gets no answer', async () => {
    const caller = budgetOf(600, 20);
    caller.budget.refused();
    const notes = askTimes(caller, 3);
    await caller.clock.advance(minute);
    expect(notes.map(({ at }) => at)).toEqual([second, 6 * second, 11 * second]);
  });

  test('is not over because an answer comes that was on its way', async () => {
    const caller = budgetOf(600, 20);
    caller.budget.refused();
    caller.budget.accepted();
    const notes = askTimes(caller, 2);
    await caller.clock.advance(2 * second);
    expect(notes.map(({ at }) => at)).toEqual([second, null]);
  });

  test('sends nobody away who would be served if the next request is taken', async () => {
    const caller = budgetOf(600, 20);
    caller.budget.refused();
    const notes = Array.from({ length: 20 }, () => ask(caller, { maxWaitMs: 5 * second }));
    await reactions();
    expect(notes.map(({ refusal }) => refusal)).toEqual(Array(20).fill(null));
  });

  test('starts with the short gap when the one before is over', async () => {
    const caller = budgetOf(600, 20);
    caller.budget.refused();
    await caller.clock.advance(second);
    expect(caller.budget.refused()).toBe(1_500);
    await caller.clock.advance(2 * second);
    await caller.budget.turn({ maxWaitMs: minute });
    caller.budget.accepted();
    expect(caller.budget.refused()).toBe(second);
  });
});

describe('those who wait together', () => {
  const IMPORT = { priority: 3, origin: 'import' };

  function askAs(caller: Caller, taker: { priority?: number; origin?: string; deal?: string }) {
    return takingTurnsAs({ priority: 3, origin: '', deal: '', ...taker }, () => ask(caller));
  }

  test('a request of the normal lane goes before all of the bulk lane', async () => {
    const caller = budgetOf(60, 1);
    const bulk = Array.from({ length: 20 }, (_, deal) => askAs(caller, { priority: 5, deal: `${deal}` }));
    const single = askAs(caller, { deal: 'single' });
    await caller.clock.advance(minute);
    expect(single.at).toBe(second);
    expect(bulk.map(({ at }) => at)).toEqual([0, ...Array.from({ length: 19 }, (_, n) => (n + 2) * second)]);
  });

  test('a single deal of another origin goes next, and then both origins take turns', async () => {
    const caller = budgetOf(60, 1);
    const many = Array.from({ length: 20 }, (_, deal) => askAs(caller, { ...IMPORT, deal: `${deal}` }));
    await caller.clock.advance(5 * second);
    const others = ['a', 'b', 'c'].map((deal) => askAs(caller, { origin: 'partner', deal }));
    await caller.clock.advance(minute);
    expect(others.map(({ at }) => at)).toEqual([6_000, 8_000, 10_000]);
    expect(many.at(-1)?.at).toBe(22 * second);
  });

  test('a deal that asks for much at once takes turns with the others of its origin', async () => {
    const caller = budgetOf(60, 1);
    const large = Array.from({ length: 10 }, () => askAs(caller, { ...IMPORT, deal: 'large' }));
    const small = ['a', 'b'].map((deal) => askAs(caller, { ...IMPORT, deal }));
    await caller.clock.advance(minute);
    expect(small.map(({ at }) => at)).toEqual([second, 2 * second]);
    expect(large.at(-1)?.at).toBe(11 * second);
  });

  test('one who was away gets no more than his part afterwards', async () => {
    const caller = budgetOf(60, 1);
    const many = Array.from({ length: 12 }, () => askAs(caller, IMPORT));
    await caller.clock.advance(7 * second);
    const late = Array.from({ length: 5 }, () => askAs(caller, { origin: 'partner' }));
    await caller.clock.advance(minute);
    expect(late.map(({ at }) => at)).toEqual([8, 10, 12, 14, 16].map((at) => at * second));
    expect(many.at(-1)?.at).toBe(15 * second);
  });

  test('those who are sent away are asked to come back one after another', async () => {
    const caller = budgetOf(60, 1);
    const notes = Array.from({ length: 6 }, () => ask(caller, { maxWaitMs: 2 * second }));
    await reactions();
    expect(notes.slice(3).map(({ refusal }) => refusal)).toEqual([
      expect.objectContaining({ retryAfterMs: 3 * second }),
      expect.objectContaining({ retryAfterMs: 4 * second }),
      expect.objectContaining({ retryAfterMs: 5 * second }),
    ]);
  });

  test('a single deal that is sent away need not come back behind an import', async () => {
    const caller = budgetOf(60, 1);
    caller.budget.holdFor(30 * second);
    for (let count = 0; count < 50; count += 1) {
      takingTurnsAs({ priority: 5, origin: '', deal: '' }, () => ask(caller, { maxWaitMs: second }));
    }
    const single = ask(caller, { maxWaitMs: second });
    await reactions();
    expect(single.refusal).toMatchObject({ retryAfterMs: 30 * second });
  });
});

describe('a budget that several processes share', () => {
  test('is divided among them', async () => {
    const caller = budgetOf(60, 6);
    caller.budget.shareAmong(3);
    const notes = askTimes(caller, 4);
    await caller.clock.advance(minute);
    expect(notes.map(({ at }) => at)).toEqual([0, 0, 3 * second, 6 * second]);
  });

  test('frees those who wait when it becomes one process’s alone', async () => {
    const caller = budgetOf(60, 6);
    caller.budget.shareAmong(6);
    const notes = askTimes(caller, 4);
    await caller.clock.advance(second);
    caller.budget.shareAmong(1);
    await caller.clock.advance(minute);
    expect(notes.every(({ at }) => at !== null && at <= 4 * second)).toBe(true);
  });
});

describe('the quota of the other side', () => {
  const reading = (remaining: number, resetMs: number) => ({ limit: 100, remaining, resetMs });

  test('changes nothing while a tenth or more is left', async () => {
    const caller = budgetOf(60, 3);
    caller.budget.observe(reading(10, minute));
    const notes = askTimes(caller, 3);
    await reactions();
    expect(notes.map(({ at }) => at)).toEqual([0, 0, 0]);
  });

  test('when scarce is spread over the rest of the window, half of it left to others', async () => {
    const caller = budgetOf(600, 20);
    ask(caller);
    caller.budget.observe(reading(8, 40 * second));
    const notes = askTimes(caller, 4);
    await caller.clock.advance(39 * second);
    expect(notes.map(({ at }) => at)).toEqual([10 * second, 20 * second, 30 * second, null]);
  });

  test('when used up is waited for, and then the own pace counts again', async () => {
    const caller = budgetOf(600, 20);
    ask(caller);
    caller.budget.observe(reading(0, 40 * second));
    const notes = askTimes(caller, 2);
    await caller.clock.advance(minute);
    expect(notes.map(({ at }) => at)).toEqual([40 * second, 40 * second]);
  });

  test('that recovered frees those who wait', async () => {
    const caller = budgetOf(600, 20);
    ask(caller);
    caller.budget.observe(reading(0, 40 * second));
    const note = ask(caller);
    await caller.clock.advance(second);
    caller.budget.observe(reading(90, 40 * second));
    await reactions();
    expect(note.at).toBe(second);
  });

  test('of a window that is over is ignored', async () => {
    const caller = budgetOf(600, 20);
    ask(caller);
    caller.budget.observe(reading(0, 0));
    const note = ask(caller);
    await reactions();
    expect(note.at).toBe(0);
  });
});
