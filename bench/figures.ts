import { THOUGHT_INDUSTRIES } from '../src/config/variables.ts';
import type { BenchCrm } from './deals.ts';
import { SEAT_COUNTS } from './measures/memory.ts';
import type { BenchReport } from './run.ts';
import type { Spread } from './statistics.ts';

/** A table for people, before it is drawn for a terminal or for the docs. */
export interface FigureTable {
  readonly title: string;
  readonly explanation: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const REQUESTS_PER_MINUTE = THOUGHT_INDUSTRIES.TI_REQUESTS_PER_MINUTE.fallback;
const CRM_TITLES: Record<BenchCrm, string> = { hubspot: 'HubSpot', salesforce: 'Salesforce' };

export function figureTables(report: BenchReport): FigureTable[] {
  return [
    latencyTable(report),
    throughputTable(report),
    historyTable(report),
    memoryTable(report),
    requestTable(report),
  ];
}

function latencyTable({ latency }: BenchReport): FigureTable {
  return {
    title: 'From webhook to delivered',
    explanation:
      'One deal of 25 seats at a time. "Real" is the signed webhook, the webhook server, and a worker with the real clients on the stand-ins; "empty" is the same workflow code on the same server with activities that do nothing. Both lie idle for a second before each deal. Of the real times 200 ms are the pause that proves the hold on the deal, which is 5 s unless `DEALSEAT_POLICY_HOLD_PAUSE_MS` says otherwise; and of HubSpot’s 500 ms are the pause before the client asks what became of the mail.',
    head: ['CRM', 'Real / empty', 'Real', 'Empty', 'Pairs'],
    rows: latency.map(({ crm, ratio, realMs, emptyMs }) => [
      CRM_TITLES[crm],
      show(ratio, times),
      show(realMs, milliseconds),
      show(emptyMs, milliseconds),
      String(ratio.count),
    ]),
  };
}

function throughputTable({ throughput }: BenchReport): FigureTable {
  const { dealsInFlight, ratio, realPerSecond, emptyPerSecond, repeatedAttempts } = throughput;
  return {
    title: 'Deals per second',
    explanation: `${dealsInFlight} deals announced at once, half of them in each CRM, until the last one is delivered; one worker process. An activity attempt is repeated when it failed or when the server, starved of CPU, lost it on the way to the worker, which costs a burst up to a minute: figures with repeated attempts say more about the machine than about Dealseat.`,
    head: ['Deals in flight', 'Real / empty', 'Real', 'Empty', 'Pairs', 'Repeated attempts'],
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

function historyTable({ history }: BenchReport): FigureTable {
  const fewest = Math.min(...history.map(({ events }) => events));
  return {
    title: 'History of a delivered deal',
    explanation:
      'Neither codes nor polls add to it: codes never enter the history, and the poll is the retry of one activity. What varies is the number of turns that the server gives to the workflow code (three events each), because steps that end together share one; the other events are the same in every run of as many groups.',
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

function memoryTable({ memory }: BenchReport): FigureTable {
  const [fewSeats] = SEAT_COUNTS;
  return {
    title: 'Memory of a worker',
    explanation:
      'Growth is how far the resident memory of a fresh worker process rises while it delivers one deal, above what it takes after its first small deal and a garbage collection.',
    head: ['CRM', 'Seats', `Growth / ${fewSeats} seats`, 'Growth', 'Before', 'Runs'],
    rows: memory.map(({ crm, seats, growthBytes, beforeBytes }) => {
      const few = memory.find((other) => other.crm === crm && other.seats === fewSeats);
      return [
        CRM_TITLES[crm],
        count(seats),
        times(growthBytes.median / (few?.growthBytes.median ?? Number.NaN)),
        show(growthBytes, mebibytes),
        show(beforeBytes, mebibytes),
        String(growthBytes.count),
      ];
    }),
  };
}

function requestTable({ requests }: BenchReport): FigureTable {
  return {
    title: 'Requests of a deal',
    explanation: `How often a delivery of one group calls the remote systems, and how long the learning platform alone takes with the ${REQUESTS_PER_MINUTE} requests a minute that it allows (\`TI_REQUESTS_PER_MINUTE\`).`,
    head: ['CRM', 'Seats', 'To the CRM', 'To the platform', `At ${REQUESTS_PER_MINUTE} a minute`],
    rows: requests.map(({ crm, seats, toCrm, toLms }) => [
      CRM_TITLES[crm],
      count(seats),
      String(toCrm),
      String(toLms),
      `${(toLms / REQUESTS_PER_MINUTE).toFixed(1)} min`,
    ]),
  };
}

/** "median (lower quartile to upper quartile)". */
function show({ median, low, high }: Spread, write: (value: number) => string): string {
  return `${write(median)} (${write(low)} to ${write(high)})`;
}

const times = (value: number) => `${value.toFixed(2)} x`;
const milliseconds = (value: number) => `${Math.round(value)} ms`;
const perSecond = (value: number) => `${value.toFixed(1)}/s`;
const kibibytes = (value: number) => `${(value / 1_024).toFixed(1)} KiB`;
const mebibytes = (value: number) => `${Math.round(value / 1_024 ** 2)} MiB`;
const count = (value: number) => value.toLocaleString('en-GB');
