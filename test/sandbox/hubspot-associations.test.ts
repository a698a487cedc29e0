import { describe, expect, test } from '@jest/globals';
import { startPortal } from './hubspot-portal.ts';

const CONTACTS = '/crm/v4/objects/deals/9001/associations/contacts';

describe('reading', () => {
  test('a labelled contact comes with the plain type and the label, under a numeric id', async () => {
    const portal = await startPortal();
    const { body } = await portal.get(CONTACTS);
    expect(body).toEqual({
      results: [
        {
          toObjectId: 6001,
          associationTypes: [
            { category: 'HUBSPOT_DEFINED', typeId: 3, label: null },
            { category: 'USER_DEFINED', typeId: expect.any(Number), label: 'Buyer' },
          ],
        },
        {
          toObjectId: 6002,
          associationTypes: [
            { category: 'HUBSPOT_DEFINED', typeId: 3, label: null },
            { category: 'USER_DEFINED', typeId: expect.any(Number), label: 'Learner' },
          ],
        },
      ],
    });
  });

  test('the primary company comes with the primary and the plain type', async () => {
    const portal = await startPortal();
    const { body } = await portal.get('/crm/v4/objects/deals/9001/associations/companies');
    const { results } = body as { results: { associationTypes: { typeId: number }[] }[] };
    expect(results[0]?.associationTypes.map(({ typeId }) => typeId).sort()).toEqual([341, 5]);
  });

  test('pages follow one another by cursor, without gaps', async () => {
    const portal = await startPortal();
    const seen: number[] = [];
    let after = '';
    do {
      const { body } = await portal.get(`${CONTACTS}?limit=1${after && `&after=${after}`}`);
      const page = body as { results: { toObjectId: number }[]; paging?: { next: { after: string } } };
      seen.push(...page.results.map(({ toObjectId }) => toObjectId));
      after = page.paging?.next.after ?? '';
    } while (after);
    expect(seen).toEqual([6001, 6002]);
  });

  test('a page of more than 500 is refused, and a deal that does not exist is not found', async () => {
    const portal = await startPortal();
    expect((await portal.get(`${CONTACTS}?limit=501`)).status).toBe(400);
    expect((await portal.get('/crm/v4/objects/deals/1/associations/contacts')).status).toBe(404);
  });

  test('a batch read answers 207 when one of the deals does not exist', async () => {
    const portal = await startPortal();
    const answer = await portal.send('POST', '/crm/v4/associations/deals/line_items/batch/read', {
      inputs: [{ id: '9001' }, { id: '1' }],
    });
    expect(answer.status).toBe(207);
    const { results } = answer.body as { results: { from: { id: string }; to: object[] }[] };
    expect(results.map(({ from, to }) => [from.id, to.length])).toEqual([['9001', 2]]);
  });
});

describe('writing', () => {
  test('the default association links both sides and answers 200', async () => {
    const portal = await startPortal();
    const contact = portal.state.createContact({ email: 'new@acme.example' });
    const answer = await portal.send(
      'PUT',
      `/crm/v4/objects/deals/9001/associations/default/contacts/${contact}`,
    );
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      results: [{ associationSpec: { associationTypeId: 3 } }, { associationSpec: { associationTypeId: 4 } }],
    });
    expect((await portal.get(`/crm/v4/objects/contacts/${contact}/associations/deals`)).body).toMatchObject({
      results: [{ toObjectId: 9001 }],
    });
  });

  test('a labelled association answers 201, and an empty list of types links nothing', async () => {
    const portal = await startPortal();
    const contact = portal.state.createContact({ email: 'new@acme.example' });
    const path = `${CONTACTS}/${contact}`;
    const linked = () => portal.state.associations.linked({ object: 'deals', id: '9001' }, 'contacts').length;
    expect((await portal.send('PUT', path, [])).status).toBe(201);
    expect(linked()).toBe(2);
    const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 3 }];
    expect((await portal.send('PUT', path, types)).status).toBe(201);
    expect(linked()).toBe(3);
  });

  test('a labelled association without a body is refused in HubSpot’s words', async () => {
    const portal = await startPortal();
    const answer = await portal.send('PUT', `${CONTACTS}/6001`);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      message: 'Invalid JSON input: a request body was expected, but none found',
    });
  });

  test('a type of another pair of objects is refused', async () => {
    const portal = await startPortal();
    const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 341 }];
    expect((await portal.send('PUT', `${CONTACTS}/6001`, types)).status).toBe(400);
  });

  test('products cannot be associated with deals', async () => {
    const portal = await startPortal();
    expect(
      (await portal.send('PUT', '/crm/v4/objects/deals/9001/associations/default/products/7001')).status,
    ).toBe(400);
  });

  test('a removed link is gone from both sides', async () => {
    const portal = await startPortal();
    expect((await portal.send('DELETE', `${CONTACTS}/6001`)).status).toBe(204);
    expect((await portal.get('/crm/v4/objects/contacts/6001/associations/deals')).body).toEqual({
      results: [],
    });
  });
});

describe('counts of what is associated with a deal', () => {
  const COUNTED = 'num_associated_contacts';

  async function countOf(portal: Awaited<ReturnType<typeof startPortal>>, id: string) {
    const query = `properties=${COUNTED},hs_lastmodifieddate&propertiesWithHistory=${COUNTED}`;
    const { body } = await portal.get(`/crm/v3/objects/deals/${id}?${query}`);
    return body as {
      properties: Record<string, string>;
      propertiesWithHistory: Record<string, { value: string; timestamp: string; sourceType: string }[]>;
    };
  }

  test('follow a change after a while, dated by when they were calculated, and move the record', async () => {
    const portal = await startPortal({ associationCountDelayMs: 3_000 });
    const made = await portal.send('POST', '/crm/v3/objects/deals', {
      properties: { dealname: 'New', dealstage: 'closedwon' },
    });
    const { id } = made.body as { id: string };
    expect((await countOf(portal, id)).properties[COUNTED]).toBe('0');
    await portal.send('PUT', `/crm/v4/objects/deals/${id}/associations/default/contacts/6001`);
    expect((await countOf(portal, id)).properties[COUNTED]).toBe('0');
    portal.clock.now += 5_000;
    const { properties, propertiesWithHistory } = await countOf(portal, id);
    const countedAt = new Date(portal.clock.now - 2_000).toISOString();
    expect(properties).toMatchObject({ [COUNTED]: '1', hs_lastmodifieddate: countedAt });
    expect(propertiesWithHistory[COUNTED]?.[0]).toMatchObject({
      value: '1',
      timestamp: countedAt,
      sourceType: 'CALCULATED',
    });
  });

  test('fall when a record is taken off or deleted', async () => {
    const portal = await startPortal();
    expect((await countOf(portal, '9001')).properties[COUNTED]).toBe('2');
    portal.state.associations.unlink({ object: 'deals', id: '9001' }, { object: 'contacts', id: '6002' });
    expect((await countOf(portal, '9001')).properties[COUNTED]).toBe('1');
    await portal.send('DELETE', '/crm/v3/objects/contacts/6001');
    expect((await countOf(portal, '9001')).properties[COUNTED]).toBe('0');
  });
});
