import { describe, expect, test } from '@jest/globals';
import { hasColours, hasLinks } from '../../src/commands/terminal/abilities.ts';
import { dealTable } from '../../src/commands/terminal/deal-table.ts';
import { ageOf, durationOf } from '../../src/commands/terminal/duration.ts';
import { logLine } from '../../src/commands/terminal/log-lines.ts';
import { lookOf, Painted } from '../../src/commands/terminal/look.ts';
import { outcomeLine, outcomeWords } from '../../src/commands/terminal/outcome-line.ts';
import { fitTo, padTo, widthOf } from '../../src/commands/terminal/text-width.ts';
import type { Outcome } from '../../src/contracts/outcomes.ts';
import { type FailureCode, problem } from '../../src/domain/failure.ts';
import type { DealView } from '../../src/runs/deal-view.ts';

const PLAIN = lookOf({});
const COLOURED = lookOf({ hasColours: true, hasLinks: true });
const AT = new Date(2026, 10, 29, 21, 44, 46);

function outcomeOf(changes: Partial<Outcome> = {}): Outcome {
  return {
    crm: 'hubspot',
    account: '62515',
    dealId: '29471000017',
    dealName: 'Acme leadership rollout',
    status: 'Delivered',
    waitsFor: null,
    code: null,
    message: '25 seats delivered',
    cure: null,
    problemCount: 0,
    seats: 25,
    durationMs: 700,
    isUnchanged: false,
    ...changes,
  };
}

const asking = (problemCount: number) =>
  outcomeOf({
    status: 'NeedsAttention',
    waitsFor: 'sales',
    code: 'deal.close_date_missing',
    message: 'Deal 29471000017 has no close date, which the end of access is counted from',
    problemCount,
  });

const lineOf = (outcome: Outcome, columns = 100) =>
  outcomeLine(outcome, { look: PLAIN, at: AT, columns }).plain;

describe('the line of an outcome', () => {
  test('of a delivery says when, which deal, how many seats and how long it took', () => {
    expect(lineOf(outcomeOf())).toBe('✔ 21:44:46  Acme leadership rollout  Delivered  25 seats  0.7 s\n');
  });

  test('of a question says who is needed, for how many things, and the command that shows them', () => {
    expect(lineOf(asking(3))).toBe(
      '! 21:44:46  Acme leadership rollout  needs sales: 3 things  → dealseat status hubspot 29471000017\n',
    );
    expect(lineOf(asking(1), 180)).toContain('needs sales: Deal 29471000017 has no close date, which');
  });

  test.each([80, 100, 140])('fits %i columns, and keeps its command whole', (columns) => {
    for (const outcome of [
      outcomeOf({ dealName: '大口契約 '.repeat(30) }),
      asking(1),
      asking(3),
      outcomeOf({ status: 'Failed', message: 'x '.repeat(300) }),
      outcomeOf({ status: 'Skipped', code: 'deal.not_won', message: 'x '.repeat(300) }),
    ]) {
      const line = lineOf(outcome, columns).trimEnd();
      expect(widthOf(line)).toBeLessThanOrEqual(columns);
      if (outcome.status === 'Failed') expect(line).toContain('→ dealseat status hubspot 29471000017');
    }
  });

  test('of a look that had nothing to do says so, and shows no time', () => {
    expect(outcomeWords(outcomeOf({ isUnchanged: true }))).toBe('Delivered  25 seats  before, nothing to do');
  });

  test('shows no address of a person and no command of a name in the CRM', () => {
    const hostile = outcomeOf({
      dealName: 'Lead\u001b[2J\u0007',
      status: 'Failed',
      message: 'no bea@acme.example',
    });
    const { raw } = outcomeLine(hostile, { look: PLAIN, at: AT, columns: 200 });
    expect(raw).not.toMatch(/[^\P{Cc}\n]/u);
    expect(raw).not.toContain('bea@acme.example');
  });
});

describe('a line of the log', () => {
  test('shows a person what failed and what to do, and leaves the rest to the JSON', () => {
    const { message, cure } = problem(
      'lms.rejected',
      'Step ensureCodeGroup of hubspot 9001 failed: no such course',
    );
    const json = {
      level: 'warn',
      time: AT.toISOString(),
      code: 'lms.rejected',
      cure,
      attempt: 5,
      msg: message,
    };
    expect(logLine(JSON.stringify(json))).toBe(`! 21:44:46  lms.rejected: ${message} (try 5). ${cure}`);
  });

  test('is left out for requests that were served', () => {
    const served = { level: 'info', reqId: 'r-1', status: 202, msg: 'answered' };
    expect(logLine(JSON.stringify(served))).toBeNull();
    const refused = {
      ...served,
      method: 'POST',
      route: '/webhooks/hubspot',
      status: 401,
      problem: 'webhook.stale',
    };
    expect(logLine(JSON.stringify(refused))).toContain(
      'POST /webhooks/hubspot refused with 401 (webhook.stale)',
    );
  });
});

function dealOf(changes: Partial<DealView> = {}): DealView {
  return {
    id: 'provision:hubspot:62515:9001',
    crm: 'hubspot',
    account: '62515',
    dealId: '9001',
    dealName: 'Acme leadership rollout for the whole of the sales department',
    status: 'NeedsAttention',
    waitsFor: 'sales',
    code: 'deal.close_date_missing',
    detail: '',
    seats: 0,
    groupLabels: [],
    problems: [],
    question: null,
    repeating: [],
    startedAt: '2026-11-29T18:44:46.000Z',
    closedAt: null,
    runUrl: 'http://127.0.0.1:8233/namespaces/default/workflows/x',
    ...changes,
  };
}

describe('the table of deals', () => {
  const now = new Date('2026-11-29T21:50:00.000Z');
  const problemOf = (code: FailureCode) => problem(code, 'x '.repeat(300));
  const deals = [
    dealOf({ problems: [problemOf('deal.close_date_missing')] }),
    dealOf({
      problems: ['deal.close_date_missing', 'deal.buyer_missing'].map((code) =>
        problemOf(code as FailureCode),
      ),
    }),
    dealOf({ status: 'Delivered', waitsFor: null, code: null, closedAt: '2026-11-24T21:50:00.000Z' }),
    dealOf({ dealName: null }),
  ];

  test.each([80, 100, 160])('has one line a deal, which fits %i columns', (columns) => {
    const lines = dealTable(deals, { look: PLAIN, columns, now }).plain.trimEnd().split('\n');
    expect(lines).toHaveLength(deals.length + 1);
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns);
  });

  test('shows name, status, who is waited for, why, and since when in words', () => {
    const [head, first, second, third, fourth] = dealTable(deals, {
      look: PLAIN,
      columns: 170,
      now,
    }).plain.split('\n');
    expect(head).toMatch(/^NAME +DEAL +STATUS +WAITS FOR +CAUSE +AGE$/);
    expect(first).toMatch(/hubspot 9001 +NeedsAttention +sales +deal\.close_date_missing: .* 3 h$/);
    expect(second).toContain('2 problems: deal.close_date_missing, deal');
    expect(third).toMatch(/Delivered +5 d$/);
    expect(fourth).toMatch(/^hubspot 9001 /);
  });

  test('is never cut where it goes elsewhere', () => {
    const { plain } = dealTable(deals, { look: PLAIN, columns: null, now });
    expect(plain).toContain('Acme leadership rollout for the whole of the sales department');
  });

  test('takes no more columns for its colours and links', () => {
    const painted = dealTable(deals, { look: COLOURED, columns: 80, now });
    expect(painted.raw).toContain('\u001b[33mNeedsAttention\u001b[39m');
    expect(painted.raw).toContain('\u001b]8;;http://127.0.0.1:8233/namespaces/default/workflows/x\u001b\\');
    expect(painted.plain).toBe(dealTable(deals, { look: PLAIN, columns: 80, now }).plain);
  });
});

describe('what a terminal can', () => {
  const tty = { isTTY: true, getColorDepth: () => 8 } as const;

  test.each([
    ['a terminal', tty, {}, true],
    ['a pipe', { isTTY: false }, {}, false],
    ['a terminal whose user wants none', tty, { NO_COLOR: '1' }, false],
    ['a pipe whose user wants them', { isTTY: false }, { FORCE_COLOR: '1' }, true],
  ])('%s shows colours: %#', (_, stream, env, expected) => {
    expect(hasColours(stream, env)).toBe(expected);
  });

  test.each([
    [{ TERM_PROGRAM: 'vscode' }, true],
    [{ VTE_VERSION: '7200' }, true],
    [{ TERM: 'xterm-256color' }, false],
    [{ TERM_PROGRAM: 'vscode', TMUX: '/tmp/tmux' }, false],
  ])('links are put behind texts only where they are shown: %j', (env, expected) => {
    expect(hasLinks(tty, env)).toBe(expected);
    expect(hasLinks({ isTTY: false }, env)).toBe(false);
  });

  test('an address that is none becomes no link', () => {
    expect(COLOURED.link('provision:hubspot:1:2', 'x').raw).toBe('x');
    expect(COLOURED.link('http://a.example/\u001b\\x', 'x').raw).toBe('x');
  });
});

test('texts are measured as terminals show them', () => {
  expect(widthOf('Größe ✔')).toBe(7);
  expect(widthOf('大口契約')).toBe(8);
  expect(fitTo('大口契約', 5)).toBe('大口…');
  expect(fitTo('Acme', 4)).toBe('Acme');
  expect(padTo('大', 4)).toBe('大  ');
  expect(Painted.join(['a', COLOURED.style('red', 'b')]).plain).toBe('ab');
});

test.each([
  [700, '0.7 s'],
  [12_400, '12 s'],
  [200_000, '3 min'],
  [3 * 3_600_000, '3 h'],
  [50 * 3_600_000, '2 d'],
])('%i ms are %s', (milliseconds, words) => {
  expect(durationOf(milliseconds)).toBe(words);
});

test('an age is told in whole units', () => {
  const now = new Date('2026-11-29T21:50:00.000Z');
  expect(ageOf('2026-11-29T21:49:58.300Z', now)).toBe('1 s');
  expect(ageOf('2026-11-29T21:50:09.000Z', now)).toBe('1 s');
});
