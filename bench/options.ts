import { parseArgs } from 'node:util';
import { type BenchCrm, CRMS } from './deals.ts';
import type { Scale } from './driver/scenarios.ts';
import { MEASURE_NAMES, type MeasureName } from './measures/names.ts';
import { SERVER_KINDS, type ServerKind } from './server/temporal.ts';

export interface BenchOptions {
  readonly format: 'table' | 'json';
  readonly writesDocs: boolean;
  readonly effort: Effort;
  readonly server: ServerKind;
  readonly only: readonly MeasureName[];
  /** Another middleware instead of Dealseat. */
  readonly peer: PeerOptions | null;
}

/** Where another middleware takes webhooks, and how it is started where the bench is to do that. */
export interface PeerOptions {
  readonly url: string;
  readonly command: string | null;
  readonly crm: BenchCrm;
  /** State page of the stand-ins; the next three are Thought Industries, HubSpot, Salesforce. */
  readonly firstPort: number;
}

/** How often each thing is measured, and with how much. */
export interface Effort {
  readonly scale: Scale;
  /** Deals of each CRM before a row, which load code and open connections. */
  readonly warmUps: number;
  readonly latencyRounds: number;
  readonly throughputRounds: number;
  readonly dealsInFlight: number;
  readonly memoryRounds: number;
  /** Of the largest deal. */
  readonly mostSeats: number;
  readonly startUps: number;
  /** For each of the two routes that acknowledge them. */
  readonly signedEvents: number;
  readonly eventsPerSecond: number;
}

const MINUTE_MS = 60_000;

const FULL: Effort = {
  scale: {
    sequence: 10,
    burst: 100,
    batch: 40,
    disturbed: 20,
    refusesMs: 20_000,
    awayMs: 15_000,
    allowedPerMinute: 600,
    deadlineMs: 12 * MINUTE_MS,
  },
  warmUps: 1,
  latencyRounds: 20,
  throughputRounds: 5,
  dealsInFlight: 100,
  memoryRounds: 2,
  mostSeats: 100_000,
  startUps: 5,
  signedEvents: 5_000,
  eventsPerSecond: 100,
};

const QUICK: Effort = {
  scale: {
    sequence: 1,
    burst: 6,
    batch: 4,
    disturbed: 4,
    refusesMs: 2_000,
    awayMs: 1_000,
    allowedPerMinute: 600,
    deadlineMs: MINUTE_MS,
  },
  warmUps: 0,
  latencyRounds: 1,
  throughputRounds: 1,
  dealsInFlight: 10,
  memoryRounds: 1,
  mostSeats: 1_000,
  startUps: 1,
  signedEvents: 50,
  eventsPerSecond: 100,
};

export const USAGE = `Usage: npm run bench -- [options]

  --only <names>    measure only these, separated by commas: ${MEASURE_NAMES.join(', ')}
  --server <kind>   ${SERVER_KINDS.join(' or ')}: where Temporal keeps its runs (default dev)
  --json            print the figures as JSON
  --write-docs      also keep the figures in bench/measured/ and write docs/benchmarks.md and docs/scaling.md
  --quick           few rounds: shows that the bench works, the figures mean little

The same rows with another middleware instead of Dealseat:

  --peer <url>               where it takes the CRM's webhooks
  --peer-command <command>   starts it, with the stand-ins' addresses and keys as environment variables; only a
                             middleware that the bench has started can be killed and started again
  --peer-crm <crm>           ${CRMS.join(' or ')}: whose events it takes (default hubspot)
  --peer-ports <first>       ports of the stand-ins, four in a row (default 9100)
`;

export class UsageError extends Error {}

/** Null: the user asked for help. Throws `UsageError`. */
export function readOptions(args: readonly string[]): BenchOptions | null {
  const given = parse(args);
  if (given.help) return null;
  const { quick, 'write-docs': writesDocs } = given;
  const only = given.only === undefined ? [] : measuresFrom(given.only);
  const peer = peerFrom(given);
  const unwritable = quick ? '--quick' : only.length > 0 ? '--only' : peer === null ? null : '--peer';
  if (writesDocs && unwritable !== null)
    throw new UsageError(`${unwritable} makes no figures that could be written to the docs`);
  if (peer !== null && only.length > 0)
    throw new UsageError('--peer has rows of its own, so --only does not go with it');
  return {
    format: given.json ? 'json' : 'table',
    writesDocs,
    effort: quick ? QUICK : FULL,
    server: oneOf(SERVER_KINDS, given.server, '--server'),
    only,
    peer,
  };
}

type Given = ReturnType<typeof parse>;

function peerFrom(given: Given): PeerOptions | null {
  const { peer: url, 'peer-command': command } = given;
  if (url === undefined) {
    const alone = (['peer-command', 'peer-crm', 'peer-ports'] as const).find(
      (name) => given[name] !== undefined,
    );
    if (alone !== undefined) throw new UsageError(`--${alone} needs --peer`);
    return null;
  }
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new UsageError('--peer: expected an address that starts with http:// or https://');
  const firstPort = Number(given['peer-ports'] ?? 9_100);
  if (!Number.isInteger(firstPort) || firstPort < 1 || firstPort > 65_532)
    throw new UsageError('--peer-ports: expected a port from 1 to 65532');
  return { url, command: command ?? null, crm: oneOf(CRMS, given['peer-crm'], '--peer-crm'), firstPort };
}

function measuresFrom(text: string): MeasureName[] {
  return text.split(',').map((name) => oneOf(MEASURE_NAMES, name.trim(), '--only'));
}

function oneOf<T extends string>(known: readonly T[], given: string | undefined, option: string): T {
  const [first] = known;
  const found = given === undefined ? first : known.find((name) => name === given);
  if (found === undefined)
    throw new UsageError(`${option}: there is no "${given}"; expected ${known.join(', ')}`);
  return found;
}

function parse(args: readonly string[]) {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: text,
        server: text,
        json: flag,
        'write-docs': flag,
        quick: flag,
        help: { ...flag, short: 'h' },
        peer: text,
        'peer-command': text,
        'peer-crm': text,
        'peer-ports': text,
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
