import { writeFile } from 'node:fs/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { askedIn, type Exchange } from '../../sandbox/http.ts';
import { REMOTE_CALLS, remoteCallOf } from '../../scripts/docs/effects/effects.ts';
import { shuffled } from '../support/random.ts';
import { openRig } from '../support/rig.ts';
import { runByHand } from './by-hand.ts';
import { changeAccess } from './change-access.ts';
import { changeSeats } from './change-seats.ts';
import { DISTURBANCES, SANDBOX_SYSTEM } from './disturbances.ts';
import { allCells, type Cell, isOutsideRun, nameOf, sampleCells } from './matrix.ts';
import { type Outcome, wayOf } from './outcome.ts';
import { runDeal } from './run-deal.ts';

/**
 * The table of remote calls against everything that can befall them. `npm test` runs a sample, `npm run test:faults`
 * all of it; the seed chooses the sample and the order.
 */
const seed = Number(process.env.DEALSEAT_FAULTS_SEED ?? 1);
const isLong = process.env.DEALSEAT_FAULTS_FORM === 'long';
const limit = isLong ? Number(process.env.DEALSEAT_FAULTS_CELLS ?? Number.POSITIVE_INFINITY) : 0;
const cells = chooseCells();

const rig = openRig();
const outcomes = new Map<string, Outcome>();
const CELL_TIMEOUT_MS = 400_000;

describe(`whatever befalls a remote call (seed ${seed})`, () => {
  for (const cell of cells) {
    test.concurrent(
      `nothing is made twice and a person hears of what cannot be helped: ${nameOf(cell)}`,
      async () => {
        const outcome = await run(cell);
        if (cell.disturbance !== null) expect(outcome.strikes).toBeGreaterThan(0);
        checkWhoHeard(cell, outcome);
        // Last of all: what stands here is reported as held.
        outcomes.set(nameOf(cell), outcome);
      },
      CELL_TIMEOUT_MS,
    );
  }
});

describe('the table of remote calls', () => {
  test('is complete: no run makes a call that it does not know', () => {
    expect([
      ...new Set(
        allExchanges()
          .filter((exchange) => rowOf(exchange) === undefined)
          .map(describeRequest),
      ),
    ]).toEqual([]);
  });

  test('has no call that no run makes', () => {
    const made = new Set(allExchanges().map(rowOf));
    expect(REMOTE_CALLS.filter((call) => !made.has(call)).map(({ call }) => call)).toEqual([]);
  });

  test('is struck by every kind of disturbance', () => {
    const struck = new Set(cells.map(({ disturbance }) => disturbance?.name));
    expect(DISTURBANCES.filter(({ name }) => !struck.has(name))).toEqual([]);
  });
});

afterAll(async () => {
  const file = process.env.DEALSEAT_FAULTS_REPORT;
  if (file === undefined) return;
  const disturbed = cells.filter(({ disturbance }) => disturbance !== null);
  const rows = disturbed.map((cell) => {
    const outcome = outcomes.get(nameOf(cell));
    return {
      system: cell.call.system,
      disturbance: cell.disturbance?.name ?? null,
      way: outcome === undefined ? null : wayOf(outcome, cell.scenario),
    };
  });
  await writeFile(file, JSON.stringify({ seed, cellCount: allCells(seed).length, rows }));
});

function run(cell: Cell): Promise<Outcome> {
  if (cell.scenario === 'access') return changeAccess(cell);
  if (cell.scenario === 'seats') return changeSeats(cell);
  return cell.scenario === 'byHand' ? runByHand(cell) : runDeal(rig, cell);
}

/** What passes costs nobody a question, and of what stays somebody hears. */
function checkWhoHeard({ disturbance, scenario }: Cell, outcome: Outcome): void {
  const way = wayOf(outcome, scenario);
  if (disturbance?.passes === 'soon' && !isOutsideRun(scenario))
    expect(['repeated', 'byItself']).toContain(way);
  if (disturbance?.passes === 'once heard of') expect(['person', 'leftUndone']).toContain(way);
}

function allExchanges(): Exchange[] {
  return [...outcomes.values()].flatMap(({ exchanges }) => askedIn(exchanges));
}

function rowOf({ system, method, path }: Exchange) {
  const found = Object.entries(SANDBOX_SYSTEM).find(([, name]) => name === system);
  return remoteCallOf({ system: found?.[0] as keyof typeof SANDBOX_SYSTEM, method, path });
}

function describeRequest({ system, method, path }: Exchange): string {
  return `${system} ${method} ${path}`;
}

/** The sample first, so that every form makes every call of the table; then others up to the limit. */
function chooseCells(): Cell[] {
  const sample = sampleCells(seed);
  const names = new Set(sample.map(nameOf));
  const others = shuffled(allCells(seed), seed).filter((cell) => !names.has(nameOf(cell)));
  return [...sample, ...others.slice(0, Math.max(0, limit - sample.length))];
}
