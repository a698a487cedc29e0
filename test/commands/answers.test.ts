import { randomInt, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker';
import { createLogger } from '../../src/observability/logging.ts';
import { installRuntime } from '../../src/temporal/runtime.ts';
import { ownNamespace, serverAddress } from '../support/server.ts';
import { until, WAIT_MS } from '../support/until.ts';
import { dealseat, documentOf, type Outcome, PATIENT } from './dealseat.ts';

/** The commands that answer a run, on a real server, with runs that do nothing but ask (`./asking`). */
const SLOW = WAIT_MS + 60_000;
const portalId = String(randomInt(100_000_000, 2_000_000_000));
const env = {
  TEMPORAL_NAMESPACE: '',
  TEMPORAL_ADDRESS: serverAddress(),
  DEALSEAT_TASK_QUEUE: `test-${randomUUID()}`,
  HUBSPOT_ACCESS_TOKEN: 'a-token-of-the-test',
  HUBSPOT_PORTAL_ID: portalId,
  HUBSPOT_CLIENT_SECRET: 'a-secret-of-the-test',
};
let connection: NativeConnection;
let worker: Worker;
let running: Promise<void>;

beforeAll(async () => {
  installRuntime(createLogger({ level: 'fatal' }));
  env.TEMPORAL_NAMESPACE = await ownNamespace();
  const workflowsPath = fileURLToPath(new URL('./asking/index.ts', import.meta.url));
  const quiet = () => undefined;
  const logger = {
    log: quiet,
    trace: quiet,
    debug: quiet,
    info: quiet,
    warn: console.warn,
    error: console.error,
  };
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger });
  connection = await NativeConnection.connect({ address: env.TEMPORAL_ADDRESS });
  const { DEALSEAT_TASK_QUEUE: taskQueue, TEMPORAL_NAMESPACE: namespace } = env;
  worker = await Worker.create({ connection, namespace, taskQueue, workflowBundle });
  running = worker.run();
}, 120_000);

afterAll(async () => {
  worker.shutdown();
  await running;
  await connection.close();
});

const call = (...argv: string[]): Promise<Outcome> => dealseat(env, argv, PATIENT);

/** A deal whose run asks: the first digit says what. */
async function asked(kind: 'approval' | 'withdrawal' | 'help' | 'mail'): Promise<string> {
  const digit = { approval: 1, withdrawal: 2, help: 3, mail: 4 }[kind];
  const dealId = `${digit}${randomInt(10 ** 9, 10 ** 10)}`;
  await call('provision', 'hubspot', dealId, '--wait');
  return dealId;
}

describe('a question', () => {
  test.each([
    ['approval', 'more seats need approval', ['approve', 'reject'], ' --reason "…"'],
    ['withdrawal', 'fewer seats are sold than the customer has', ['withdraw', 'keep'], ' --reason "…"'],
    ['help', 'something needs to be fixed', ['retry'], ''],
    ['mail', 'something needs to be fixed', ['retry'], ' --resend'],
  ] as const)(
    'about %s is shown by status with its id, its time and the commands that answer it',
    async (kind, words, verbs, rest) => {
      const dealId = await asked(kind);
      const { stdout, exitCode } = await call('status', 'hubspot', dealId);
      expect(exitCode).toBe(3);
      expect(stdout).toMatch(
        new RegExp(
          `^Question +q-${dealId} \\(${words}\\), asked at 2026-11-20T.*, open until 2026-12-04T`,
          'm',
        ),
      );
      for (const verb of verbs) {
        expect(stdout).toContain(`dealseat ${verb} hubspot ${dealId} --question q-${dealId}${rest}\n`);
      }
      const json = documentOf(await call('status', 'hubspot', dealId, '--json'));
      expect(json.progress).toMatchObject({ question: { id: `q-${dealId}`, answers: verbs } });
    },
    SLOW,
  );

  test(
    'stands under the list of deals, with the commands, and in its document',
    async () => {
      const dealId = await asked('approval');
      const argv = ['list', '--status', 'NeedsAttention', '--limit', '1000'];
      const line = `hubspot ${dealId} asks q-${dealId} (more seats need approval)`;
      await until('the run is listed', async () => (await call(...argv)).stdout.includes(line));
      const { stdout } = await call(...argv);
      expect(stdout).toContain(`  dealseat approve hubspot ${dealId} --question q-${dealId} --reason "…"\n`);
      const views: { dealId: string; question: unknown }[] = JSON.parse(
        (await call(...argv, '--json')).stdout,
      );
      expect(views.find((view) => view.dealId === dealId)?.question).toMatchObject({ kind: 'approval' });
    },
    SLOW,
  );
});

describe('an answer', () => {
  test.each([
    ['approval', 'approve', 'Approved by sam: paid', 'Delivered: 6 seats '],
    ['approval', 'reject', 'Rejected by sam: paid', 'Skipped: '],
    ['withdrawal', 'withdraw', 'Withdrawal decided by sam: paid', 'Delivered: 6 seats '],
    ['withdrawal', 'keep', 'Seats left with the customer by sam: paid', 'Delivered: 6 seats '],
  ] as const)(
    'to a question about %s: %s says what was decided, waits for what becomes of the deal, and says that too',
    async (kind, verb, said, ends) => {
      const dealId = await asked(kind);
      const answer = ['--question', `q-${dealId}`, '--reason', 'paid', '--by', 'sam'];
      const { exitCode, stdout, stderr } = await call(verb, 'hubspot', dealId, ...answer);
      expect(exitCode).toBe(0);
      const [decided, outcome] = stdout.split('\n');
      expect(decided).toBe(`${said}. The run goes on …`);
      expect(outcome).toMatch(new RegExp(`^${ends}.*\\(\\d+(\\.\\d)? s\\)$`));
      expect(stderr).toContain(`"verb":"${verb}","question":"q-${dealId}","by":"sam","reason":"paid"`);
    },
    SLOW,
  );

  test(
    'with --no-wait says where to look, and does not wait',
    async () => {
      const dealId = await asked('approval');
      const answer = ['--question', `q-${dealId}`, '--reason', 'paid', '--by', 'sam', '--no-wait'];
      const { exitCode, stdout } = await call('approve', 'hubspot', dealId, ...answer);
      expect(exitCode).toBe(0);
      expect(stdout).toBe(`Approved by sam: paid. See: dealseat status hubspot ${dealId}\n`);
    },
    SLOW,
  );

  test(
    'after which the same is asked again ends with exit code 3, and shows what it is',
    async () => {
      const dealId = await asked('help');
      const { exitCode, stdout } = await call('retry', 'hubspot', dealId, '--by', 'nobody');
      expect(exitCode).toBe(3);
      expect(stdout).toMatch(
        /^Still NeedsAttention, waits for sales \(.* s\):\n- deal\.close_date_missing: /m,
      );
      expect(stdout).toContain(`See: dealseat status hubspot ${dealId}\n`);
    },
    SLOW,
  );

  test(
    'to another question is refused in the run’s own words, which say what is asked now',
    async () => {
      const dealId = await asked('approval');
      const outcome = await call('approve', 'hubspot', dealId, '--question', 'q-6', '--reason', 'paid');
      expect(outcome).toMatchObject({ exitCode: 1, stdout: '' });
      expect(outcome.stderr).toContain(
        `approve q-6 answers nothing: what is asked is q-${dealId} (approval)`,
      );
    },
    SLOW,
  );

  test(
    'about more seats never takes seats away, nor the other way round',
    async () => {
      const [more, fewer] = [await asked('approval'), await asked('withdrawal')];
      for (const [verb, dealId] of [
        ['approve', fewer],
        ['reject', fewer],
        ['withdraw', more],
        ['keep', more],
        ['retry', more],
      ] as const) {
        const answer = ['--question', `q-${dealId}`, '--reason', 'by mistake'];
        expect((await call(verb, 'hubspot', dealId, ...answer)).exitCode).toBe(1);
      }
      for (const dealId of [more, fewer]) {
        expect((await call('status', 'hubspot', dealId)).stdout).toContain(`q-${dealId} (`);
      }
    },
    SLOW,
  );

  test(
    'as a document says what was sent and how the run goes on',
    async () => {
      const dealId = await asked('approval');
      const answer = ['--question', `q-${dealId}`, '--reason', 'paid', '--by', 'sam', '--json'];
      expect(documentOf(await call('approve', 'hubspot', dealId, ...answer))).toMatchObject({
        message: { verb: 'approve', question: `q-${dealId}`, by: 'sam', reason: 'paid' },
        hasGoneOn: true,
        tookMs: expect.any(Number),
        status: 'Delivered',
        question: null,
      });
    },
    SLOW,
  );
});

describe('retry', () => {
  test(
    'without a question answers the one that the run asks, and names it',
    async () => {
      const dealId = await asked('help');
      const { exitCode, stdout } = await call('retry', 'hubspot', dealId, '--by', 'sam');
      expect(exitCode).toBe(0);
      expect(stdout).toContain(`Retried by sam: what was asked for is done (question q-${dealId}). The run`);
      const again = await call('retry', 'hubspot', dealId);
      expect(again).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining('is not waiting for an answer'),
      });
    },
    SLOW,
  );

  test.each([
    ['--resend', 'resend'],
    ['--mail-was-sent', 'was_sent'],
  ])(
    '%s says what a person found out about the message of one question',
    async (flag, mail) => {
      const dealId = await asked('mail');
      const bare = await call('retry', 'hubspot', dealId, flag);
      expect(bare).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('needs --question <id>') });
      const { stderr } = await call('retry', 'hubspot', dealId, flag, '--question', `q-${dealId}`);
      expect(stderr).toContain(`"mail":"${mail}"`);
    },
    SLOW,
  );
});

test(
  'cancel waits until the run is undone, and says who stopped it',
  async () => {
    const dealId = await asked('help');
    const { exitCode, stdout } = await call('cancel', 'hubspot', dealId, '--reason', 'a test', '--by', 'sam');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Stopped by sam: a test. The run goes on …\nCancelled: ');
  },
  SLOW,
);

test.each(['approve', 'reject', 'withdraw', 'keep'])(
  '%s asks for question and reason, and takes no blank ones',
  async (verb) => {
    const deal = [verb, 'hubspot', '9001'];
    const noQuestion = await call(...deal, '--reason', 'paid');
    expect(noQuestion.stderr).toContain("'--question <id>' not specified");
    const noReason = await call(...deal, '--question', 'q');
    expect(noReason.stderr).toContain("'--reason <text>' not specified");
    const blank = await call(...deal, '--question', 'q', '--reason', ' ');
    expect(blank.stderr).toContain("'--reason <text>' argument ' ' is invalid. Expected some text.");
    for (const { exitCode } of [noQuestion, noReason, blank]) expect(exitCode).toBe(2);
  },
);
