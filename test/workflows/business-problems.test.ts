import { describe, expect, test } from '@jest/globals';
import type { NewDeal } from '../../sandbox/hubspot/state.ts';
import type { Catalog, CatalogProduct, GrantingProduct } from '../../src/domain/deal/catalog.ts';
import { FAILURES, type FailureCode, fixerOf, onDealOf } from '../../src/domain/failure.ts';
import { hubspotEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import type { SandboxTenant, StartedDeal } from '../support/sandbox-tenant.ts';

const rig = openRig();

/** Long enough for two messages to reach the run meanwhile. */
const HELD_MS = 8_000;

interface ProblemCase {
  readonly deal: NewDeal;
  readonly catalog?: (catalog: Catalog) => Catalog;
  /** What the person does about it, in the CRM or in the catalog. */
  readonly fix: (tenant: SandboxTenant, deal: StartedDeal) => void;
}

/**
 * Only a deal that was delivered can have these: see amendments.test.ts and merged-deals.test.ts. The last is of a record
 * that is not shown: see realities/people.test.ts.
 */
const ELSEWHERE = new Set<string>([
  'deal.mark_unreadable',
  'deal.mark_foreign',
  'deal.merged_into_old',
  'deal.company_hidden',
  'deal.close_date_stale',
  'deal.contact_gone',
  'deal.seat_in_use',
  'deal.seat_coming',
]);

const toLearners = (catalog: Catalog): Catalog => ({
  ...catalog,
  handOver: { ...catalog.handOver, to: 'learners', leftOver: 'buyer' },
});
const buyer = { id: '6001', labels: ['Buyer'] };
const learner = { id: '6002', labels: ['Learner'] };
const leadership = { name: 'Leadership Essentials', sku: 'LEAD-101' };

/** More products than a field of the deal can tell the groups of. */
const MANY_SKUS = Array.from({ length: 500 }, (_, index) => `MANY-${index}`);

/** Sells the first so many of them, and gives no seats for the others. */
function selling(count: number): (catalog: Catalog) => Catalog {
  return (catalog) => ({
    ...catalog,
    products: MANY_SKUS.flatMap((sku, index): CatalogProduct[] => {
      const match = { sku };
      if (index >= count) return [{ match, ignore: true }];
      return catalog.products
        .filter((product) => !product.ignore)
        .slice(0, 1)
        .map((product) => ({ ...product, match }));
    }),
  });
}

const CASES: Readonly<Partial<Record<FailureCode, ProblemCase>>> = {
  'deal.no_line_items': {
    deal: { lineItems: [] },
    fix: ({ sandbox }, { dealId }) =>
      sandbox.hubspot.state.addLineItem(dealId, { sku: 'LEAD-101', quantity: 3 }),
  },
  'deal.line_item_unidentified': {
    deal: { lineItems: [{ name: 'Something', quantity: 3 }] },
    fix: (tenant, deal) => editLinked(tenant, deal, 'line_items', { hs_sku: 'LEAD-101' }),
  },
  'deal.quantity_invalid': {
    deal: { lineItems: [{ ...leadership, quantity: '2.5' }] },
    fix: (tenant, deal) => editLinked(tenant, deal, 'line_items', { quantity: 3 }),
  },
  'deal.buyer_missing': {
    deal: { contacts: [{ id: '6001' }, { id: '6002' }] },
    fix: ({ sandbox }, { dealId }) => sandbox.hubspot.state.addContact(dealId, '6001', ['Buyer']),
  },
  'deal.buyer_email_missing': {
    deal: { contacts: [{ firstName: 'Ash', lastName: 'Moor', labels: ['Buyer'] }] },
    fix: (tenant, deal) => editLinked(tenant, deal, 'contacts', { email: 'ash.moor@acme.example' }),
  },
  'deal.learners_missing': {
    catalog: toLearners,
    deal: { contacts: [buyer] },
    fix: ({ sandbox }, { dealId }) => sandbox.hubspot.state.addContact(dealId, '6002', ['Learner']),
  },
  'deal.learner_email_missing': {
    catalog: toLearners,
    deal: { contacts: [{ firstName: 'Ash', lastName: 'Moor', labels: ['Learner'] }, buyer] },
    fix: (tenant, deal) => editLinked(tenant, deal, 'contacts', { email: 'ash.moor@acme.example' }),
  },
  'deal.too_few_seats': {
    catalog: toLearners,
    deal: {
      lineItems: [{ ...leadership, quantity: 1 }],
      contacts: [buyer, learner, { email: 'ash.moor@acme.example', labels: ['Learner'] }],
    },
    fix: (tenant, deal) => editLinked(tenant, deal, 'line_items', { quantity: 3 }),
  },
  'deal.too_large': {
    catalog: selling(MANY_SKUS.length),
    deal: { lineItems: MANY_SKUS.map((sku) => ({ sku, quantity: 3 })) },
    fix: (tenant) => tenant.setCatalog(selling(1)),
  },
  'deal.close_date_missing': {
    deal: { closeDate: null },
    fix: ({ sandbox }, { dealId }) =>
      sandbox.hubspot.state.edit('deals', dealId, { closedate: '2026-11-20' }),
  },
  'catalog.product_unmapped': {
    deal: { lineItems: [{ name: 'Brand new', sku: 'NEW-1', quantity: 3 }] },
    fix: (tenant) =>
      tenant.setCatalog((catalog) => ({
        ...catalog,
        products: catalog.products.map((product) => ({ ...product, match: { sku: 'NEW-1' } })).slice(0, 1),
      })),
  },
  'deal.codes_expired': {
    deal: { closeDate: '2020-01-15' },
    fix: ({ sandbox }, { dealId }) =>
      sandbox.hubspot.state.edit('deals', dealId, { closedate: '2026-11-20' }),
  },
  'deal.lines_unclear': {
    deal: {
      lineItems: ['2026-12-01', '2027-12-01'].map((startsOn) => ({ ...leadership, quantity: 3, startsOn })),
    },
    fix: (tenant) => tenant.setCatalog(granting({ lines: 'first' })),
  },
  'deal.seats_unclear': {
    catalog: (catalog) => ({
      ...catalog,
      seatsFrom: [{ product: 'sku:lead-101', fields: { hubspot: 'amount' } }],
    }),
    deal: { amount: 4 },
    fix: ({ sandbox }, { dealId }) => sandbox.hubspot.state.edit('deals', dealId, { amount: 3 }),
  },
  'deal.partner_missing': {
    catalog: (catalog) => ({ ...catalog, partners: [], partnerRequired: true }),
    deal: {},
    fix: (tenant) => tenant.setCatalog((catalog) => ({ ...catalog, partnerRequired: false })),
  },
  'catalog.rule_broken': {
    catalog: granting({ access: { until: '2020-01-15' } }),
    deal: {},
    fix: (tenant) => tenant.setCatalog(granting({ access: null })),
  },
};

/** Changes every product that gives seats. */
function granting(changes: Partial<GrantingProduct>): (catalog: Catalog) => Catalog {
  return (catalog) => ({
    ...catalog,
    products: catalog.products.map(
      (product): CatalogProduct => (product.ignore ? product : { ...product, ...changes }),
    ),
  });
}

/** Changes the line item of the deal, or its contact without address, as a person in the CRM would. */
function editLinked(
  { sandbox }: SandboxTenant,
  { dealId }: StartedDeal,
  object: 'contacts' | 'line_items',
  values: Readonly<Record<string, string | number>>,
): void {
  const { state } = sandbox.hubspot;
  const linked = state.associations.linked({ object: 'deals', id: dealId }, object);
  const wrong = linked.find(({ id }) => state.valuesOf(object, id).email === undefined);
  state.edit(object, wrong?.id ?? '', values);
}

describe('A business problem', () => {
  test('of every code of the taxonomy has a case here', () => {
    const codes = Object.entries(FAILURES).flatMap(([code, { class: kind }]) =>
      /^(deal|catalog)\./.test(code) && kind === 'attention' && !ELSEWHERE.has(code) ? [code] : [],
    );
    expect(Object.keys(CASES).sort()).toEqual(codes.sort());
  });

  for (const [index, [code, { deal, catalog, fix }]] of Object.entries(CASES).entries()) {
    const way = index % 2 === 0 ? 'someone retries' : 'the deal changes';
    test.concurrent(`${code} waits on the deal for its owner, and goes on when ${way}`, () =>
      rig.withSandbox({ ...(catalog ? { catalog } : {}) }, async (tenant) => {
        const started = await tenant.startHubSpot(deal);
        const { problems } = await tenant.waitForStatus(started.id, 'NeedsAttention');
        expect(problems.map((problem) => problem.code)).toEqual([code]);
        await tenant.waitForEvidence(() => hubspotEvidence(tenant.sandbox, started).tasks.length > 0);
        const seen = hubspotEvidence(tenant.sandbox, started);
        expect(seen.fields.status).toBe('NeedsAttention');
        expect(seen.fields.detail).toContain(
          fixerOf(code as FailureCode) === 'admin' ? 'Held up: ' : onDealOf(code as FailureCode),
        );
        expect(seen.tasks).toEqual(['Dealseat needs your help with this deal']);
        expect(tenant.sandbox.ti.state.groups).toEqual([]);

        fix(tenant, started);
        if (index % 2 === 0) await tenant.answer(started.id, 'retry');
        else await tenant.provision(tenant.ref('hubspot', started.dealId));
        expect(await tenant.resultOf(started.id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
        expect(hubspotEvidence(tenant.sandbox, started).fields.status).toBe('Delivered');
      }));
  }

  test.concurrent('that somebody helped with is shown no more, and cannot be helped with twice, while its task is written', () =>
    rig.withSandbox(async (tenant) => {
      const { faults } = tenant.sandbox;
      faults.add({
        system: 'hubspot',
        method: 'POST',
        path: /\/objects\/(0-27|tasks)$/,
        kind: 'delay',
        delayMs: HELD_MS,
      });
      const { id } = await tenant.startHubSpot({ lineItems: [] });
      await tenant.waitForEvidence(() => faults.hits.length === 1);
      const { question } = await tenant.waitForStatus(id, 'NeedsAttention');
      await tenant.answer(id, 'retry');
      const helped = { question: question?.id ?? '', by: 'sales ops', reason: 'it has line items now' };
      await expect(tenant.console.retry(id, helped)).rejects.toMatchObject({
        cause: { message: expect.stringContaining('asks nothing just now') },
      });
      expect(await tenant.console.progress(id)).toMatchObject({ status: 'Planning', problems: [] });
      await tenant.waitForStatus(id, 'NeedsAttention');
      await tenant.console.cancel(id, { by: 'sales ops', reason: 'sold by mistake' });
      await tenant.resultOf(id);
    }));

  test.concurrent('of a deal that is not won any more leaves no call for help on it', () =>
    rig.withSandbox(async (tenant) => {
      const started = await tenant.startHubSpot({ lineItems: [] });
      await tenant.waitForStatus(started.id, 'NeedsAttention');
      await tenant.waitForEvidence(() => hubspotEvidence(tenant.sandbox, started).tasks.length > 0);
      tenant.sandbox.hubspot.state.edit('deals', started.dealId, { dealstage: 'contractsent' });
      await tenant.answer(started.id, 'retry');
      expect(await tenant.resultOf(started.id)).toMatchObject({ status: 'Skipped', code: 'deal.not_won' });
      const { fields } = hubspotEvidence(tenant.sandbox, started);
      expect(fields.status).toBe('Skipped');
      expect(fields.detail).toContain('not a won stage');
    }));

  test.concurrent('is listed together with all others, in one go', () =>
    rig.withSandbox({ catalog: toLearners }, async (tenant) => {
      const { id } = await tenant.startHubSpot({
        closeDate: null,
        lineItems: [
          { name: 'Something', quantity: 1 },
          { ...leadership, quantity: 0.5 },
          { sku: 'NEW-1', quantity: 1 },
        ],
        contacts: [{ firstName: 'Ash', labels: ['Buyer'] }],
      });
      const { problems } = await tenant.waitForStatus(id, 'NeedsAttention');
      expect(problems.map(({ code }) => code).sort()).toEqual([
        'catalog.product_unmapped',
        'deal.buyer_email_missing',
        'deal.close_date_missing',
        'deal.learners_missing',
        'deal.line_item_unidentified',
        'deal.quantity_invalid',
      ]);
      await tenant.console.cancel(id, { by: 'sales ops', reason: 'a test deal' });
      await tenant.resultOf(id);
    }));

  test.concurrent('that is reported again unchanged makes no second task', () =>
    rig.withSandbox(async (tenant) => {
      const started = await tenant.startHubSpot({ closeDate: null });
      await tenant.waitForEvidence(() => hubspotEvidence(tenant.sandbox, started).tasks.length === 1);
      const readCount = () =>
        tenant.sandbox.exchanges.filter(({ path }) => path.endsWith(`/deals/${started.dealId}`)).length;
      const before = readCount();
      await tenant.provision(tenant.ref('hubspot', started.dealId));
      await tenant.waitForEvidence(() => readCount() > before);
      await tenant.waitForStatus(started.id, 'NeedsAttention');
      tenant.sandbox.hubspot.state.edit('deals', started.dealId, { closedate: '2026-11-20' });
      await tenant.answer(started.id, 'retry');
      await tenant.resultOf(started.id);
      expect(hubspotEvidence(tenant.sandbox, started).tasks).toEqual([
        'Dealseat needs your help with this deal',
        'Dealseat: 3 seats delivered',
      ]);
    }));

  test.concurrent('of the set-up waits as well: a refused API key is replaced, then the run is retried', () =>
    rig.withSandbox(async (tenant) => {
      const { options } = tenant.sandbox.ti.state;
      options.apiKey = 'rotated-key';
      const { id } = await tenant.startSalesforce();
      const { problems } = await tenant.waitForStatus(id, 'NeedsAttention');
      expect(problems.map(({ code }) => code)).toEqual(['lms.unauthorized']);
      options.apiKey = 'sandbox-ti-key';
      await tenant.answer(id, 'retry');
      expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      expect(tenant.sandbox.ti.state.groups).toHaveLength(1);
    }));

  test.concurrent('that nobody fixes before the deadline ends in compensation and a failed run', () =>
    rig.withSandbox({ policy: { attentionDeadlineMs: 1_500 }, ti: { codesPath: null } }, async (tenant) => {
      const started = await tenant.startHubSpot();
      const failure = await tenant.failureOf(started.id);
      expect(failure.code).toBe('run.attention_expired');
      expect(failure.undone.map(({ outcome }) => outcome)).toEqual(['quarantined']);
      const seen = hubspotEvidence(tenant.sandbox, started);
      expect(seen.fields.status).toBe('Failed');
      expect(seen.tasks).toContain('Dealseat: unused code group, please expire');
      expect(seen.taskTexts.join('\n')).toContain(tenant.sandbox.ti.state.groups[0]?.label);
    }));
});
