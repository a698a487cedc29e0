import type { Fault } from '../../../sandbox/faults.ts';
import type { Logger } from '../../observability/logging.ts';
import { createSandboxStack } from '../sandbox/stack.ts';
import { unlessInterrupted } from '../terminal/terminal.ts';
import { type DemoDeal, demoDeals } from './deals.ts';
import { type Delivery, deliver } from './deliver.ts';
import type { DemoTask, Display } from './display.ts';
import { type DemoOutcome, summaryText } from './summary.ts';

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
  /** Every deal was delivered, and the sandbox's own state agrees. */
  readonly isDelivered: boolean;
  untilInterrupted(): Promise<void>;
  /** Stops everything, last part first. */
  stop(): Promise<void>;
}

/** The main job, end to end, before your eyes. Stops what it started when the set-up fails. */
export async function runDemo(options: DemoOptions): Promise<DemoRun> {
  const { display, interrupted } = options;
  const demo = createSandboxStack(options);
  const deliveries: Delivery[] = [];
  const failed: DemoOutcome['failed'][number][] = [];
  const setUp = demo.steps.map(
    (step): DemoTask => ({
      actor: 'set-up',
      title: step.title,
      run: (report) => unlessInterrupted(interrupted, () => step.run(report)),
    }),
  );
  const taskOf = (deal: DemoDeal): DemoTask => ({
    actor: deal.actor,
    title: deal.title,
    async run(report) {
      const delivery = await deliver(deal, demo.stack(), { report, interrupted }).catch((error: unknown) => {
        failed.push({ deal, reason: error instanceof Error ? error.message : String(error) });
        throw error;
      });
      deliveries.push(delivery);
      if (delivery.check.faults.length > 0) throw new Error(delivery.check.faults.join('; '));
    },
  });
  let deals: readonly DemoDeal[] = [];
  try {
    await display.inOrder(setUp);
    for (const fault of options.faults) demo.stack().sandbox.faults.add(fault);
    deals = demoDeals(demo.stack());
    await display.sideBySide('A deal is won in each CRM', deals.map(taskOf));
  } catch (error) {
    await demo.stop();
    throw error;
  }
  const stack = demo.stack();
  if (!interrupted.aborted) options.write(summaryText({ deliveries, failed }, stack));
  return {
    isDelivered:
      deliveries.length === deals.length && deliveries.every(({ check }) => check.faults.length === 0),
    untilInterrupted: () =>
      new Promise((resolve) => {
        if (interrupted.aborted) resolve();
        else interrupted.addEventListener('abort', () => resolve(), { once: true });
      }),
    stop: demo.stop,
  };
}
