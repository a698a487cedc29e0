import { perSecondOf } from '../../bench/driver/drive.ts';
import { type Measured, readMeasured } from '../../bench/measured.ts';
import { type CountedFigures, costsOf, type DealCosts } from '../../bench/scaling/costs.ts';
import { type Capacity, capacities, checks } from '../../bench/scaling/model.ts';
import { SERVER_KINDS } from '../../bench/server/temporal.ts';
import { fillPlace, markdownTable } from './markdown.ts';

const DEALS_PER_DAY = 1_000_000;
const RETENTION_DAYS = 3;
/** As in the rows of the bench that are about it. */
const ALLOWED_PER_MINUTE = 600;

const NOT_YET = 'Not measured yet: `npm run bench -- --write-docs` does it.';

const count = (value: number) => Math.round(value).toLocaleString('en-GB');

/** `docs/scaling.md` with its tables as the code and the measured figures have them. */
export function withCurrentScaling(page: string, measured: Measured = readMeasured()): string {
  const costs = costsOf(countedFigures(measured));
  const tables = {
    'costs of a deal': costTable(costs),
    limits: limitTable(capacities(costs, DEALS_PER_DAY)),
    'first met': firstMet(capacities(costs, DEALS_PER_DAY)),
    'checked points': checkTable(measured, costs),
    'measured pace': paceTable(measured),
  };
  return Object.entries(tables).reduce((text, [name, table]) => fillPlace(text, name, table), page);
}

function countedFigures({ dev }: Measured): CountedFigures {
  const { requests, history } = dev?.figures ?? {};
  if (requests === undefined || history === undefined)
    throw new Error(
      'bench/measured/dev.json has no requests and histories; try: npm run bench -- --write-docs',
    );
  return { requests, history };
}

function costTable(costs: DealCosts): string {
  const gibibytes = (costs.historyBytes * DEALS_PER_DAY * RETENTION_DAYS) / 1_024 ** 3;
  return markdownTable(
    ['of one deal', 'how much', `${count(DEALS_PER_DAY)} deals a day`],
    [
      ['calls to HubSpot, if the deal is there', costs.hubspotCalls],
      ['of these searches', costs.hubspotSearches],
      ['calls to Salesforce, if the deal is there', costs.salesforceCalls],
      ['requests to the platform', costs.platformRequests],
      ['tasks of Temporal', costs.tasks],
      ['calls to Temporal’s frontend', costs.frontendCalls],
      ['history events', costs.historyEvents],
    ]
      .map(([name, cost]) => [String(name), count(Number(cost)), perSecond(Number(cost))])
      .concat([
        [
          'bytes of history',
          count(costs.historyBytes),
          `${count(gibibytes)} GiB kept, with ${RETENTION_DAYS} days of retention`,
        ],
      ]),
  );
}

function perSecond(cost: number): string {
  return `${((cost * DEALS_PER_DAY) / (24 * 60 * 60)).toFixed(1)} a second`;
}

function limitTable(all: readonly Capacity[]): string {
  return markdownTable(
    [
      'of',
      'limit',
      'a deal takes',
      'deals a day',
      `needed for ${count(DEALS_PER_DAY)} a day`,
      'what moves it',
      'source',
    ],
    all.map(({ limit, cost, dealsPerDay, needed }) => [
      limit.of,
      `${count(limit.allowed)} ${limit.name}`,
      String(Math.round(cost * 10) / 10),
      dealsPerDay === null
        ? `any: a run takes ${((100 * cost) / limit.allowed).toFixed(2)} %`
        : Number.isFinite(dealsPerDay)
          ? count(dealsPerDay)
          : 'any',
      needed === null ? '' : `${count(needed)} × ${limit.each}`,
      limit.setting,
      limit.source,
    ]),
  );
}

/** The tightest limit of each part, in words. */
function firstMet(all: readonly Capacity[]): string {
  return (['platform', 'HubSpot', 'Salesforce', 'Temporal', 'worker'] as const)
    .flatMap((part) => {
      const first = all.find(({ limit, dealsPerDay }) => limit.of === part && dealsPerDay !== null);
      return first === undefined ? [] : [first];
    })
    .map(
      ({ limit, dealsPerDay }) =>
        `- **${limit.of}**: ${count(dealsPerDay ?? 0)} deals a day, by ${count(limit.allowed)} ${limit.name}. What moves it: ${limit.setting}.`,
    )
    .join('\n');
}

/** What one machine does when no vendor holds it back. */
function paceTable(measured: Measured): string {
  const rows = SERVER_KINDS.flatMap((server) =>
    (measured[server]?.figures.workers ?? []).map(({ workers, free }) => {
      const dealsPerDay = perSecondOf(free) * 24 * 60 * 60;
      return [
        server,
        count(workers),
        perSecondOf(free).toFixed(1),
        count(dealsPerDay),
        count(Math.ceil(DEALS_PER_DAY / dealsPerDay)),
      ];
    }),
  );
  const head = ['server', 'workers', 'deals a second', 'deals a day', 'machines for a million'];
  return rows.length === 0 ? NOT_YET : markdownTable(head, rows);
}

function checkTable(measured: Measured, costs: DealCosts): string {
  const rows = SERVER_KINDS.flatMap((server) =>
    checks(measured[server]?.figures ?? {}, costs, ALLOWED_PER_MINUTE).map(({ point, modelS, measuredS }) => [
      server,
      point,
      `${modelS.toFixed(1)} s`,
      `${measuredS.toFixed(1)} s`,
      `${(measuredS / modelS).toFixed(2)} x`,
    ]),
  );
  return rows.length === 0
    ? NOT_YET
    : markdownTable(['server', 'point', 'model', 'measured', 'measured / model'], rows);
}
