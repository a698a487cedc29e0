import protobuf from '@temporalio/proto';

/**
 * Reads a history as people get hold of one: what `temporal workflow show -o json` prints, what the Temporal UI downloads,
 * and what Temporal's HTTP API answers. They differ in what is around the events, in how enumerations are spelled, and in
 * whether a payload is bytes or the value itself.
 *
 * `historyFromJSON` of the SDK throws where npm gave two of its packages a protobufjs each, and takes no values in place of
 * payloads.
 */
export function historyOfJson(json: unknown): History {
  const events = eventsOf(json).map((event) => readMessage(EVENT, event, 'event'));
  if (events.length === 0) throw new TypeError('The history has no events');
  return protobuf.temporal.api.history.v1.History.fromObject({ events });
}

export type History = protobuf.temporal.api.history.v1.IHistory;

function eventsOf(json: unknown): readonly unknown[] {
  if (Array.isArray(json)) return json;
  if (isRecord(json)) {
    const { events, history } = json;
    if (Array.isArray(events)) return events;
    if (history !== undefined) return eventsOf(history);
  }
  throw new TypeError('expected a JSON object with the list "events" of a workflow’s history');
}

/** What this needs of the reflection of protobufjs, whose classes differ from one copy to the next. */
interface MessageType {
  readonly fullName: string;
  readonly fieldsArray: readonly MessageField[];
}

interface MessageField {
  readonly name: string;
  readonly type: string;
  readonly repeated: boolean;
  readonly map: boolean;
  readonly resolvedType: MessageType | EnumType | null;
  resolve(): unknown;
}

interface EnumType {
  readonly values: Readonly<Record<string, number>>;
}

const root = protobuf as unknown as { lookupType(name: string): MessageType };
const EVENT = root.lookupType('temporal.api.history.v1.HistoryEvent');

/** As `fromObject` takes it. What this version of the API does not know is left out. */
function readMessage(type: MessageType, json: unknown, path: string): object {
  const special = SPECIAL[type.fullName];
  if (special) return special(json, path);
  if (!isRecord(json)) throw new TypeError(`${path}: expected an object, found ${JSON.stringify(json)}`);
  const read: Record<string, unknown> = {};
  for (const field of type.fieldsArray) {
    const value = json[field.name];
    if (value === undefined || value === null) continue;
    read[field.name] = readField(field, value, `${path}.${field.name}`);
  }
  return read;
}

function readField(field: MessageField, value: unknown, path: string): unknown {
  field.resolve();
  if (field.map) {
    if (!isRecord(value)) throw new TypeError(`${path}: expected an object`);
    const entries = Object.entries(value).map(([key, one]) => [key, readOne(field, one, `${path}.${key}`)]);
    return Object.fromEntries(entries);
  }
  if (!field.repeated) return readOne(field, value, path);
  if (!Array.isArray(value)) throw new TypeError(`${path}: expected a list`);
  return value.map((one, index) => readOne(field, one, `${path}[${index}]`));
}

function readOne({ resolvedType: type }: MessageField, value: unknown, path: string): unknown {
  if (type === null) return value;
  return 'values' in type ? readEnum(type, value, path) : readMessage(type, value, path);
}

/** `EVENT_TYPE_TIMER_STARTED`, `TimerStarted` or its number. */
function readEnum({ values }: EnumType, value: unknown, path: string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') {
    const wanted = bare(value);
    const names = Object.keys(values);
    const name =
      names.find((candidate) => candidate === value) ??
      names.find((candidate) => bare(candidate).endsWith(wanted) && isWholeWord(names, candidate, wanted));
    const found = name === undefined ? undefined : values[name];
    if (found !== undefined) return found;
  }
  throw new TypeError(`${path}: ${JSON.stringify(value)} is not known to this version of the SDK`);
}

const bare = (name: string) => name.replaceAll('_', '').toUpperCase();

/** The prefix that all names of an enumeration share is not part of the short form. */
function isWholeWord(names: readonly string[], candidate: string, wanted: string): boolean {
  const prefix = sharedPrefix(names.map(bare));
  return bare(candidate) === `${prefix}${wanted}`;
}

function sharedPrefix([first = '', ...others]: readonly string[]): string {
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length);
}

const NANOS = 1_000_000_000;

/** Types with a JSON form of their own. Read from the API as an object, they are left as they are. */
const SPECIAL: Readonly<Record<string, (json: unknown, path: string) => object>> = {
  '.google.protobuf.Timestamp': (json, path) => {
    if (isRecord(json)) return json;
    const [, fraction = ''] = /\.(\d+)/.exec(String(json)) ?? [];
    const ms = Date.parse(String(json));
    if (Number.isNaN(ms)) throw new TypeError(`${path}: expected an instant, found ${JSON.stringify(json)}`);
    return { seconds: Math.floor(ms / 1_000), nanos: Number(fraction.padEnd(9, '0').slice(0, 9)) };
  },
  '.google.protobuf.Duration': (json, path) => {
    if (isRecord(json)) return json;
    const seconds = Number(/^(-?\d+(?:\.\d+)?)s$/.exec(String(json))?.[1] ?? Number.NaN);
    if (Number.isNaN(seconds))
      throw new TypeError(`${path}: expected a duration, found ${JSON.stringify(json)}`);
    const whole = Math.trunc(seconds);
    return { seconds: whole, nanos: Math.round((seconds - whole) * NANOS) };
  },
  '.temporal.api.common.v1.Payload': (json) => (isPayload(json) ? json : payloadOf(json)),
  '.temporal.api.common.v1.Payloads': (json) => {
    const payloads = isRecord(json) && Array.isArray(json.payloads) ? json.payloads : json;
    const all = Array.isArray(payloads) ? payloads : [payloads];
    return { payloads: all.map((one) => (isPayload(one) ? one : payloadOf(one))) };
  },
};

/** Bytes are in base64, which `fromObject` reads. */
function isPayload(json: unknown): json is object {
  return isRecord(json) && isRecord(json.metadata) && 'encoding' in json.metadata;
}

function payloadOf(value: unknown): object {
  const encode = (text: string) => Buffer.from(text, 'utf8').toString('base64');
  if (value === null) return { metadata: { encoding: encode('binary/null') } };
  return { metadata: { encoding: encode('json/plain') }, data: encode(JSON.stringify(value)) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
