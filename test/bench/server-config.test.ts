import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { choosePorts, serverConfig } from '../../bench/server/server-config.ts';

test('the server on PostgreSQL gets ports that fit into its own tables, and the database of the bench', async () => {
  const ports = await choosePorts();
  const all = Object.values(ports).flatMap(({ grpc, membership }) => [grpc, membership]);
  expect(all).toHaveLength(8);
  for (const port of all) expect(port).toBeLessThan(32_768);
  const config = parse(serverConfig({ ports, database: { port: 5_432, user: 'temporal' } }));
  expect(config.persistence.datastores.runs.sql).toMatchObject({
    pluginName: 'postgres12',
    databaseName: 'temporal',
    connectAddr: '127.0.0.1:5432',
  });
  expect(config.services.frontend.rpc.grpcPort).toBe(ports.frontend.grpc);
  expect(config.clusterMetadata.clusterInformation.active.rpcAddress).toBe(
    `127.0.0.1:${ports.frontend.grpc}`,
  );
});
