import type { Client } from '@temporalio/client';
import type { Fault } from '../../sandbox/faults.ts';
import type { Progress } from '../../src/contracts/run.ts';
import type { SandboxTenant, StartedDeal } from '../support/sandbox-tenant.ts';
import type { Kind, KnownCrm, Row } from './matrix.ts';
import { asksForDecision, cancel, isAsking, keep, mend, withdraw } from './people.ts';
import { executionsOf } from './reset-points.ts';
import { type DealIn, lose, merge, sell, startDeal, win } from './sales.ts';
import { openTasks } from './world.ts';

/** What happened before somebody resets a run. */
export interface Past {
  /** The deal that is looked at in the end. */
  readonly deal: DealIn;
  /** The run that is reset, and the executions of its chain. */
  readonly id: string;
  readonly runIds: readonly string[];
  /** Does what the run asks people to mend. */
  readonly mendDeal: () => void;
}

/** Every mail is refused, so that the run waits for a person. */
const NO_MAIL: Readonly<Record<KnownCrm, Fault>> = {
  hubspot: {
    system: 'hubspot',
    path: /(single-email\/send|memberships\/add)$/,
    kind: 'status',
    status: 400,
    times: Number.POSITIVE_INFINITY,
    body: { status: 'error', category: 'VALIDATION_ERROR', message: 'refused by a rule' },
  },
  salesforce: {
    system: 'salesforce',
    method: 'POST',
    path: /emailSimple$/i,
    kind: 'status',
    status: 400,
    times: Number.POSITIVE_INFINITY,
    body: [{ errorCode: 'INVALID_INPUT', message: 'the template is not there', fields: [] }],
  },
};

/** The file is refused, after the links were written. */
const NO_ROSTER: Readonly<Record<KnownCrm, Fault>> = {
  hubspot: { ...NO_MAIL.hubspot, method: 'POST', path: /\/files\/v3\/files$/ },
  salesforce: { ...NO_MAIL.salesforce, path: /\/sobjects\/ContentVersion$/i },
};

interface Teller {
  readonly tenant: SandboxTenant;
  readonly client: Client;
  readonly crm: KnownCrm;
  /** What is refused where the story needs a run that waits in the middle of its hand-over. */
  readonly refusal: Fault;
}

/** The run of a kind, up to where it is reset. */
export async function tell(tenant: SandboxTenant, client: Client, row: Row): Promise<Past> {
  const { crm, kind, audience, hasLaterDelivery } = row;
  const refusals = kind === 'cancelled' && audience === 'learners' ? NO_ROSTER : NO_MAIL;
  const teller = { tenant, client, crm, refusal: refusals[crm] };
  const past = await STORIES[kind](teller);
  if (hasLaterDelivery) await LATER[kind]?.(teller, past);
  return past;
}

const STORIES: Readonly<Record<Kind, (teller: Teller) => Promise<Past>>> = {
  async delivered(teller) {
    const deal = await startDeal(teller.tenant, teller.crm);
    await teller.tenant.resultOf(deal.id);
    return pastOf(teller, deal);
  },

  async failed(teller) {
    const { tenant } = teller;
    const deal = await refused(teller);
    await tenant.failureOf(deal.id);
    tenant.sandbox.faults.clear();
    return pastOf(teller, deal);
  },

  async cancelled(teller) {
    const { tenant } = teller;
    const deal = await refused(teller);
    await cancel(tenant, deal.id);
    await tenant.resultOf(deal.id);
    tenant.sandbox.faults.clear();
    return pastOf(teller, deal);
  },

  async cancelledNatively(teller) {
    const { tenant, crm } = teller;
    const { options } = tenant.sandbox.ti.state;
    options.listingDelayMs = Number.POSITIVE_INFINITY;
    const deal = await startDeal(tenant, crm);
    await tenant.waitForStatus(deal.id, 'AwaitingCodes');
    await tenant.waitForEvidence(() => tenant.sandbox.ti.state.groups.length > 0);
    await tenant.cancelNatively(deal.id);
    await tenant.failureOf(deal.id);
    options.listingDelayMs = 0;
    return pastOf(teller, deal);
  },

  async waitingForData(teller) {
    const { tenant, crm } = teller;
    // Nobody has two seats and a half.
    const deal = await startDeal(tenant, crm, 2.5);
    await untilAsked(teller, deal);
    return pastOf(teller, deal, () => sell(tenant, { crm, deal }, 3));
  },

  async waitingForMail(teller) {
    const { tenant } = teller;
    const deal = await refused(teller);
    return pastOf(teller, deal, () => tenant.sandbox.faults.clear());
  },

  async toppedUp(teller) {
    const deal = await delivered(teller);
    return again(teller, deal, () => sell(teller.tenant, { crm: teller.crm, deal }, 5));
  },

  async withdrawn(teller) {
    const { tenant, crm } = teller;
    const deal = await delivered(teller);
    sell(tenant, { crm, deal }, 2);
    return decided(teller, deal, withdraw);
  },

  async allWithdrawn(teller) {
    const { tenant, crm } = teller;
    const deal = await delivered(teller);
    lose(tenant, { crm, deal });
    return decided(teller, deal, withdraw);
  },

  async kept(teller) {
    const { tenant, crm } = teller;
    const deal = await delivered(teller);
    sell(tenant, { crm, deal }, 2);
    return decided(teller, deal, keep);
  },

  async merged(teller) {
    const { tenant } = teller;
    const survivor = await delivered(teller);
    const deal = await refused(teller);
    merge(tenant, deal, survivor);
    tenant.sandbox.faults.clear();
    await deliverAgain(teller, survivor);
    await tenant.console.dealChanged(tenant.ref('hubspot', deal.dealId), { by: 'hubspot', detail: 'merge' });
    await tenant.resultOf(deal.id);
    return { ...(await pastOf(teller, deal)), deal: { crm: 'hubspot', deal: survivor } };
  },

  async survivor(teller) {
    const survivor = await delivered(teller);
    const deal = await delivered(teller);
    return again(teller, survivor, () => merge(teller.tenant, deal, survivor));
  },
};

/** How another run comes to deliver the deal, or more of it. */
const LATER: Readonly<Partial<Record<Kind, (teller: Teller, past: Past) => Promise<void>>>> = {
  delivered: (teller, past) => deliverMore(teller, past, 5),
  failed: (teller, past) => deliverAgain(teller, past.deal.deal),
  cancelled: (teller, past) => deliverAgain(teller, past.deal.deal),
  cancelledNatively: (teller, past) => deliverAgain(teller, past.deal.deal),
  waitingForData: deliverInstead,
  waitingForMail: deliverInstead,
  toppedUp: (teller, past) => deliverMore(teller, past, 6),
  withdrawn: (teller, past) => deliverMore(teller, past, 4),
  async allWithdrawn(teller, past) {
    win(teller.tenant, past.deal);
    await deliverAgain(teller, past.deal.deal);
  },
  kept: (teller, past) => deliverMore(teller, past, 4),
};

async function delivered({ tenant, crm }: Teller): Promise<StartedDeal> {
  const deal = await startDeal(tenant, crm);
  await tenant.resultOf(deal.id);
  return deal;
}

/** Its mail (or roster) is refused, so it waits for a person, who has been told. */
async function refused(teller: Teller): Promise<StartedDeal> {
  const { tenant, crm, refusal } = teller;
  tenant.sandbox.faults.add(refusal);
  const deal = await startDeal(tenant, crm);
  await untilAsked(teller, deal);
  return deal;
}

async function untilAsked({ tenant, crm }: Teller, deal: StartedDeal): Promise<void> {
  await tenant.waitForProgress(deal.id, isAsking);
  await tenant.waitForEvidence(() => openTasks(tenant.sandbox, { crm, deal }).length > 0);
}

/** The next run of a delivered deal. */
async function again(teller: Teller, deal: StartedDeal, change: () => void): Promise<Past> {
  const known = new Set(await executionsOf(teller.client, deal.id, new Set()));
  change();
  await deliverAgain(teller, deal);
  return pastOf(teller, deal, () => undefined, known);
}

async function decided(
  teller: Teller,
  deal: StartedDeal,
  decide: (tenant: SandboxTenant, id: string) => Promise<void>,
): Promise<Past> {
  const { tenant, client, crm } = teller;
  const known = new Set(await executionsOf(client, deal.id, new Set()));
  const told = openTasks(tenant.sandbox, { crm, deal }).length;
  await tenant.provision(tenant.ref(crm, deal.dealId));
  await tenant.waitForProgress(deal.id, asksForDecision);
  await tenant.waitForEvidence(() => openTasks(tenant.sandbox, { crm, deal }).length > told);
  await decide(tenant, deal.id);
  await tenant.resultOf(deal.id);
  return pastOf(teller, deal, () => undefined, known);
}

async function deliverAgain({ tenant, crm }: Teller, deal: StartedDeal): Promise<void> {
  const id = await tenant.provision(tenant.ref(crm, deal.dealId));
  const isSettled = (progress: Progress) => isAsking(progress) || progress.status === 'Delivered';
  // Who is on a list already joins it no more, so a person looks whether that person was told.
  if (isAsking(await tenant.waitForProgress(id, isSettled))) await mend(tenant, id, { wasSent: true });
  const { status, detail } = await tenant.resultOf(id);
  if (status !== 'Delivered') throw new Error(`The deal was to be delivered, and is ${status}: ${detail}`);
}

async function deliverMore(teller: Teller, { deal }: Past, seats: number): Promise<void> {
  sell(teller.tenant, deal, seats);
  await deliverAgain(teller, deal.deal);
}

/** The server lost the run that waited, and the deal was started anew. */
async function deliverInstead(teller: Teller, { deal, id, mendDeal }: Past): Promise<void> {
  await teller.tenant.terminate(id);
  mendDeal();
  await deliverAgain(teller, deal.deal);
}

async function pastOf(
  { client, crm }: Teller,
  deal: StartedDeal,
  mendDeal: Past['mendDeal'] = () => undefined,
  known: ReadonlySet<string> = new Set(),
): Promise<Past> {
  const runIds = await executionsOf(client, deal.id, known);
  return { deal: { crm, deal }, id: deal.id, runIds, mendDeal };
}
