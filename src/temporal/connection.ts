import { Client, Connection } from '@temporalio/client';
import { type ClientConnectConfig, loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';

export interface TemporalTarget extends ClientConnectConfig {
  readonly namespace: string;
}

/** The standard client configuration of Temporal: `TEMPORAL_*` and `temporal.toml`; Cloud keys and mTLS included. */
export function loadTemporalTarget(env: NodeJS.ProcessEnv): TemporalTarget {
  const config = loadClientConnectConfig({ overrideEnvVars: definedOf(env) });
  return { ...config, namespace: config.namespace ?? 'default' };
}

/** Connects on first use, so that a server that is down makes calls fail, not the start of the process. */
export function createTemporalClient(
  target: TemporalTarget,
  options: { /** Bound of `ensureConnected()`. Default 10 s. */ readonly connectTimeoutMs?: number } = {},
): Client {
  return new Client({
    connection: Connection.lazy({
      ...target.connectionOptions,
      ...(options.connectTimeoutMs === undefined ? {} : { connectTimeout: options.connectTimeoutMs }),
    }),
    namespace: target.namespace,
  });
}

export function connectWorker(target: TemporalTarget): Promise<NativeConnection> {
  return NativeConnection.connect(target.connectionOptions);
}

function definedOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}
