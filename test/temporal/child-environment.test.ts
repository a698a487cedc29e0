import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { childEnvironment } from '../../src/temporal/dev-server/child-environment.ts';
import { runCommand } from '../../src/temporal/dev-server/run-command.ts';

/** Every variable of ours, Temporal's among them, with a value that must not get out. */
async function ourVariables(): Promise<Record<string, string>> {
  const example = await readFile('.env.example', 'utf8');
  const names = [...example.matchAll(/^(?:# )?([A-Z][A-Z0-9_]+)=/gm)].map(([, name = '']) => name);
  return Object.fromEntries(names.map((name) => [name, 'not-for-others']));
}

describe('the programs that Dealseat runs', () => {
  test('get no variable of Dealseat’s or Temporal’s, and no key of anybody else’s', async () => {
    const ours = await ourVariables();
    expect(Object.keys(ours)).toEqual(expect.arrayContaining(['TI_API_KEY', 'TEMPORAL_API_KEY']));
    const others = {
      AWS_SECRET_ACCESS_KEY: 's',
      GITHUB_TOKEN: 's',
      GOOGLE_API_KEY: 's',
      GO_API_KEY: 's',
      NPM_TOKEN: 's',
      NODE_OPTIONS: '--inspect',
      OTEL_EXPORTER_OTLP_HEADERS: 's',
      POSTGRES_PASSWORD: 's',
    };
    expect(childEnvironment({ ...ours, ...others })).toEqual({});
  });

  test('get what they need to find their files, their network and their certificates', () => {
    const needed = {
      PATH: '/bin',
      Path: 'C:\\bin',
      HOME: '/home/sam',
      TMPDIR: '/tmp',
      GOPROXY: 'direct',
      GO111MODULE: 'on',
      GOFLAGS: '-mod=mod',
      XDG_CACHE_HOME: '/cache',
      https_proxy: 'http://proxy:3128',
      HTTPS_PROXY: 'http://proxy:3128',
      NO_PROXY: 'localhost',
      SSL_CERT_FILE: '/certs.pem',
      NODE_EXTRA_CA_CERTS: '/certs.pem',
    };
    expect(childEnvironment({ ...needed, LANG: undefined })).toEqual(needed);
  });

  test('see nothing else when they run', async () => {
    process.env.TI_API_KEY = 'not-for-others';
    try {
      const { stdout, exitCode } = await runCommand({
        command: '/bin/sh',
        args: ['-c', 'env'],
        env: { GOBIN: '/scratch' },
        timeoutMs: 10_000,
      });
      expect(exitCode).toBe(0);
      expect(stdout).toContain('GOBIN=/scratch\n');
      expect(stdout).not.toContain('not-for-others');
    } finally {
      delete process.env.TI_API_KEY;
    }
  });
});
