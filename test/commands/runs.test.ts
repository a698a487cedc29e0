import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { HUBSPOT_DEAL, SALESFORCE_DEAL, TODAY } from '../support/sandbox-tenant.ts';
import { until, WAIT_MS } from '../support/until.ts';
import { documentOf, type Outcome } from './dealseat.ts';
import { openServiceRig } from './service-rig.ts';

/** A run waits for its CRM, and the machine may be busy. */
const SLOW = WAIT_MS + 60_000;

const open = openServiceRig({ approveAbove: 20 });

describe('provision', () => {
  test(
    '--dry-run shows groups and writes, writes nothing, and names the plan for the real run',
    async () => {
      const { dealseat, sandbox } = open();
      const dealId = sandbox.hubspot.state.createDeal(HUBSPOT_DEAL);
      const { exitCode, stdout, stderr } = await dealseat('provision', 'hubspot', dealId, '--dry-run');
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toContain('Leadership Essentials');
      expect(stdout).toMatch(/Would write:\n1\. HubSpot: set the status/);
      expect(sandbox.hubspot.state.valuesOf('deals', dealId).dealseat_status ?? null).toBeNull();
      const hash = /--plan ([0-9a-f]{64})/.exec(stdout)?.[1] ?? '';

      const real = await dealseat('provision', 'hubspot', dealId, '--plan', hash, '--wait');
      expect(real.stdout).toMatch(/Status +Delivered/);
      expect(real.exitCode).toBe(0);
    },
    SLOW,
  );

  test(
    '--plan refuses once the deal has changed since the dry run, with exit code 3',
    async () => {
      const { dealseat, sandbox } = open();
      const dealId = sandbox.hubspot.state.createDeal(HUBSPOT_DEAL);
      const outcome = await dealseat(
        'provision',
        'hubspot',
        dealId,
        '--plan',
        '0'.repeat(64),
        '--wait',
        '--json',
      );
      expect(documentOf(outcome)).toMatchObject({ status: 'Skipped' });
      expect(outcome.exitCode).toBe(3);
    },
    SLOW,
  );

  test(
    '--wait tells every step on stderr and delivers a Salesforce deal named by its short id',
    async () => {
      const { dealseat, sandbox, orgId } = open();
      const dealId = sandbox.salesforce.state.createOpportunity(SALESFORCE_DEAL);
      const outcome = await dealseat('provision', 'salesforce', dealId.slice(0, 15), '--wait', '--json');
      expect(outcome.exitCode).toBe(0);
      expect(documentOf(outcome)).toMatchObject({
        id: `provision:salesforce:${orgId}:${dealId}`,
        status: 'Delivered',
        seats: 3,
      });
      expect(outcome.stderr).toContain('Delivered: 3 seats for Globex Inc');
      const codes = sandbox.ti.state.groups.flatMap(({ id }) => sandbox.ti.state.codesOf(id));
      for (const { code } of codes) expect(outcome.stdout + outcome.stderr).not.toContain(code);
    },
    SLOW,
  );

  test(
    '--wait ends with exit code 3 and the cure when a person is needed',
    async () => {
      const { dealseat, sandbox } = open();
      const dealId = sandbox.hubspot.state.createDeal({ ...HUBSPOT_DEAL, closeDate: null });
      const { exitCode, stdout } = await dealseat('provision', 'hubspot', dealId, '--wait');
      expect(exitCode).toBe(3);
      expect(stdout).toMatch(/To fix +deal\.close_date_missing: .* Set the close date of the deal\./);
      await dealseat('cancel', 'hubspot', dealId, '--reason', 'end of the test');
    },
    SLOW,
  );
});

describe('a name in the CRM that holds terminal commands', () => {
  const NAME = 'Lead\u001b[2J\u001b]0;owned\u0007\u009b31m\u0008\u007f\r101';
  const COMMANDS = /[^\P{Cc}\n]/u;

  test(
    'gives none to the terminal, whichever command shows it',
    async () => {
      const { dealseat, sandbox } = open();
      const dealId = sandbox.hubspot.state.createDeal({
        ...HUBSPOT_DEAL,
        name: NAME,
        lineItems: [{ name: NAME, sku: NAME, quantity: 3 }],
      });
      const shown = [
        await dealseat('provision', 'hubspot', dealId, '--dry-run'),
        await dealseat('provision', 'hubspot', dealId, '--wait'),
        await dealseat('status', 'hubspot', dealId),
        await dealseat('retry', 'hubspot', dealId),
        await dealseat('cancel', 'hubspot', dealId, '--reason', NAME),
      ];
      expect(shown.slice(0, 3).map(({ stdout }) => stdout.includes('owned'))).toEqual([true, true, true]);
      for (const { stdout, stderr } of shown) expect(stdout + stderr).not.toMatch(COMMANDS);
    },
    SLOW,
  );

  test(
    'stays as it is in a JSON document, which shows none either',
    async () => {
      const { dealseat, sandbox } = open();
      const dealId = sandbox.hubspot.state.createDeal({
        ...HUBSPOT_DEAL,
        lineItems: [{ name: NAME, sku: NAME, quantity: 3 }],
      });
      const outcome = await dealseat('provision', 'hubspot', dealId, '--dry-run', '--json');
      expect(outcome.stdout).not.toMatch(COMMANDS);
      expect(JSON.stringify(documentOf(outcome).problems)).toContain(JSON.stringify(NAME).slice(1, -1));
    },
    SLOW,
  );
});

describe('a run that waits for a person', () => {
  test(
    'goes on after retry once the deal is fixed',
    async () => {
      const { dealseat, sandbox } = open();
      const dealId = sandbox.hubspot.state.createDeal({ ...HUBSPOT_DEAL, closeDate: null });
      await dealseat('provision', 'hubspot', dealId, '--wait');
      sandbox.hubspot.state.edit('deals', dealId, { closedate: TODAY });
      const retried = await dealseat('retry', 'hubspot', dealId, '--by', 'sam', '--json');
      expect(retried).toMatchObject({ exitCode: 0 });
      expect(documentOf(retried)).toMatchObject({ id: expect.stringContaining(dealId) });
      expect(await dealseat('provision', 'hubspot', dealId, '--wait')).toMatchObject({ exitCode: 0 });
    },
    SLOW,
  );

  test(
    'is undone and over after cancel, which status then tells with exit code 1',
    async () => {
      const { dealseat, sandbox } = open();
      const dealId = sandbox.hubspot.state.createDeal({ ...HUBSPOT_DEAL, closeDate: null });
      await dealseat('provision', 'hubspot', dealId, '--wait');
      const cancelled = await dealseat('cancel', 'hubspot', dealId, '--reason', 'sold by mistake');
      expect(cancelled.exitCode).toBe(0);
      const over = await dealseat('provision', 'hubspot', dealId, '--dry-run');
      expect(over.exitCode).toBe(3);
      await untilStatus('Cancelled', ['hubspot', dealId]);
      const status = await dealseat('status', 'hubspot', dealId);
      expect(status.exitCode).toBe(1);
      expect(status.stdout).toContain('sold by mistake');
      const again = await dealseat('cancel', 'hubspot', dealId, '--reason', 'once more');
      expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is over (Cancelled)') });
    },
    SLOW,
  );

  test(
    'goes through after approve, and is skipped after reject',
    async () => {
      const { dealseat, sandbox } = open();
      const [first, second] = [
        sandbox.hubspot.state.createDeal(manySeats(21)),
        sandbox.hubspot.state.createDeal(manySeats(21)),
      ];
      const { stdout: dryRun } = await dealseat('provision', 'hubspot', first, '--dry-run');
      expect(dryRun).toMatch(/^1\. .*21 seats need approval, and wait for `dealseat approve hubspot/m);
      const asked = await dealseat('provision', 'hubspot', first, '--wait');
      expect(asked).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('approval.required') });
      const { id } = await questionOf(first);
      expect(asked.stdout).toContain(`dealseat approve hubspot ${first} --question ${id} --reason`);
      const retried = await dealseat('retry', 'hubspot', first);
      expect(retried).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(id) });
      const approved = await answer('approve', first, id, 'paid');
      expect(approved.exitCode).toBe(0);
      expect(approved.stdout).toContain('Approved by sam: paid. The run goes on …\nDelivered: 21 seats (');
      expect(approved.stdout).not.toContain('NeedsAttention');
      await untilStatus('Delivered', ['hubspot', first]);

      await dealseat('provision', 'hubspot', second, '--wait');
      const { id: other } = await questionOf(second);
      expect((await answer('reject', second, other, 'not paid')).exitCode).toBe(0);
      await untilStatus('Skipped', ['hubspot', second]);
    },
    SLOW,
  );

  test(
    'takes no answer to a question that it does not ask any more, and says what it asks now',
    async () => {
      const { dealseat, sandbox } = open();
      const dealId = sandbox.hubspot.state.createDeal(manySeats(21));
      const before = sandbox.ti.state.groups.length;
      await dealseat('provision', 'hubspot', dealId, '--wait');
      const { id: asked } = await questionOf(dealId);
      sell(dealId, 600);
      await dealseat('provision', 'hubspot', dealId);
      await until('another question is asked', async () => (await questionOf(dealId)).id !== asked);

      const { id: now } = await questionOf(dealId);
      const refused = await answer('approve', dealId, asked, 'I saw 21');
      expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(now) });
      expect(sandbox.ti.state.groups).toHaveLength(before);
      await dealseat('cancel', 'hubspot', dealId, '--reason', 'end of the test');
    },
    SLOW,
  );

  test(
    'about fewer seats goes on by keep or withdraw, and never by approve or reject',
    async () => {
      const { dealseat, sandbox } = open();
      const dealId = sandbox.hubspot.state.createDeal(manySeats(5));
      await dealseat('provision', 'hubspot', dealId, '--wait');
      sell(dealId, 3);
      await dealseat('provision', 'hubspot', dealId, '--wait');
      const question = await questionOf(dealId);
      expect(question).toMatchObject({ kind: 'withdrawal', answers: ['withdraw', 'keep'] });
      for (const verb of ['approve', 'reject'] as const) {
        const refused = await answer(verb, dealId, question.id, 'by mistake');
        expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('withdraw') });
      }
      expect((await answer('withdraw', dealId, question.id, 'returned')).stdout).toContain(
        'Withdrawal decided by sam: returned. The run goes on …\nDelivered: 3 seats (',
      );
      await untilStatus('Delivered', ['hubspot', dealId]);
      const { stdout } = await dealseat('verify', 'hubspot', dealId);
      expect(stdout).toContain('The hand-over is proven.');
    },
    SLOW,
  );
});

describe('status and list', () => {
  test('status of a deal that was never provisioned says how to start it, with exit code 1', async () => {
    const outcome = await open().dealseat('status', 'hubspot', '404404', '--json');
    expect(outcome.exitCode).toBe(1);
    expect(documentOf(outcome)).toMatchObject({
      error: { message: expect.stringContaining('dealseat provision') },
    });
  });

  test(
    'list has one row a deal, filters by status and keeps to its limit',
    async () => {
      const { dealseat, sandbox } = open();
      const dealId = sandbox.hubspot.state.createDeal(HUBSPOT_DEAL);
      await dealseat('provision', 'hubspot', dealId, '--wait');
      await dealseat('provision', 'hubspot', dealId, '--wait');
      const rows = async (...more: string[]) => {
        const { stdout } = await dealseat('list', '--limit', '1000', ...more);
        return stdout.split('\n').filter((line) => line.includes(`hubspot ${dealId} `));
      };
      await until('the deal is listed', async () => (await rows('--status', 'Delivered')).length > 0);
      expect(await rows()).toEqual([expect.stringContaining(String(HUBSPOT_DEAL.name))]);
      expect(await rows('--status', 'Compensating')).toEqual([]);
      const one = await dealseat('list', '--limit', '1', '--json');
      expect(JSON.parse(one.stdout)).toHaveLength(1);
    },
    SLOW,
  );

  test(
    'status shows what was delivered after a later look too',
    async () => {
      const { dealseat, sandbox } = open();
      const dealId = sandbox.hubspot.state.createDeal(HUBSPOT_DEAL);
      await dealseat('provision', 'hubspot', dealId, '--wait');
      await dealseat('provision', 'hubspot', dealId, '--wait');
      const { stdout, exitCode } = await dealseat('status', 'hubspot', dealId);
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/^Groups +\S+: Leadership Essentials, \d+ seats?$/m);
      await until('Temporal lists the delivery', async () =>
        /^Roster +\d+ codes?, http/m.test((await dealseat('status', 'hubspot', dealId)).stdout),
      );
      expect((await dealseat('status', 'hubspot', dealId)).stdout).toMatch(/^Messages +buyer \d+: /m);
    },
    SLOW,
  );
});

describe('verify', () => {
  test.each(['hubspot', 'salesforce'] as const)(
    'proves a delivered %s deal from both systems, without showing a code',
    async (crm) => {
      const { dealseat, sandbox } = open();
      const dealId = createDeal(crm);
      await dealseat('provision', crm, dealId, '--wait');
      const { exitCode, stdout } = await dealseat('verify', crm, dealId);
      expect(stdout).toContain('The hand-over is proven.');
      expect(exitCode).toBe(0);
      for (const { id } of sandbox.ti.state.groups) {
        for (const { code } of sandbox.ti.state.codesOf(id)) expect(stdout).not.toContain(code);
      }
    },
    SLOW,
  );

  test('has nothing to prove before the delivery, and says so with exit code 3', async () => {
    const { dealseat, sandbox } = open();
    const dealId = sandbox.hubspot.state.createDeal(HUBSPOT_DEAL);
    const outcome = await dealseat('verify', 'hubspot', dealId, '--json');
    expect(outcome.exitCode).toBe(3);
    expect(documentOf(outcome)).toMatchObject({ isProven: false, status: null, checks: [] });
  });

  test(
    'finds a ledger that names other bytes than those of the file, and that somebody edited it',
    async () => {
      const { dealseat, sandbox } = open();
      const dealId = sandbox.hubspot.state.createDeal(HUBSPOT_DEAL);
      await dealseat('provision', 'hubspot', dealId, '--wait');
      const { dealseat_ledger: ledger } = sandbox.hubspot.state.valuesOf('deals', dealId);
      const other = String(ledger).replace(/[0-9a-f]{64}/, 'f'.repeat(64));
      sandbox.hubspot.state.edit('deals', dealId, { dealseat_ledger: other });
      const { exitCode, stdout } = await dealseat('verify', 'hubspot', dealId);
      expect(exitCode).toBe(1);
      expect(stdout).toMatch(/^DIFFERS +the ledger is sealed/m);
      expect(stdout).toMatch(/^DIFFERS +SHA-256 of the file/m);
      expect(stdout).toMatch(/^2 of \d+ checks differ\.$/m);
    },
    SLOW,
  );

  test(
    'finds a roster that is gone',
    async () => {
      const { dealseat, sandbox } = open();
      const dealId = sandbox.hubspot.state.createDeal(HUBSPOT_DEAL);
      await dealseat('provision', 'hubspot', dealId, '--wait');
      const [file] = sandbox.hubspot.state.attachmentsOf({ object: 'deals', id: dealId });
      sandbox.hubspot.state.files.remove(file?.id ?? '');
      const { exitCode, stdout } = await dealseat('verify', 'hubspot', dealId);
      expect(exitCode).toBe(1);
      expect(stdout).toMatch(/^DIFFERS +one roster file on the deal, the one of the ledger +none/m);
    },
    SLOW,
  );
});

function manySeats(quantity: number) {
  return { ...HUBSPOT_DEAL, lineItems: [{ name: 'Leadership', sku: 'LEAD-101', quantity }] };
}

/** Changes the quantity of the deal's one line item. */
function sell(dealId: string, quantity: number): void {
  const { state } = open().sandbox.hubspot;
  const [line] = state.associations.linked({ object: 'deals', id: dealId }, 'line_items');
  state.edit('line_items', line?.id ?? '', { quantity });
}

interface Question {
  readonly id: string;
  readonly kind: string;
  readonly answers: readonly string[];
}

/** What the run of a HubSpot deal asks now. */
async function questionOf(dealId: string): Promise<Question> {
  const { progress } = documentOf(await open().dealseat('status', 'hubspot', dealId, '--json'));
  const { question } = progress as { readonly question: Question | null };
  if (question === null) throw new Error(`The run of deal ${dealId} asks nothing`);
  return question;
}

function answer(
  verb: 'approve' | 'reject' | 'withdraw' | 'keep',
  dealId: string,
  question: string,
  reason: string,
): Promise<Outcome> {
  const words = ['--question', question, '--reason', reason, '--by', 'sam'];
  return open().dealseat(verb, 'hubspot', dealId, ...words);
}

function createDeal(crm: 'hubspot' | 'salesforce'): string {
  const { hubspot, salesforce } = open().sandbox;
  return crm === 'hubspot'
    ? hubspot.state.createDeal(HUBSPOT_DEAL)
    : salesforce.state.createOpportunity(SALESFORCE_DEAL);
}

function untilStatus(status: string, deal: readonly string[]): Promise<void> {
  return until(`the status is ${status}`, async () => {
    const outcome = await open().dealseat('status', ...deal, '--json');
    return documentOf(outcome).status === status;
  });
}

describe('codes import', () => {
  test(
    'lets a run go on whose platform lists no codes, from the file that an admin downloaded',
    async () => {
      const { dealseat, sandbox } = open();
      const { state } = sandbox.ti;
      const { codesPath } = state.options;
      const known = new Set(state.groups.map(({ id }) => id));
      const folder = await mkdtemp(join(tmpdir(), 'dealseat-codes-'));
      state.options.codesPath = null;
      try {
        const dealId = sandbox.hubspot.state.createDeal(HUBSPOT_DEAL);
        const asked = await dealseat('provision', 'hubspot', dealId, '--wait', '--json');
        expect(asked.exitCode).toBe(3);
        expect(JSON.stringify(documentOf(asked))).toContain(
          `dealseat codes import hubspot ${dealId} <file.csv>`,
        );
        const [group] = state.groups.filter(({ id }) => !known.has(id));
        if (group === undefined) throw new Error('no group was made');
        const codes = state.codesOf(group.id).map(({ code }) => code);
        const file = join(folder, 'codes.csv');
        const importFile = (...more: string[]) =>
          dealseat('codes', 'import', 'hubspot', dealId, file, ...more);

        await writeFile(
          file,
          ['\ufeffStatus;Code', ...codes.map((code) => `new;${code}`), `new;${codes[0]}`].join('\r\n'),
        );
        const refused = await importFile();
        expect(refused.exitCode).toBe(1);
        expect(refused.stderr).toContain('the file has 4 codes, the group has 3 seats');
        expect(refused.stderr).toContain('line 5: the code stands in line 2 already');
        expect((await dealseat('status', 'hubspot', dealId)).stdout).toMatch(/Status +NeedsAttention/);

        await writeFile(file, ['\ufeffStatus;Code', ...codes.map((code) => `new;${code}`)].join('\r\n'));
        // Once, so that the run asks about its mail next.
        sandbox.faults.add({
          system: 'hubspot',
          method: 'POST',
          path: /single-email\/send/,
          kind: 'status',
          status: 400,
        });
        const imported = await importFile('--group', group.label);
        expect(imported.stdout).toContain(`3 codes imported for ${group.label}`);
        expect(imported.exitCode).toBe(3);
        const unneeded = await importFile();
        expect(unneeded.stdout).toContain('The run of the deal does not wait for codes now.');
        const stillAsked = await dealseat('status', 'hubspot', dealId, '--json');
        expect(JSON.stringify(documentOf(stillAsked))).toContain('crm.mail_rejected');
        await dealseat('retry', 'hubspot', dealId);
        await until(
          'the deal is delivered',
          async () => (await dealseat('status', 'hubspot', dealId)).exitCode === 0,
        );
        const verified = await dealseat('verify', 'hubspot', dealId);
        expect(verified.stdout).toContain('The hand-over is proven.');

        const shown = [asked, refused, imported, verified]
          .map(({ stdout, stderr }) => stdout + stderr)
          .join();
        for (const code of codes) expect(shown).not.toContain(code);
        expect((await importFile()).stdout).toContain('The run of the deal does not wait for codes now.');
      } finally {
        state.options.codesPath = codesPath;
        await rm(folder, { recursive: true });
      }
    },
    SLOW,
  );
});
