import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { Progress, ProvisionInput } from '../src/contracts/run.ts';
import { searchAttributeKeys } from '../src/contracts/search-attributes.ts';
import type { FailureCode } from '../src/domain/failure.ts';
import { plainMarkdown } from './plain-markdown.ts';

/** What a run tells the world about itself: the progress query, the details page of the UI, the search attributes. */
export interface RunState {
  readonly progress: Progress;
  /** Every change of the run goes through here, so that all three always agree. */
  update(changes: Partial<Progress>): void;
  warn(warning: string): void;
  /** To be called before the update that ends a run which writes on the deal: nobody can tell that from a change. */
  forgetReading(): void;
  /** Why the run ends without a problem that anybody could fix; to be called before the update that ends it. */
  nameReason(code: FailureCode): void;
}

/** How every turn of a run begins. */
export const READING = { status: 'Planning', step: 'Reading the deal' } as const;

export function createRunState(input: ProvisionInput): RunState {
  let progress: Progress = {
    ...READING,
    dealName: null,
    dealUrl: null,
    seatCount: null,
    groups: [],
    roster: null,
    messages: [],
    problems: [],
    awaitsApproval: false,
    undone: [],
    warnings: [],
  };
  let readAt: Date | null = null;
  let reason: FailureCode | null = null;
  const update = (changes: Partial<Progress>): void => {
    const before = progress;
    if (changes.status === 'Planning') {
      readAt = new Date();
      reason = null;
    }
    progress = { ...progress, ...changes };
    setCurrentDetails(describe(input, progress));
    if (isVisibleChange(before, progress)) upsertSearchAttributes(attributes(progress, { readAt, reason }));
  };
  return {
    get progress() {
      return progress;
    },
    update,
    warn: (warning) => update({ warnings: [...progress.warnings, warning] }),
    forgetReading() {
      readAt = null;
    },
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

function attributes(
  progress: Progress,
  { readAt, reason }: { readonly readAt: Date | null; readonly reason: FailureCode | null },
) {
  const keys = searchAttributeKeys;
  return [
    { key: keys.status, value: progress.status },
    { key: keys.seats, value: progress.seatCount },
    { key: keys.groupLabels, value: progress.groups.map(({ label }) => label) },
    { key: keys.failureCode, value: progress.problems[0]?.code ?? reason },
    { key: keys.undoFailed, value: progress.undone.some(({ outcome }) => outcome === 'failed') },
    { key: keys.readAt, value: readAt },
  ];
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
          `${plainMarkdown(group.title)}: ${group.seatCount} seats, ${group.label}, ${group.groupId ?? 'not made yet'}`,
      ),
    ),
    ...list(
      'Roster',
      progress.roster ? [`${progress.roster.codeCount} codes in ${progress.roster.fileName}`] : [],
    ),
    ...list(
      'Messages',
      progress.messages.map(({ contactId, state }) => `contact ${contactId}: ${state}`),
    ),
    ...list(
      'What to fix',
      progress.problems.map(({ code, message, cure }) => `\`${code}\` ${plainMarkdown(message)}. ${cure}`),
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
