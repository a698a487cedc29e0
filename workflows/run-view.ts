import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { Progress, ProvisionInput } from '../src/contracts/run.ts';
import type { FailureCode } from '../src/domain/failure.ts';
import { countOf, withCure } from '../src/domain/words.ts';
import { plainMarkdown } from './plain-markdown.ts';
import { shownAttributes } from './shown-attributes.ts';

/** What a run tells the world about itself: the progress query, the details page of the UI, the search attributes. */
export interface RunView {
  readonly progress: Progress;
  /** Every change of the run goes through here, so that all three always agree. */
  update(changes: Partial<Progress>): void;
  warn(warning: string): void;
  /** The run asks nothing any more: whoever looks at once must not be told that nobody has answered. */
  answered(): void;
  /** The deal was read; `changedAt`: the record's last change that the reading knows of. */
  haveRead(changedAt: string): void;
  /** Says so at once, for the sweep, while the run waits. */
  tellReading(): void;
  /** Why the run ends without a problem that anybody could fix; to be called before the update that ends it. */
  nameReason(code: FailureCode): void;
}

/** How every turn of a run begins. */
export const READING = { status: 'Planning', step: 'Reading the deal' } as const;

const NOTHING_YET: Progress = {
  ...READING,
  dealName: null,
  dealUrl: null,
  seatCount: null,
  groups: [],
  roster: null,
  messages: [],
  problems: [],
  question: null,
  undone: [],
  warnings: [],
};

export function createRunView(input: ProvisionInput): RunView {
  const { carried } = input;
  let progress: Progress = carried?.work?.progress ?? { ...NOTHING_YET, warnings: carried?.warnings ?? [] };
  let readUpTo: Date | null = null;
  let reason: FailureCode | null = null;
  // A run is started with its status; one that continues another still shows how that ended.
  let isTold = carried === undefined;
  const tell = () => {
    isTold = true;
    upsertSearchAttributes(shownAttributes(progress, { readUpTo, reason }));
  };
  const update = (changes: Partial<Progress>): void => {
    const before = progress;
    if (changes.status === 'Planning') reason = null;
    progress = { ...progress, ...changes };
    setCurrentDetails(describe(input, progress));
    if (!isTold || isVisibleChange(before, progress)) tell();
  };
  return {
    get progress() {
      return progress;
    },
    update,
    warn: (warning) => {
      if (!progress.warnings.includes(warning)) update({ warnings: [...progress.warnings, warning] });
    },
    answered: () => update({ ...READING, problems: [], question: null }),
    haveRead(changedAt) {
      readUpTo = new Date(changedAt);
    },
    tellReading: tell,
    nameReason(code) {
      reason = code;
    },
  };
}

/** An upsert is an event of history, so only what operators act on causes one. */
function isVisibleChange(before: Progress, after: Progress): boolean {
  return (
    before.status !== after.status || before.problems !== after.problems || before.undone !== after.undone
  );
}

/** Markdown for the details pane of the Temporal UI. */
function describe({ deal, trigger }: ProvisionInput, progress: Progress): string {
  const lines = [
    `**${progress.status}**: ${progress.step}`,
    '',
    `Deal: ${plainMarkdown(progress.dealName ?? deal.dealId)} (${deal.crm} ${deal.account}, ${progress.dealUrl ? `<${progress.dealUrl}>` : deal.dealId})`,
    `Started by: ${trigger.by} (${plainMarkdown(trigger.detail)})`,
    `Seats: ${progress.seatCount ?? 'not known yet'}`,
    ...list(
      'Groups',
      progress.groups.map(
        (group) =>
          `${plainMarkdown(group.title)}: ${countOf(group.seatCount, 'seat')}, ${group.label}, ${group.groupId ?? 'not made yet'}`,
      ),
    ),
    ...list(
      'Roster',
      progress.roster ? [`${countOf(progress.roster.codeCount, 'code')} in ${progress.roster.fileName}`] : [],
    ),
    ...list(
      'Messages',
      progress.messages.map(({ contactId, state }) => `contact ${contactId}: ${state}`),
    ),
    ...(progress.question === null
      ? []
      : [
          `Question: ${progress.question.id}, asked since ${progress.question.since}, until ${progress.question.until}. Answer with: ${progress.question.answers.join(' or ')}`,
        ]),
    ...list('Acted on the deal', (progress.actions ?? []).map(plainMarkdown)),
    ...list(
      'What to fix',
      progress.problems.map(
        ({ code, message, cure }) => `\`${code}\` ${withCure(plainMarkdown(message), cure)}`,
      ),
    ),
    ...list(
      'Undone',
      progress.undone.map(
        ({ step, outcome, detail }) => `${plainMarkdown(step)}: ${outcome}. ${plainMarkdown(detail)}`,
      ),
    ),
    ...list('Warnings', progress.warnings.map(plainMarkdown)),
  ];
  return lines.join('\n').slice(0, MAX_DETAILS_LENGTH);
}

/** The server takes 20,000 bytes of details; most characters here are one byte. */
const MAX_DETAILS_LENGTH = 15_000;

function list(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : ['', `**${title}**`, '', ...items.map((item) => `- ${item}`)];
}
