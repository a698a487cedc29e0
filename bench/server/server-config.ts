import { randomInt } from 'node:crypto';
import { stringify } from 'yaml';
import { isPortFree } from '../../src/commands/terminal/ports.ts';

const SERVICES = ['frontend', 'matching', 'history', 'worker'] as const;

type Service = (typeof SERVICES)[number];

export type ServerPorts = Readonly<Record<Service, { readonly grpc: number; readonly membership: number }>>;

/** What a new cluster of Temporal's Helm chart has; it cannot be changed later. */
export const HISTORY_SHARDS = 512;

const MAX_CONNECTIONS = 20;

export async function choosePorts(): Promise<ServerPorts> {
  const entries: [Service, ServerPorts[Service]][] = [];
  for (const service of SERVICES)
    entries.push([service, { grpc: await lowPort(), membership: await lowPort() }]);
  return Object.fromEntries(entries) as Record<Service, ServerPorts[Service]>;
}

/** Of these the server writes some into a column of two bytes, which is too small for those that a system chooses. */
async function lowPort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    if (await isPortFree(port)) return port;
  }
}

/** The server's own file: what Temporal's sample for PostgreSQL says, on free ports. */
export function serverConfig(options: {
  readonly ports: ServerPorts;
  readonly database: { readonly port: number; readonly user: string };
}): string {
  const { ports, database } = options;
  const store = (databaseName: string, maxConns: number) => ({
    sql: {
      pluginName: 'postgres12',
      databaseName,
      connectAddr: `127.0.0.1:${database.port}`,
      connectProtocol: 'tcp',
      user: database.user,
      password: '',
      maxConns,
      maxIdleConns: maxConns,
      maxConnLifetime: '1h',
    },
  });
  return stringify({
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'runs',
      visibilityStore: 'visibility',
      numHistoryShards: HISTORY_SHARDS,
      datastores: {
        runs: store('temporal', MAX_CONNECTIONS),
        visibility: store('temporal_visibility', MAX_CONNECTIONS / 2),
      },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: Object.fromEntries(
      SERVICES.map((service) => [
        service,
        {
          rpc: {
            grpcPort: ports[service].grpc,
            membershipPort: ports[service].membership,
            bindOnLocalHost: true,
          },
        },
      ]),
    ),
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `127.0.0.1:${ports.frontend.grpc}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    dynamicConfigClient: { filepath: 'config/dynamic.yaml', pollInterval: '60s' },
  });
}
