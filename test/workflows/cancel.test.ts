import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../../sandbox/faults.ts';
import type { NewDeal } from '../../sandbox/hubspot/state.ts';
import { hubspotEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import type { SandboxTenant, SandboxTenantOptions } from '../support/sandbox-tenant.ts';
import { until } from '../support/until.ts';

const rig = openRig();

/** A call that is held must not end by itself before the test is done with it; shorter than any attempt. */
const HOLDING: SandboxTenantOptions = { callTimeoutMs: 35_000 };
const NEXT_HEARTBEAT_MS = 8_000;
const BY_SALES = { by: 'sales ops', reason: 'signed by mistake' };
const EVENT = { by: 'hubspot', detail: 'event 1' };
const QUARANTINE_TASK = 'Dealseat: unused code group, please expire';

interface Step {
  readonly step: string;
  readonly options: SandboxTenantOptions;
  /** The call during which the cancel arrives; null: the run waits by itself. */
  readonly held: Omit<Fault, 'kind'> | null;
  readonly status: 'Planning' | 'Provisioning' | 'AwaitingCodes' | 'HandingOver' | 'NeedsAttention';
  readonly groupsLeft: number;
  /** The call reads, so the cancel cuts it off. */
  readonly isCutOff?: true;
}

const STEPS: readonly Step[] = [
  {
    step: 'the deal is read',
    options: {},
    held: { system: 'hubspot', method: 'GET', path: /\/objects\/(0-3|deals)\// },
    status: 'Planning',
    groupsLeft: 0,
    isCutOff: true,
  },
  {
    step: 'the group is made',
    options: {},
    held: { system: 'ti', method: 'POST', path: /\/redemptionCodes$/ },
    status: 'Provisioning',
    groupsLeft: 1,
  },
  {
    step: 'the codes are waited for',
    options: { ti: { listingDelayMs: Number.POSITIVE_INFINITY } },
    held: null,
    status: 'AwaitingCodes',
    groupsLeft: 1,
  },
  {
    step: 'the roster is uploaded',
    options: {},
    held: { system: 'hubspot', method: 'POST', path: /\/files\/v3\/files$/ },
    status: 'HandingOver',
    groupsLeft: 1,
  },
  {
    step: 'a person is waited for',
    options: { ti: { codesPath: null } },
    held: null,
    status: 'NeedsAttention',
    groupsLeft: 1,
  },
];

/**
 * While its call is under way, the step should hear of the cancel, which the next heartbeat tells it. On a slow machine
 * that is half a minute away; what is promised holds either way.
 */
async function untilHeard(tenant: SandboxTenant, id: string): Promise<void> {
  const before = await tenant.lastHeartbeatMs(id);
  const isHeard = async () => (await tenant.lastHeartbeatMs(id)) > before;
  await until('the step beats', isHeard, NEXT_HEARTBEAT_MS).catch(() => undefined);
  // The worker answers this after what the beat told it.
  await tenant.console.progress(id);
}

describe('A run that is cancelled', () => {
  for (const { step, options, held, status, groupsLeft, isCutOff } of STEPS) {
    for (const way of ['its own message', 'Temporal']) {
      test.concurrent(`by ${way} while ${step} undoes what was done, and says so on the deal`, () =>
        rig.withSandbox({ ...HOLDING, ...options }, async (tenant) => {
          const { exchanges, faults, ti } = tenant.sandbox;
          const hold = Promise.withResolvers<void>();
          if (held) faults.add({ ...held, kind: 'delay', until: hold.promise });
          const deal = await tenant.startHubSpot();
          await tenant.waitForStatus(deal.id, status);
          if (held) await tenant.waitForEvidence(() => faults.hits.length === 1);
          if (way === 'Temporal') await tenant.cancelNatively(deal.id);
          else await tenant.console.cancel(deal.id, BY_SALES);
          // A reading is cut off; a write goes to its end before anything is undone.
          if (held && !isCutOff) {
            await untilHeard(tenant, deal.id);
            hold.resolve();
          }
          if (way === 'Temporal') {
            expect((await tenant.failureOf(deal.id)).code).toBe('cancelled');
          } else {
            expect(await tenant.resultOf(deal.id)).toMatchObject({
              status: 'Cancelled',
              code: 'run.cancelled',
              detail: 'Cancelled by sales ops: signed by mistake',
            });
          }
          expect(await tenant.temporalStatus(deal.id)).toBe('CANCELLED');
          hold.resolve();
          // What was under way has happened by now, before or after its compensation.
          const heldExchange = () => exchanges.find(({ fault }) => fault === 'delay');
          if (held) await tenant.waitForEvidence(() => heldExchange() !== undefined);
          // Null: the caller hung up.
          if (held) expect(heldExchange()?.status === null).toBe(isCutOff ?? false);
          const seen = hubspotEvidence(tenant.sandbox, deal);
          expect(seen.fields.status).toBe('Cancelled');
          expect(tenant.sandbox.hubspot.state.files.list().map(({ name }) => name)).toEqual([]);
          expect(seen.mailedTo).toEqual([]);
          expect(ti.state.groups).toHaveLength(groupsLeft);
          expect(seen.tasks.filter((subject) => subject === QUARANTINE_TASK)).toHaveLength(groupsLeft);
          for (const { label } of ti.state.groups) expect(seen.taskTexts.join('\n')).toContain(label);
        }));
    }
  }

  test.concurrent('during a create whose answer is lost still finds the group and quarantines it', () =>
    rig.withSandbox({ policy: { lookUpMs: 20_000 }, ti: { indexDelayMs: 8_000 } }, async (tenant) => {
      const { faults, ti } = tenant.sandbox;
      faults.add({ system: 'ti', method: 'POST', path: /\/redemptionCodes$/, kind: 'dropAfterCommit' });
      const { id } = await tenant.startHubSpot();
      await tenant.waitForEvidence(() => ti.state.groups.length === 1);
      await tenant.console.cancel(id, BY_SALES);
      await tenant.resultOf(id);
      const { undone } = await tenant.console.progress(id);
      expect(undone.map(({ outcome }) => outcome)).toEqual(['quarantined']);
    }));

  test.concurrent('is shown as cancelled only when the deal says so, and is not cancelled twice', () =>
    rig.withSandbox({ ...HOLDING, ti: { listingDelayMs: Number.POSITIVE_INFINITY } }, async (tenant) => {
      const { faults } = tenant.sandbox;
      const deal = await tenant.startHubSpot();
      await tenant.waitForStatus(deal.id, 'AwaitingCodes');
      const path = /\/objects\/(0-3|deals)\//;
      const hold = Promise.withResolvers<void>();
      faults.add({ system: 'hubspot', method: 'PATCH', path, kind: 'delay', until: hold.promise });
      await tenant.console.cancel(deal.id, BY_SALES);
      await tenant.waitForEvidence(() => faults.hits.length === 1);
      expect(hubspotEvidence(tenant.sandbox, deal).fields.status).toBe('Provisioning');
      expect((await tenant.console.progress(deal.id)).status).toBe('Compensating');
      await expect(tenant.console.cancel(deal.id, BY_SALES)).rejects.toMatchObject({
        cause: { message: 'The run is being undone already' },
      });
      hold.resolve();
      await tenant.waitForStatus(deal.id, 'Cancelled');
      expect(hubspotEvidence(tenant.sandbox, deal).fields.status).toBe('Cancelled');
      await tenant.resultOf(deal.id);
    }));

  test.concurrent('uses the group that it left behind when the deal is started again', () =>
    rig.withSandbox({ ti: { listingDelayMs: Number.POSITIVE_INFINITY } }, async (tenant) => {
      const { ti } = tenant.sandbox;
      const { id, dealId } = await tenant.startHubSpot();
      await tenant.waitForStatus(id, 'AwaitingCodes');
      await tenant.console.cancel(id, BY_SALES);
      await tenant.resultOf(id);
      ti.state.options.listingDelayMs = 0;
      await tenant.provision(tenant.ref('hubspot', dealId));
      expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered' });
      expect(ti.state.groups).toHaveLength(1);
    }));
});

describe('A deal that was cancelled', () => {
  const CANCELLED: Readonly<Record<string, NewDeal>> = {
    'of which codes were made': {},
    'that nobody could make sense of': { lineItems: [{ sku: 'NEW-1', quantity: 3 }] },
  };

  for (const [which, deal] of Object.entries(CANCELLED)) {
    test.concurrent(`${which} is left alone, however often it is edited, until it is won anew`, () =>
      rig.withSandbox({ ti: { listingDelayMs: Number.POSITIVE_INFINITY } }, async (tenant) => {
        const { ti, hubspot } = tenant.sandbox;
        const started = await tenant.startHubSpot(deal);
        const { id, dealId } = started;
        await tenant.waitForProgress(
          id,
          ({ status, question }) => status === 'AwaitingCodes' || question !== null,
        );
        await tenant.console.cancel(id, BY_SALES);
        await tenant.resultOf(id);
        ti.state.options.listingDelayMs = 0;
        for (const edit of [{ dealname: 'Acme once more' }, { amount: '900' }]) {
          hubspot.state.edit('deals', dealId, edit);
          await tenant.console.dealChanged(tenant.ref('hubspot', dealId), EVENT);
          expect(await tenant.resultOf(id)).toMatchObject({ status: 'Skipped', code: 'deal.stopped' });
        }
        expect(hubspotEvidence(tenant.sandbox, started)).toMatchObject({
          fields: {
            status: 'Cancelled',
            detail: expect.stringMatching(/sales ops on .*: signed by mistake/),
          },
          rosters: [],
          mailedTo: [],
        });

        const [line] = hubspot.state.associations.linked({ object: 'deals', id: dealId }, 'line_items');
        hubspot.state.edit('line_items', line?.id ?? '', { hs_sku: 'LEAD-101' });
        hubspot.state.edit('deals', dealId, { dealstage: 'contractsent' });
        hubspot.state.edit('deals', dealId, { dealstage: 'closedwon' });
        await tenant.console.dealChanged(tenant.ref('hubspot', dealId), EVENT);
        expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
        expect(ti.state.groups).toHaveLength(1);
        const { tasks, openTasks } = hubspotEvidence(tenant.sandbox, started);
        expect(tasks).toContain('Dealseat: 3 seats delivered');
        expect(openTasks).toEqual(['Dealseat: 3 seats delivered']);
      }));
  }
});

describe('A question about fewer seats that was cancelled', () => {
  test.concurrent('is not asked again, until a person starts the deal or less is sold', () =>
    rig.withSandbox(async (tenant) => {
      const { hubspot } = tenant.sandbox;
      const deal = await tenant.startHubSpot();
      await tenant.resultOf(deal.id);
      const [line] = hubspot.state.associations.linked({ object: 'deals', id: deal.dealId }, 'line_items');
      const ref = tenant.ref('hubspot', deal.dealId);
      const sellEvent = async (quantity: string) => {
        hubspot.state.edit('line_items', line?.id ?? '', { quantity });
        await tenant.console.dealChanged(ref, EVENT);
      };
      const untilAsked = () =>
        tenant.waitForProgress(deal.id, ({ question }) => question?.kind === 'withdrawal');
      await sellEvent('2');
      await untilAsked();
      await tenant.console.cancel(deal.id, BY_SALES);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Cancelled' });
      await tenant.console.dealChanged(ref, EVENT);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Skipped', code: 'deal.stopped' });
      const { fields, openTasks } = hubspotEvidence(tenant.sandbox, deal);
      expect(fields).toMatchObject({ status: 'Delivered', detail: expect.stringContaining('sales ops') });
      expect(openTasks).toEqual([]);

      await tenant.provision(ref);
      await untilAsked();
      await tenant.console.cancel(deal.id, BY_SALES);
      await tenant.resultOf(deal.id);
      await sellEvent('1');
      await untilAsked();
      await tenant.answer(deal.id, 'keep');
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
    }));
});

describe('Once a message may be on its way', () => {
  for (const way of ['its own message', 'Temporal']) {
    test.concurrent(`a cancel by ${way} changes nothing: the deal is delivered`, () =>
      rig.withSandbox(HOLDING, async (tenant) => {
        const { exchanges, faults } = tenant.sandbox;
        const path = /\/single-email\/send$/;
        const hold = Promise.withResolvers<void>();
        faults.add({ system: 'hubspot', method: 'POST', path, kind: 'delay', until: hold.promise });
        const deal = await tenant.startHubSpot();
        await tenant.waitForEvidence(() => faults.hits.length === 1);
        if (way === 'Temporal') await tenant.cancelNatively(deal.id);
        else {
          await expect(tenant.console.cancel(deal.id, BY_SALES)).rejects.toMatchObject({
            cause: { message: expect.stringContaining('may be with people already') },
          });
        }
        await untilHeard(tenant, deal.id);
        hold.resolve();
        expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered' });
        expect(exchanges.find(({ fault }) => fault === 'delay')).toMatchObject({ status: 200 });
        const seen = hubspotEvidence(tenant.sandbox, deal);
        expect(seen.fields.status).toBe('Delivered');
        expect(seen.rosters[0]).toHaveLength(3);
        expect(seen.mailedTo).toHaveLength(1);
      }));
  }
});
