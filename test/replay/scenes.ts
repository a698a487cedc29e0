import { formatHold } from '../../src/domain/deal/hold.ts';
import { setQuantity, setStage, untilAsked } from '../support/delivered-deals.ts';
import {
  HUBSPOT_DEAL,
  type SandboxTenant,
  type SandboxTenantOptions,
  type StartedDeal,
} from '../support/sandbox-tenant.ts';

/** One way in which runs end, of which a golden history is kept. */
export interface Scene {
  readonly options?: SandboxTenantOptions;
  /** Of a run that goes on in new executions only the last one is kept; absent: each of them. */
  readonly keepsLast?: true;
  /** Resolves when the run is over. */
  play(tenant: SandboxTenant): Promise<StartedDeal>;
}

const SALES_OPS = { by: 'sales ops', reason: 'agreed with the customer' };
const CODES_COME_LATE: SandboxTenantOptions = { ti: { listingDelayMs: Number.POSITIVE_INFINITY } };

export const SCENES: Readonly<Record<string, Scene>> = {
  'delivered-hubspot': {
    async play(tenant) {
      const deal = await tenant.startHubSpot();
      await tenant.resultOf(deal.id);
      return deal;
    },
  },
  'delivered-salesforce': {
    async play(tenant) {
      const deal = await tenant.startSalesforce();
      await tenant.resultOf(deal.id);
      return deal;
    },
  },
  cancelled: {
    options: CODES_COME_LATE,
    async play(tenant) {
      const deal = await tenant.startHubSpot();
      await tenant.waitForStatus(deal.id, 'AwaitingCodes');
      await tenant.console.cancel(deal.id, SALES_OPS);
      await tenant.failureOf(deal.id);
      return deal;
    },
  },
  failed: {
    options: { policy: { attentionDeadlineMs: 2_000 }, ti: { codesPath: null } },
    async play(tenant) {
      const deal = await tenant.startHubSpot();
      await tenant.failureOf(deal.id);
      return deal;
    },
  },
  'attention-then-delivered': {
    async play(tenant) {
      const deal = await tenant.startHubSpot({ closeDate: null });
      const question = await askedOf(tenant, deal);
      tenant.sandbox.hubspot.state.edit('deals', deal.dealId, { closedate: '2026-11-20' });
      await tenant.console.retry(deal.id, { ...SALES_OPS, question });
      await tenant.resultOf(deal.id);
      return deal;
    },
  },
  withdrawal: {
    async play(tenant) {
      const deal = await tenant.startHubSpot();
      await tenant.resultOf(deal.id);
      setStage(tenant, deal, 'closedlost');
      const { question } = await untilAsked(tenant, deal);
      await tenant.console.withdraw(deal.id, { ...SALES_OPS, question: question?.id ?? '' });
      await tenant.resultOf(deal.id);
      return deal;
    },
  },
  'held-elsewhere-then-delivered': {
    async play(tenant) {
      const { state } = tenant.sandbox.hubspot;
      const dealId = state.createDeal(HUBSPOT_DEAL);
      state.edit('deals', dealId, { dealseat_claim: holdOfOther(false) });
      const id = await tenant.provision(tenant.ref('hubspot', dealId));
      await tenant.waitForStatus(id, 'NeedsAttention');
      state.edit('deals', dealId, { dealseat_claim: holdOfOther(true) });
      await tenant.provision(tenant.ref('hubspot', dealId));
      await tenant.resultOf(id);
      return { id, dealId };
    },
  },
  'second-pass': {
    options: CODES_COME_LATE,
    async play(tenant) {
      const deal = await tenant.startHubSpot();
      await tenant.waitForStatus(deal.id, 'AwaitingCodes');
      setQuantity(tenant, deal, 5);
      listCodes(tenant);
      await tenant.resultOf(deal.id);
      return deal;
    },
  },
  merged: {
    options: CODES_COME_LATE,
    async play(tenant) {
      const { state } = tenant.sandbox.hubspot;
      const survivor = state.createDeal(HUBSPOT_DEAL);
      const deal = await tenant.startHubSpot();
      await tenant.waitForStatus(deal.id, 'AwaitingCodes');
      state.merge('deals', survivor, deal.dealId);
      listCodes(tenant);
      await tenant.resultOf(deal.id);
      return deal;
    },
  },
  'parked-then-delivered': {
    options: { policy: { writeTotalMs: 3_000 } },
    async play(tenant) {
      const { faults } = tenant.sandbox;
      faults.add({ system: 'ti', kind: 'status', status: 503, times: Number.POSITIVE_INFINITY });
      const deal = await tenant.startHubSpot();
      await tenant.waitForStatus(deal.id, 'NeedsAttention');
      faults.clear();
      await tenant.resultOf(deal.id);
      return deal;
    },
  },
  'waited-long-then-delivered': {
    options: { ti: { codesPath: null } },
    keepsLast: true,
    async play(tenant) {
      const deal = await tenant.startHubSpot();
      await askedOf(tenant, deal);
      await wakeUntilStartedAfresh(tenant, deal);
      const question = await askedOf(tenant, deal);
      tenant.sandbox.ti.state.options.codesPath = CODES_PATH;
      await tenant.console.retry(deal.id, { ...SALES_OPS, question });
      await tenant.resultOf(deal.id);
      return deal;
    },
  },
};

const CODES_PATH = '/redemptionCodes/{groupId}/codes';

async function askedOf(tenant: SandboxTenant, { id }: StartedDeal): Promise<string> {
  const { question } = await tenant.waitForProgress(id, (progress) => progress.question !== null);
  return question?.id ?? '';
}

function holdOfOther(isDone: boolean): string {
  const at = new Date().toISOString();
  return formatHold({ deployment: 'default/another-server', run: 'its-run', at, isDone });
}

function listCodes({ sandbox }: SandboxTenant): void {
  sandbox.ti.state.options.listingDelayMs = 0;
}

/** Told of its deal again and again, as a CRM that reports every edit does. */
async function wakeUntilStartedAfresh(tenant: SandboxTenant, { dealId, id }: StartedDeal): Promise<void> {
  const ref = tenant.ref('hubspot', dealId);
  const isFirst = async () => {
    const [started] = (await tenant.historyOf(id)).events ?? [];
    return !started?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
  };
  while (await isFirst()) {
    await tenant.provision(ref);
    await tenant.waitForProgress(id, ({ question }) => question !== null);
  }
}
