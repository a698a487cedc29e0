import { describe, expect, test } from '@jest/globals';
import type { Catalog, GrantingProduct } from '../../src/domain/deal/catalog.ts';
import { again, delivered, setQuantity } from '../support/delivered-deals.ts';
import { codesMade, hubspotEvidence, salesforceEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import type { SandboxTenant, StartedDeal } from '../support/sandbox-tenant.ts';

const rig = openRig();

const TITLE_LENGTH = 48;

/** Products P-0, P-1 and so on, with titles of 48 letters. */
function products(count: number): (catalog: Catalog) => Catalog {
  return (catalog) => {
    const [example] = catalog.products.filter((product): product is GrantingProduct => !product.ignore);
    if (example === undefined) throw new Error('The example catalog has no product');
    const many = skus(count).map((sku) => ({
      ...example,
      match: { sku },
      title: `${sku} ${'Leadership and communication essentials '.repeat(2)}`.slice(0, TITLE_LENGTH),
    }));
    return { ...catalog, products: [...catalog.products, ...many] };
  };
}

function skus(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `P-${index}`);
}

function hubspotLines(count: number) {
  return { lineItems: skus(count).map((sku) => ({ sku, name: sku, quantity: 1 })) };
}

function salesforceLines(count: number) {
  return { lineItems: skus(count).map((sku) => ({ productCode: sku, name: sku, quantity: 1 })) };
}

/** Delivered, once, with all its codes in one roster. */
async function expectDelivered(tenant: SandboxTenant, deal: StartedDeal, codes: number): Promise<void> {
  expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: codes });
  const ofCrm = deal.dealId.startsWith('006') ? salesforceEvidence : hubspotEvidence;
  const { rosters, mailedTo } = ofCrm(tenant.sandbox, deal);
  expect(rosters).toEqual([codesMade(tenant.sandbox)]);
  expect(rosters[0]).toHaveLength(codes);
  expect(mailedTo).toHaveLength(1);
}

describe('Deals with many products or many additions', () => {
  test('a HubSpot deal has one line of each of 40 products with long titles -> it is delivered like any other', () =>
    rig.withSandbox({ catalog: products(40) }, async (tenant) => {
      await expectDelivered(tenant, await tenant.startHubSpot(hubspotLines(40)), 40);
    }));

  test('a Salesforce opportunity has one line of each of 40 products with long titles -> it is delivered like any other', () =>
    rig.withSandbox({ catalog: products(40) }, async (tenant) => {
      await expectDelivered(tenant, await tenant.startSalesforce(salesforceLines(40)), 40);
    }));

  test('a deal has one line of each of 20 products -> it is delivered like any other', () =>
    rig.withSandbox({ catalog: products(20) }, async (tenant) => {
      await expectDelivered(tenant, await tenant.startHubSpot(hubspotLines(20)), 20);
    }));

  test('a deal has one line of each of 100 products -> it is delivered like any other', () =>
    rig.withSandbox({ catalog: products(100) }, async (tenant) => {
      await expectDelivered(tenant, await tenant.startHubSpot(hubspotLines(100)), 100);
    }));

  test('a deal of 25 seats is topped up every month for three years -> each addition is delivered, and no run is ended by the server', () =>
    rig.withSandbox({ catalog: products(1) }, async (tenant) => {
      const deal = await delivered(tenant, { lineItems: [{ name: 'P-0', sku: 'P-0', quantity: 25 }] });
      for (let month = 1; month <= 36; month++) {
        setQuantity(tenant, deal, 25 + month);
        expect(await again(tenant, deal)).toMatchObject({ status: 'Delivered', seatCount: 25 + month });
      }
      const { rosters } = hubspotEvidence(tenant.sandbox, deal);
      expect(rosters.at(-1)).toEqual(codesMade(tenant.sandbox));
      expect(codesMade(tenant.sandbox)).toHaveLength(61);
    }));
});
