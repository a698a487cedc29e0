import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (file: string) => readFile(join(root, file), 'utf8');

/** The part of the Compose specification that our file uses; anything else in it is a slip of the pen. */
const condition = z.enum(['service_started', 'service_healthy', 'service_completed_successfully']);
const duration = z.string().regex(/^\d+s$/);
const composeFile = z.strictObject({
  name: z.string(),
  'x-dealseat': z.unknown(),
  'x-dealseat-environment': z.unknown(),
  services: z.record(
    z.string(),
    z.strictObject({
      image: z.string().optional(),
      build: z.string().optional(),
      restart: z.enum(['no', 'unless-stopped']),
      env_file: z.string().optional(),
      environment: z.record(z.string(), z.string()).optional(),
      entrypoint: z.array(z.string()).optional(),
      command: z.array(z.string()).optional(),
      ports: z.array(z.string()).optional(),
      volumes: z.array(z.string()).optional(),
      depends_on: z.record(z.string(), z.strictObject({ condition })).optional(),
      healthcheck: z
        .union([
          z.strictObject({ disable: z.literal(true) }),
          z.strictObject({
            test: z.array(z.string()).min(2),
            interval: duration,
            timeout: duration,
            start_period: duration.optional(),
            retries: z.number().int(),
          }),
        ])
        .optional(),
      stop_grace_period: duration.optional(),
    }),
  ),
  volumes: z.record(z.string(), z.null()),
});

describe('docker-compose.yml', () => {
  let services: z.infer<typeof composeFile>['services'];
  let volumes: readonly string[];

  beforeAll(async () => {
    const compose = composeFile.parse(parse(await read('docker-compose.yml'), { merge: true }));
    services = compose.services;
    volumes = Object.keys(compose.volumes);
  });

  function service(name: string): (typeof services)[string] {
    const found = services[name];
    if (found === undefined) throw new Error(`no service ${name}`);
    return found;
  }

  test('has a database, the Temporal server with its UI, a worker and the webhooks', () => {
    expect(Object.keys(services).sort()).toEqual(
      ['postgresql', 'search-attributes', 'temporal', 'temporal-ui', 'webhooks', 'worker'].sort(),
    );
  });

  test('waits only for services that exist and can become what is waited for', () => {
    for (const { depends_on = {} } of Object.values(services)) {
      for (const [name, { condition }] of Object.entries(depends_on)) {
        const awaited = service(name);
        if (condition === 'service_healthy') expect(awaited.healthcheck).toHaveProperty('test');
        if (condition === 'service_completed_successfully') expect(awaited.restart).toBe('no');
      }
    }
    expect(Object.keys(service('worker').depends_on ?? {})).toEqual(['temporal', 'search-attributes']);
  });

  test('creates exactly the search attributes that runs set', () => {
    const flags = service('search-attributes').command ?? [];
    const valuesOf = (flag: string) =>
      flags.filter((word) => word.startsWith(flag)).map((word) => word.slice(flag.length));
    const types = valuesOf('--type=');
    expect(Object.fromEntries(valuesOf('--name=').map((name, index) => [name, types[index]]))).toEqual(
      SEARCH_ATTRIBUTES,
    );
  });

  test('gives worker and webhooks the variables of .env and the server’s address', () => {
    for (const name of ['worker', 'webhooks']) {
      expect(service(name).env_file).toBe('.env');
      expect(service(name).environment?.TEMPORAL_ADDRESS).toContain('temporal:7233');
      expect(service(name).command).toEqual([name]);
    }
  });

  test('publishes nothing beyond this machine, and keeps the database in a named volume', () => {
    for (const { ports = [] } of Object.values(services)) {
      for (const port of ports) expect(port).toContain('127.0.0.1:');
    }
    const [mount = ''] = service('postgresql').volumes ?? [];
    expect(volumes).toContain(mount.split(':')[0]);
  });

  test('carries no password, refuses to start without one, and says so on top', async () => {
    expect(service('postgresql').environment?.POSTGRES_PASSWORD).toMatch(/^\$\{POSTGRES_PASSWORD:\?/);
    const [head = ''] = (await read('docker-compose.yml')).split('\nname:');
    expect(head).toContain('POSTGRES_PASSWORD');
    // Compose fills in the whole file, also for services that are not started.
    expect(head.slice(head.indexOf('Temporal Cloud'))).toMatch(/POSTGRES_PASSWORD[\s\S]*any value does/);
  });

  test('lets a worker finish before it is killed', () => {
    expect(Number.parseInt(service('worker').stop_grace_period ?? '0', 10)).toBeGreaterThan(70);
  });
});

describe('Dockerfile', () => {
  let instructions: readonly string[];

  beforeAll(async () => {
    const joined = (await read('Dockerfile')).replaceAll('\\\n', ' ');
    instructions = joined.split('\n').filter((line) => /^[A-Z]/.test(line));
  });

  test('runs as an ordinary user, with certificates and a health check', () => {
    const final = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM')));
    expect(final).toContain('USER node');
    expect(final.join('\n')).toContain('ca-certificates');
    expect(final.some((line) => line.startsWith('HEALTHCHECK'))).toBe(true);
  });

  test('lets that user write where `start` keeps its database and the Temporal CLI, and keeps the database', () => {
    const own = instructions.findIndex((line) =>
      /^RUN install .*--owner=node .*\.dealseat \.cache$/.test(line),
    );
    expect(own).toBeGreaterThan(instructions.findLastIndex((line) => line.startsWith('WORKDIR')));
    expect(own).toBeLessThan(instructions.indexOf('VOLUME /app/.dealseat'));
    expect(own).toBeLessThan(instructions.indexOf('USER node'));
  });

  test('copies only files that exist or that the build makes', async () => {
    const copies = instructions.filter((line) => line.startsWith('COPY'));
    expect(copies.length).toBeGreaterThan(3);
    for (const line of copies.filter((copy) => !copy.includes('--from='))) {
      for (const file of line.split(/\s+/).slice(1, -1)) await access(join(root, file));
    }
    const { bin } = z
      .object({ bin: z.record(z.string(), z.string()) })
      .parse(JSON.parse(await read('package.json')));
    expect(instructions.find((line) => line.startsWith('ENTRYPOINT'))).toBe(
      `ENTRYPOINT ["node", "${bin.dealseat}"]`,
    );
  });

  test('never takes secrets or caches of the clone into the image', async () => {
    const ignored = (await read('.dockerignore')).split('\n');
    expect(ignored).toEqual(
      expect.arrayContaining(['.env', '.git', '.cache', 'node_modules', 'catalog.yaml']),
    );
  });
});
