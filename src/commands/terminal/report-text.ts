import { answerCommands, questionLine } from '../../contracts/answer-commands.ts';
import type { RunStatus } from '../../contracts/run.ts';
import { countOf, numberOf } from '../../domain/words.ts';
import { dealStatusOf, isEndedFromOutside, type RunReport } from '../../runs/report.ts';
import { ageOf } from './duration.ts';
import { type Look, Painted } from './look.ts';
import { problemLine } from './print.ts';
import { statusStyle } from './status-style.ts';
import { padTo } from './text-width.ts';

interface TextOptions {
  readonly look: Look;
  readonly now: Date;
}

type Lines = readonly (string | Painted)[];

/** One deal: how it stands, what is to be done next, and what the customer has. */
export function reportText(report: RunReport, { look, now }: TextOptions): Painted {
  const { progress, delivery, crm, dealId, runUrl, id } = report;
  // A run that Temporal ended while it waited still shows what it asked.
  const question = report.closedAt === null ? report.question : null;
  const roster = progress?.roster ?? delivery?.roster ?? null;
  const messages = progress?.messages.length ? progress.messages : (delivery?.messages ?? []);
  const facts: (readonly [name: string, lines: Lines])[] = [
    ['Status', [statusLine(report, { look, now })]],
    ['Step', [report.detail]],
    ['Codes', codesOf(report)],
    ['Repeating', repeatingOf(report)],
    [report.closedAt === null ? 'To fix' : 'Cause', report.problems.map(problemLine)],
    ['Question', question === null ? [] : [questionLine(question)]],
    [
      'To answer',
      question === null
        ? []
        : answerCommands({ deal: report, question, problems: report.problems }).map((each) =>
            look.style('bold', each),
          ),
    ],
    ['Next', nextOf(report).map((each) => look.style('bold', each))],
    ['Seats', report.seats === 0 ? [] : [numberOf(report.seats)]],
    ['Groups', groupsOf(report)],
    [
      'Roster',
      roster === null
        ? []
        : [Painted.join([`${countOf(roster.codeCount, 'code')}, `, look.link(roster.url, roster.url)])],
    ],
    ['Messages', messages.map(({ contactId, audience, state }) => `${audience} ${contactId}: ${state}`)],
    [
      'Delivered',
      delivery === null ? [] : [`${delivery.at}, ${ageOf(delivery.at, now)} ago, by an earlier run`],
    ],
    ['Undone', (progress?.undone ?? []).map(({ step, outcome, detail }) => `${step}: ${outcome}. ${detail}`)],
    ['Warnings', progress?.warnings ?? []],
    ['Id', [id]],
    ['Deal', [dealLine(report, look)]],
    ['Started', [report.startedAt]],
    ['Ended', [report.closedAt ?? '']],
    ['Run', runUrl === id ? [] : [look.link(runUrl, runUrl)]],
  ];
  const title = report.dealName ?? `${crm} ${dealId}`;
  return Painted.join([
    look.style('bold', title),
    '\n',
    ...facts.flatMap(([name, lines]) => factLines(name, lines, look)),
  ]);
}

const NAME_WIDTH = 'To answer'.length + 2;

function factLines(name: string, lines: Lines, look: Look): (string | Painted)[] {
  return lines
    .flatMap((line): Lines => (line instanceof Painted ? [line] : line.split('\n')))
    .filter((line) => (line instanceof Painted ? line.plain : line) !== '')
    .flatMap((line, index) => [look.style('dim', padTo(index === 0 ? name : '', NAME_WIDTH)), line, '\n']);
}

function statusLine(report: RunReport, { look, now }: TextOptions): Painted {
  const { waitsFor, question, closedAt, startedAt, status, code } = report;
  const shown = dealStatusOf(report);
  const since = question?.since ?? closedAt ?? startedAt;
  const isEnded = isEndedFromOutside(report);
  return Painted.join([
    look.style(statusStyle(shown), isEnded ? `${status} when Temporal ended it; nothing was undone` : shown),
    ...(waitsFor === null ? [] : [`, waits for ${waitsFor}`]),
    ...(shown === status ? [] : [`. A later run was skipped${code === null ? '' : ` (${code})`}`]),
    look.style('dim', `, for ${ageOf(since, now)}`),
  ]);
}

/** `412 of 500 codes of … are listed`, as the last look at the list found. */
function codesOf({ repeating }: RunReport): string[] {
  return repeating.filter(({ code }) => code === NOT_LISTED).flatMap(({ message }) => message.split('; '));
}

const NOT_LISTED = 'lms.codes_not_listed';

function repeatingOf({ repeating }: RunReport): string[] {
  return repeating
    .filter(({ code }) => code !== NOT_LISTED)
    .map(({ step, attempt, code, message }) => {
      const why = code === null ? message : `${code}: ${message}`;
      return `${step}, ${ordinal(attempt)} try. The last one failed: ${why}`;
    });
}

function ordinal(count: number): string {
  const tens = count % 100;
  const ending = tens > 10 && tens < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th');
  return `${count}${ending}`;
}

/** The command for what a person may want now; a question has commands of its own. */
function nextOf(report: RunReport): string[] {
  const { crm, dealId, question, closedAt, progress } = report;
  if (closedAt === null) {
    if (progress === null) return ['dealseat start    (no worker answers, so the run stands still)'];
    return question === null ? [`dealseat status ${crm} ${dealId}`] : [];
  }
  if (dealStatusOf(report) === 'Delivered') return [`dealseat verify ${crm} ${dealId}`];
  return RESTARTED.has(report.status) || isEndedFromOutside(report)
    ? [`dealseat provision ${crm} ${dealId}`]
    : [];
}

const RESTARTED: ReadonlySet<string> = new Set<RunStatus>(['Failed', 'Cancelled']);

function groupsOf({ progress, delivery, groupLabels }: RunReport): string[] {
  if (progress === null || progress.groups.length === 0) {
    return [...(groupLabels.length > 0 ? groupLabels : (delivery?.groupLabels ?? []))];
  }
  return progress.groups.map(
    ({ label, title, seatCount }) => `${label}: ${title}, ${countOf(seatCount, 'seat')}`,
  );
}

function dealLine({ progress, crm, dealId }: RunReport, look: Look): Painted {
  const url = progress?.dealUrl;
  const name = `${crm} ${dealId}`;
  return url ? Painted.join([`${name}, `, look.link(url, url)]) : Painted.of(name);
}
