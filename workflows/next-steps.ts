import { answerCommands, isAboutMail } from '../src/contracts/answer-commands.ts';
import { type AskedQuestion, FINAL_STATUSES, type RunStatus } from '../src/contracts/run.ts';
import type { DealRef } from '../src/domain/deal/deal.ts';
import type { Problem } from '../src/domain/failure.ts';
import { dayInWords } from '../src/domain/texts/days.ts';

/** How to answer the question of a run, to be copied: the command, and the update for those who are in the Temporal UI. */
export function nextSteps(deal: DealRef, question: AskedQuestion, problems: readonly Problem[]): string[] {
  const { id, answers, since, until } = question;
  const argument = { question: id, by: 'your name', reason: 'why' };
  const isInDoubt = isAboutMail(problems);
  const findings = isInDoubt ? [{ mail: 'resend' }, { mail: 'was_sent' }] : [{}];
  return [
    '',
    `**What to do next**, until ${dayInWords(until)} (asked on ${dayInWords(since)})`,
    '',
    ...codeBlock('sh', answerCommands({ deal, question, problems })),
    '',
    `Or send the update ${answers.map((name) => `\`${name}\``).join(' or ')} to this run, with ${isInDoubt ? 'one line of ' : ''}this JSON:`,
    '',
    ...codeBlock(
      'json',
      findings.map((finding) => JSON.stringify({ ...argument, ...finding })),
    ),
  ];
}

/** An engineer looks for a way to run it once more; this one is safe at any time. */
export function startAgain({ crm, dealId }: DealRef, status: RunStatus): string[] {
  const isOver = FINAL_STATUSES.includes(status);
  return [
    '',
    `**${isOver ? 'To run it again' : 'To have the deal read again now'}** (safe at any time)`,
    '',
    ...codeBlock('sh', [`dealseat provision ${crm} ${dealId}`]),
    '',
    'Reset is safe at every event, but never needed: the command above looks at what is there. Cancel undoes what was made. Terminate undoes nothing.',
  ];
}

function codeBlock(language: string, lines: readonly string[]): string[] {
  return [`\`\`\`${language}`, ...lines, '```'];
}
