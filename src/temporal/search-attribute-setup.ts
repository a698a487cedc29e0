import { Connection, isGrpcServiceError } from '@temporalio/client';
import { SEARCH_ATTRIBUTES, type SearchAttributeKind } from '../contracts/search-attributes.ts';
import type { TemporalTarget } from './connection.ts';

export interface SearchAttributeCheck {
  readonly name: string;
  readonly state: 'ok' | 'fixed' | 'missing' | 'failed';
  readonly advice: string | null;
}

interface SetupOptions {
  /** Add what is missing. */
  readonly fix: boolean;
}

/** Adding to a busy server takes seconds. */
const DEADLINE_MS = 30_000;

/** `temporal.api.enums.v1.IndexedValueType`, which the client package does not export as values. */
const INDEXED_VALUE_TYPES: Readonly<Record<SearchAttributeKind, number>> = {
  Text: 1,
  Keyword: 2,
  Int: 3,
  Bool: 5,
  Datetime: 6,
  KeywordList: 7,
};

/** gRPC statuses by which Temporal Cloud, or a server with access rules, says that this service is not for us. */
const REFUSALS = new Set([
  7, // permission denied
  12, // unimplemented
  16, // unauthenticated
]);

/**
 * Compares the namespace's search attributes with those that runs set: without them every start is refused. One
 * entry an attribute, or a single one when the server does not let us look.
 */
export async function checkSearchAttributes(
  target: TemporalTarget,
  options: SetupOptions,
): Promise<SearchAttributeCheck[]> {
  const connection = Connection.lazy(target.connectionOptions);
  try {
    return await connection.withDeadline(Date.now() + DEADLINE_MS, () =>
      checkAll(connection, { ...options, namespace: target.namespace }),
    );
  } finally {
    await connection.close();
  }
}

interface NamespaceOptions extends SetupOptions {
  readonly namespace: string;
}

async function checkAll(
  connection: Connection,
  { namespace, fix }: NamespaceOptions,
): Promise<SearchAttributeCheck[]> {
  let existing: Readonly<Record<string, unknown>>;
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    existing = customAttributes ?? {};
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return [
      {
        name: 'Temporal search attributes',
        state: 'failed',
        advice: `The server lets nobody list them with this access. Make sure that they exist: ${commandsFor(namespace)}`,
      },
    ];
  }
  const findings = Object.entries(SEARCH_ATTRIBUTES).map(([attribute, kind]) =>
    compare({ namespace, attribute, kind, found: existing[attribute] }),
  );
  const missing = findings.filter(({ state }) => state === 'missing');
  const isAdded = fix && missing.length > 0 && (await addAll(connection, namespace, missing));
  return findings.map(({ attribute, kind, state, advice }) => {
    const name = `Temporal search attribute ${attribute}`;
    if (state !== 'missing' || !fix) return { name, state, advice };
    if (isAdded) return { name, state: 'fixed', advice: null };
    const command = commandFor(namespace, attribute, kind);
    return { name, state: 'failed', advice: `This access may not add it. An admin can: ${command}` };
  });
}

interface Finding extends Pick<SearchAttributeCheck, 'state' | 'advice'> {
  readonly attribute: string;
  readonly kind: SearchAttributeKind;
}

function compare(options: {
  readonly namespace: string;
  readonly attribute: string;
  readonly kind: SearchAttributeKind;
  readonly found: unknown;
}): Finding {
  const { namespace, attribute, kind, found } = options;
  if (found === INDEXED_VALUE_TYPES[kind]) return { attribute, kind, state: 'ok', advice: null };
  if (found === undefined) {
    return { attribute, kind, state: 'missing', advice: 'Run `dealseat doctor --fix`.' };
  }
  const advice = `It has another type than ${kind}: remove it from namespace ${namespace}, then run \`dealseat doctor --fix\`.`;
  return { attribute, kind, state: 'failed', advice };
}

/** In one call, because each takes a busy server seconds. False when this access may not. */
async function addAll(
  connection: Connection,
  namespace: string,
  missing: readonly Finding[],
): Promise<boolean> {
  const searchAttributes = Object.fromEntries(
    missing.map(({ attribute, kind }) => [attribute, INDEXED_VALUE_TYPES[kind]]),
  );
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

/** Temporal Cloud has no operator service for clients: there they are added in its own UI or by its own command. */
function commandsFor(namespace: string): string {
  const pairs = Object.entries(SEARCH_ATTRIBUTES).map(([name, kind]) => `--sa "${name}=${kind}"`);
  return [
    `on Temporal Cloud \`tcld namespace search-attributes add --namespace ${namespace} ${pairs.join(' ')}\`;`,
    'on your own server `temporal operator search-attribute create --namespace',
    `${namespace} --name <name> --type <type>\` for each.`,
  ].join(' ');
}

function commandFor(namespace: string, name: string, kind: SearchAttributeKind): string {
  return `\`temporal operator search-attribute create --namespace ${namespace} --name ${name} --type ${kind}\``;
}

function isRefusal(error: unknown): boolean {
  return isGrpcServiceError(error) && REFUSALS.has(error.code);
}
