import { execFile } from 'node:child_process';
import { access, chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { HUBSPOT } from '../../src/clients/hubspot/module.ts';
import {
  type Config,
  loadConfig,
  requirePublicUrl,
  requireSecretKeys,
  requireTi,
} from '../../src/config/config.ts';
import { GENERAL, POLICY, TI_WEBHOOK } from '../../src/config/variables.ts';
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
      environment: z.record(z.string(), z.string().nullable()).optional(),
      entrypoint: z.array(z.string()).optional(),
      command: z.array(z.string()).optional(),
      ports: z.array(z.string()).optional(),
      volumes: z.array(z.string()).optional(),
      configs: z.array(z.strictObject({ source: z.string(), target: z.string() })).optional(),
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
  configs: z.record(z.string(), z.strictObject({ content: z.string() })),
});

describe('docker-compose.yml', () => {
  let services: z.infer<typeof composeFile>['services'];
  let volumes: readonly string[];
  let configs: z.infer<typeof composeFile>['configs'];

  beforeAll(async () => {
    const compose = composeFile.parse(parse(await read('docker-compose.yml'), { merge: true }));
    services = compose.services;
    volumes = Object.keys(compose.volumes);
    configs = compose.configs;
  });

  function service(name: string): (typeof services)[string] {
    const found = services[name];
    if (found === undefined) throw new Error(`no service ${name}`);
    return found;
  }

  test('has a database, the Temporal server with its UI, a worker and the webhooks', () => {
    expect(Object.keys(services).sort()).toEqual(
      [
        'postgresql',
        'search-attributes',
        'seats-database',
        'temporal',
        'temporal-ui',
        'webhooks',
        'worker',
      ].sort(),
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
    expect(Object.keys(service('worker').depends_on ?? {})).toEqual([
      'temporal',
      'search-attributes',
      'seats-database',
    ]);
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

  test('tries to create them until the server knows the namespace, and gives up in the end', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dealseat-compose-'));
    try {
      const { entrypoint = [], command = [] } = service('search-attributes');
      const [shell = '', ...words] = [...entrypoint, ...command].map((word) => word.replaceAll('$$', '$'));
      const program = async (name: string, script: string) => {
        await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
        await chmod(join(folder, name), 0o755);
      };
      const calls = join(folder, 'calls');
      const create = async () => {
        const env = { PATH: `${folder}:${process.env.PATH}`, CALLS: calls };
        await promisify(execFile)(shell, words, { env });
      };
      await program('sleep', ':');
      await program('temporal', 'echo "$@" >> "$CALLS"; test "$(wc -l < "$CALLS")" -ge 3');
      await create();
      const made = (await readFile(calls, 'utf8')).trimEnd().split('\n');
      expect(made).toHaveLength(3);
      expect(made.at(-1)).toBe(
        `operator search-attribute create --address temporal:7233 ${command.join(' ')}`,
      );

      await program('temporal', 'exit 1');
      await expect(create()).rejects.toMatchObject({ code: 1 });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  describe('with an .env in which everything is filled in', () => {
    /** Every secret says which it is. */
    const SECRETS = {
      DEALSEAT_SECRET_KEYS: `k1:${Buffer.from('the secret keys, of a known text').toString('base64')}`,
      HUBSPOT_ACCESS_TOKEN: 'the-write-token',
      HUBSPOT_CLIENT_SECRET: 'the-hubspot-signing-secret',
      HUBSPOT_WEBHOOK_TOKEN: 'the-read-only-token',
      MANUAL_API_KEYS: 'acme:the-partner-key-0123',
      POSTGRES_PASSWORD: 'the-database-password',
      SEATS_PASSWORD: 'the-password-of-seats',
      SALESFORCE_CLIENT_SECRET: 'the-consumer-secret',
      SALESFORCE_WEBHOOK_SECRET: 'the-endpoint-secret-0123',
      TEMPORAL_API_KEY: 'the-temporal-key',
      TI_API_KEY: 'the-platform-key',
      TI_WEBHOOK_SECRET: 'the-redemption-endpoint-0123',
      TI_WEBHOOK_SIGNING_SECRET: 'the-redemption-signing-0123',
    };
    const DOT_ENV: Readonly<Record<string, string>> = {
      ...SECRETS,
      HUBSPOT_PORTAL_ID: '62515',
      SALESFORCE_CLIENT_ID: 'the-consumer-key',
      SALESFORCE_LOGIN_URL: 'https://acme.my.salesforce.com',
      SALESFORCE_ORG_ID: '00D5Y000001MPM7',
      TI_BASE_URL: 'https://acme.thoughtindustries.com',
      WEBHOOK_PUBLIC_URL: 'https://dealseat.example.com',
      DEALSEAT_POLICY_ATTEMPT_MS: '60000',
    };

    /** The environment of a container, as Compose makes it. */
    function environmentOf(name: string, dotEnv = DOT_ENV): Record<string, string> {
      const { env_file: file, environment = {} } = service(name);
      const variables: Record<string, string> = file === undefined ? {} : { ...dotEnv };
      for (const [variable, value] of Object.entries(environment)) {
        const given = value === null ? dotEnv[variable] : interpolate(value, dotEnv);
        if (given !== undefined) variables[variable] = given;
      }
      return variables;
    }

    function secretsIn(environment: Record<string, string>): string[] {
      const values = Object.values(environment);
      return Object.entries(SECRETS).flatMap(([name, secret]) => (values.includes(secret) ? [name] : []));
    }

    test('the webhook server gets what it checks calls with, and nothing that it could do harm with', () => {
      const environment = environmentOf('webhooks');
      expect(service('webhooks').env_file).toBeUndefined();
      expect(secretsIn(environment)).toEqual([
        'HUBSPOT_CLIENT_SECRET',
        'HUBSPOT_WEBHOOK_TOKEN',
        'MANUAL_API_KEYS',
        'SALESFORCE_WEBHOOK_SECRET',
        'TEMPORAL_API_KEY',
        'TI_WEBHOOK_SECRET',
        'TI_WEBHOOK_SIGNING_SECRET',
      ]);
      expect(environment).toMatchObject({ HUBSPOT_ACCESS_TOKEN: 'the-read-only-token' });
      expect(service('webhooks').volumes).toEqual(['./catalog.yaml:/app/catalog.yaml:ro']);
    });

    test('the worker gets its keys, and neither the partners’ nor the database’s', () => {
      expect(secretsIn(environmentOf('worker'))).toEqual(
        Object.keys(SECRETS).filter(
          (name) =>
            ![
              'HUBSPOT_WEBHOOK_TOKEN',
              'MANUAL_API_KEYS',
              'POSTGRES_PASSWORD',
              'SEATS_PASSWORD',
              'TI_WEBHOOK_SECRET',
              'TI_WEBHOOK_SIGNING_SECRET',
            ].includes(name),
        ),
      );
    });

    test('nobody else gets any but the password of the database', () => {
      for (const name of ['temporal', 'temporal-ui', 'postgresql', 'search-attributes']) {
        for (const secret of secretsIn(environmentOf(name))) expect(secret).toBe('POSTGRES_PASSWORD');
      }
    });

    test('the worker reaches the database of seats as a user of its own, or the one that DATABASE_URL names; the webhook server has no way in', () => {
      const elsewhere = 'postgres://me:secret@db.example.com/seats';
      const { databaseUrl } = loadConfig(environmentOf('worker'));
      expect(databaseUrl?.reveal()).toBe(
        'postgres://dealseat:the-password-of-seats@postgresql:5432/dealseat',
      );
      const given = { ...DOT_ENV, DATABASE_URL: elsewhere };
      expect(loadConfig(environmentOf('worker', given)).databaseUrl?.reveal()).toBe(elsewhere);
      expect(loadConfig(environmentOf('webhooks', given)).databaseUrl).toBeNull();
    });

    test('both start, with the same CRMs, task queue and time bounds', () => {
      const worker = loadConfig(environmentOf('worker'));
      const webhooks = loadConfig(environmentOf('webhooks'));
      requireTi(worker);
      requireSecretKeys(worker);
      requirePublicUrl(webhooks, HUBSPOT);
      const shared = ({ taskQueue, policy }: Config) => ({ taskQueue, policy });
      expect(shared(webhooks)).toEqual(shared(worker));
      expect(webhooks.policy.attemptMs).toBe(60_000);
      for (const name of ['worker', 'webhooks']) {
        expect(environmentOf(name).TEMPORAL_ADDRESS).toBe('temporal:7233');
        expect(service(name).command).toEqual([name]);
      }
    });

    test('the webhook server starts with one CRM as well, and without a token of its own', () => {
      for (const off of ['HUBSPOT_', 'SALESFORCE_', 'HUBSPOT_WEBHOOK_TOKEN']) {
        const rest = Object.entries(DOT_ENV).filter(([name]) => !name.startsWith(off));
        const environment = environmentOf('webhooks', Object.fromEntries(rest));
        expect(() => loadConfig(environment)).not.toThrow();
        expect(secretsIn(environment)).not.toContain('HUBSPOT_ACCESS_TOKEN');
      }
    });

    test('the webhook server can be given every setting that counts there', () => {
      const names = Object.keys(service('webhooks').environment ?? {});
      const ofTheWorker =
        /^DEALSEAT_(CATALOG|SECRET_KEYS|ALERT_.*|SMTP_URL|KEEP_PEOPLE_DAYS|SEATS_FOLDER)$|^DATABASE_URL$/;
      const general = Object.keys(GENERAL).filter((name) => !ofTheWorker.test(name));
      const bounds = [...POLICY.values()].map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining([...general, ...bounds]));
      expect(names.filter((name) => name.startsWith('TI_'))).toEqual(Object.keys(TI_WEBHOOK));
    });

    test('a worker without secret keys is refused before anything is started', () => {
      expect(service('worker').environment?.DEALSEAT_SECRET_KEYS).toMatch(/^\$\{DEALSEAT_SECRET_KEYS:\?/);
    });
  });

  test('publishes nothing beyond this machine, and keeps the database in a named volume', () => {
    for (const { ports = [] } of Object.values(services)) {
      for (const port of ports) expect(port).toContain('127.0.0.1:');
    }
    const [mount = ''] = service('postgresql').volumes ?? [];
    expect(volumes).toContain(mount.split(':')[0]);
  });

  test('Temporal reads the dynamic configuration that sends steps out with the turn that asks for them', () => {
    const [mounted] = service('temporal').configs ?? [];
    expect(service('temporal').environment?.DYNAMIC_CONFIG_FILE_PATH).toBe(mounted?.target);
    expect(parse(configs[mounted?.source ?? '']?.content ?? '')).toEqual({
      'system.enableActivityEagerExecution': [{ value: true }],
    });
  });

  test('carries no password, refuses to start without one, and says so on top', async () => {
    expect(service('postgresql').environment?.POSTGRES_PASSWORD).toMatch(/^\$\{POSTGRES_PASSWORD:\?/);
    const [head = ''] = (await read('docker-compose.yml')).split('\nname:');
    expect(head).toContain('POSTGRES_PASSWORD');
    // Compose fills in the whole file, also for services that are not started.
    expect(head.slice(head.indexOf('Temporal Cloud'))).toMatch(
      /POSTGRES_PASSWORD and SEATS_PASSWORD[\s\S]*any value does/,
    );
  });

  test('lets a worker finish before it is killed', () => {
    expect(Number.parseInt(service('worker').stop_grace_period ?? '0', 10)).toBeGreaterThan(70);
  });
});

/** Compose's `${NAME}`, `${NAME:-otherwise}`, `${NAME:+instead}` and `${NAME:?complaint}`, the innermost first. */
function interpolate(text: string, variables: Readonly<Record<string, string>>): string {
  const form = /\$\{([A-Z_]+)(?::([-+?])([^${}]*))?\}/;
  let rest = text;
  for (let match = form.exec(rest); match !== null; match = form.exec(rest)) {
    const [whole, name = '', operator = '-', word = ''] = match;
    const value = variables[name] ?? '';
    if (operator === '?' && value === '') throw new Error(`${name}: ${word}`);
    const put = operator === '+' ? (value === '' ? '' : word) : value || (operator === '-' ? word : '');
    rest = rest.replace(whole, () => put);
  }
  return rest;
}

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

  test('lets that user alone write and read where `start` keeps its database and keys, and keeps both', () => {
    const own = instructions.findIndex((line) =>
      /^RUN install .*--owner=node .*--mode=0700 \.dealseat \.cache$/.test(line),
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
      expect.arrayContaining([
        '.env',
        '.env.*',
        '.dealseat',
        '.git',
        '.cache',
        'node_modules',
        'catalog.yaml',
      ]),
    );
  });
});
