import { describe, expect, test } from '@jest/globals';
import {
  again,
  BOSS,
  delivered,
  handingOver,
  ledgerOf,
  refusedDealWrite,
  setQuantity,
  setStage,
  toLearners,
  untilAsked,
} from '../support/delivered-deals.ts';
import { codesMade, hubspotEvidence, salesforceEvidence, writeCount } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import type { SandboxTenant, StartedDeal } from '../support/sandbox-tenant.ts';

const rig = openRig();

const SEND = { system: 'hubspot', method: 'POST', path: /single-email\/send/ } as const;

function removeLines({ sandbox }: SandboxTenant, { dealId }: StartedDeal): void {
  const { state } = sandbox.hubspot;
  for (const { id } of state.associations.linked({ object: 'deals', id: dealId }, 'line_items')) {
    state.records.archive(state.records.getLive('line_items', id), 'CRM_UI');
  }
}

describe('A quantity raised after the delivery', () => {
  test.concurrent('adds one group for the difference, amends the roster and writes to the buyer again', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await delivered(tenant);
      const before = codesMade(tenant.sandbox);
      setQuantity(tenant, deal, 5);
      const result = await again(tenant, deal);
      expect(result).toMatchObject({ status: 'Delivered', seatCount: 5, warnings: [] });
      expect(tenant.sandbox.ti.state.groups.map(({ totalCodesCount }) => totalCodesCount)).toEqual([3, 2]);
      const seen = hubspotEvidence(tenant.sandbox, deal);
      expect(seen.rosters).toEqual([codesMade(tenant.sandbox)]);
      expect(seen.rosters[0]).toEqual(expect.arrayContaining(before));
      expect(seen.mailedTo).toEqual(['dana.reyes@acme.example', 'dana.reyes@acme.example']);
      expect(seen.fields).toMatchObject({ status: 'Delivered', seats: '5' });
      expect(seen.tasks).toEqual(['Dealseat: 5 seats delivered (2 of them new)']);
      expect(ledgerOf(tenant, deal).groups).toMatchObject([
        { part: 1, issued: 3, active: 3 },
        { part: 2, issued: 2, active: 2 },
      ]);
      expect(await tenant.eventCount(deal.id)).toBeLessThan(75);
    }));

  test.concurrent('does the same in Salesforce, with a new version of the one file', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await tenant.startSalesforce();
      await tenant.resultOf(deal.id);
      const { state } = tenant.sandbox.salesforce;
      const line = state.rows('OpportunityLineItem').find(({ OpportunityId: id }) => id === deal.dealId);
      state.records.update('OpportunityLineItem', String(line?.Id), { Quantity: 4 });
      const id = await tenant.provision(tenant.ref('salesforce', deal.dealId));
      expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered', seatCount: 4 });
      const seen = salesforceEvidence(tenant.sandbox, deal);
      expect(tenant.sandbox.ti.state.groups).toHaveLength(2);
      expect(seen.rosters).toEqual([codesMade(tenant.sandbox)]);
      expect(seen.mailedTo).toHaveLength(2);
    }));

  test.concurrent('leaves learners with the codes they have', () =>
    rig.withSandbox({ catalog: toLearners }, async (tenant) => {
      const deal = await delivered(tenant);
      const linkOf = () => tenant.sandbox.hubspot.state.valuesOf('contacts', '6002').dealseat_redeem_link;
      const before = linkOf();
      setQuantity(tenant, deal, 5);
      await again(tenant, deal);
      expect(linkOf()).toBe(before);
      const mailed = hubspotEvidence(tenant.sandbox, deal).mailedTo;
      expect(mailed.filter((to) => to === 'lee.park@acme.example')).toHaveLength(1);
    }));

  test.concurrent('is finished by the run that was asked for its plan, after a refused mail', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await delivered(tenant);
      setQuantity(tenant, deal, 5);
      const ref = tenant.ref('hubspot', deal.dealId);
      const { hash } = await tenant.console.preview(ref);
      tenant.sandbox.faults.add({ ...SEND, kind: 'status', status: 400 });
      await tenant.provision(ref, { planHash: hash ?? '' });
      await tenant.waitForProgress(deal.id, ({ problems }) => problems[0]?.code === 'crm.mail_rejected');
      await tenant.answer(deal.id, 'retry');
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 5 });
      expect(hubspotEvidence(tenant.sandbox, deal).mailedTo).toHaveLength(2);
    }));

  test.concurrent('and raised once more before its mark is written is written about twice', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await delivered(tenant);
      setQuantity(tenant, deal, 5);
      // The note of the amendment comes first.
      tenant.sandbox.faults.add(refusedDealWrite({ after: 2 }));
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      await tenant.waitForProgress(deal.id, ({ problems }) => problems[0]?.code === 'crm.forbidden');
      expect(hubspotEvidence(tenant.sandbox, deal).mailedTo).toHaveLength(2);
      setQuantity(tenant, deal, 8);
      await tenant.answer(deal.id, 'retry');
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 8 });
      expect(hubspotEvidence(tenant.sandbox, deal).mailedTo).toHaveLength(3);
    }));

  test.concurrent('is undone by a cancel before the hand-over: the ledger is what it was, the group on a task', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await delivered(tenant);
      const before = hubspotEvidence(tenant.sandbox, deal);
      const { mac: _, ...ledgerBefore } = ledgerOf(tenant, deal);
      tenant.sandbox.ti.state.options.listingDelayMs = Number.POSITIVE_INFINITY;
      setQuantity(tenant, deal, 5);
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      await tenant.waitForStatus(deal.id, 'AwaitingCodes');
      await tenant.waitForEvidence(() => ledgerOf(tenant, deal).groups.length === 2);
      await tenant.console.cancel(deal.id, BOSS);
      expect((await tenant.resultOf(deal.id)).status).toBe('Cancelled');
      const seen = hubspotEvidence(tenant.sandbox, deal);
      expect(seen.tasks).toContain('Dealseat: unused code group, please expire');
      expect(seen.rosters).toEqual(before.rosters);
      const { claim: hold, ledger: _ledger, detail: _detail, ...fields } = seen.fields;
      expect(hold).toMatch(/^done /);
      expect(before.fields).toMatchObject(fields);
      // No event makes seats of the deal that it was cancelled for.
      const { mac: _mac, stopped, ...ledger } = ledgerOf(tenant, deal);
      expect(ledger).toEqual(ledgerBefore);
      expect(stopped).toMatchObject({ by: BOSS.by });
    }));

  test.concurrent('is not lost when it comes while the first delivery is at work', () =>
    rig.withSandbox({ ti: { listingDelayMs: Number.POSITIVE_INFINITY } }, async (tenant) => {
      const deal = await tenant.startHubSpot();
      await tenant.waitForStatus(deal.id, 'AwaitingCodes');
      setQuantity(tenant, deal, 4);
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      tenant.sandbox.ti.state.options.listingDelayMs = 0;
      await tenant.resultOf(deal.id);
      expect(tenant.sandbox.ti.state.groups.map(({ totalCodesCount }) => totalCodesCount)).toEqual([3, 1]);
      expect(hubspotEvidence(tenant.sandbox, deal).fields.seats).toBe('4');
    }));
});

describe('A top-up that is not finished when the quantity goes back', () => {
  test.concurrent('is settled by the decision: nothing of it is undone once more afterwards', () =>
    rig.withSandbox({ callTimeoutMs: 35_000 }, async (tenant) => {
      const { faults, ti } = tenant.sandbox;
      const deal = await delivered(tenant);
      const { codesPath } = ti.state.options;
      ti.state.options.codesPath = null;
      setQuantity(tenant, deal, 5);
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      await tenant.waitForStatus(deal.id, 'NeedsAttention');
      ti.state.options.codesPath = codesPath;
      setQuantity(tenant, deal, 3);
      await untilAsked(tenant, deal);
      const hold = Promise.withResolvers<void>();
      faults.add({ system: 'hubspot', method: 'DELETE', path: /files/, kind: 'delay', until: hold.promise });
      await tenant.answer(deal.id, 'withdraw', BOSS);
      await tenant.waitForEvidence(() => faults.hits.length > 0);
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      hold.resolve();
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered' });
      const { fields, tasks } = hubspotEvidence(tenant.sandbox, deal);
      expect(fields.status).toBe('Delivered');
      expect(ledgerOf(tenant, deal).groups).toMatchObject([
        { part: 1, active: 3 },
        { part: 2, active: 0 },
      ]);
      expect(tasks).not.toContain('Dealseat: unused code group, please expire');
    }));
});

describe('A delivered deal that is edited but sells the same', () => {
  test.concurrent.each<[string, (tenant: SandboxTenant, deal: StartedDeal) => void]>([
    [
      'its name',
      ({ sandbox }, { dealId }) => sandbox.hubspot.state.edit('deals', dealId, { dealname: 'New name' }),
    ],
    [
      'its line, re-created',
      (tenant, deal) => {
        removeLines(tenant, deal);
        tenant.sandbox.hubspot.state.addLineItem(deal.dealId, { sku: 'LEAD-101', quantity: 3 });
      },
    ],
    [
      'its stage, reopened and won again',
      (tenant, deal) => {
        setStage(tenant, deal, 'qualifiedtobuy');
        setStage(tenant, deal, 'closedwon');
      },
    ],
  ])('is not written to at all: %s', (_, edit) =>
    rig.withSandbox(async (tenant) => {
      const deal = await delivered(tenant);
      edit(tenant, deal);
      const writes = writeCount(tenant.sandbox);
      expect(await again(tenant, deal)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      expect(writeCount(tenant.sandbox)).toBe(writes);
    }),
  );
});

describe('Seats that are not sold any more', () => {
  test.concurrent('wait on the deal for a person, with what is delivered, sold and not redeemed', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await delivered(tenant);
      setQuantity(tenant, deal, 2);
      const { problems } = await untilAsked(tenant, deal);
      expect(problems).toMatchObject([
        {
          code: 'withdrawal.required',
          message:
            '"Leadership Essentials": 3 seats delivered, 2 sold now; 3 of the delivered codes are not redeemed',
        },
      ]);
      await tenant.waitForEvidence(() => hubspotEvidence(tenant.sandbox, deal).tasks.length === 1);
      const seen = hubspotEvidence(tenant.sandbox, deal);
      expect(seen.fields).toMatchObject({ status: 'NeedsAttention', seats: '3' });
      expect(seen.rosters).toEqual([codesMade(tenant.sandbox)]);
      setQuantity(tenant, deal, 3);
      expect(await again(tenant, deal)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      expect(hubspotEvidence(tenant.sandbox, deal).fields.status).toBe('Delivered');
    }));

  test.concurrent('are withdrawn when a person says so: redeemed codes stay, the admin gets the rest named', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await delivered(tenant);
      const [, , last = ''] = codesMade(tenant.sandbox);
      tenant.sandbox.ti.state.redeem(last);
      setQuantity(tenant, deal, 1);
      await untilAsked(tenant, deal);
      await tenant.answer(deal.id, 'withdraw', BOSS);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 1 });
      const seen = hubspotEvidence(tenant.sandbox, deal);
      expect(seen.rosters).toEqual([[last]]);
      expect(seen.fields).toMatchObject({ status: 'Delivered', seats: '1' });
      expect(seen.tasks).toContain('Dealseat: 2 withdrawn codes must be expired');
      expect(seen.taskTexts.join('\n')).toContain(
        `${tenant.sandbox.ti.state.groups[0]?.label} (${tenant.sandbox.ti.state.groups[0]?.id}): 2 codes, 0 are redeemed`,
      );
      const [file, ...others] = tenant.sandbox.hubspot.state.files
        .list()
        .filter(({ name }) => name.startsWith('withdrawn-'));
      expect(others).toEqual([]);
      expect(file?.access).toBe('PRIVATE');
      expect(seen.taskTexts.join('\n')).toContain(file?.name);
      const [head, ...rows] = String(file?.bytes).trim().split('\r\n');
      const label = tenant.sandbox.ti.state.groups[0]?.label;
      const gone = codesMade(tenant.sandbox).filter((code) => code !== last);
      expect([head, ...rows]).toEqual(['code,group,redeemed', ...gone.map((code) => `${code},${label},no`)]);
      expect(ledgerOf(tenant, deal).groups).toMatchObject([{ issued: 3, active: 1 }]);
      const writes = writeCount(tenant.sandbox);
      await again(tenant, deal);
      expect(writeCount(tenant.sandbox)).toBe(writes);
    }));

  test.concurrent('are asked about again until the admin could be told which codes to expire', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await delivered(tenant);
      setQuantity(tenant, deal, 1);
      await untilAsked(tenant, deal);
      await tenant.waitForEvidence(() => hubspotEvidence(tenant.sandbox, deal).tasks.length === 1);
      const path = /\/objects\/(0-27|tasks)$/;
      tenant.sandbox.faults.add({ system: 'hubspot', method: 'POST', path, kind: 'status', status: 403 });
      await tenant.answer(deal.id, 'withdraw', BOSS);
      await tenant.waitForProgress(deal.id, ({ problems }) => problems[0]?.code === 'crm.forbidden');
      expect(ledgerOf(tenant, deal).groups).toMatchObject([{ active: 3 }]);
      await tenant.answer(deal.id, 'retry');
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 1 });
      const seen = hubspotEvidence(tenant.sandbox, deal);
      expect(seen.tasks).toContain('Dealseat: 2 withdrawn codes must be expired');
      expect(seen.rosters.map((codes) => codes.length)).toEqual([1]);
    }));

  test.concurrent('are taken from learners, the roster and the list when the deal is lost', () =>
    rig.withSandbox(
      {
        catalog: handingOver({ to: 'learners', hubspot: { via: 'list', listId: '2001' } }),
      },
      async (tenant) => {
        const deal = await delivered(tenant);
        const { state } = tenant.sandbox.hubspot;
        expect(state.lists.get('2001').members.size).toBe(1);
        setStage(tenant, deal, 'closedlost');
        const { problems } = await untilAsked(tenant, deal);
        expect(problems[0]?.message).toContain('not a won stage');
        await tenant.answer(deal.id, 'withdraw', BOSS);
        expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Cancelled', seatCount: 0 });
        const seen = hubspotEvidence(tenant.sandbox, deal);
        expect(seen.rosters).toEqual([]);
        expect(seen.fields).toMatchObject({ status: 'Cancelled', seats: '0' });
        expect(state.valuesOf('contacts', '6002').dealseat_redeem_link ?? '').toBe('');
        expect(state.lists.get('2001').members.size).toBe(0);

        setStage(tenant, deal, 'closedwon');
        expect(await again(tenant, deal)).toMatchObject({ status: 'Delivered', seatCount: 3 });
        expect(ledgerOf(tenant, deal).groups).toMatchObject([
          { part: 1, active: 0 },
          { part: 2, active: 3 },
        ]);
        expect(hubspotEvidence(tenant.sandbox, deal).rosters[0]).toHaveLength(2);
      },
    ));

  test.concurrent('that were all withdrawn are not shown as delivered when the deal is won again and rejected', () =>
    rig.withSandbox({ catalog: (example) => ({ ...example, approveAboveSeats: 3 }) }, async (tenant) => {
      const deal = await delivered(tenant);
      setStage(tenant, deal, 'closedlost');
      await untilAsked(tenant, deal);
      await tenant.answer(deal.id, 'withdraw', BOSS);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Cancelled' });
      setStage(tenant, deal, 'closedwon');
      setQuantity(tenant, deal, 4);
      await untilAsked(tenant, deal);
      await tenant.answer(deal.id, 'reject', BOSS);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Skipped', code: 'approval.rejected' });
      expect(hubspotEvidence(tenant.sandbox, deal).fields).toMatchObject({ status: 'Skipped', seats: '0' });
    }));

  test.concurrent('are left with the customer when a person keeps them, and are not asked about again', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await delivered(tenant);
      setQuantity(tenant, deal, 2);
      await untilAsked(tenant, deal);
      await tenant.answer(deal.id, 'keep', BOSS);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      const seen = hubspotEvidence(tenant.sandbox, deal);
      expect(seen.rosters).toEqual([codesMade(tenant.sandbox)]);
      expect(seen.fields.detail).toContain('left with the customer by boss');
      const writes = writeCount(tenant.sandbox);
      await again(tenant, deal);
      expect(writeCount(tenant.sandbox)).toBe(writes);
    }));

  test.concurrent('of a removed product wait while the raised one is delivered at once', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await delivered(tenant, {
        lineItems: [
          { sku: 'LEAD-101', quantity: 3 },
          { sku: 'NEGO-201', quantity: 2 },
        ],
      });
      removeLines(tenant, deal);
      tenant.sandbox.hubspot.state.addLineItem(deal.dealId, { sku: 'LEAD-101', quantity: 4 });
      const { problems } = await untilAsked(tenant, deal);
      expect(problems.map(({ message }) => message)).toEqual([
        '"Negotiation Basics": 2 seats delivered, 0 sold now; 2 of the delivered codes are not redeemed',
      ]);
      expect(hubspotEvidence(tenant.sandbox, deal).rosters[0]).toHaveLength(6);
      await tenant.answer(deal.id, 'withdraw', BOSS);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 4 });
      expect(hubspotEvidence(tenant.sandbox, deal).rosters[0]).toHaveLength(4);
    }));

  test.concurrent('that nobody decides about stay delivered; the run ends as failed and undoes nothing', () =>
    rig.withSandbox({ policy: { attentionDeadlineMs: 2_000 } }, async (tenant) => {
      const deal = await delivered(tenant);
      const before = hubspotEvidence(tenant.sandbox, deal);
      setQuantity(tenant, deal, 1);
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      expect(await tenant.failureOf(deal.id)).toMatchObject({ code: 'run.attention_expired', undone: [] });
      const seen = hubspotEvidence(tenant.sandbox, deal);
      expect(seen.rosters).toEqual([codesMade(tenant.sandbox)]);
      const { status, detail, ...rest } = seen.fields;
      expect(status).toBe('Failed');
      expect(detail).toContain('no one fixed this by');
      expect(detail?.split('have the deal started again')).toHaveLength(2);
      expect({ ...before.fields, ...rest }).toEqual(before.fields);
    }));
});

describe('The ledger of a delivered deal', () => {
  test.concurrent.each<[string, (ledger: string) => string, string]>([
    ['that someone edited', () => 'three seats', 'deal.mark_unreadable'],
    [
      'that came from another deal',
      (ledger) => ledger.replace(/"d[0-9a-f]{15}"/, '"d000000000000000"'),
      'deal.mark_foreign',
    ],
  ])('%s stops the run instead of making seats again', (_, edit, code) =>
    rig.withSandbox(async (tenant) => {
      const deal = await delivered(tenant);
      const { state } = tenant.sandbox.hubspot;
      const ledger = state.valuesOf('deals', deal.dealId).dealseat_ledger ?? '';
      state.edit('deals', deal.dealId, { dealseat_ledger: edit(ledger) });
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      const { problems } = await tenant.waitForStatus(deal.id, 'NeedsAttention');
      expect(problems.map((problem) => problem.code)).toEqual([code]);
      expect(tenant.sandbox.ti.state.groups).toHaveLength(1);
      state.edit('deals', deal.dealId, { dealseat_ledger: ledger });
      await tenant.answer(deal.id, 'retry');
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      expect(hubspotEvidence(tenant.sandbox, deal).fields.status).toBe('Delivered');
    }),
  );

  test.concurrent('knows of a top-up whose mail was refused, when the quantity goes back again', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await delivered(tenant);
      setQuantity(tenant, deal, 5);
      tenant.sandbox.faults.add({
        system: 'hubspot',
        method: 'POST',
        path: /single-email/,
        kind: 'status',
        status: 400,
      });
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      await tenant.waitForStatus(deal.id, 'NeedsAttention');
      setQuantity(tenant, deal, 3);
      expect((await untilAsked(tenant, deal)).problems).toMatchObject([{ code: 'withdrawal.required' }]);
      await tenant.answer(deal.id, 'withdraw', BOSS);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      const seen = hubspotEvidence(tenant.sandbox, deal);
      expect(seen.rosters[0]).toHaveLength(3);
      expect(seen.mailedTo).toHaveLength(1);
    }));

  test.concurrent('outlives a status that an interrupted top-up left, and the top-up is finished, not repeated', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await delivered(tenant);
      setQuantity(tenant, deal, 5);
      const down = {
        system: 'hubspot',
        method: 'POST',
        path: /single-email/,
        kind: 'status',
        status: 400,
      } as const;
      tenant.sandbox.faults.add({ ...down, times: Number.POSITIVE_INFINITY });
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      await tenant.waitForStatus(deal.id, 'NeedsAttention');
      // The server is lost with all it knew.
      await tenant.terminate(deal.id);
      tenant.sandbox.faults.clear();
      expect(await again(tenant, deal)).toMatchObject({ status: 'Delivered', seatCount: 5 });
      expect(tenant.sandbox.ti.state.groups).toHaveLength(2);
      expect(hubspotEvidence(tenant.sandbox, deal).rosters).toEqual([codesMade(tenant.sandbox)]);
    }));
});
