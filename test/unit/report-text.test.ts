import { describe, expect, test } from '@jest/globals';
import { lookOf, Painted } from '../../src/commands/terminal/look.ts';
import { reportText } from '../../src/commands/terminal/report-text.ts';
import type { HarmlessTerminal } from '../../src/commands/terminal/terminal.ts';
import { watchUntilInterrupted } from '../../src/commands/terminal/watch.ts';
import type { Progress } from '../../src/contracts/run.ts';
import { tellingRun } from '../../src/runs/list-deals.ts';
import { dealStatusOf, type RunReport } from '../../src/runs/report.ts';
import { VIEWS, viewUrl } from '../../src/runs/run-url.ts';

const PROGRESS: Progress = {
  status: 'AwaitingCodes',
  step: 'Waiting until every code is listed',
  dealName: 'Acme leadership rollout',
  dealUrl: 'https://crm.example/9001',
  seatCount: 500,
  groups: [],
  roster: null,
  messages: [],
  problems: [],
  question: null,
  undone: [],
  warnings: [],
};

function reportOf(changes: Partial<RunReport> = {}): RunReport {
  return {
    id: 'provision:hubspot:62515:9001',
    crm: 'hubspot',
    account: '62515',
    dealId: '9001',
    dealName: 'Acme leadership rollout',
    status: 'AwaitingCodes',
    waitsFor: 'codes',
    code: null,
    detail: PROGRESS.step,
    seats: 500,
    groupLabels: [],
    problems: [],
    question: null,
    repeating: [],
    startedAt: '2026-11-29T21:49:20.000Z',
    closedAt: null,
    runUrl: 'http://127.0.0.1:8233/run',
    progress: PROGRESS,
    delivery: null,
    ...changes,
  };
}

const textOf = (report: RunReport) =>
  reportText(report, { look: lookOf({}), now: new Date('2026-11-29T21:50:00.000Z') }).plain;

const DELIVERY = {
  seatCount: 25,
  groupLabels: ['acme-leadership'],
  roster: {
    fileId: 'f',
    fileName: 'roster-acme.csv',
    url: 'https://crm.example/f',
    codeCount: 25,
    sha256: 'a',
  },
  messages: [{ contactId: '6001', audience: 'buyer', state: 'sent', reference: null }],
  at: '2026-11-29T19:50:00.000Z',
} as const;

describe('the status of a deal', () => {
  test('begins with its name, what it waits for, and for how long', () => {
    expect(textOf(reportOf()).split('\n').slice(0, 3)).toEqual([
      'Acme leadership rollout',
      'Status     AwaitingCodes, waits for codes, for 40 s',
      'Step       Waiting until every code is listed',
    ]);
  });

  test('counts the codes that are listed', () => {
    const step = { step: 'awaitCodes', attempt: 4, code: 'lms.codes_not_listed' };
    const text = textOf(
      reportOf({ repeating: [{ ...step, message: '412 of 500 codes of acme are listed' }] }),
    );
    expect(text).toContain('\nCodes      412 of 500 codes of acme are listed\n');
    expect(text).not.toContain('Repeating');
  });

  test.each([
    [2, '2nd'],
    [3, '3rd'],
    [5, '5th'],
    [11, '11th'],
    [12, '12th'],
    [21, '21st'],
  ])('says that a step is repeated, and why: try %i', (attempt, ordinal) => {
    const failing = {
      step: 'ensureCodeGroup',
      attempt,
      code: 'lms.unavailable',
      message: 'GET answered 503',
    };
    expect(textOf(reportOf({ repeating: [failing] }))).toContain(
      `Repeating  ensureCodeGroup, ${ordinal} try. The last one failed: lms.unavailable: GET answered 503\n`,
    );
  });

  test('shows what an earlier run delivered, after a later one had nothing to do', () => {
    const skipped = reportOf({
      status: 'Skipped',
      waitsFor: null,
      code: 'deal.not_won',
      closedAt: '2026-11-29T21:40:00.000Z',
      delivery: DELIVERY,
    });
    expect(dealStatusOf(skipped)).toBe('Delivered');
    const text = textOf(skipped);
    expect(text).toContain('Status     Delivered. A later run was skipped (deal.not_won), for 10 min\n');
    expect(text).toContain('Roster     25 codes, https://crm.example/f\n');
    expect(text).toContain('Messages   buyer 6001: sent\n');
    expect(text).toContain('Delivered  2026-11-29T19:50:00.000Z, 2 h ago, by an earlier run\n');
  });

  test('names the command for what comes next', () => {
    const closedAt = '2026-11-29T21:40:00.000Z';
    const ended = { closedAt, waitsFor: null } as const;
    expect(textOf(reportOf({ ...ended, status: 'Delivered' }))).toContain(
      'Next       dealseat verify hubspot 9001\n',
    );
    expect(textOf(reportOf({ ...ended, status: 'Failed' }))).toContain(
      'Next       dealseat provision hubspot 9001\n',
    );
    expect(textOf(reportOf({ ...ended }))).toContain(
      'AwaitingCodes when Temporal ended it; nothing was undone',
    );
    expect(textOf(reportOf({ progress: null }))).toContain('Next       dealseat start ');
  });
});

test.each([
  [['Delivered'], 0],
  [['Skipped', 'Delivered'], 1],
  [['Skipped', 'Skipped', 'Delivered', 'Failed'], 2],
  [['Skipped', 'Cancelled', 'Delivered'], 0],
  [['Skipped'], 0],
  [['NeedsAttention', 'Delivered'], 0],
])('of the runs %j of a deal, that with index %i tells how it stands', (statuses, index) => {
  const runs = statuses.map((status) => ({
    typedSearchAttributes: { get: () => status },
    status: { name: 'COMPLETED' },
  })) as unknown as Parameters<typeof tellingRun>[0];
  expect(tellingRun(runs)).toBe(runs[index]);
});

test('a saved view leads to the runs that a query finds', () => {
  expect(viewUrl({ uiUrl: 'https://t.example/', namespace: 'a b' }, VIEWS.waitingDeals)).toBe(
    `https://t.example/namespaces/a%20b/workflows?query=${encodeURIComponent(VIEWS.waitingDeals)}`,
  );
  expect(viewUrl({ uiUrl: null, namespace: 'a' }, VIEWS.waitingDeals)).toBeNull();
});

describe('watching', () => {
  function terminalOf(interrupted: AbortSignal, own: Partial<HarmlessTerminal> = {}): HarmlessTerminal {
    return {
      env: {},
      isInteractive: false,
      columns: () => 80,
      rows: () => 3,
      write: () => undefined,
      note: () => undefined,
      paint: () => undefined,
      interrupted,
      loadDotEnv: () => undefined,
      ...own,
    };
  }

  /** What a terminal was sent until the third reading. */
  async function watched(isInteractive: boolean): Promise<string> {
    const interrupting = new AbortController();
    const texts = ['one\ntwo\nthree\n', 'one\n', 'one\n'];
    let sent = '';
    await watchUntilInterrupted(
      terminalOf(interrupting.signal, {
        isInteractive,
        paint: ({ raw }) => {
          sent += raw;
        },
      }),
      1,
      async () => {
        const text = texts.shift() ?? '';
        if (texts.length === 0) interrupting.abort();
        return Painted.of(text);
      },
    );
    return sent;
  }

  test('paints line over line on a screen of its own, no more lines than fit, and gives the screen back', async () => {
    const sent = await watched(true);
    expect(sent.startsWith('\u001b[?1049h\u001b[?25l\u001b[Hone\u001b[K\ntwo\u001b[J')).toBe(true);
    expect(sent.endsWith('\u001b[?25h\u001b[?1049l')).toBe(true);
    expect(sent).not.toContain('three');
  });

  test('ends at once, and as it should, while the server does not answer', async () => {
    const interrupting = new AbortController();
    const watching = watchUntilInterrupted(terminalOf(interrupting.signal), 1, () => {
      setImmediate(() => interrupting.abort());
      return new Promise<never>(() => undefined);
    });
    await expect(watching).resolves.toBeUndefined();
  });

  test('writes elsewhere what has changed, once', async () => {
    expect(await watched(false)).toBe('one\ntwo\nthree\n\none\n');
  });
});
