import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { deskOf, FILLED_CODES, fillStore, type Outcome as SeatOutcome } from '../support/filled-store.ts';
import { onceOnEmbedded } from '../support/store.ts';
import { dealseat, documentOf, type Outcome } from './dealseat.ts';

const ENV = {
  HUBSPOT_ACCESS_TOKEN: 't',
  HUBSPOT_PORTAL_ID: '62515',
  HUBSPOT_CLIENT_SECRET: 'a-secret-of-the-test',
  SALESFORCE_LOGIN_URL: 'https://acme.my.salesforce.com',
  SALESFORCE_CLIENT_ID: 'client',
  SALESFORCE_CLIENT_SECRET: 'secret',
  SALESFORCE_ORG_ID: '00D5Y000001MPM7UAO',
  SALESFORCE_WEBHOOK_SECRET: 'a-secret-of-the-test',
};

onceOnEmbedded('dealseat seats', (open) => {
  let store: SeatStore;
  /** What comes of each operation. */
  let outcome: SeatOutcome;

  beforeAll(async () => {
    store = await fillStore(await open());
  });

  function seats(argv: readonly string[], input?: string): Promise<Outcome> {
    return run(['seats', ...argv], input);
  }

  function run(argv: readonly string[], input?: string): Promise<Outcome> {
    return dealseat(ENV, argv, {
      openSeats: async () => ({
        desk: deskOf(store, Date.now, () => outcome),
        waitsHere: true,
        close: async () => {},
      }),
      ...(input === undefined ? {} : { readInput: async () => input }),
    });
  }

  describe('of a deal', () => {
    test('shows the counts first, then a row for each seat, with no code', async () => {
      const { exitCode, stdout, stderr } = await seats(['hubspot', '9001']);
      expect([exitCode, stderr]).toEqual([0, '']);
      const lines = stdout.split('\n');
      expect(lines.slice(0, 4)).toEqual([
        'Acme leadership rollout (hubspot 9001), Acme Corp',
        '8 seats: 0 used, 2 reserved, 6 free',
        '  Leadership Essentials: 5 seats: 0 used, 2 reserved, 3 free',
        '  Manager Path: 3 seats: 0 used, 0 reserved, 3 free',
      ]);
      expect(lines[5]).toMatch(/^SEAT +PRODUCT +STATE +HOLDER +SINCE +ACCESS UNTIL +CODE$/);
      expect(stdout).toMatch(/Leadership Essentials +Handed out +Ana@Example\.com +20 Nov 2026 +handed out/);
      expect(stdout.match(/Free/g)).toHaveLength(6);
      expect(stdout).not.toMatch(FILLED_CODES);
    });

    test('as JSON is one document, narrowed by state and product', async () => {
      const outcome = await seats(['hubspot', '9001', '--state', 'exposed,redeemed', '--json']);
      expect(documentOf(outcome)).toMatchObject({
        order: { counts: { sold: 8, used: 0, reserved: 2, free: 6 } },
        seats: [{ state: 'exposed' }, { state: 'exposed' }],
        hasMore: false,
      });
      const path = documentOf(await seats(['hubspot', '9001', '--product', 'manager-path', '--json']));
      expect(path.seats).toHaveLength(3);
    });

    test('says that it shows a part only', async () => {
      const { stdout } = await seats(['hubspot', '9001', '--limit', '3']);
      expect(stdout).toContain('Only 3 seats are shown.');
    });

    test('that Dealseat has not delivered fails with that reason', async () => {
      const { exitCode, stderr } = await seats(['hubspot', '4711']);
      expect(exitCode).toBe(1);
      expect(stderr).toContain('The store has no seats of hubspot 4711');
    });
  });

  describe('find', () => {
    test('by address shows every seat of the person and whose deal it is', async () => {
      const { exitCode, stdout } = await seats(['find', 'ana@example.com']);
      expect(exitCode).toBe(0);
      expect(stdout).toContain('2 seats found by e-mail address.');
      expect(stdout).toContain('salesforce 0065Y00001Suvw6QAB');
      expect(stdout).toContain('hubspot 9001');
    });

    test('by a code from standard input repeats the code nowhere', async () => {
      const { exitCode, stdout, stderr } = await seats(['find', '-'], 'ACME-LEAD-1\n');
      expect(exitCode).toBe(0);
      expect(stdout).toContain('1 seat found by code.');
      expect(stdout).toContain('kim@example.com');
      expect(stdout + stderr).not.toMatch(FILLED_CODES);
    });

    test('by a code on the command line says that it stays in the history of the shell', async () => {
      const { stdout, stderr } = await seats(['find', 'ACME-LEAD-1']);
      expect(stderr).toContain('The code is now in the history of your shell. `dealseat seats find -`');
      expect(stdout + stderr).not.toMatch(FILLED_CODES);
    });

    test('by company shows its deals with their counts', async () => {
      const { stdout } = await seats(['find', 'acme']);
      expect(stdout).toContain('1 deal found by the name of the company or deal.');
      expect(stdout).toMatch(/Acme leadership rollout +hubspot 9001 +Acme Corp +8 +0 +2 +6/);
    });

    test('of nothing that is there ends with exit code 1', async () => {
      const { exitCode, stdout } = await seats(['find', 'nobody@example.com']);
      expect([exitCode, stdout]).toEqual([1, expect.stringMatching(/^Nothing was found\./)]);
    });

    test('without anything to look for is wrong usage', async () => {
      const { exitCode, stderr } = await seats(['find', '-'], ' \n');
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining('on standard input; found nothing')]);
    });
  });

  test('history takes the beginning of an id that the table shows', async () => {
    const { stdout: table } = await seats(['hubspot', '9001', '--state', 'exposed']);
    const id = /^([0-9a-f]{8}) /m.exec(table)?.[1] ?? '';
    const { exitCode, stdout } = await seats(['history', id]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(
      '20 Nov 2026, 10:00 UTC  Dealseat added the seat (handed out), for Ana@Example.com',
    );
    expect(stdout).not.toMatch(FILLED_CODES);
  });

  describe('acts on a seat', () => {
    const REASON = ['--reason', 'left the company', '--by', 'kim'];

    async function idOf(email: string): Promise<string> {
      const { seats: found } = documentOf(await seats(['find', email, '--as', 'email', '--json']));
      return (found as { id: string }[])[0]?.id ?? '';
    }

    test('by the beginning of its id, and say what came of it', async () => {
      outcome = { state: 'done', outcome: 'The seat was taken back.', failure_code: null };
      const id = (await idOf('kim@example.com')).slice(0, 8);
      const { exitCode, stdout, stderr } = await seats(['revoke', id, ...REASON]);
      expect([exitCode, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(
        new RegExp(
          `^Taking back: seat ${id} of kim@example\\.com \\(Leadership Essentials, hubspot 9001\\), by kim: left the company\\.\nDone \\(.*\\)\\. The seat was taken back\\.\n$`,
        ),
      );
      const again = await seats(['revoke', id, ...REASON]);
      expect([again.exitCode, again.stderr]).toEqual([
        1,
        expect.stringContaining('seat.busy: The seat is being changed'),
      ]);
    });

    test('by its holder, and stop waiting where an admin is needed', async () => {
      outcome = { state: 'running', outcome: 'The key was refused', failure_code: 'lms.unauthorized' };
      const to = ['--learner', 'ANA@example.com', '--to', 'lee@example.com'];
      const env = ['hubspot', '9001'];
      const { exitCode, stdout } = await seats(['reassign', ...env, ...to, ...REASON]);
      expect(exitCode).toBe(3);
      expect(stdout).toContain('It waits: lms.unauthorized: The key was refused.');
      const id = /seats operation (\S+) --retry/.exec(stdout)?.[1] ?? '';
      outcome = { state: 'refused', outcome: 'The platform refused', failure_code: 'lms.conflict' as never };
      const retried = await seats(['operation', id, '--retry']);
      expect([retried.exitCode, retried.stdout]).toEqual([
        1,
        expect.stringContaining('to give the seat to another person'),
      ]);
      expect(retried.stdout).toContain('Refused');
      const shown = documentOf(await seats(['operation', id, '--json']));
      expect(shown).toMatchObject({
        kind: 'reassign',
        state: 'refused',
        askedBy: 'kim',
        reason: 'left the company',
      });
    });

    test('of a product, when any free one will do', async () => {
      outcome = { state: 'done', outcome: 'Access was given.', failure_code: null };
      const to = ['--to', 'newcomer@example.com', '--product', 'manager-path'];
      const granted = await seats(['grant', 'hubspot', '9001', ...to, ...REASON, '--json']);
      expect(documentOf(granted)).toMatchObject({ kind: 'grant', state: 'done', isOver: true });
    });

    test.each([
      [['revoke', 'hubspot', '9001', ...REASON], 'name one with --learner <e-mail>'],
      [['grant', 'hubspot', '9001', '--to', 'a@example.com', ...REASON], 'for a grant with --product <key>'],
      [['revoke', 'hubspot', '9001', '--learner', 'x@example.com', ...REASON], 'No seat of the deal is held'],
      [['revoke', '3f1c0a9b'], "'--reason <text>' not specified"],
      [['extend', '3f1c0a9b', '--until', 'soon', ...REASON], 'Expected a day such as 2027-01-31'],
      [['reassign', '3f1c0a9b', ...REASON], "'--to <e-mail>' not specified"],
    ])('%j is wrong usage: %s', async (argv, message) => {
      const { exitCode, stderr } = await seats(argv);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
    });
  });

  test('link shows the link of a holder who lost it, and notes who asked and why', async () => {
    const argv = ['link', 'salesforce', '0065Y00001Suvw6', '--learner', 'ana@example.com'];
    const { exitCode, stdout } = await seats([...argv, '--reason', 'lost the mail', '--by', 'kim']);
    expect([exitCode, stdout]).toEqual([0, 'https://learn.example.com/redeem/INITECH-LEAD-0\n']);
    const log = await store.db.selectFrom('audit_log').selectAll().where('what', '=', 'link shown').execute();
    expect(log).toMatchObject([{ actor_name: 'kim', detail: { reason: 'lost the mail' } }]);
    const free = documentOf(await seats(['hubspot', '9001', '--state', 'free', '--json']));
    const [seat] = free.seats as { id: string }[];
    const refused = await seats(['link', seat?.id ?? '', '--reason', 'x']);
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('seat.wrong_state')]);
  });

  test('audit shows the open findings with their cures, of all deals or of one', async () => {
    expect(await seats(['audit'])).toMatchObject({ exitCode: 0, stdout: 'No open findings.\n' });
    const { id } = await store.db
      .selectFrom('orders')
      .select('id')
      .where('deal_id', '=', '9001')
      .executeTakeFirstOrThrow();
    const at = '2026-11-26T10:00:00Z';
    const text = 'The platform has 4 codes of acme-lead, the store has 5';
    const finding = {
      key: 'k',
      order_id: id,
      kind: 'codes',
      text,
      cure: 'Look at the group.',
      found_at: at,
      seen_at: at,
    };
    await store.db.insertInto('findings').values(finding).execute();
    const { exitCode, stdout } = await seats(['audit', 'hubspot', '9001']);
    expect(exitCode).toBe(1);
    expect(stdout).toBe(
      `1 open finding:\n\nhubspot 9001, since 26 Nov 2026, 10:00 UTC\n${text}. Look at the group.\n`,
    );
    expect((await seats(['audit', 'salesforce', '0065Y00001Suvw6'])).exitCode).toBe(0);
    expect(documentOf(await seats(['audit', '--json'])).findings).toHaveLength(1);
  });

  test('audit --close is over with what a rebuild of the deal could not tell, and with nothing else', async () => {
    const { id } = await store.db
      .selectFrom('orders')
      .select('id')
      .where('deal_id', '=', '9001')
      .executeTakeFirstOrThrow();
    const at = '2026-11-26T10:00:00Z';
    const told = { order_id: id, text: 'It cannot tell', cure: 'Ask.', found_at: at, seen_at: at };
    await store.db
      .insertInto('findings')
      .values([
        { ...told, key: 'rebuild:1:lead', kind: 'rebuild.unsure' },
        { ...told, key: 'audit:1:x', kind: 'audit.group_gone' },
      ])
      .execute();
    const close = (...words: string[]) => seats(['audit', ...words, '--close', '--by', 'kim']);
    expect((await close('--reason', 'asked')).stderr).toContain('--close needs the deal');
    expect((await close('hubspot', '9001')).stderr).toContain('--close needs --reason');
    for (let repeat = 0; repeat < 2; repeat += 1) {
      const { exitCode, stdout } = await close('hubspot', '9001', '--reason', 'asked the buyer', '--json');
      const left = JSON.parse(stdout).findings as { readonly kind: string }[];
      const kinds = left.map(({ kind }) => kind);
      expect([exitCode, kinds]).toEqual([1, expect.arrayContaining(['audit.group_gone'])]);
      expect(kinds).not.toContain('rebuild.unsure');
    }
    const log = await store.db
      .selectFrom('audit_log')
      .selectAll()
      .where('what', '=', 'rebuild looked at')
      .execute();
    expect(log).toMatchObject([{ actor_name: 'kim', order_id: id, detail: { reason: 'asked the buyer' } }]);
  });

  test.each([
    ['a late redemption', 'late_redemption'],
    ['access by a seat that ended', 'access_left'],
  ])('settle decides about %s once, and notes who decided and why', async (_, kind) => {
    await store.db.deleteFrom('findings').execute();
    await store.db.deleteFrom('audit_log').execute();
    const { id: seatId, order_id } = await store.db
      .selectFrom('seats')
      .innerJoin('orders', 'orders.id', 'seats.order_id')
      .select(['seats.id', 'seats.order_id'])
      .where('orders.deal_id', '=', '9001')
      .executeTakeFirstOrThrow();
    const at = '2026-11-26T10:00:00Z';
    await store.db
      .insertInto('findings')
      .values({
        key: `${kind}:1`,
        order_id,
        seat_id: seatId,
        kind,
        text: 'A learner redeemed a code',
        cure: 'Settle it.',
        found_at: at,
        seen_at: at,
        notified_at: at,
      })
      .execute();
    const why = ['--reason', 'the customer agreed', '--by', 'kim'];
    const ended = await seats(['settle', seatId.slice(0, 8), 'end', ...why]);
    expect([ended.exitCode, ended.stdout]).toEqual([0, expect.stringContaining('ends the access')]);
    const finding = () =>
      store.db.selectFrom('findings').selectAll().where('kind', '=', kind).executeTakeFirst();
    expect(await finding()).toMatchObject({ decision: 'end', notified_at: null, resolved_at: null });
    expect((await seats(['settle', seatId, 'end', ...why])).stdout).toBe(ended.stdout);
    const log = await store.db
      .selectFrom('audit_log')
      .selectAll()
      .where('what', '=', 'access decided')
      .execute();
    expect(log).toMatchObject([
      { actor_name: 'kim', detail: { decision: 'end', reason: 'the customer agreed' } },
    ]);
    const other = await seats(['settle', seatId, 'keep', ...why]);
    expect([other.exitCode, other.stderr]).toEqual([1, expect.stringContaining('kim decided on')]);
  });

  describe('export', () => {
    test('writes CSV without codes to standard output', async () => {
      const { exitCode, stdout, stderr } = await seats(['export', 'hubspot', '9001']);
      expect([exitCode, stderr]).toEqual([0, '8 seats.\n']);
      expect(stdout).toMatch(/^\ufeffcode,redeem_url,content/);
      expect(stdout.trimEnd().split('\r\n')).toHaveLength(9);
      expect(stdout).not.toMatch(FILLED_CODES);
    });

    test('writes codes to a private file, once it was noted who asked and why', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'dealseat-seats-'));
      try {
        const file = join(folder, 'codes.csv');
        const argv = ['export', 'salesforce', '0065Y00001Suvw6', '--with-codes', '--out', file];
        const asked = await seats([...argv, '--reason', 'lost', '--by', 'kim']);
        expect(asked).toEqual({
          exitCode: 0,
          stdout: '',
          stderr: '1 seat, 1 code; 0 seats more count as handed out now.\n',
        });
        expect(await readFile(file, 'utf8')).toContain('INITECH-LEAD-0');
        expect((await stat(file)).mode & 0o777).toBe(0o600);
        const again = await seats([...argv, '--reason', 'lost']);
        expect([again.exitCode, again.stderr]).toEqual([
          2,
          expect.stringContaining('exists; choose another name'),
        ]);
        const log = await store.db
          .selectFrom('audit_log')
          .selectAll()
          .where('what', '=', 'codes exported')
          .execute();
        expect(log).toMatchObject([
          { actor_kind: 'person', actor_name: 'kim', detail: { reason: 'lost', codes: 1 } },
        ]);
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    test('gives no code without a reason', async () => {
      const { exitCode, stderr } = await seats(['export', 'hubspot', '9001', '--with-codes']);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining('--with-codes needs --reason')]);
    });
  });

  test.each([
    [[], 'Expected a CRM and its deal id'],
    [['hubspot', '9001', '--state', 'lost'], 'Expected one of free, invited'],
    [['history'], 'missing required argument'],
    [['find', 'x', '--as', 'phone'], 'Allowed choices are email'],
  ])('%j is wrong usage: %s', async (argv, message) => {
    const { exitCode, stderr } = await seats(argv);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  test('dealseat keys rotate says what it sealed', async () => {
    expect((await run(['keys', 'rotate'])).stdout).toBe('The newest key seals all codes already (9).\n');
    expect(documentOf(await run(['keys', 'rotate', '--json']))).toEqual({
      resealed: 0,
      checked: 9,
      total: 9,
    });
  });

  describe('dealseat people', () => {
    test('export shows what is known of an address, which need not stand on the command line', async () => {
      const { exitCode, stdout } = await run(['people', 'export', '-'], ' ANA@example.com\n');
      expect(exitCode).toBe(0);
      expect(stdout).toContain('2 seats.\nAddresses: Ana@Example.com, ana@example.com\n');
      expect(stdout).toMatch(/Initech onboarding 100% +leadership-essentials +exposed +holder/);
      expect(stdout).not.toMatch(FILLED_CODES);
    });

    test('erase shows what it would erase, erases with --yes, and says what is left elsewhere', async () => {
      const preview = await run(['people', 'erase', 'ana@example.com']);
      expect(preview.stdout).toContain('Nothing was erased. To erase it, add --yes.');
      expect(documentOf(await seats(['find', 'ana@example.com', '--json'])).seats).toHaveLength(2);
      const erased = await run(['people', 'erase', 'ana@example.com', '--yes', '--by', 'bo']);
      const { exitCode, stdout, stderr } = erased;
      expect(exitCode).toBe(0);
      expect(stderr).toMatch(/^Erasing: step 1 of \d+ …\n/);
      expect(stdout).toMatch(/^Erased from 2 rows of seats, 2 rows of seat_events\./);
      expect(stdout).toContain('- mails that were sent, and backups of the database');
      expect((await seats(['find', 'ana@example.com'])).exitCode).toBe(1);
      expect((await run(['people', 'erase', 'ana@example.com', '--yes'])).stdout).toBe(
        'The store knew nothing of this address.\n',
      );
    });

    test('takes an address and nothing else', async () => {
      const { exitCode, stderr } = await run(['people', 'export', 'ana']);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining('Expected an e-mail address')]);
    });
  });
});
