import { countOf, numberOf } from '../../domain/words.ts';
import { durationOf } from '../terminal/duration.ts';
import { type Look, Painted } from '../terminal/look.ts';
import { padTo } from '../terminal/text-width.ts';
import { type StoreFacts, storeLine } from './store-line.ts';

/** What a service that is ready says of itself, for people and, as it is, for programs. */
export interface ServiceFacts {
  readonly version: string;
  readonly crms: readonly {
    readonly crm: string;
    readonly displayName: string;
    readonly account: string;
    /** Deals won since then are provisioned by themselves, a UTC instant. */
    readonly provisionsSince: string;
  }[];
  readonly platform: string;
  readonly catalog: {
    readonly file: string;
    readonly products: number;
    readonly ignored: number;
    readonly partners: number;
  };
  readonly store: StoreFacts;
  readonly sweepIntervalMs: number;
  readonly webhooks: string;
  /** Where the CRMs reach it; null: not configured. */
  readonly publicUrl: string | null;
  readonly metrics: string;
  readonly temporal: {
    readonly address: string;
    readonly namespace: string;
    readonly taskQueue: string;
    /** Of the built-in server. */
    readonly database: string | null;
    readonly ui: string | null;
    /** Saved view of all deals. */
    readonly runs: string | null;
    /** Saved view of the deals that wait for a person. */
    readonly waiting: string | null;
  };
  /** Where the keys of this machine are kept; null: they come from the environment. */
  readonly keyFile: string | null;
}

/** One fact a line, and what to do next. */
export function bannerOf(facts: ServiceFacts, look: Look): Painted {
  const { crms, catalog, temporal } = facts;
  const address = (url: string) => look.link(url, look.style('cyan', url));
  const seats = `${countOf(catalog.products, 'product')} with seats, ${numberOf(catalog.ignored)} without, ${countOf(catalog.partners, 'partner')}`;
  const server = [temporal.address, `namespace ${temporal.namespace}`, `task queue ${temporal.taskQueue}`];
  const lines: (readonly [string, string | Painted])[] = [
    ['CRM', crms.map(({ displayName, account }) => `${displayName} ${account}`).join(', ')],
    ['Platform', `Thought Industries, ${facts.platform}`],
    ['Catalog', `${catalog.file}: ${seats}`],
    ['Seats', storeLine(facts.store)],
    ['Sweep', `every ${durationOf(facts.sweepIntervalMs)}. ${sinceLine(crms)}`],
    ['Webhooks', Painted.join([address(`${facts.webhooks}/webhooks/`), ...publicPart(facts, address)])],
    ['Metrics', address(facts.metrics)],
    ['Temporal', [...server, ...(temporal.database ? [`database ${temporal.database}`] : [])].join(', ')],
    ...(temporal.ui === null
      ? []
      : [['Runs', Painted.join([address(temporal.ui), ...viewsOf(facts, look)])] as const]),
    ...(facts.keyFile === null
      ? []
      : [['Keys', `${facts.keyFile}. Keep a copy: without it, delivered deals are not recognised`] as const]),
  ];
  const crm = crms[0]?.crm ?? '<crm>';
  return Painted.join([
    look.style(['bold', 'green'], `Dealseat ${facts.version} is ready.`),
    '\n\n',
    ...lines.flatMap(([name, value]) => ['  ', look.style('dim', padTo(name, NAME_WIDTH)), value, '\n']),
    '\nWin a deal, or start one: ',
    look.style('bold', `dealseat provision ${crm} <dealId>`),
    '\nSee all deals: ',
    look.style('bold', 'dealseat list'),
    '. Check the set-up: ',
    look.style('bold', 'dealseat doctor'),
    '. Stop: Ctrl-C.\n\n',
  ]);
}

/** Long addresses, which only a terminal with links shows well; `list` prints them. */
function viewsOf({ temporal: { runs, waiting } }: ServiceFacts, look: Look): (string | Painted)[] {
  if (!look.hasLinks || runs === null || waiting === null) return [];
  return [
    ', ',
    look.link(runs, look.style('underline', 'all deals')),
    ', ',
    look.link(waiting, look.style('underline', 'deals that wait')),
  ];
}

const NAME_WIDTH = 10;

/** The part that can surprise: which deals are provisioned without a person asking. */
function sinceLine(crms: ServiceFacts['crms']): string {
  const days = new Set(crms.map(({ provisionsSince }) => dayOf(provisionsSince)));
  const [day] = days;
  const since =
    days.size === 1
      ? day
      : crms.map(({ displayName, provisionsSince }) => `${displayName} ${dayOf(provisionsSince)}`).join(', ');
  return `Provisions deals won since ${since} (DEALSEAT_SWEEP_SINCE)`;
}

/** A midnight is shown as its day. */
function dayOf(instant: string): string {
  return instant.replace(/T00:00:00(\.000)?Z$/, '').replace(/\.000Z$/, 'Z');
}

function publicPart({ publicUrl }: ServiceFacts, address: (url: string) => Painted) {
  return publicUrl === null ? [] : [', public ', address(`${publicUrl}/webhooks/`)];
}
