import { expect, test } from '@jest/globals';
import { MEASURE_NAMES } from '../../bench/measures/names.ts';
import { readOptions, USAGE, UsageError } from '../../bench/options.ts';

test('without options everything is measured on the dev server', () => {
  expect(readOptions([])).toMatchObject({
    format: 'table',
    writesDocs: false,
    server: 'dev',
    only: [],
    peer: null,
  });
});

test('single measures can be chosen, and the help names each', () => {
  expect(readOptions(['--only', 'kill, burst', '--server', 'postgres'])).toMatchObject({
    only: ['kill', 'burst'],
    server: 'postgres',
  });
  for (const name of MEASURE_NAMES) expect(USAGE).toContain(name);
  expect(readOptions(['--help'])).toBeNull();
});

test('another middleware is driven by its address, with or without a command that starts it', () => {
  const url = 'http://127.0.0.1:5678/webhook/deals';
  expect(readOptions(['--peer', url])?.peer).toEqual({
    url,
    command: null,
    crm: 'hubspot',
    firstPort: 9_100,
  });
  const args = ['--peer', url, '--peer-command', 'n8n start', '--peer-crm', 'salesforce'];
  expect(readOptions([...args, '--peer-ports', '9500'])?.peer).toEqual({
    url,
    command: 'n8n start',
    crm: 'salesforce',
    firstPort: 9_500,
  });
});

test('what cannot be meant is refused with the name of the option', () => {
  const refusals: [string[], RegExp][] = [
    [['--only', 'speed'], /--only: there is no "speed"; expected sequence, burst/],
    [['--server', 'mysql'], /--server: there is no "mysql"; expected dev, postgres/],
    [['--peer', 'localhost:5678'], /--peer: expected an address/],
    [['--peer', 'http://127.0.0.1:1/', '--peer-ports', '70000'], /--peer-ports: expected a port/],
    [['--peer', 'http://127.0.0.1:1/', '--only', 'kill'], /--peer has rows of its own/],
    [['--peer-command', 'n8n start'], /--peer-command needs --peer/],
    [['--quick', '--write-docs'], /--quick makes no figures/],
    [['--only', 'kill', '--write-docs'], /--only makes no figures/],
    [['--peer', 'http://127.0.0.1:1/', '--write-docs'], /--peer makes no figures/],
    [['--fast'], /--fast/],
  ];
  for (const [args, message] of refusals) {
    expect(() => readOptions(args)).toThrow(UsageError);
    expect(() => readOptions(args)).toThrow(message);
  }
});
