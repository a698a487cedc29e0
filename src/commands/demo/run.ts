import { setTimeout as delay } from 'node:timers/promises';
import Table from 'cli-table3';
import { Listr, type ListrTask } from 'listr2';
import type { ProvisionResult } from '../../domain/run.ts';
import type { Logger } from '../../logging.ts';
import { checkDeal, type DemoCheck } from './check.ts';
import { DEMO_DEALS, type DemoDeal } from './deals.ts';
import { createDemoStack, type DemoStack } from './stack.ts';

export interface DemoRun {
  /** Every deal was delivered, and the sandbox's own state agrees. */
  readonly isDelivered: boolean;
  readonly stack: DemoStack;
  stop(): Promise<void>;
}

interface Delivery {
  readonly deal: DemoDeal;
  readonly result: ProvisionResult;
  readonly check: DemoCheck;
  readonly runUrl: string;
  readonly tookMs: number;
}

const POLL_MS = 200;
const DELIVERY_DEADLINE_MS = 120_000;

/** The main job, end to end, before your eyes. Stops what it started when a step fails. */
export async function runDemo(options: {
  readonly catalogPath: string;
  readonly logger: Logger;
  readonly write: (text: string) => void;
}): Promise<DemoRun> {
  const demo = createDemoStack(options);
  const deliveries: Delivery[] = [];
  try {
    await new Listr(
      [
        ...demo.steps.map(
          (step): ListrTask => ({
            title: step.title,
            task: (_, task) =>
              step.run((line) => {
                task.output = line;
              }),
            rendererOptions: { persistentOutput: true },
          }),
        ),
        {
          title: 'Two deals are won',
          task: (_, task) =>
            task.newListr(
              DEMO_DEALS.map(
                (deal): ListrTask => ({
                  title: deal.title,
                  task: async (__, own) => {
                    const delivery = await deliver(deal, demo.stack(), (line) => {
                      own.output = line;
                    });
                    deliveries.push(delivery);
                    if (delivery.check.faults.length > 0) throw new Error(delivery.check.faults.join('; '));
                  },
                  rendererOptions: { persistentOutput: true },
                }),
              ),
              { concurrent: true, exitOnError: false },
            ),
        },
      ],
      { fallbackRenderer: 'simple', fallbackRendererCondition: () => !process.stdout.isTTY },
    ).run();
  } catch (error) {
    await demo.stop();
    throw error;
  }
  const stack = demo.stack();
  options.write(summary(deliveries, stack));
  const isDelivered =
    deliveries.length === DEMO_DEALS.length && deliveries.every(({ check }) => check.faults.length === 0);
  return { isDelivered, stack, stop: demo.stop };
}

/** Sends the event, tells every step of the run, and checks the end against the sandbox. */
async function deliver(deal: DemoDeal, stack: DemoStack, report: (line: string) => void): Promise<Delivery> {
  const startedAt = performance.now();
  await deal.announce(stack);
  report('webhook acknowledged');
  const { runs } = stack.console;
  const id = deal.runId(stack);
  const over = runs.result(id);
  // Rejections are seen below; until then they must not count as unhandled.
  over.catch(() => undefined);
  await followSteps(id, stack, over, report);
  const result = await over;
  const tookMs = performance.now() - startedAt;
  if (result.status !== 'Delivered') throw new Error(`${result.status}: ${result.detail}`);
  const view = await runs.describe(id);
  return { deal, result, check: checkDeal(stack.sandbox, deal, result), runUrl: view?.runUrl ?? id, tookMs };
}

async function followSteps(
  id: string,
  { console }: DemoStack,
  over: Promise<unknown>,
  report: (line: string) => void,
): Promise<void> {
  const deadline = performance.now() + DELIVERY_DEADLINE_MS;
  let last = '';
  for (;;) {
    const { status, step, problems } = await console.runs.progress(id);
    const line = `${status}: ${step}`;
    if (line !== last) report(line);
    last = line;
    if (status === 'NeedsAttention') {
      throw new Error(problems.map(({ code, message, cure }) => `${code}: ${message}. ${cure}`).join('\n'));
    }
    if (performance.now() > deadline)
      throw new Error(`Not delivered within ${DELIVERY_DEADLINE_MS / 1_000} s: ${line}`);
    const isOver = await Promise.race([
      over.then(
        () => true,
        () => true,
      ),
      delay(POLL_MS, false),
    ]);
    if (isOver) return;
  }
}

function summary(deliveries: readonly Delivery[], stack: DemoStack): string {
  const blocks = deliveries.map(({ deal, result, check, runUrl, tookMs }) => {
    const table = new Table({ wordWrap: true, colWidths: [10, 98] });
    table.push(
      ['Deal', deal.title],
      [
        'Status',
        check.faults.length === 0
          ? `${result.status} (checked against the sandbox)`
          : check.faults.join('\n'),
      ],
      ['Seats', String(result.seatCount)],
      ['Label', result.groupLabels.join('\n')],
      ['Roster', check.fields.roster_file ?? 'none'],
      ['Mail', check.mail ? `"${check.mail.subject}" to ${check.mail.to}` : 'none'],
      ['Run', runUrl],
      ['Time', `${(tookMs / 1_000).toFixed(1)} s from webhook to delivered`],
    );
    return table.toString();
  });
  return `\n${blocks.join('\n')}\n\nOutbox, files and deals: ${stack.sandbox.page.url}\nTemporal UI: ${stack.temporal.uiUrl}\n`;
}
