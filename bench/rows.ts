import { boundByCpu } from './driver/cpu-use.ts';
import { type DriveResult, perDeal, perSecondOf } from './driver/drive.ts';
import { type FigureTable, quotaUse } from './figures.ts';
import type { Figures } from './measures/all.ts';
import { MEASURE_NAMES, type MeasureName } from './measures/names.ts';
import {
  average,
  CRM_TITLES,
  count,
  mebibytes,
  milliseconds,
  percent,
  perSecond,
  seconds,
  tenths,
  times,
} from './wording.ts';

/** One promise about speed or size, and how it was kept. */
export interface Row {
  readonly measure: string;
  readonly figure: string;
  readonly bound: string;
  readonly isMet: boolean;
  /** What would have to change for a better figure. */
  readonly boundBy: string;
}

interface Promised {
  readonly measure: string;
  readonly value: number;
  readonly write: (value: number) => string;
  readonly atMost?: number;
  readonly atLeast?: number;
  /** What else must be so: nothing twice, nothing lost. */
  readonly also?: boolean;
  readonly boundBy: string;
}

type Promises = { readonly [Name in MeasureName]: (figure: Figures[Name]) => readonly Promised[] };

const OWN_STEPS = 'its own steps, one after another: each is a turn of the workflow and a request or more';
const LISTING = '400 ms until the platform lists the codes, and one request after another';
const CALLS = 'what must be read before a write, and written so that a repeat does nothing';
const RETRIES = 'the growing pauses between attempts';

const PROMISES: Promises = {
  sequence: (results) =>
    results.flatMap((result) => [
      {
        measure: `webhook to delivered, ${CRM_TITLES[result.crm]}`,
        value: result.eachMs?.median ?? Number.POSITIVE_INFINITY,
        write: seconds,
        atMost: 2_000,
        also: isOnce(result),
        boundBy: LISTING,
      },
      {
        measure: `requests for it to ${CRM_TITLES[result.crm]}`,
        value: perDeal(result, result.crm),
        write: average,
        atMost: { hubspot: 14, salesforce: 7 }[result.crm],
        boundBy: CALLS,
      },
      {
        measure: `requests for it to the platform, ${CRM_TITLES[result.crm]}`,
        value: perDeal(result, 'ti'),
        write: average,
        atMost: 4,
        boundBy: 'a look-up, a create, a look whether the codes are listed, and the list',
      },
    ]),
  burst: (result) => [
    {
      measure: `${result.deals} deals at once`,
      value: perSecondOf(result),
      write: perSecond,
      atLeast: 12,
      also: isOnce(result),
      boundBy: boundByCpu(result.cpu, OWN_STEPS),
    },
    ...(result.memoryBytes === null
      ? []
      : [
          {
            measure: `memory of all processes after ${result.deals} deals (PSS, Temporal’s server included)`,
            value: result.memoryBytes,
            write: mebibytes,
            atMost: 600 * 1_024 ** 2,
            boundBy: 'two runtimes: Node with the Temporal SDK, and Temporal’s server in Go',
          },
        ]),
  ],
  batch: (result) => [
    within(
      result,
      `${result.deals} deals in one batch, 600 platform requests a minute`,
      30_000,
      'the platform’s quota',
    ),
  ],
  duplicates: (result) => [
    within(result, `${result.deals} deals, every event twice`, 30_000, boundByCpu(result.cpu, OWN_STEPS)),
  ],
  refused: (result) => [
    within(result, `each create answered 503 twice, ${result.deals} deals`, 30_000, RETRIES),
  ],
  lost: (result) => [
    within(
      result,
      `every fourth create’s answer lost, ${result.deals} deals`,
      20_000,
      'how long a group that was certainly made may stay out of sight of a look-up',
    ),
  ],
  kill: (result) => [
    within(
      result,
      `killed with ${result.deals} deals in flight, from the restart`,
      60_000,
      'the time after which a step that no worker works on is given to another one',
    ),
  ],
  limited: (result) => [
    within(
      result,
      `platform answers 429 for 20 s, ${result.deals} deals`,
      30_000,
      'the 20 s, and the pause before it is asked again',
    ),
  ],
  away: (result) => [
    within(
      result,
      `Temporal away for 15 s while ${result.deals} events arrive`,
      30_000,
      'the 15 s, and the CRM’s pause before it sends again',
    ),
  ],
  workers: (results) =>
    results.flatMap(({ workers, allowed, allowedPerMinute }) =>
      allowed === null
        ? []
        : [
            {
              measure: `used of the platform’s quota by ${workers} workers, none refused`,
              value: quotaUse(allowed, allowedPerMinute),
              write: percent,
              atLeast: 0.9,
              also: isOnce(allowed) && allowed.refusedForQuota === 0,
              boundBy: 'how the workers share the quota',
            },
          ],
    ),
  acknowledgement: ({ events, perSecond: rate, product, bare }) => {
    const what = `${count(events)} signed events at ${rate} a second`;
    const boundBy = 'Temporal’s acceptance of the run, which the CRM waits for';
    return [
      {
        measure: `${what}: half acknowledged`,
        value: product.p50Ms,
        write: milliseconds,
        atMost: 25,
        boundBy,
      },
      {
        measure: `${what}: 99 % acknowledged`,
        value: product.p99Ms,
        write: milliseconds,
        atMost: 100,
        boundBy,
      },
      {
        measure: `${what}: 99 % over a bare route`,
        value: product.p99Ms / bare.p99Ms,
        write: times,
        atMost: 1.5,
        boundBy: 'what is looked at in an event before its run is started',
      },
    ];
  },
  startUp: ({ readyMs, programs }) => [
    {
      measure: '`dealseat start` is ready',
      value: readyMs.median,
      write: seconds,
      atMost: 3_000,
      boundBy: 'the start of Temporal’s server, then loading the SDK',
    },
    {
      measure: 'processes beside Node and Temporal’s server',
      value: programs.length - 2,
      write: count,
      atMost: 0,
      boundBy: 'what is started around them',
    },
  ],
  size: () => [],
  latency: (results) =>
    results.map(({ crm, ratio }) => ({
      measure: `own time over the empty chain, 25 seats, ${CRM_TITLES[crm]}`,
      value: ratio.median,
      write: times,
      atMost: { hubspot: 2, salesforce: 1.5 }[crm],
      boundBy: 'requests that wait for each other',
    })),
  throughput: ({ ratio, dealsInFlight }) => [
    {
      measure: `deals a second over the empty chain, ${dealsInFlight} in flight, ${ratio.count} pairs`,
      value: ratio.median,
      write: times,
      atLeast: 0.85,
      boundBy: 'CPU of the clients; the rest is Temporal’s own price, which both pay',
    },
  ],
  history: (sizes) =>
    ([1, 2] as const).flatMap((groups) => {
      const own = sizes.filter((size) => size.groups === groups);
      if (own.length === 0) return [];
      return [
        {
          measure: `history events, ${groups === 1 ? 'one group' : 'two groups'}`,
          value: Math.max(...own.map(({ events }) => events)),
          write: count,
          atMost: { 1: 45, 2: 55 }[groups],
          boundBy: 'three events an activity and three a turn of the workflow code',
        },
      ];
    }),
  memory: (uses) =>
    uses.flatMap(({ crm, seats, store, growthBytes }) => {
      // The embedded database grows in the worker's process, and is for trials.
      if (store === 'embedded') return [];
      const atMost = new Map([
        [10_000, 30],
        [100_000, 60],
      ]).get(seats);
      if (atMost === undefined) return [];
      return [
        {
          measure: `growth of a worker’s memory for ${count(seats)} seats, ${CRM_TITLES[crm]}`,
          value: growthBytes.median,
          write: mebibytes,
          atMost: atMost * 1_024 ** 2,
          boundBy: 'the roster’s file, which a CRM takes in one piece',
        },
      ];
    }),
  requests: (counts) =>
    (['buyer', 'learners'] as const).flatMap((to) => {
      const own = counts.filter((found) => found.to === to && found.seats === 10_000);
      if (own.length === 0) return [];
      return [
        {
          measure: `requests to the platform for 10,000 seats, \`${to}\``,
          value: Math.max(...own.map(({ toLms }) => toLms)),
          write: count,
          atMost: 205,
          boundBy: 'the platform lists 50 codes a page',
        },
      ];
    }),
  seats: (uses) =>
    uses.flatMap(({ database, seats, byEmail, byCode }) =>
      [
        { by: 'address', ms: byEmail.ms },
        { by: 'code', ms: byCode.ms },
      ].map(({ by, ms }) => ({
        measure: `find one of ${count(seats)} seats by ${by}, ${database === 'postgresql' ? 'PostgreSQL' : 'embedded database'}`,
        value: ms.median,
        write: tenths,
        atMost: 10,
        boundBy: 'a few joins by index',
      })),
    ),
};

export function rowsOf(figures: Partial<Figures>): Row[] {
  return MEASURE_NAMES.flatMap((name) => promisesOf(figures, name)).map(rowFrom);
}

export function rowTable(figures: Partial<Figures>): FigureTable {
  const rows = rowsOf(figures);
  const met = rows.filter(({ isMet }) => isMet).length;
  return {
    title: 'What is promised',
    explanation: `${met} of ${rows.length} bounds are met.`,
    head: ['Measure', 'Measured', 'Must be', 'Met', 'What bounds it'],
    rows: rows.map((row) => [row.measure, row.figure, row.bound, row.isMet ? 'yes' : '**no**', row.boundBy]),
  };
}

function promisesOf<Name extends MeasureName>(figures: Partial<Figures>, name: Name): readonly Promised[] {
  const figure: Figures[Name] | undefined = figures[name];
  return figure === undefined ? [] : PROMISES[name](figure);
}

function rowFrom({ measure, value, write, atMost, atLeast, also = true, boundBy }: Promised): Row {
  const isEnough = (atMost === undefined || value <= atMost) && (atLeast === undefined || value >= atLeast);
  const bound =
    atMost === undefined ? `at least ${write(atLeast ?? Number.NaN)}` : `at most ${write(atMost)}`;
  return { measure, figure: write(value), bound, isMet: isEnough && also, boundBy };
}

/** All delivered in time, and nothing twice. */
function within(result: DriveResult, measure: string, atMost: number, boundBy: string): Promised {
  const doubles = result.groupsTooMany + result.mailsTooMany;
  const faults = [
    ...(result.open > 0 ? [`${result.open} not delivered`] : []),
    ...(doubles > 0 ? [`${doubles} twice`] : []),
  ];
  const write = (value: number) => [seconds(value), ...(value === result.tookMs ? faults : [])].join(', ');
  return { measure, value: result.tookMs, write, atMost, also: isOnce(result), boundBy };
}

function isOnce({ open, groupsTooMany, mailsTooMany, notMailed }: DriveResult): boolean {
  return open + groupsTooMany + mailsTooMany + notMailed === 0;
}
