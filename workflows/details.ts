import type { Progress, ProvisionInput } from '../src/contracts/run.ts';
import { countOf, withCure } from '../src/domain/words.ts';
import { nextSteps, startAgain } from './next-steps.ts';
import { plainMarkdown } from './plain-markdown.ts';

/** Markdown for the details of a run in the Temporal UI. What people can do comes first: the pane is small. */
export function details({ deal, trigger }: ProvisionInput, progress: Progress): string {
  const lines = [
    `**${progress.status}**: ${plainMarkdown(progress.step)}`,
    ...list('What to fix', problemsOf(progress)),
    ...(progress.question === null ? [] : nextSteps(deal, progress.question, progress.problems)),
    ...list('Deal', [
      `Deal: ${dealLink(progress, deal.dealId)}`,
      `Account: ${deal.crm} ${plainMarkdown(deal.account)}`,
      `Started by: ${startedBy(trigger)}`,
      `Seats: ${progress.seatCount ?? 'not known yet'}`,
    ]),
    ...list(
      'Groups',
      progress.groups.map(
        (group) =>
          `${plainMarkdown(group.title)}: ${countOf(group.seatCount, 'seat')}, \`${group.label}\`, ${group.groupId === null ? 'not made yet' : `ID \`${group.groupId}\``}`,
      ),
    ),
    ...list(
      'Roster',
      progress.roster
        ? [`${countOf(progress.roster.codeCount, 'code')} in \`${progress.roster.fileName}\``]
        : [],
    ),
    ...list(
      'Messages',
      progress.messages.map(({ contactId, audience, state }) => `${audience} ${contactId}: ${state}`),
    ),
    ...list(
      'Undone',
      progress.undone.map(
        ({ step, outcome, detail }) =>
          `${plainMarkdown(step)}: ${outcome.replaceAll('_', ' ')}. ${plainMarkdown(detail)}`,
      ),
    ),
    ...list('Acted on the deal', (progress.actions ?? []).map(plainMarkdown)),
    ...list('Warnings', progress.warnings.map(plainMarkdown)),
    ...startAgain(deal, progress.status),
  ];
  return cutAtLine(lines.join('\n'));
}

function problemsOf({ problems }: Progress): string[] {
  return problems.map(({ code, message, cure }) => `\`${code}\` ${withCure(plainMarkdown(message), cure)}`);
}

function dealLink({ dealName, dealUrl }: Progress, dealId: string): string {
  const name = plainMarkdown(dealName ?? dealId);
  // In angle brackets, so that no character of it ends the link.
  return dealUrl && /^https?:\/\/[^\s<>]+$/.test(dealUrl) ? `[${name}](<${dealUrl}>)` : name;
}

function startedBy({ by, detail }: ProvisionInput['trigger']): string {
  if (by === 'sweep') return `the sweep (${plainMarkdown(detail)})`;
  if (by === 'cli') return `${plainMarkdown(detail)}, by command`;
  if (by === 'manual') return `${plainMarkdown(detail)}, by the API`;
  return `an event of ${by} (${plainMarkdown(detail)})`;
}

/** The server takes 20,000 bytes of details; most characters here are one byte. */
const MAX_DETAILS_LENGTH = 15_000;

/** A code block that is cut open would swallow what follows, so only whole lines are left out. */
function cutAtLine(text: string): string {
  if (text.length <= MAX_DETAILS_LENGTH) return text;
  const end = text.lastIndexOf('\n', MAX_DETAILS_LENGTH - 2);
  return `${text.slice(0, end)}\n…`;
}

function list(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : ['', `**${title}**`, '', ...items.map((item) => `- ${item}`)];
}
