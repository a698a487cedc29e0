import { afterEach, describe, expect, test } from '@jest/globals';
import { type CommandProcess, startCommand, startLine } from './process.ts';

/** A demo takes seconds; a busy machine may take ten times as long. */
const SLOW = 240_000;
const NOBODY_READS_MAIL =
  '{"system":"hubspot","kind":"status","status":403,"path":"single-email/send","times":"always"}';
const LOST_ANSWER = '{"system":"ti","kind":"dropAfterCommit","method":"POST","path":"redemptionCodes$"}';

let demo: CommandProcess | undefined;

function startDemo(...options: string[]): CommandProcess {
  demo = startCommand(['demo', ...options]);
  return demo;
}

/** A failed test must not leave a demo, and with it a Temporal server, behind. */
afterEach(() => {
  demo?.child.kill('SIGKILL');
});

describe('dealseat demo, piped', () => {
  test(
    'typed as the README says, delivers both deals, tells every step, and ends with exit code 0',
    async () => {
      demo = startLine('npm run demo');
      const { ended, stdout } = demo;
      expect(await ended).toBe(0);
      const text = stdout();
      for (const part of ['Temporal dev server', 'Sandbox', 'Worker', 'Webhook server']) {
        expect(text).toMatch(new RegExp(`^set-up +\\d+\\.\\d s {2}${part}.*: done$`, 'm'));
      }
      for (const crm of ['HubSpot', 'Salesforce']) {
        expect(text).toMatch(new RegExp(`^${crm} +\\d+\\.\\d s {2}webhook acknowledged$`, 'm'));
        expect(text).toMatch(new RegExp(`^${crm} +\\d+\\.\\d s {2}Delivered: \\d+ seats for `, 'm'));
      }
      expect(text).toMatch(/^Deal +HubSpot "Acme leadership rollout"$/m);
      expect(text).toMatch(/^Deal +Salesforce "Globex manager academy"$/m);
      expect(text.match(/^Status +Delivered, and the sandbox agrees$/gm)).toHaveLength(2);
      expect(text.match(/^Seats +(20|25)$/gm)).toHaveLength(2);
      expect(text).toMatch(/^Label +acme-leadership-essentials-\d{4}-\d\d-\d\d-d[0-9a-f]{15}$/m);
      expect(text.match(/^Roster(\n| +)http:\/\/127\.0\.0\.1:\S+$/gm)).toHaveLength(2);
      expect(text.match(/^Mail +"[^"]+" to \S+@\S+$/gm)).toHaveLength(2);
      expect(text.match(/^Mail +http:\/\/127\.0\.0\.1:\d+\/mail\/[12]$/gm)).toHaveLength(2);
      expect(
        text.match(
          /^Run\nhttp:\/\/127\.0\.0\.1:\d+\/namespaces\/default\/workflows\/provision\S+\/history$/gm,
        ),
      ).toHaveLength(2);
      expect(text.match(/^Time +\d+\.\d s from webhook to delivered$/gm)).toHaveLength(2);
      expect(text).not.toContain('\u001b[');
    },
    SLOW,
  );

  test(
    'proves that a lost answer made nothing twice, opens every link that it prints, and fails when a mail cannot be sent',
    async () => {
      const { child, ended, stdout, untilSaid } = startDemo(
        '--keep',
        '--fault',
        LOST_ANSWER,
        '--fault',
        NOBODY_READS_MAIL,
      );
      await untilSaid(/press Ctrl-C to stop/);
      const result = stdout().slice(stdout().indexOf('\nDeal '));
      const addresses = [...result.matchAll(/https?:\/\/\S+/g)].map(([url]) => url);
      expect(addresses.length).toBeGreaterThanOrEqual(6);
      for (const url of addresses) expect([url, (await fetch(url)).status]).toEqual([url, 200]);
      child.kill('SIGINT');
      expect(await ended).toBe(1);
      expect(stdout()).toMatch(/Stopped\.\n$/);
      expect(stdout()).toMatch(/^HubSpot .* "Acme leadership rollout": FAILED$/m);
      expect(stdout().match(/crm\.forbidden: HubSpot: single send of e-mail 1234567/g)).toHaveLength(1);
      expect(stdout()).toMatch(/^Status +Not delivered: NeedsAttention/m);
      expect(stdout()).toMatch(
        /^fault: the answer of POST \/redemptionCodes was lost → token d[0-9a-f]{15} was looked up → 1 group, 0 duplicates$/m,
      );
      expect(stdout()).toMatch(
        /^fault: POST \S*single-email\/send was answered with status 403 → .*0 duplicates$/m,
      );
      expect(stdout().match(/^Status +Delivered, and the sandbox agrees$/gm)).toHaveLength(1);
    },
    SLOW,
  );

  test(
    'stops everything on Ctrl-C and ends with exit code 130',
    async () => {
      const { child, ended, stdout, stderr, untilSaid } = startDemo();
      const [, port] = await untilSaid(/UI at http:\/\/127\.0\.0\.1:(\d+)/);
      await untilSaid(/Worker …/);
      child.kill('SIGINT');
      expect(await ended).toBe(130);
      expect(stderr()).toContain('dealseat: interrupted');
      expect(stdout()).not.toContain('Delivered');
      await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
    },
    SLOW,
  );
});
