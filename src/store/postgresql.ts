import { CompiledQuery, type Dialect, PostgresDialect } from 'kysely';
import type { Secret } from '../config/secret.ts';
import { parserOf } from './column-types.ts';

const MOST_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_MS = 30_000;
/** A connection is replaced now and then, so that a switch of servers is found. */
const LIFETIME_S = 1_800;

/** How long the server lets us have something, in milliseconds. */
export interface Bounds {
  readonly statementMs: number;
  readonly lockMs: number;
  readonly idleTransactionMs: number;
}

export const WORK_BOUNDS: Bounds = { statementMs: 30_000, lockMs: 10_000, idleTransactionMs: 30_000 };
/** Waits for the migrations of another process, too. */
export const MIGRATION_BOUNDS: Bounds = { statementMs: 600_000, lockMs: 0, idleTransactionMs: 600_000 };

/**
 * A pool of connections to the server that the URL names. TLS is what its `sslmode` says, with libpq's meaning of it:
 * https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-SSLMODE-STATEMENTS
 */
export async function postgresqlDialect(
  databaseUrl: Secret,
  {
    bounds,
    mostConnections = MOST_CONNECTIONS,
  }: { readonly bounds: Bounds; readonly mostConnections?: number },
): Promise<Dialect> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: withLibpqModes(databaseUrl.reveal()),
    application_name: 'dealseat',
    max: mostConnections,
    connectionTimeoutMillis: connectTimeoutOf(databaseUrl) ?? CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_MS,
    maxLifetimeSeconds: LIFETIME_S,
    keepAlive: true,
    types: {
      getTypeParser: ((oid: number, format?: 'text') =>
        parserOf(oid) ?? pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  });
  // A connection that breaks fails its query and is replaced. Without these listeners it would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return new PostgresDialect({
    pool,
    onCreateConnection: async (connection) => {
      // Not by the start of the connection: poolers such as PgBouncer refuse what they do not know there.
      await connection.executeQuery(CompiledQuery.raw(settingsOf(bounds)));
    },
  });
}

function settingsOf({ statementMs, lockMs, idleTransactionMs }: Bounds): string {
  const settings = {
    statement_timeout: statementMs,
    lock_timeout: lockMs,
    idle_in_transaction_session_timeout: idleTransactionMs,
    timezone: 'UTC',
  };
  const calls = Object.entries(settings).map(([name, value]) => `set_config('${name}', '${value}', false)`);
  return `select ${calls.join(', ')}`;
}

/** `connect_timeout` of libpq, in seconds there. */
function connectTimeoutOf(databaseUrl: Secret): number | null {
  const seconds = Number(new URL(databaseUrl.reveal()).searchParams.get('connect_timeout'));
  return seconds > 0 ? seconds * 1_000 : null;
}

function withLibpqModes(text: string): string {
  const url = new URL(text);
  if (!url.searchParams.has('uselibpqcompat')) url.searchParams.set('uselibpqcompat', 'true');
  return url.toString();
}

/** Host, port if it is an unusual one, and database. No user and no password. */
export function placeOf(databaseUrl: Secret): string {
  const { hostname, port, pathname, searchParams } = new URL(databaseUrl.reveal());
  const host = hostname || searchParams.get('host') || 'localhost';
  return `${host}${port === '' || port === '5432' ? '' : `:${port}`}${pathname === '' ? '/' : pathname}`;
}
