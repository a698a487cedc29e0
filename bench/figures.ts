import { THOUGHT_INDUSTRIES } from '../src/config/variables.ts';
import { type DriveResult, perSecondOf } from './driver/drive.ts';
import type { Figures } from './measures/all.ts';
import { MEASURE_NAMES, type MeasureName } from './measures/names.ts';
import {
  average,
  CRM_TITLES,
  count,
  kibibytes,
  mebibytes,
  milliseconds,
  percent,
  perSecond,
  seconds,
  show,
  tenths,
  times,
} from './wording.ts';

/** A table for people, before it is drawn for a terminal or for the docs. */
export interface FigureTable {
  readonly title: string;
  readonly explanation: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const REQUESTS_PER_MINUTE = THOUGHT_INDUSTRIES.TI_REQUESTS_PER_MINUTE.fallback;

type Tables = { readonly [Name in MeasureName]?: (figure: Figures[Name]) => FigureTable };

/** Of the measures that have one of their own; the deliveries share one. */
const TABLES: Tables = {
  workers: workersTable,
  acknowledgement: acknowledgementTable,
  startUp: startUpTable,
  size: sizeTable,
  latency: latencyTable,
  throughput: throughputTable,
  history: historyTable,
  memory: memoryTable,
  requests: requestTable,
  seats: seatsTable,
};

export function figureTables(figures: Partial<Figures>): FigureTable[] {
  const deliveries = deliveriesTable(figures);
  const others = MEASURE_NAMES.flatMap((name) => tableOf(figures, name));
  return deliveries.rows.length === 0 ? others : [deliveries, ...others];
}

function tableOf<Name extends MeasureName>(figures: Partial<Figures>, name: Name): FigureTable[] {
  const figure: Figures[Name] | undefined = figures[name];
  const table = TABLES[name];
  return figure === undefined || table === undefined ? [] : [table(figure)];
}

/** What is announced how, and what goes wrong: the rows that any receiver of webhooks can be driven with. */
const DELIVERY_ROWS = {
  burst: 'all at once',
  batch: 'in one batch, little allowed by the platform',
  duplicates: 'every event twice',
  refused: 'each create answered 503 twice',
  lost: 'every fourth create’s answer lost',
  kill: 'all processes killed and started again',
  limited: 'the platform answers 429 for a while, without Retry-After',
  away: 'the Temporal server away while the events arrive',
} as const satisfies Partial<Record<MeasureName, string>>;

const DELIVERY_HEAD = [
  'What happens',
  'Deals',
  'Done in',
  'One deal',
  'Deals a second',
  'Groups too many',
  'Mails too many',
  'Not delivered',
];

function deliveriesTable({ sequence = [], ...figures }: Partial<Figures>): FigureTable {
  const others = Object.entries(DELIVERY_ROWS).flatMap(([name, title]) => {
    const result = figures[name as keyof typeof DELIVERY_ROWS];
    return result === undefined ? [] : [deliveryRow(title, result)];
  });
  return {
    title: 'Deliveries with default settings',
    explanation:
      '`dealseat start` with default settings, in a process of its own. The stand-ins list codes 400 ms after a create and apply no request quota, except where the row is about one. Every deal has its own buyer, one product and on average 25 seats, and has stood still for a day. "Done in" counts from the first event until the last deal is Delivered, and after a kill from the restart. An event without an acknowledgement is sent again a second later.',
    head: DELIVERY_HEAD,
    rows: [
      ...sequence.map((result) => deliveryRow(`one after another, ${CRM_TITLES[result.crm]}`, result)),
      ...others,
    ],
  };
}

/** The rows of another middleware, in the words of ours. */
export function deliveryTable(
  title: string,
  results: readonly { readonly title: string; readonly result: DriveResult }[],
): FigureTable {
  return {
    title,
    explanation: '',
    head: DELIVERY_HEAD,
    rows: results.map((row) => deliveryRow(row.title, row.result)),
  };
}

function deliveryRow(title: string, result: DriveResult): string[] {
  const { deals, open, tookMs, eachMs, groupsTooMany, mailsTooMany, notMailed } = result;
  return [
    title,
    String(deals),
    open > 0 ? `not in ${seconds(tookMs)}` : seconds(tookMs),
    eachMs === null ? '' : show(eachMs, seconds),
    perSecond(perSecondOf(result)),
    String(groupsTooMany),
    String(mailsTooMany),
    String(Math.max(open, notMailed)),
  ];
}

function workersTable(workers: Figures['workers']): FigureTable {
  const row = (name: string, result: DriveResult, share: string) => [
    name,
    String(result.deals),
    seconds(result.tookMs),
    perSecond(perSecondOf(result)),
    String(result.refusedForQuota),
    share,
  ];
  return {
    title: 'One, two and three workers',
    explanation:
      'Several processes of `dealseat worker` and one of `dealseat webhooks`. They share the cores of one machine with the Temporal server and the stand-ins. In the last row the platform allows 600 requests a minute, which all workers share.',
    head: ['Workers', 'Deals', 'Done in', 'Deals a second', 'Refused for the quota', 'Used of the quota'],
    rows: workers.flatMap(({ workers: processes, free, allowed, allowedPerMinute }) => [
      row(String(processes), free, ''),
      ...(allowed === null
        ? []
        : [
            row(
              `${processes}, ${allowedPerMinute} requests a minute`,
              allowed,
              percent(quotaUse(allowed, allowedPerMinute)),
            ),
          ]),
    ]),
  };
}

/** Of what the platform allows while the deals need it. */
export function quotaUse({ requests, platformMs }: DriveResult, allowedPerMinute: number): number {
  return requests.ti / ((platformMs / 60_000) * allowedPerMinute);
}

function acknowledgementTable(figure: Figures['acknowledgement']): FigureTable {
  const { events, perSecond: rate, product, bare } = figure;
  return {
    title: 'Acknowledgement of an event',
    explanation: `${count(events)} signed events of HubSpot for each route, ${rate} a second, from sending until the answer, which is sent after Temporal has accepted the run. The bare route is a Fastify route with the same signature check and the same start, in the same process.`,
    head: ['Route', 'Half of them within', '99 % within'],
    rows: Object.entries({ Dealseat: product, bare }).map(([route, { p50Ms, p99Ms }]) => [
      route,
      milliseconds(p50Ms),
      milliseconds(p99Ms),
    ]),
  };
}

function startUpTable({ readyMs, programs }: Figures['startUp']): FigureTable {
  return {
    title: 'Start-up',
    explanation:
      'From the start of `dealseat start`, on a database that it has used before, until it accepts webhooks and its worker polls. The last column lists the programs that run then.',
    head: ['Ready in', 'Starts', 'Programs'],
    rows: [[show(readyMs, seconds), String(readyMs.count), programs.join(', ')]],
  };
}

function sizeTable({ bundleBytes, packages, modulesBytes, foreignBytes }: Figures['size']): FigureTable {
  return {
    title: 'Size of what is installed',
    explanation:
      'The workflow bundle, and the packages that the service needs. The image leaves out binaries for other systems.',
    head: ['Workflow bundle', 'Packages', 'Their size', 'Of it for other systems', 'Rest'],
    rows: [
      [
        kibibytes(bundleBytes),
        String(packages),
        mebibytes(modulesBytes),
        mebibytes(foreignBytes),
        mebibytes(modulesBytes - foreignBytes),
      ],
    ],
  };
}

function latencyTable(latency: Figures['latency']): FigureTable {
  return {
    title: 'One deal beside the empty chain',
    explanation:
      'One deal of 25 seats at a time. "Dealseat" is the signed webhook, the webhook server, and a worker with the real clients on the stand-ins. The "empty chain" is the same workflow code on the same server, with activities that do nothing. Both are idle for a second before each deal.',
    head: ['CRM', 'Dealseat / empty chain', 'Dealseat', 'Empty chain', 'Pairs'],
    rows: latency.map(({ crm, ratio, realMs, emptyMs }) => [
      CRM_TITLES[crm],
      show(ratio, times),
      show(realMs, milliseconds),
      show(emptyMs, milliseconds),
      String(ratio.count),
    ]),
  };
}

function throughputTable(throughput: Figures['throughput']): FigureTable {
  const { dealsInFlight, ratio, realPerSecond, emptyPerSecond, repeatedAttempts } = throughput;
  return {
    title: 'Deals a second beside the empty chain',
    explanation: `${dealsInFlight} deals announced at once, half of them in each CRM, until the last one is delivered, with one worker process. Temporal repeats an activity attempt that failed, or that a server without enough CPU lost on the way to the worker. This can cost a burst up to a minute, so figures with repeated attempts depend more on the machine than on Dealseat.`,
    head: [
      'Deals in flight',
      'Dealseat / empty chain',
      'Dealseat',
      'Empty chain',
      'Pairs',
      'Repeated attempts',
    ],
    rows: [
      [
        String(dealsInFlight),
        show(ratio, times),
        show(realPerSecond, perSecond),
        show(emptyPerSecond, perSecond),
        String(ratio.count),
        String(repeatedAttempts),
      ],
    ],
  };
}

function historyTable(history: Figures['history']): FigureTable {
  const fewest = Math.min(...history.map(({ events }) => events));
  return {
    title: 'History of a delivered deal',
    explanation:
      'Neither codes nor polls add to it. Codes never enter the history. The first look at the list belongs to the step that makes the group, and all later ones are retries of one activity. Only the number of turns of the workflow code varies (three events each), because steps that end together share one.',
    head: ['Groups', 'Codes', 'Polls', 'Events', 'Events / fewest', 'Without turns', 'Size'],
    rows: history.map(({ groups, codes, polls, events, turnEvents, bytes }) => [
      String(groups),
      String(codes),
      String(polls),
      String(events),
      times(events / fewest),
      String(events - turnEvents),
      kibibytes(bytes),
    ]),
  };
}

const SEAT_STORES = { postgresql: 'seats in PostgreSQL', embedded: 'seats in the embedded database' };

function memoryTable(memory: Figures['memory']): FigureTable {
  const fewest = Math.min(...memory.map(({ seats }) => seats));
  return {
    title: 'Memory of a worker',
    explanation:
      'Growth is how far the resident memory of a fresh worker process rises while it delivers one deal, above what it takes after its first small deal and a garbage collection. A deal of 100,000 seats gets ten groups.',
    head: ['CRM', 'Seats', `Growth / ${fewest} seats`, 'Growth', 'Before', 'Runs'],
    rows: memory.map(({ crm, seats, store, growthBytes, beforeBytes }) => {
      const few = memory.find((other) => other.crm === crm && other.seats === fewest);
      return [
        store === undefined ? CRM_TITLES[crm] : `${CRM_TITLES[crm]}, ${SEAT_STORES[store]}`,
        count(seats),
        times(growthBytes.median / (few?.growthBytes.median ?? Number.NaN)),
        show(growthBytes, mebibytes),
        show(beforeBytes, mebibytes),
        String(growthBytes.count),
      ];
    }),
  };
}

function requestTable(requests: Figures['requests']): FigureTable {
  return {
    title: 'Requests of a deal',
    explanation: `How often a delivery of one product calls the remote systems, and how long the learning platform alone takes with the ${REQUESTS_PER_MINUTE} requests a minute that it allows (\`TI_REQUESTS_PER_MINUTE\`). Two learners of the deal get a code each, or the buyer gets all.`,
    head: ['CRM', 'Seats', 'To', 'To the CRM', 'To the platform', `At ${REQUESTS_PER_MINUTE} a minute`],
    rows: requests.map(({ crm, seats, to, toCrm, toLms }) => [
      CRM_TITLES[crm],
      count(seats),
      to,
      average(toCrm),
      average(toLms),
      `${(toLms / REQUESTS_PER_MINUTE).toFixed(1)} min`,
    ]),
  };
}

const DATABASES = { postgresql: 'PostgreSQL', embedded: 'the embedded one' } as const;

function seatsTable(uses: Figures['seats']): FigureTable {
  return {
    title: 'The store of seats',
    explanation:
      'Searches by an address and by a code, each beside a query of one row by a unique index, turn about. Redemptions are recorded as the sync does it, then all of them once more. The memory is that of all processes of `dealseat start` after the deals of the row "all at once", Temporal’s server included; a PostgreSQL is left out.',
    head: [
      'Database',
      'Seats',
      'Seats filled a second',
      'Find by address',
      'over a bare query',
      'Find by code',
      'over a bare query',
      'Redemptions recorded',
      'the same again',
      'Memory of the service',
    ],
    rows: uses.map(({ database, version, seats, fillMs, byEmail, byCode, redemptions, serviceBytes }) => [
      `${DATABASES[database]}, ${version}`,
      count(seats),
      count(Math.round(seats / (fillMs / 1_000))),
      show(byEmail.ms, tenths),
      show(byEmail.ratio, times),
      show(byCode.ms, tenths),
      show(byCode.ratio, times),
      `${count(redemptions.count)} in ${seconds(redemptions.firstMs)}`,
      seconds(redemptions.againMs),
      serviceBytes === null ? '' : mebibytes(serviceBytes),
    ]),
  };
}
