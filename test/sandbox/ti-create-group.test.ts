import { describe, expect, test } from '@jest/globals';
import { ACME_CLIENT, GROUP, LEADERSHIP, MANAGER_TRACK, TiTenant } from './ti-tenant.ts';

const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';

describe('creating a code group', () => {
  test('answers 201 with the group in full, and neither its codes nor the fields that only lists have', async () => {
    await using tenant = await TiTenant.start();
    const { status, json } = await tenant.create({
      client: ACME_CLIENT,
      expirationDate: '2027-11-20T23:59:59Z',
      accessDays: 90,
      learningPaths: [MANAGER_TRACK],
    });
    expect(status).toBe(201);
    expect(json).toEqual({
      id: expect.any(String),
      label: 'acme-lead',
      redeemedCodesCount: 0,
      totalCodesCount: 3,
      expirationDate: '2027-11-20T23:59:59.000Z',
      accessDays: 90,
      accessExpirationDate: null,
      client: { id: ACME_CLIENT, name: 'Acme Corp' },
      courses: [{ id: LEADERSHIP, title: 'Leadership Essentials' }],
      learningPaths: [{ id: MANAGER_TRACK, name: 'Manager Track' }],
      bundles: [],
      licenses: [],
    });
  });

  test('is not idempotent: the same body makes a second group with the same label', async () => {
    await using tenant = await TiTenant.start();
    const first = await tenant.create();
    const second = await tenant.create();
    expect(second.json.id).not.toBe(first.json.id);
    expect(tenant.state.groups.map(({ label }) => label)).toEqual(['acme-lead', 'acme-lead']);
  });

  test('makes as many distinct codes of the asked length as the group has seats', async () => {
    await using tenant = await TiTenant.start();
    await tenant.create({ codeLength: 4, totalCodesCount: 10_000 });
    const codes = tenant.state.codes.map(({ code }) => code);
    expect(new Set(codes).size).toBe(10_000);
    expect(codes.every((code) => /^[a-z0-9]{4}$/.test(code))).toBe(true);
  });

  test('takes its codes from a given source, so that a test can plant canaries', async () => {
    await using tenant = await TiTenant.start({
      codeSource: (n, length) => `canary${n}`.padEnd(length, '0'),
    });
    await tenant.create();
    expect(tenant.state.codes.map(({ code }) => code)).toEqual([
      'canary000000',
      'canary100000',
      'canary200000',
    ]);
  });

  test('may answer 200 instead of 201', async () => {
    await using tenant = await TiTenant.start({ createStatus: 200 });
    expect((await tenant.create()).status).toBe(200);
  });

  const REFUSED: readonly (readonly [what: string, changes: object, message: string])[] = [
    ['no label', { label: '' }, 'Label is required'],
    ['a label that is no text', { label: 7 }, 'Label is required'],
    [
      'no code length',
      { codeLength: undefined },
      'Generated Redemption Code Groups must have a value for code length and total codes.',
    ],
    [
      'no total',
      { totalCodesCount: null },
      'Generated Redemption Code Groups must have a value for code length and total codes.',
    ],
    ['a short code', { codeLength: 3 }, 'Code length must be a whole number from 4 to 20'],
    ['a long code', { codeLength: 21 }, 'Code length must be a whole number from 4 to 20'],
    ['a total of 0', { totalCodesCount: 0 }, 'Total codes must be a whole number from 1 to 10000'],
    [
      'a total above 10,000',
      { totalCodesCount: 10_001 },
      'Total codes must be a whole number from 1 to 10000',
    ],
    ['a total in text', { totalCodesCount: '3' }, 'Total codes must be a whole number from 1 to 10000'],
    [
      'both access fields',
      { accessDays: 30, accessExpirationDate: '2027-01-01T00:00:00Z' },
      'Access days and access expiration date exclude each other',
    ],
    ['0 access days', { accessDays: 0 }, 'Access days must be a whole number above 0'],
    [
      'nothing to give access to',
      { courses: [] },
      'Please choose at least one item to give access to, or select a license.',
    ],
    ['a single id where a list belongs', { courses: LEADERSHIP }, 'courses must be a list of ids'],
    ['an unknown course', { courses: [UNKNOWN_ID] }, `Unknown id in courses: ${UNKNOWN_ID}`],
    ['an id of another kind', { courses: [MANAGER_TRACK] }, `Unknown id in courses: ${MANAGER_TRACK}`],
    ['an unknown client', { client: UNKNOWN_ID }, `Unknown client: ${UNKNOWN_ID}`],
    ['a date of no calendar', { expirationDate: 'next year' }, 'expirationDate must be an ISO 8601 date'],
    ['a date in milliseconds', { accessExpirationDate: 1 }, 'accessExpirationDate must be an ISO 8601 date'],
    ['a misspelt field', { accessDay: 30 }, 'Unknown field accessDay'],
  ];

  test.each(REFUSED)('refuses %s with 422 and makes nothing', async (_what, changes, message) => {
    await using tenant = await TiTenant.start();
    const { status, json } = await tenant.create(changes);
    expect({ status, json }).toEqual({ status: 422, json: { errors: [message] } });
    expect(tenant.state.groups).toEqual([]);
    expect(tenant.state.codes).toEqual([]);
  });

  test('reports the first fault in the order label, counts, access, items', async () => {
    await using tenant = await TiTenant.start();
    const everyFault = { label: '', codeLength: 1, totalCodesCount: 0, accessDays: 0, courses: [] };
    const cured = [{}, { label: 'a' }, { codeLength: 8 }, { totalCodesCount: 1 }, { accessDays: 1 }];
    const messages: string[] = [];
    let body: object = everyFault;
    for (const cure of cured) {
      body = { ...body, ...cure };
      const { json } = await tenant.post('/redemptionCodes', body);
      messages.push(json.errors[0]);
    }
    expect(messages).toEqual([
      'Label is required',
      'Code length must be a whole number from 4 to 20',
      'Total codes must be a whole number from 1 to 10000',
      'Access days must be a whole number above 0',
      'Please choose at least one item to give access to, or select a license.',
    ]);
  });

  test('may refuse with 400 or 409 instead of 422', async () => {
    await using tenant = await TiTenant.start();
    for (const status of [400, 409] as const) {
      tenant.state.options.invalidStatus = status;
      expect((await tenant.create({ label: '' })).status).toBe(status);
    }
  });

  test('may refuse content and access limits beside a Panorama client', async () => {
    await using tenant = await TiTenant.start({ panoramaTakesContent: false });
    expect((await tenant.create({ client: ACME_CLIENT })).status).toBe(422);
    const licence = { courses: [], licenses: ['e21f5a88-0b3d-4c79-a6f1-9d4c8b2e7053'] };
    expect((await tenant.create({ client: ACME_CLIENT, ...licence })).status).toBe(201);
    expect((await tenant.create({ client: ACME_CLIENT, ...licence, accessDays: 9 })).status).toBe(422);
  });

  test('compares ids without regard to case', async () => {
    await using tenant = await TiTenant.start();
    expect((await tenant.create({ courses: [LEADERSHIP.toUpperCase()] })).status).toBe(201);
  });

  test.each([
    ['another media type', 'text/plain', JSON.stringify(GROUP)],
    ['broken JSON', 'application/json', '{"label":'],
    ['a JSON array', 'application/json', '[]'],
  ])('refuses %s with 400', async (_what, contentType, body) => {
    await using tenant = await TiTenant.start();
    const { status } = await tenant.call('/redemptionCodes', {
      method: 'POST',
      headers: { authorization: 'Bearer sandbox-ti-key', 'content-type': contentType },
      body,
    });
    expect(status).toBe(400);
  });
});
