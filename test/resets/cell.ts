import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Progress } from '../../src/contracts/run.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import { type MailTool, NO_MAIL } from '../../src/domain/deal/mail-tool.ts';
import type { Rig } from '../support/rig.ts';
import type { SandboxTenant, SandboxTenantOptions } from '../support/sandbox-tenant.ts';
import type { Audience, Cell, Row } from './matrix.ts';
import { asksForDecision, isAsking, keep, mend, questionOf, withdraw } from './people.ts';
import { type Aftermath, brokenPromises } from './promises.ts';
import { prove } from './proof.ts';
import { resetPoints } from './reset-points.ts';
import { resetRun } from './reset-run.ts';
import { type Past, tell } from './stories.ts';
import { LIST_ID, type World, worldOf } from './world.ts';

/** Which point of the run: counted from its first turn, or the last turn before something. */
export type Choice = number | RegExp;

/** Long enough for a machine that does other work; nobody waits for it where all is well. */
const END_MS = 60_000;
/** Nobody helps a run that is to fail: the wait that the engineer would see takes 14 days. */
const FORSAKEN_MS = 4_000;
const MAX_ANSWERS = 6;
/** How long the deal may take to show what a run asks. */
const TOLD_MS = 1_500;

const LIST_TOOL: MailTool = {
  ...NO_MAIL,
  via: 'list',
  settings: { listId: LIST_ID },
  traits: { ...NO_MAIL.traits, reachesLearners: true },
  description: `add to list ${LIST_ID}`,
};

const HAND_OVERS: Readonly<Record<Audience, Partial<Catalog['handOver']>>> = {
  buyer: {},
  learners: { to: 'learners', leftOver: 'buyer' },
  list: { tools: { hubspot: LIST_TOOL } },
};

/** A fresh deal, its run, one reset, and all promises afterwards. Null: the run has no such point. */
export async function runCell(
  { rig, client }: { readonly rig: Rig; readonly client: Client },
  row: Row,
  choice: Choice,
): Promise<Cell | null> {
  let cell: Cell | null = null;
  await rig.withSandbox(optionsOf(row), async (tenant) => {
    const past = await tell(tenant, client, row);
    const points = await resetPoints(client, past.id, past.runIds);
    const point =
      typeof choice === 'number' ? points[choice] : points.find(({ around }) => choice.test(around));
    if (point === undefined) {
      if (typeof choice !== 'number')
        throw new Error(`No point of ${points.map(({ around }) => `\n${around}`)}`);
      if (row.kind.startsWith('waiting')) tenant.leaveOpen(past.id, 'there was no point to reset it to');
      return;
    }
    const before = worldOf(tenant.sandbox, past.deal);
    await resetRun(client, past.id, { ...point, reappliesMessages: row.reappliesMessages });
    const { asked, unended } = await follow(tenant, client, { row, past, before });
    if (unended !== null) tenant.leaveOpen(past.id, unended);
    const after = worldOf(tenant.sandbox, past.deal);
    const proof = await prove(tenant, past.deal);
    cell = {
      points: points.length,
      eventId: String(point.eventId),
      around: point.around,
      broken: brokenPromises(row, { before, after, asked, unended, proof }),
    };
  });
  return cell;
}

function optionsOf({ kind, audience }: Row): SandboxTenantOptions {
  return {
    policy: {
      lookUpMs: 400,
      ...(kind === 'failed' ? { attentionDeadlineMs: FORSAKEN_MS } : {}),
    },
    catalog: (example) => ({ ...example, handOver: { ...example.handOver, ...HAND_OVERS[audience] } }),
  };
}

interface Following {
  readonly row: Row;
  readonly past: Past;
  readonly before: World;
}

/** Waits for the end of the run, and answers what it asks as people would. */
async function follow(
  tenant: SandboxTenant,
  client: Client,
  following: Following,
): Promise<Pick<Aftermath, 'asked' | 'unended'>> {
  const { row, past } = following;
  const asked: string[] = [];
  const deadline = Date.now() + END_MS;
  for (let answers = 0; ; ) {
    const { status } = await client.workflow.getHandle(past.id).describe();
    if (status.name !== 'RUNNING') return { asked, unended: null };
    const progress = await progressOf(tenant, past.id);
    if (Date.now() > deadline) return { asked, unended: `it is still ${progress?.status ?? 'silent'}` };
    if (progress !== null && isAsking(progress)) {
      if (await isTold(tenant, following)) asked.push(questionOf(progress));
      if (row.isHelped) {
        if (answers >= MAX_ANSWERS) return { asked, unended: `it asks again and again: ${asked.join('; ')}` };
        answers += 1;
        await help(tenant, following, progress);
      }
    }
    await wait(50);
  }
}

/** Null: the run does not answer just now. */
async function progressOf(tenant: SandboxTenant, id: string): Promise<Progress | null> {
  try {
    return await tenant.console.progress(id);
  } catch {
    return null;
  }
}

/**
 * Whether the deal shows that somebody is asked. A run that stands where it waited before asks nobody: it was reset to
 * its wait, and an engineer who looks at it helps it on.
 */
async function isTold(tenant: SandboxTenant, { past, before }: Following): Promise<boolean> {
  const told = before.tasks.length;
  const isShown = () => {
    const { fields, tasks } = worldOf(tenant.sandbox, past.deal);
    return fields.status === 'NeedsAttention' || tasks.length > told;
  };
  return tenant.waitForEvidence(isShown, TOLD_MS).then(
    () => true,
    () => false,
  );
}

async function help(tenant: SandboxTenant, { row, past }: Following, progress: Progress): Promise<void> {
  past.mendDeal();
  const answer = () => {
    if (!asksForDecision(progress)) {
      return mend(tenant, past.id, { wasSent: tenant.sandbox.outbox.mails.length > 0 });
    }
    return row.kind === 'withdrawn' || row.kind === 'allWithdrawn'
      ? withdraw(tenant, past.id)
      : keep(tenant, past.id);
  };
  // The run may have gone on by itself since it was asked for its progress: then it is looked at once more.
  await answer().catch(() => undefined);
}
