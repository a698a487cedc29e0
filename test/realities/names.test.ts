import { domainToASCII } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { NewOpportunity } from '../../sandbox/salesforce/state.ts';
import { outcomeOf } from '../../src/clients/hubspot/standing.ts';
import { parseCatalog } from '../../src/config/load-catalog.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import type { Deal } from '../../src/domain/deal/deal.ts';
import type { Reading } from '../../src/domain/planning/reading.ts';
import { DEALS, openWorld, type World } from '../activities/world.ts';
import { rows, type StubOrg, startStubOrg } from '../clients/salesforce-stub.ts';
import {
  BUYER,
  contact,
  deal,
  EXAMPLE,
  EXAMPLE_YAML,
  LEARNERS,
  line,
  planOf,
  readingOf,
} from '../unit/example-deals.ts';
import { openSalesforceShop, soldOpportunity } from './sold-deals.ts';

const LEARNER_URL = 'https://learn.vendor.example';
const CLIENT = 'client-1';

let world: World | null = null;
let org: StubOrg | null = null;
afterEach(async () => {
  await world?.close();
  await org?.close();
  world = null;
  org = null;
});

/** The example, with these partners in the place of its own. */
function catalogWith(match: string, more = ''): Catalog {
  const yaml = EXAMPLE_YAML.replace(
    /^ {2}- match: \{ company: Acme Corp \}\n {4}label: acme$/m,
    `  - match: { ${match} }\n    label: partner-1\n    client: ${CLIENT}`,
  );
  return parseCatalog(`${yaml}\n${more}`, { learnerUrl: LEARNER_URL });
}

async function hubspotClientOf(catalog: Catalog, company: Record<string, string> | null) {
  world = await openWorld({ catalog: () => catalog });
  const { state } = world.sandbox.hubspot;
  const companyId = company === null ? null : state.create('companies', company);
  const dealId = state.createDeal({
    name: 'Rollout',
    companyId,
    lineItems: [{ name: 'Leadership', quantity: 2, sku: 'LEAD-101' }],
    contacts: [{ email: 'dana@globex.example', labels: ['Buyer'] }],
  });
  return await world.read({ crm: 'hubspot', account: '62515', dealId });
}

function clientsIn(reading: Reading): readonly (string | null)[] {
  if (reading.kind !== 'more') throw new Error(`expected a plan, found ${JSON.stringify(reading)}`);
  return reading.plan.groups.map(({ client }) => client);
}

function problemsIn(reading: Reading): readonly { code: string; message: string; cure: string }[] {
  return reading.kind === 'blocked' ? reading.problems : [];
}

describe('Names and partners', () => {
  test('The company has the domain xn--mller-kva.example and the catalog says müller.example -> its codes are of the Panorama of that partner', async () => {
    const company = { name: 'Müller Schulung', domain: 'xn--mller-kva.example' };
    expect(clientsIn(await hubspotClientOf(catalogWith('domain: müller.example'), company))).toEqual([
      CLIENT,
    ]);
  });

  test('The catalog says müller-schulung.example and HubSpot keeps the same host in its ASCII form -> the Panorama is that of the partner', async () => {
    const company = { name: 'Schulung', domain: domainToASCII('müller-schulung.example') };
    expect(company.domain).toMatch(/^xn--mller-schulung-/);
    const catalog = catalogWith('domain: müller-schulung.example');
    expect(clientsIn(await hubspotClientOf(catalog, company))).toEqual([CLIENT]);
  });

  test('The catalog has a partner by www.acme.example -> the company with acme.example is that partner', async () => {
    const company = { name: 'Acme', domain: 'acme.example' };
    const catalog = catalogWith('domain: www.acme.example');
    expect(clientsIn(await hubspotClientOf(catalog, company))).toEqual([CLIENT]);
  });

  test('The catalog has a partner by https://acme.example -> the catalog is refused, with the form that it takes', () => {
    expect(() => catalogWith('domain: "https://acme.example"')).toThrow(
      /expected a host name such as acme\.example, without scheme/,
    );
  });

  test('Catalog and company write one name, one with composed and one with decomposed accents -> it is that partner either way', async () => {
    const composed = 'Société Générale'.normalize('NFC');
    const decomposed = composed.normalize('NFD');
    expect(decomposed).not.toBe(composed);
    for (const [inCatalog, inCrm] of [
      [composed, decomposed],
      [decomposed, composed],
    ] as const) {
      await world?.close();
      const company = { name: inCrm, domain: 'sg.example' };
      const catalog = catalogWith(`company: ${JSON.stringify(inCatalog)}`);
      expect(clientsIn(await hubspotClientOf(catalog, company))).toEqual([CLIENT]);
    }
  });

  test('Product and role are written with decomposed accents in the catalog and composed ones in the CRM -> they are the same', () => {
    const sku = 'FÜHRUNG-1';
    const yaml = EXAMPLE_YAML.replace('sku: LEAD-101', `sku: "${sku.normalize('NFD')}"`).replace(
      'hubspotLabel: Buyer',
      `hubspotLabel: "${'Käufer'.normalize('NFD')}"`,
    );
    const catalog = parseCatalog(yaml, { learnerUrl: LEARNER_URL });
    const people = [contact('1', { roles: ['Käufer'] }), contact('2', { roles: ['Berater'] })];
    const plan = planOf(deal({ lineItems: [line(sku, 3)], contacts: people }), catalog);
    expect(plan).toMatchObject({ seatCount: 3, buyerContactId: '1' });
  });

  test('The catalog has the product id of Salesforce in its 15 characters -> the line is that product all the same', () => {
    const id = '01t5Y00000AbCdE';
    const yaml = EXAMPLE_YAML.replace('{ sku: LEAD-101 }', `{ salesforceProductId: ${id} }`);
    const sold = deal({
      crm: 'salesforce',
      contacts: [contact('1', { roles: ['Economic Buyer'] })],
      lineItems: [{ ...line('OTHER', 4), sku: null, productId: '01t5Y00000AbCdEQAV' }],
    });
    expect(planOf(sold, parseCatalog(yaml, { learnerUrl: LEARNER_URL })).seatCount).toBe(4);
  });

  test('The catalog has an id of Salesforce whose letters some tool has made small -> the catalog is refused', () => {
    expect(() => catalogWith('salesforceAccountId: 0015y00000abcdeqav')).toThrow(/0015y00000abcdeqav/);
  });

  test('The company of the catalog was merged into another one in HubSpot -> its codes are still of that Panorama', async () => {
    world = await openWorld({ catalog: () => catalogWith('hubspotCompanyId: 5001') });
    const { state } = world.sandbox.hubspot;
    const survivor = state.create('companies', { name: 'Acme Holding', domain: 'holding.example' });
    state.merge('companies', survivor, '5001');
    expect(clientsIn(await world.read(DEALS.hubspot))).toEqual([CLIENT]);
    const dealId = state.createDeal({
      companyId: survivor,
      lineItems: [{ name: 'Leadership', quantity: 2, sku: 'LEAD-101' }],
      contacts: [{ email: 'dana@globex.example', labels: ['Buyer'] }],
    });
    expect(clientsIn(await world.read({ ...DEALS.hubspot, dealId }))).toEqual([CLIENT]);
  });

  test('The company has the domain https://WWW.Müller.example/kontakt and the catalog says xn--mller-kva.example -> it is that partner', async () => {
    const company = { name: 'Müller', domain: 'https://WWW.Müller.example/kontakt' };
    expect(clientsIn(await hubspotClientOf(catalogWith('domain: xn--mller-kva.example'), company))).toEqual([
      CLIENT,
    ]);
  });

  test('The website of a Salesforce account is an address with a port and a path -> its host is compared with the catalog', async () => {
    world = await openWorld({ catalog: () => catalogWith('domain: globex.example') });
    const dealId = world.sandbox.salesforce.state.createOpportunity({
      name: 'Academy',
      stageName: 'Closed Won',
      closeDate: '2026-11-20',
      account: { name: 'Globex', website: 'http://www.GLOBEX.example:8080/de?x=1' },
      lineItems: [{ productCode: 'LEAD-101', name: 'Leadership', quantity: 2 }],
      contacts: [{ lastName: 'Lind', email: 'jo@globex.example', role: 'economic\u00a0buyer' }],
    });
    const reading = await world.read({ crm: 'salesforce', account: '00D5Y000001MPM7UAO', dealId });
    expect(clientsIn(reading)).toEqual([CLIENT]);
  });

  test('The company name was pasted with decomposed accents, a no-break blank and other capitals -> it is the partner that people read', async () => {
    const company = { name: 'SOCIE\u0301TE\u0301\u00a0 Ge\u0301ne\u0301rale', domain: 'sg.example' };
    expect(clientsIn(await hubspotClientOf(catalogWith('company: Société Générale'), company))).toEqual([
      CLIENT,
    ]);
  });

  test('The company name has a curly apostrophe and the catalog a straight one -> it is the same partner', async () => {
    const company = { name: 'L’Atelier', domain: 'atelier.example' };
    expect(clientsIn(await hubspotClientOf(catalogWith('company: "L\'Atelier"'), company))).toEqual([CLIENT]);
  });

  test('The catalog has the account id in its 15 characters -> the account is the partner all the same', () => {
    const sold = deal({
      crm: 'salesforce',
      company: { id: '0015Y00000AbCdEQAV', name: 'Acme', domain: null },
    });
    const { groups } = planOf(sold, catalogWith('salesforceAccountId: 0015Y00000AbCdE'));
    expect(groups.map(({ client }) => client)).toEqual([CLIENT]);
  });

  test('The catalog has a HubSpot company id without quotes -> it is taken as an id', () => {
    const { groups } = planOf(deal(), catalogWith('hubspotCompanyId: 5001'));
    expect(groups.map(({ client }) => client)).toEqual([CLIENT]);
  });

  test('The HubSpot company has a website and no domain -> the host of the website is compared with the catalog', async () => {
    const company = { name: 'Globex', website: 'https://www.globex.example/de' };
    expect(clientsIn(await hubspotClientOf(catalogWith('domain: globex.example'), company))).toEqual([
      CLIENT,
    ]);
  });

  test('The account is hidden, partners are matched by ids alone and partnerRequired is set -> a person is asked, and the account is named by its id', () => {
    const sold = deal({ crm: 'salesforce', company: null, unseenCompany: HIDDEN });
    const catalog = catalogWith('salesforceAccountId: 0015Y00000ZbCdE', 'partnerRequired: true');
    const problems = problemsIn(readingOf(sold, catalog));
    expect(problems.map(({ code }) => code)).toEqual(['deal.partner_missing']);
    expect(problems[0]?.message).toContain(`company ${HIDDEN.id}, which Dealseat cannot see`);
  });

  test('The catalog says partnerRequired and the company is not a partner -> nothing is made, and the deal says which company and what to do', async () => {
    const company = { name: 'Globex', domain: 'globex.example' };
    const catalog = catalogWith('company: Acme Corp', 'partnerRequired: true');
    const [problem, ...others] = problemsIn(await hubspotClientOf(catalog, company));
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code: 'deal.partner_missing' });
    expect(problem?.message).toMatch(/company "Globex" \(domain globex\.example\)/);
    expect(problem?.cure).toMatch(/adds it to the partners of the catalog/);
  });

  test('The catalog says partnerRequired and the deal has no company -> nothing is made, and a person is asked for the company', async () => {
    const catalog = catalogWith('company: Acme Corp', 'partnerRequired: true');
    const problems = problemsIn(await hubspotClientOf(catalog, null));
    expect(problems).toEqual([
      expect.objectContaining({
        code: 'deal.partner_missing',
        message: expect.stringMatching(/has no company/),
      }),
    ]);
  });

  test('The catalog does not say partnerRequired and the company is not a partner -> the codes are those of no Panorama, as always', async () => {
    const company = { name: 'Globex', domain: 'globex.example' };
    expect(clientsIn(await hubspotClientOf(catalogWith('company: Acme Corp'), company))).toEqual([null]);
  });

  test('Salesforce names the account of the deal and hides its record -> the company counts as hidden, not as absent', async () => {
    org = await startStubOrg();
    const { answers, crm } = org;
    answers.set(
      /GET .*query/,
      rows({
        Id: '0065Y00001Suvw6QAB',
        Name: 'Hidden account',
        StageName: 'Closed Won',
        IsWon: true,
        CloseDate: '2026-11-20',
        SystemModstamp: '2026-11-20T09:00:00.000+0000',
        LastModifiedDate: '2026-11-20T09:00:00.000+0000',
        LastModifiedById: '0055Y00000AbCdEQAV',
        OwnerId: null,
        Owner: null,
        AccountId: '0015Y00000AbCdE',
        Account: null,
        MasterLabel: 'Closed Won',
        ApiName: 'Closed Won',
      }),
    );
    expect(await crm.readDeal('0065Y00001Suvw6QAB')).toMatchObject({
      company: null,
      unseenCompany: { id: '0015Y00000AbCdEQAV', why: 'hidden' },
    });
  });

  test('The account is hidden and partners are matched by name or domain -> nothing is made until the integration user may read it', () => {
    const sold = deal({ crm: 'salesforce', company: null, unseenCompany: HIDDEN });
    const problems = problemsIn(readingOf(sold, catalogWith('domain: acme.example')));
    expect(problems.map(({ code }) => code)).toEqual(['deal.company_hidden']);
    expect(problems[0]?.message).toContain(HIDDEN.id);
  });

  test('The account is hidden and the catalog matches it by its id -> its codes are of that Panorama', () => {
    const sold = deal({ crm: 'salesforce', company: null, unseenCompany: HIDDEN });
    const { groups } = planOf(sold, catalogWith(`salesforceAccountId: ${HIDDEN.id}`));
    expect(groups.map(({ client }) => client)).toEqual([CLIENT]);
  });

  test('The SKU of a line was typed in small letters, with a no-break hyphen -> it is the product of the catalog', () => {
    expect(planOf(deal({ lineItems: [line(' lead\u2011101\u00a0', 3)] })).seatCount).toBe(3);
  });

  test('The catalog writes the SKU of a delivered product in another case -> the deal is as delivered, and nothing is made again', () => {
    const { groups } = planOf(deal());
    const rewritten = parseCatalog(EXAMPLE_YAML.replace('sku: LEAD-101', 'sku: Lead-101'), {
      learnerUrl: LEARNER_URL,
    });
    expect(planOf(deal(), rewritten).groups.map(({ token }) => token)).toEqual(
      groups.map(({ token }) => token),
    );
  });

  test('The label of the buyer was typed with other capitals and a doubled blank -> that contact is the buyer', () => {
    const catalog: Catalog = {
      ...catalogWith('company: Acme Corp'),
      buyer: { roles: { hubspot: 'Training Buyer' }, isRequired: false },
    };
    const people = [contact('1', { roles: ['TRAINING\u00a0 buyer'] }), BUYER, ...LEARNERS];
    expect(planOf(deal({ contacts: people }), catalog).buyerContactId).toBe('1');
  });
});

describe('Labels', () => {
  const labelOf = (changes: Partial<Deal>) =>
    planOf(deal({ closeDate: '2026-11-20', ...changes })).groups[0]?.label;

  test('The company name has letters such as ß, ø, æ, ł and þ -> the label spells them as people do without them', () => {
    const company = { id: '1', name: 'Großhandel Øst Łódź', domain: null };
    expect(labelOf({ company })).toMatch(/^grosshandel-ost-lodz-leadership-essentials-2026-11-20-/);
  });

  test('The company name is Chinese or Arabic -> the label begins with the domain of the company', () => {
    const company = { id: '1', name: '株式会社グローベックス', domain: 'globex.example' };
    expect(labelOf({ company })).toMatch(/^globex-example-leadership-essentials-/);
  });

  test('The company has an empty name and no domain -> the label begins with the name of the deal', () => {
    const company = { id: '1', name: '', domain: null };
    expect(labelOf({ company, name: 'Rollout 2026' })).toMatch(/^rollout-2026-leadership-essentials-/);
  });

  test('Neither company nor deal has a Latin letter -> the label begins with the id of the deal', () => {
    const company = { id: '1', name: 'شركة', domain: null };
    expect(labelOf({ company, name: '🎓' })).toMatch(/^9001-leadership-essentials-/);
  });

  test('The title of a product is Chinese -> the label says the SKU of the product', () => {
    const products = EXAMPLE.products.map((product) =>
      product.ignore ? product : { ...product, title: '领导力' },
    );
    expect(planOf(deal(), { ...EXAMPLE, products }).groups[0]?.label).toMatch(/^acme-sku-lead-101-/);
  });
});

const HIDDEN = { id: '0015Y00000AbCdEQAV', why: 'hidden' } as const;

describe('Names of stages, record types and fields', () => {
  let shop: Awaited<ReturnType<typeof openSalesforceShop>> | null = null;
  afterEach(async () => {
    await shop?.close();
    shop = null;
  });

  /** An org whose opportunities are of these tests alone. */
  async function salesforce(yaml: string) {
    shop = await openSalesforceShop(yaml);
    for (const { Id } of shop.state.rows('Opportunity')) shop.state.setStage(String(Id), 'Closed Lost');
    const add = (changes: Partial<NewOpportunity>) =>
      shop?.state.createOpportunity(soldOpportunity(changes)) ?? '';
    return { ...shop, add };
  }

  test('The catalog writes a stage of wonStages in other letters, with a soft hyphen -> opportunities in it are won, and the sweep finds them', async () => {
    const org = await salesforce('deals: { salesforce: { wonStages: ["nego\u00adtiation/REVIEW"] } }');
    const dealId = org.add({ stageName: 'Negotiation/Review' });
    expect(await org.outcome(dealId)).toBe('4 seats');
    expect(await org.swept()).toEqual([dealId]);
  });

  test('The catalog writes a stage of afterWon in other letters -> an opportunity that went on there is still won, and the sweep finds it', async () => {
    const org = await salesforce('deals: { salesforce: { afterWon: ["nego\u00adtiation/REVIEW"] } }');
    const dealId = org.add({});
    org.wait(60_000);
    org.state.setStage(dealId, 'Negotiation/Review');
    expect(await org.outcome(dealId)).toBe('4 seats');
    expect(await org.swept()).toEqual([dealId]);
  });

  test('The catalog writes a record type in other letters, with another dash -> its opportunities count, and no others', async () => {
    const org = await salesforce('deals: { salesforce: { recordTypes: ["NEW – business"] } }');
    const counted = org.add({ recordType: 'New - Business' });
    const other = org.add({ recordType: 'Renewal' });
    expect([await org.outcome(counted), await org.outcome(other)]).toEqual(['4 seats', 'deal.left_out']);
    expect(await org.swept()).toEqual([counted]);
  });

  test('The catalog writes stages, record types and fields in other letters than Salesforce -> dealseat doctor finds nothing wrong', async () => {
    const org = await salesforce(
      [
        'deals: { salesforce: { recordTypes: [new business], wonStages: [negotiation/review], afterWon: [PROSPECTING] } }',
        'seatsFrom: [{ product: "sku:LEAD-101", salesforceField: AMOUNT }]',
      ].join('\n'),
    );
    org.add({ recordType: 'New Business' });
    const checks = await org.crm.checkSetup({ fix: false });
    expect(checks.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(checks.filter(({ name }) => name.includes('that the catalog names'))).toHaveLength(3);
  });

  test('The catalog names one field for two products, in other letters -> it is refused when the catalog is read', () => {
    const sources = [
      '{ product: "sku:LEAD-101", salesforceField: Seats__c }',
      '{ product: "sku:NEGO-201", salesforceField: SEATS__C }',
    ];
    expect(() => catalogWith('company: Acme', `seatsFrom: [${sources.join(', ')}]`)).toThrow(
      /SEATS__C stands in seatsFrom already/,
    );
  });

  test('HubSpot has a stage of the same id in other letters -> ids are taken as they are, and nothing is won by a likeness', () => {
    const terms = { kinds: [], wonStages: ['Signed'], afterWon: [] };
    const stage = { id: 'signed', pipelineId: 'default', pipelineLabel: 'Sales', label: 'Signed' };
    expect(outcomeOf({ ...stage, is: 'open' }, terms)).toBe('open');
  });
});
