import { expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config/config.ts';
import { loadTemporalTarget } from '../../src/temporal/connection.ts';
import { dealseat } from './dealseat.ts';

/** What a filled-in `.env` of a real deployment may hold. */
const DOT_ENV = {
  TEMPORAL_ADDRESS: 'temporal.acme.example:7233',
  TEMPORAL_NAMESPACE: 'production',
  TEMPORAL_API_KEY: 'no-key',
  DEALSEAT_TASK_QUEUE: 'dealseat',
  DEALSEAT_TEMPORAL_UI_URL: 'https://temporal.acme.example',
  TI_BASE_URL: 'https://acme.example',
  TI_LEARNER_URL: 'https://learn.acme.example',
  TI_CODES_PATH: '/groups/{groupId}/codes',
  HUBSPOT_ACCESS_TOKEN: 'no-token',
  DEALSEAT_ALERT_SLACK_URL: 'https://hooks.acme.example/services/1',
  DEALSEAT_ALERT_MAIL: 'ops@acme.example',
  DEALSEAT_SMTP_URL: 'smtps://mail.acme.example',
};

test('a service with the environment of the sandbox meets nothing of the tenants in .env', async () => {
  const ended = new AbortController();
  ended.abort();
  const { stdout, exitCode } = await dealseat({}, ['sandbox', '--ports', '0'], { interrupted: ended.signal });
  expect(exitCode).toBe(0);
  const lines = stdout.trim().split('\n');
  const printed = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

  // Node reads a file into the environment that way: what is set, and be it to nothing, stays.
  const env = { ...DOT_ENV, ...printed };
  const config = loadConfig(env);
  expect(config.taskQueue).toBe('dealseat-sandbox');
  expect(config.temporalUiUrl).toBeNull();
  expect(config.alerts).toEqual({ webhook: null, slackUrl: null, mail: null });
  expect(config.ti?.learnerUrl).toMatch(/^http:\/\/127\.0\.0\.1:/);
  expect(JSON.stringify([lines, config])).not.toMatch(/acme\.example/);
  expect(loadTemporalTarget(env)).toMatchObject({ namespace: 'default' });
  expect(loadTemporalTarget(env).connectionOptions.address).toBeUndefined();
});
