/** Every access of the reset tests to what a run asks and how it is answered: the one place that knows those names. */
import type { Progress } from '../../src/contracts/run.ts';
import type { SandboxTenant } from '../support/sandbox-tenant.ts';

const PERSON = { by: 'reset matrix', reason: 'agreed with the customer' };

export function isAsking({ status }: Progress): boolean {
  return status === 'NeedsAttention';
}

/** The run waits for a decision about seats, and not only for somebody to mend something. */
export function asksForDecision({ question }: Progress): boolean {
  return question !== null && question.kind !== 'help';
}

/** In words, for whoever reads of a failed cell. */
export function questionOf({ step, problems }: Progress): string {
  return problems.map(({ code }) => code).join(', ') || step;
}

/** Somebody has done what was asked for, and has looked whether the mails in doubt are there. */
export async function mend(tenant: SandboxTenant, id: string, { wasSent }: { readonly wasSent: boolean }) {
  const { problems, question } = await tenant.console.progress(id);
  const isInDoubt = problems.some(({ code }) => code === 'crm.mail_unknown');
  const mail = wasSent ? ('was_sent' as const) : ('resend' as const);
  await tenant.console.retry(id, {
    ...PERSON,
    question: question?.id ?? '',
    ...(isInDoubt ? { mail } : {}),
  });
}

async function questionId(tenant: SandboxTenant, id: string): Promise<string> {
  const { question } = await tenant.console.progress(id);
  return question?.id ?? '';
}

export async function withdraw(tenant: SandboxTenant, id: string): Promise<void> {
  await tenant.console.withdraw(id, { ...PERSON, question: await questionId(tenant, id) });
}

export async function keep(tenant: SandboxTenant, id: string): Promise<void> {
  await tenant.console.keep(id, { ...PERSON, question: await questionId(tenant, id) });
}

export async function cancel(tenant: SandboxTenant, id: string): Promise<void> {
  await tenant.console.cancel(id, PERSON);
}
