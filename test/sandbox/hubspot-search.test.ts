import { describe, expect, test } from '@jest/globals';
import { type Answer, type Portal, startPortal } from './hubspot-portal.ts';

function search(portal: Portal, body: object): Promise<Answer> {
  return portal.send('POST', '/crm/v3/objects/deals/search', body);
}

function filtered(...filters: object[]) {
  return { filterGroups: [{ filters }] };
}

function idsOf({ body }: Answer): string[] {
  return (body as { results: { id: string }[] }).results.map(({ id }) => id);
}

describe('the index', () => {
  test('a new deal is found only after the delay', async () => {
    const portal = await startPortal({ searchIndexDelayMs: 5000 });
    const properties = { dealname: 'Fresh', dealstage: 'closedwon' };
    const made = await portal.send('POST', '/crm/v3/objects/deals', { properties });
    const { id } = made.body as { id: string };
    expect(idsOf(await search(portal, {}))).toEqual(['9001']);
    portal.clock.now += 5000;
    expect(idsOf(await search(portal, {}))).toEqual(['9001', id]);
  });

  test('a changed deal is matched by its old values and shown with its new ones until the delay is over', async () => {
    const portal = await startPortal({ searchIndexDelayMs: 5000 });
    portal.state.edit('deals', '9001', { dealname: 'Renamed', dealstage: 'contractsent' });
    const won = filtered({ propertyName: 'dealstage', operator: 'EQ', value: 'closedwon' });
    expect((await search(portal, won)).body).toMatchObject({
      results: [{ properties: { dealname: 'Renamed' } }],
    });
    portal.clock.now += 5000;
    expect(idsOf(await search(portal, won))).toEqual([]);
  });

  test('a deleted deal is never found', async () => {
    const portal = await startPortal();
    await portal.send('DELETE', '/crm/v3/objects/deals/9001');
    expect((await search(portal, {})).body).toEqual({ total: 0, results: [] });
  });
});

describe('filters', () => {
  test.each([
    ['a stage in a list', { propertyName: 'dealstage', operator: 'IN', values: ['closedwon'] }, true],
    [
      'text in a list, which must be lower case',
      { propertyName: 'dealname', operator: 'IN', values: ['Acme leadership rollout'] },
      false,
    ],
    [
      'text in a list in lower case',
      { propertyName: 'dealname', operator: 'IN', values: ['acme leadership rollout'] },
      true,
    ],
    [
      'text in any case',
      { propertyName: 'dealname', operator: 'EQ', value: 'ACME leadership rollout' },
      true,
    ],
    ['an option in another case', { propertyName: 'dealstage', operator: 'EQ', value: 'ClosedWon' }, false],
    [
      'a moment in epoch milliseconds',
      {
        propertyName: 'hs_lastmodifieddate',
        operator: 'GTE',
        value: String(Date.parse('2026-11-25T12:00:00Z')),
      },
      true,
    ],
    [
      'a later moment',
      {
        propertyName: 'hs_lastmodifieddate',
        operator: 'GT',
        value: String(Date.parse('2026-11-25T12:00:00Z')),
      },
      false,
    ],
    [
      'a range',
      { propertyName: 'closedate', operator: 'BETWEEN', value: '2026-11-24', highValue: '2026-11-26' },
      true,
    ],
    ['a property that is set', { propertyName: 'hubspot_owner_id', operator: 'HAS_PROPERTY' }, true],
    ['a property that is not set', { propertyName: 'amount', operator: 'NOT_HAS_PROPERTY' }, true],
    ['a word', { propertyName: 'dealname', operator: 'CONTAINS_TOKEN', value: 'leadership' }, true],
    ['a part of a word', { propertyName: 'dealname', operator: 'CONTAINS_TOKEN', value: 'leader' }, false],
    [
      'a part of a word with a star',
      { propertyName: 'dealname', operator: 'CONTAINS_TOKEN', value: 'leader*' },
      true,
    ],
  ])('%s matches as documented', async (_name, filter, matches) => {
    const portal = await startPortal();
    expect(idsOf(await search(portal, filtered(filter)))).toEqual(matches ? ['9001'] : []);
  });

  test('filters of a group must all match, groups are alternatives', async () => {
    const portal = await startPortal();
    const yes = { propertyName: 'dealstage', operator: 'EQ', value: 'closedwon' };
    const no = { propertyName: 'dealstage', operator: 'EQ', value: 'contractsent' };
    expect(idsOf(await search(portal, filtered(yes, no)))).toEqual([]);
    expect(idsOf(await search(portal, { filterGroups: [{ filters: [no] }, { filters: [yes] }] }))).toEqual([
      '9001',
    ]);
  });
});

describe('bounds', () => {
  const filter = { propertyName: 'dealname', operator: 'HAS_PROPERTY' };
  const group = (size: number) => ({ filters: Array.from({ length: size }, () => filter) });

  test.each([
    ['six groups', { filterGroups: Array.from({ length: 6 }, () => group(1)) }],
    ['seven filters in a group', { filterGroups: [group(7)] }],
    ['nineteen filters in all', { filterGroups: [group(5), group(5), group(5), group(4)] }],
    ['two sorts', { sorts: ['dealname', 'amount'] }],
    ['a limit above 200', { limit: 201 }],
    ['paging past 10,000', { limit: 100, after: '9901' }],
    ['a cursor that is no number', { after: 'abc' }],
    ['more than 3,000 characters', { query: 'x'.repeat(3000) }],
    ['an unknown property', filtered({ ...filter, propertyName: 'nonsense' })],
    ['an unknown operator', filtered({ ...filter, operator: 'LIKE' })],
    ['a filter without an operator', filtered({ propertyName: 'dealname' })],
    ['a value that is no text', filtered({ propertyName: 'amount', operator: 'EQ', value: 1 })],
  ])('%s is refused', async (_name, body) => {
    const portal = await startPortal();
    expect((await search(portal, body)).status).toBe(400);
  });

  test('results come sorted, page by page, with the total', async () => {
    const portal = await startPortal();
    const ids = [3, 1, 2].map((n) => portal.state.createDeal({ name: `Deal ${n}` }));
    const sorted = { query: 'deal ', sorts: ['-dealname'], limit: 2 };
    const first = await search(portal, sorted);
    expect(first.body).toMatchObject({ total: 3, paging: { next: { after: '2' } } });
    const second = await search(portal, { ...sorted, after: '2' });
    expect(second.body).not.toHaveProperty('paging');
    expect([...idsOf(first), ...idsOf(second)]).toEqual([ids[0], ids[2], ids[1]]);
  });
});
