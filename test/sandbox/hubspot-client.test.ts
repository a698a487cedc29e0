import { Client } from '@hubspot/api-client';
import { AssociationSpecAssociationCategoryEnum } from '@hubspot/api-client/lib/codegen/crm/objects/notes/models/AssociationSpec.js';
import {
  PropertyCreateFieldTypeEnum,
  PropertyCreateTypeEnum,
} from '@hubspot/api-client/lib/codegen/crm/properties/models/PropertyCreate.js';
import { describe, expect, test } from '@jest/globals';
import { type Portal, startPortal, TOKEN } from './hubspot-portal.ts';

function clientOf(portal: Portal, accessToken = TOKEN): Client {
  return new Client({ accessToken, basePath: portal.url });
}

describe('the published client', () => {
  test('reads a deal with its line items and contacts', async () => {
    const client = clientOf(await startPortal());
    const deal = await client.crm.deals.basicApi.getById('9001', ['dealname', 'dealstage']);
    expect(deal.properties).toMatchObject({ dealname: 'Acme leadership rollout', dealstage: 'closedwon' });
    const linked = await client.crm.associations.v4.basicApi.getPage(
      'deals',
      '9001',
      'line_items',
      undefined,
      500,
    );
    const read = await client.crm.lineItems.batchApi.read({
      inputs: linked.results.map(({ toObjectId }) => ({ id: String(toObjectId) })),
      properties: ['hs_sku', 'quantity'],
      propertiesWithHistory: [],
    });
    expect(read.results.map(({ properties }) => [properties.hs_sku, properties.quantity])).toEqual([
      ['LEAD-101', '25'],
      ['SUPPORT-GOLD', '1'],
    ]);
  });

  test('reads pipelines and owners', async () => {
    const client = clientOf(await startPortal());
    const { results } = await client.crm.pipelines.pipelinesApi.getAll('deals');
    expect(results.flatMap(({ stages }) => stages.map(({ id }) => id))).toContain('closedwon');
    expect((await client.crm.owners.ownersApi.getPage('sam.ops@vendor.example')).results[0]?.id).toBe('8001');
    expect((await client.crm.owners.ownersApi.getById(8001)).email).toBe('sam.ops@vendor.example');
  });

  test('makes a property and writes it', async () => {
    const portal = await startPortal();
    const client = clientOf(portal);
    await client.crm.properties.groupsApi.create('deals', { name: 'dealseat', label: 'Dealseat' });
    await client.crm.properties.coreApi.create('deals', {
      name: 'dealseat_seats',
      label: 'Seats',
      type: PropertyCreateTypeEnum.Number,
      fieldType: PropertyCreateFieldTypeEnum.Number,
      groupName: 'dealseat',
    });
    await client.crm.deals.basicApi.update('9001', { properties: { dealseat_seats: '25' } });
    expect(portal.state.valuesOf('deals', '9001').dealseat_seats).toBe('25');
  });

  test('uploads a private file and hangs it on the deal by a note', async () => {
    const portal = await startPortal();
    const client = clientOf(portal);
    const file = await client.files.filesApi.upload(
      { data: Buffer.from('code\nAAA\n'), name: 'roster.csv' },
      undefined,
      '/dealseat/rosters',
      'roster.csv',
      undefined,
      JSON.stringify({ access: 'PRIVATE' }),
    );
    const note = await client.crm.objects.notes.basicApi.create({
      properties: {
        hs_timestamp: '2026-11-25T12:00:00Z',
        hs_note_body: 'Roster',
        hs_attachment_ids: file.id,
      },
      associations: [
        {
          to: { id: '9001' },
          types: [
            {
              associationCategory: AssociationSpecAssociationCategoryEnum.HubspotDefined,
              associationTypeId: 214,
            },
          ],
        },
      ],
    });
    expect(note.id).toMatch(/^\d+$/);
    const [attached] = portal.state.attachmentsOf({ object: 'deals', id: '9001' });
    expect(attached?.bytes.toString()).toBe('code\nAAA\n');
    const signed = await client.files.filesApi.getSignedUrl(file.id, undefined, 60);
    expect(await (await fetch(signed.url)).text()).toBe('code\nAAA\n');
  });

  test('searches, sends a transactional mail and fills a list', async () => {
    const portal = await startPortal();
    const client = clientOf(portal);
    const found = await client.crm.deals.searchApi.doSearch({
      filterGroups: [],
      sorts: ['-hs_lastmodifieddate'],
      properties: ['dealname'],
      limit: 10,
    });
    expect(found.total).toBe(1);
    const sent = await client.marketing.transactional.singleSendApi.sendEmail({
      emailId: 1234567,
      message: { to: 'dana.reyes@acme.example', sendId: 'k' },
      contactProperties: {},
      customProperties: { redeem_links: 'https://learn.example/redeem/A' },
    });
    expect(sent.status).toBe('PENDING');
    const added = await client.crm.lists.membershipsApi.add('2001', ['6001']);
    expect(added.recordsIdsAdded).toEqual(['6001']);
  });

  test('meets errors with status and category', async () => {
    const portal = await startPortal();
    const wrong = clientOf(portal, 'wrong').crm.deals.basicApi.getById('9001');
    await expect(wrong).rejects.toMatchObject({ code: 401, body: { category: 'INVALID_AUTHENTICATION' } });
    const absent = clientOf(portal).crm.deals.basicApi.getById('1');
    await expect(absent).rejects.toMatchObject({ code: 404, body: { category: 'OBJECT_NOT_FOUND' } });
  });

  test('takes 200 instead of 201 for a failure although the note was made', async () => {
    const portal = await startPortal();
    portal.state.okInsteadOfCreated = /notes/;
    const creation = clientOf(portal).crm.objects.notes.basicApi.create({
      properties: { hs_timestamp: '2026-11-25T12:00:00Z' },
      associations: [],
    });
    await expect(creation).rejects.toMatchObject({ code: 200 });
    expect(portal.state.records.list('notes')).toHaveLength(1);
  });
});
