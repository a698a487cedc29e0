import { setTimeout as delay } from 'node:timers/promises';
import { provisioningId } from '../../domain/deal/ids.ts';
import { accountOf, crmNamed } from '../../processes/deal-ref.ts';
import { addressOf, type SandboxStack } from '../sandbox/stack.ts';
import { STAND_INS, type StandIn } from '../sandbox/stand-ins.ts';

/** A won deal of the sandbox and the run that its CRM's event starts. */
export interface DemoDeal {
  /** Name of the CRM for people. */
  readonly actor: string;
  readonly title: string;
  readonly standIn: StandIn;
  readonly runId: string;
}

/** One of each CRM. */
export function demoDeals({ config }: Pick<SandboxStack, 'config'>): readonly DemoDeal[] {
  return STAND_INS.map((standIn) => {
    const { crm, example } = standIn;
    const module = crmNamed(config, crm);
    const account = module && accountOf(config, module);
    if (module === null || account === null) throw new Error(`The demo's ${crm} is not set up`);
    const actor = module.facts.displayName;
    return {
      actor,
      title: `${actor} "${example.name}"`,
      standIn,
      runId: provisioningId({ crm, account, dealId: example.dealId }),
    };
  });
}

/** A CRM tries for a day, with growing pauses; nobody watches a demo for so long. */
const MAX_SENDS = 10;
const RESEND_MS = 500;

/** Sends the event as the CRM would, until it is acknowledged. */
export async function announce({ actor, standIn }: DemoDeal, stack: SandboxStack): Promise<void> {
  const { sandbox, webhooks } = stack;
  for (let sends = 1; ; sends += 1) {
    const answer = await standIn.announce(sandbox, addressOf(webhooks), [standIn.example.dealId]);
    if (answer.isAcknowledged) return;
    if (sends === MAX_SENDS)
      throw new Error(`The event of ${actor} was answered with ${answer.status}, ${sends} times over`);
    await delay(RESEND_MS);
  }
}
