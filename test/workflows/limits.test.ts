import { describe, expect, test } from '@jest/globals';
import type { Catalog, GrantingProduct } from '../../src/domain/deal/catalog.ts';
import { NO_MAIL } from '../../src/domain/deal/mail-tool.ts';
import { toLearners } from '../support/delivered-deals.ts';
import { codesMade, hubspotEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';

const rig = openRig();

const SKUS = Array.from({ length: 40 }, (_, index) => `LONG-${index + 1}`);

/** Forty products with titles as long as people write them. */
function manyProducts(catalog: Catalog): Catalog {
  const [example] = catalog.products.filter((product): product is GrantingProduct => !product.ignore);
  if (example === undefined) throw new Error('The example catalog has no product');
  const products = SKUS.map((sku) => ({
    ...example,
    match: { sku },
    title: `${sku} Advanced Leadership and Communication Essentials for Distributed Teams`,
  }));
  return { ...catalog, products: [...catalog.products, ...products] };
}

/** A thousand mails are a matter of minutes, and none of this test. */
const withoutMail = (catalog: Catalog): Catalog => {
  const learners = toLearners(catalog);
  return { ...learners, handOver: { ...learners.handOver, tools: { hubspot: NO_MAIL } } };
};

describe('A deal that is larger than a limit of the server or the CRM', () => {
  test('of 40 products is delivered, or told to its owner, but never lost', () =>
    rig.withSandbox({ catalog: manyProducts }, async (tenant) => {
      const lineItems = SKUS.map((sku) => ({ sku, name: sku, quantity: 1 }));
      const deal = await tenant.startHubSpot({ lineItems });
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expect(hubspotEvidence(tenant.sandbox, deal).rosters).toEqual([codesMade(tenant.sandbox)]);
      expect(codesMade(tenant.sandbox)).toHaveLength(40);
    }));

  test('of 500 lines that nobody understands is told to its owner, in texts that the CRM takes', () =>
    rig.withSandbox(async (tenant) => {
      const lineItems = Array.from({ length: 500 }, (_, index) => ({
        sku: `UNKNOWN-PRODUCT-NUMBER-${index}`,
        name: `Unknown product number ${index} with a long name that people gave it`,
        quantity: 1,
      }));
      const deal = await tenant.startHubSpot({ lineItems });
      const { problems, question } = await tenant.waitForProgress(
        deal.id,
        (progress) => progress.question !== null,
      );
      expect(problems.length).toBeLessThanOrEqual(101);
      await tenant.waitForEvidence(() => hubspotEvidence(tenant.sandbox, deal).tasks.length === 1);
      expect(hubspotEvidence(tenant.sandbox, deal).fields.status).toBe('NeedsAttention');
      expect(question?.kind).toBe('help');
      await tenant.console.cancel(deal.id, { by: 'test', reason: 'seen' });
      await tenant.resultOf(deal.id);
    }));

  test('of 1,000 learners gives each a code of their own', () =>
    rig.withSandbox({ catalog: withoutMail }, async (tenant) => {
      const learners = Array.from({ length: 1_000 }, (_, index) => ({
        email: `learner${index}@acme.example`,
        firstName: 'Lea',
        lastName: `Number ${index}`,
        labels: ['Learner'],
      }));
      const deal = await tenant.startHubSpot({
        lineItems: [{ sku: 'LEAD-101', name: 'Leadership Essentials', quantity: 1_000 }],
        contacts: [{ id: '6001', labels: ['Buyer'] }, ...learners],
      });
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      const { state } = tenant.sandbox.hubspot;
      const links = state.records
        .list('contacts')
        .map(({ properties }) => properties.dealseat_redeem_link ?? '')
        .filter((field) => field !== '');
      expect(new Set(links).size).toBe(1_000);
    }));

  test('of so many groups that its ledger does not fit makes nothing and asks for a smaller deal', () =>
    rig.withSandbox(
      {
        catalog: (catalog) => {
          const [example] = catalog.products.filter((product): product is GrantingProduct => !product.ignore);
          if (example === undefined) throw new Error('The example catalog has no product');
          const products = Array.from({ length: 250 }, (_, index) => ({
            ...example,
            match: { sku: `P-${index}` },
            title: `Product ${index}`,
          }));
          return { ...catalog, products };
        },
      },
      async (tenant) => {
        const lineItems = Array.from({ length: 250 }, (_, index) => ({
          productCode: `P-${index}`,
          name: `Product ${index}`,
          quantity: 1,
        }));
        const deal = await tenant.startSalesforce({ lineItems });
        const { problems } = await tenant.waitForProgress(deal.id, (progress) => progress.question !== null);
        expect(problems.map(({ code }) => code)).toEqual(['deal.too_large']);
        expect(tenant.sandbox.ti.state.groups).toHaveLength(0);
        await tenant.console.cancel(deal.id, { by: 'test', reason: 'seen' });
        await tenant.resultOf(deal.id);
      },
    ));
});
