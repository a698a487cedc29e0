import type { Fault, FaultKind, SandboxSystem } from '../../sandbox/faults.ts';
import { FAULT_KINDS } from '../../sandbox/faults.ts';
import { FINAL_STATUSES, type RunStatus } from '../../src/contracts/run.ts';
import { provisioningId } from '../../src/domain/deal/ids.ts';
import { TODAY } from '../support/sandbox-tenant.ts';
import { until } from '../support/until.ts';
import type { Straw } from './needles.ts';
import { CANARY, type ObservedService, PUBLIC_URL } from './observed-service.ts';

/** One deal of each CRM on its way, under the same disturbances. */
export interface Round {
  readonly name: string;
  readonly faults: readonly Fault[];
  /** `retry`: whenever the run waits for a person. `cancel`: once its CRM has failed. */
  readonly whenStuck: 'retry' | 'cancel';
}

/** A vendor that quotes what it was sent, or what it was asked for. */
const ECHO = `${CANARY}000000`;
const LINK = `https://learn.vendor.example/redeem/${ECHO}`;
const hubspotEcho = {
  status: 'error',
  message: `Property values were not valid: ${LINK}`,
  category: 'VALIDATION_ERROR',
};
const salesforceEcho = [
  { errorCode: 'FIELD_INTEGRITY_EXCEPTION', message: `bad value: ${LINK}`, fields: [] },
];
/** The mail carries the roster by its id, so of what it was sent the org can quote the address. */
const addressEcho = [
  { errorCode: 'FIELD_INTEGRITY_EXCEPTION', message: 'bad value: dana.reyes@acme.example', fields: [] },
];
const brokenJson = `{"redemptionCodes":[{"code":"${ECHO}","redeemed":fal`;

const CODES = { system: 'ti', method: 'GET', path: /\/codes$/ } as const;
const MAIL = {
  hubspot: { system: 'hubspot', method: 'POST', path: /single-email\/send|single-send/ },
  salesforce: { system: 'salesforce', method: 'POST', path: /emailSimple/ },
} as const;
const SYSTEMS: readonly SandboxSystem[] = ['ti', 'hubspot', 'salesforce'];

/** The quota is a round of its own: a vendor may ask to wait for minutes. */
const KINDS = FAULT_KINDS.filter((kind) => kind !== 'rateLimit');

export const ROUNDS: readonly Round[] = [
  { name: 'all goes well', faults: [], whenStuck: 'retry' },
  ...KINDS.map(
    (kind): Round => ({
      name: `every system answers with ${kind}`,
      faults: everywhere(kind),
      whenStuck: 'retry',
    }),
  ),
  {
    name: 'the vendors quote codes in refusals',
    whenStuck: 'retry',
    faults: [
      { ...CODES, kind: 'status', status: 500, body: { message: `code ${ECHO} is broken` } },
      {
        system: 'hubspot',
        method: 'POST',
        path: /contacts\/batch\/update/,
        kind: 'status',
        status: 400,
        body: hubspotEcho,
      },
      {
        system: 'hubspot',
        method: 'POST',
        path: /^\/files\/v3\/files$/,
        kind: 'status',
        status: 400,
        body: hubspotEcho,
      },
      { ...MAIL.hubspot, kind: 'status', status: 400, body: hubspotEcho },
      {
        system: 'salesforce',
        method: 'PATCH',
        path: /composite\/sobjects/,
        kind: 'status',
        status: 400,
        body: salesforceEcho,
      },
      {
        system: 'salesforce',
        method: 'POST',
        path: /ContentVersion/,
        kind: 'status',
        status: 400,
        body: salesforceEcho,
      },
      { ...MAIL.salesforce, kind: 'status', status: 400, body: addressEcho },
    ],
  },
  {
    name: 'the vendors send codes in answers that cannot be read',
    whenStuck: 'retry',
    faults: [
      { ...CODES, kind: 'status', status: 200, body: brokenJson },
      {
        ...CODES,
        kind: 'status',
        status: 200,
        body: { redemptionCodes: [{ code: { value: ECHO } }] },
      },
      { ...CODES, kind: 'html', body: `<html>${LINK}</html>` },
      {
        system: 'hubspot',
        method: 'POST',
        path: /contacts\/batch\/read/,
        kind: 'status',
        status: 200,
        body: brokenJson,
      },
      {
        system: 'salesforce',
        method: 'GET',
        path: /\/query/,
        kind: 'status',
        status: 200,
        body: brokenJson,
        after: 4,
      },
    ],
  },
  {
    name: 'the hand-over is refused and the run is cancelled',
    whenStuck: 'cancel',
    faults: [
      // The file is uploaded already and only its note is refused; with two messages the mail would be too late.
      {
        system: 'hubspot',
        method: 'POST',
        path: /objects\/notes$/,
        kind: 'status',
        status: 403,
        times: Number.POSITIVE_INFINITY,
      },
      { ...MAIL.salesforce, kind: 'status', status: 403, times: Number.POSITIVE_INFINITY },
    ],
  },
  {
    name: 'the quotas are used up and the run is cancelled while it waits',
    whenStuck: 'cancel',
    faults: [
      { system: 'ti', method: 'POST', kind: 'rateLimit' },
      { system: 'hubspot', method: 'POST', path: /objects\/notes$/, kind: 'rateLimit' },
      { system: 'salesforce', method: 'POST', path: /ContentVersion/, kind: 'rateLimit' },
    ],
  },
];

/** A read and a write of each system go wrong. */
function everywhere(kind: FaultKind): Fault[] {
  const fault = {
    kind,
    ...(kind === 'delay' ? { delayMs: 200 } : {}),
    ...(kind === 'status' ? { status: 500 } : {}),
  };
  return SYSTEMS.flatMap((system) => [
    { system, method: 'GET', after: 2, ...fault },
    { system, method: 'POST', ...fault, after: 1 },
  ]);
}

const CRMS = ['hubspot', 'salesforce'] as const;
type CrmOfRound = (typeof CRMS)[number];
const DEADLINE_MS = 120_000;

export interface Ended {
  readonly id: string;
  readonly status: RunStatus;
}

export interface Watcher {
  /** A run has been started. */
  started(id: string): void;
  /** A run told this of itself. */
  told(straw: Straw): void;
}

/** Wins a deal in each CRM, reports it by its signed webhook, and sees both runs through. */
export async function play(service: ObservedService, round: Round, watcher: Watcher): Promise<Ended[]> {
  for (const fault of round.faults) service.sandbox.faults.add(fault);
  const ended = await Promise.all(
    CRMS.map(async (crm) => {
      const dealId = createDeal(service, crm);
      const id = provisioningId({ crm, account: service.accounts[crm], dealId });
      await announce(service, crm, dealId);
      watcher.started(id);
      return { id, status: await seeThrough(service, id, round, watcher) };
    }),
  );
  service.sandbox.faults.clear();
  return ended;
}

async function seeThrough(
  { runs, sandbox }: ObservedService,
  id: string,
  round: Round,
  watcher: Watcher,
): Promise<RunStatus> {
  const hitsBefore = sandbox.faults.hits.length;
  let status: RunStatus = 'Planning';
  await until(
    `the run of the round "${round.name}" ends (${id})`,
    async () => {
      // A busy machine may not answer in time; the next look will tell.
      const progress = await runs.progress(id).catch(() => null);
      if (progress === null) return false;
      watcher.told({ where: `progress of ${id}`, text: JSON.stringify(progress) });
      status = progress.status;
      const isStruck = sandbox.faults.hits.slice(hitsBefore).some(({ fault }) => id.includes(fault.system));
      if (round.whenStuck === 'cancel' && isStruck) {
        await runs.cancel(id, { by: 'leak test', reason: 'the hand-over is refused' }).catch(() => undefined);
      } else if (status === 'NeedsAttention') {
        // Each fault of such a round strikes a few times only, so retries come through in the end.
        const answer = {
          by: 'leak test',
          reason: 'the faults are used up',
          question: progress.question?.id ?? '',
        };
        await runs.retry(id, answer).catch(() => undefined);
      }
      return FINAL_STATUSES.includes(status);
    },
    DEADLINE_MS,
  );
  await runs.result(id).catch(() => undefined);
  return status;
}

let made = 0;

/** People of its own for each deal: their link fields must not meet. */
function createDeal({ sandbox: { hubspot, salesforce } }: ObservedService, crm: CrmOfRound): string {
  made += 1;
  const buyer = { firstName: 'Dana', lastName: 'Reyes', email: `dana.reyes.${made}@acme.example` };
  const learner = { firstName: 'Lee', lastName: 'Park', email: `lee.park.${made}@acme.example` };
  const name = `Acme rollout ${made}`;
  if (crm === 'hubspot') {
    return hubspot.state.createDeal({
      name,
      ownerId: '8001',
      companyId: '5001',
      lineItems: [{ name: 'Leadership Essentials', sku: 'LEAD-101', quantity: 3 }],
      contacts: [
        { ...buyer, labels: ['Buyer'] },
        { ...learner, labels: ['Learner'] },
      ],
    });
  }
  return salesforce.state.createOpportunity({
    name,
    stageName: 'Closed Won',
    closeDate: TODAY,
    account: { name: 'Globex Inc' },
    lineItems: [{ productCode: 'LEAD-101', name: 'Leadership Essentials', quantity: 3 }],
    contacts: [
      { ...buyer, role: 'Economic Buyer', isPrimary: true },
      { ...learner, role: 'Learner' },
    ],
    owner: { firstName: 'Kim', lastName: 'Ops', email: 'kim.ops@vendor.example' },
  });
}

/** Again and again until it is acknowledged, as both do. */
function announce(service: ObservedService, crm: CrmOfRound, dealId: string): Promise<void> {
  return until(`the ${crm} webhook is acknowledged`, () => SEND[crm](service, dealId));
}

const SEND: Record<CrmOfRound, (service: ObservedService, dealId: string) => Promise<boolean>> = {
  async hubspot({ sandbox, webhooksUrl }, dealId) {
    const { status } = await sandbox.hubspot.sendWebhook({
      targetUrl: `${PUBLIC_URL}/webhooks/hubspot`,
      postTo: `${webhooksUrl}/webhooks/hubspot`,
      events: sandbox.hubspot.events([dealId]),
    });
    return status === 200 || status === 204;
  },
  async salesforce({ sandbox, webhooksUrl, secrets }, dealId) {
    const pathSecret = secrets.find((secret) => secret.includes('sf-webhook')) ?? '';
    const { acked } = await sandbox.salesforce.sendOutboundMessage({
      targetUrl: `${webhooksUrl}/webhooks/salesforce/${pathSecret}`,
      opportunityIds: [dealId],
    });
    return acked;
  },
};
