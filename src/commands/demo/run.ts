import type { Fault } from '../../../sandbox/faults.ts';
import type { Logger } from '../../observability/logging.ts';
import { createSandboxStack, type SandboxStack } from '../sandbox/stack.ts';
import { unlessInterrupted } from '../terminal/terminal.ts';
import { type DemoDeal, demoDeals } from './deals.ts';
import { type Delivery, deliver } from './deliver.ts';
import type { DemoTask, Display } from './display.ts';
import { faultProof } from './fault-proof.ts';
import { type DemoProof, proveDelivery } from './prove.ts';
import { type DemoOutcome, summaryText } from './summary.ts';
import { useSeats } from './use-seats.ts';

export interface DemoOptions {
  readonly catalogPath: string;
  /** Armed in the sandbox before the deals are won. */
  readonly faults: readonly Fault[];
  readonly logger: Logger;
  readonly display: Display;
  readonly write: (text: string) => void;
  readonly interrupted: AbortSignal;
}

export interface DemoRun {
  /** Every deal was delivered, and what the stand-ins hold agrees. */
  readonly isDelivered: boolean;
  untilInterrupted(): Promise<void>;
  /** Stops everything, last part first. */
  stop(): Promise<void>;
}

/** The main job, end to end, before your eyes. Stops what it started when the set-up fails. */
export async function runDemo(options: DemoOptions): Promise<DemoRun> {
  const { display, interrupted } = options;
  const demo = createSandboxStack(options);
  const setUp = demo.steps.map(
    (step): DemoTask => ({
      actor: 'set-up',
      title: step.title,
      run: (report) => unlessInterrupted(interrupted, () => step.run(report)),
    }),
  );
  try {
    await display.inOrder(setUp);
    const outcome = await deliverAll(demo.stack(), options);
    if (!interrupted.aborted) options.write(summaryText(outcome, demo.stack()));
    return {
      isDelivered:
        outcome.failed.length === 0 && outcome.proven.every(({ proof }) => proof.faults.length === 0),
      untilInterrupted: () => untilAborted(interrupted),
      stop: demo.stop,
    };
  } catch (error) {
    await demo.stop();
    throw error;
  }
}

async function deliverAll(
  stack: SandboxStack,
  { display, faults, interrupted }: DemoOptions,
): Promise<DemoOutcome> {
  const deals = demoDeals(stack);
  const deliveries: Delivery[] = [];
  const proven: { readonly delivery: Delivery; readonly proof: DemoProof }[] = [];
  const failed: { readonly deal: DemoDeal; readonly reason: string }[] = [];
  const taskOf = (deal: DemoDeal, run: DemoTask['run']): DemoTask => ({
    actor: deal.actor,
    title: deal.title,
    run: (report) =>
      run(report).catch((error: unknown) => {
        failed.push({ deal, reason: error instanceof Error ? error.message : String(error) });
        throw error;
      }),
  });
  for (const fault of faults) stack.sandbox.faults.add(fault);
  await display.sideBySide(
    'A deal is won in each CRM',
    deals.map((deal) =>
      taskOf(deal, async (report) => {
        deliveries.push(await deliver(deal, stack, { report, interrupted }));
      }),
    ),
  );
  // What is left of the faults is not for those who look after the end.
  stack.sandbox.faults.clear();
  if (!interrupted.aborted && deliveries.length > 0) {
    await display.sideBySide(
      'Every system is read anew, and compared',
      deliveries.map((delivery) =>
        taskOf(delivery.deal, async (report) => {
          const proof = await proveDelivery(delivery, stack, interrupted);
          proven.push({ delivery, proof });
          report(proof.faults.length === 0 ? `${proof.checkCount} checks hold` : proof.faults.join('\n'));
        }),
      ),
    );
  }
  proven.sort((a, b) => deals.indexOf(a.delivery.deal) - deals.indexOf(b.delivery.deal));
  const [first] = proven;
  if (first !== undefined && first.proof.faults.length === 0 && !interrupted.aborted) {
    await display.sideBySide('Learners use their seats, and one seat goes to another person', [
      taskOf(first.delivery.deal, async (report) => {
        const wrong = await useSeats(first.delivery, stack, { report, interrupted });
        if (wrong.length > 0) throw new Error(wrong.join('\n'));
      }),
    ]);
  }
  const names: Readonly<Record<string, string>> = Object.fromEntries(
    deals.map(({ standIn, actor }) => [standIn.crm, actor]),
  );
  const nameOf = (system: string) => names[system] ?? 'the learning platform';
  return { proven, failed, faults: faults.map((fault) => faultProof(fault, stack.sandbox, nameOf)) };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
