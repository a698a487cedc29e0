import { describe, expect, test } from '@jest/globals';
import { startPortal } from './hubspot-portal.ts';

const CSV = 'code,redeem_url\nAAA,https://learn.example/redeem/AAA\n';
const PRIVATE = JSON.stringify({ access: 'PRIVATE' });

function roster(options: object = {}, text = CSV) {
  return {
    file: new Blob([text], { type: 'text/csv' }),
    options: JSON.stringify({ access: 'PRIVATE', ...options }),
    folderPath: '/dealseat/rosters',
  };
}

interface FileBody {
  readonly id: string;
  readonly name: string;
  readonly url: string;
}

describe('uploading', () => {
  test('a file comes back with its name and extension apart, and keeps its bytes', async () => {
    const portal = await startPortal();
    const { status, body } = await portal.upload({ ...roster(), fileName: 'acme.csv' });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      name: 'acme',
      extension: 'csv',
      type: 'DOCUMENT',
      path: '/dealseat/rosters/acme.csv',
      access: 'PRIVATE',
      size: CSV.length,
    });
    expect(portal.state.files.get((body as FileBody).id).bytes.toString()).toBe(CSV);
  });

  test.each([
    ['without a file', { options: PRIVATE, folderPath: '/a' }],
    ['with text instead of a file', { file: 'text', options: PRIVATE, folderPath: '/a' }],
    ['without options', { file: new Blob(['x']), folderPath: '/a' }],
    ['with options that are no JSON', { file: new Blob(['x']), options: 'PRIVATE', folderPath: '/a' }],
    ['without access', { file: new Blob(['x']), options: '{}', folderPath: '/a' }],
    [
      'with hidden access',
      { file: new Blob(['x']), options: '{"access":"HIDDEN_PRIVATE"}', folderPath: '/a' },
    ],
    ['without a folder', { file: new Blob(['x']), options: PRIVATE }],
    ['with two folders', { file: new Blob(['x']), options: PRIVATE, folderPath: '/a', folderId: '1' }],
    [
      'to live for an hour',
      { file: new Blob(['x']), options: '{"access":"PRIVATE","ttl":"PT1H"}', folderPath: '/a' },
    ],
  ])('a file %s is refused and not kept', async (_name, fields) => {
    const portal = await startPortal();
    expect((await portal.upload(fields as Record<string, string | Blob>)).status).toBe(400);
    expect(portal.state.files.list()).toEqual([]);
  });

  test('a folder that does not exist is not found by id', async () => {
    const portal = await startPortal();
    expect((await portal.upload({ file: new Blob(['x']), options: PRIVATE, folderId: '1' })).status).toBe(
      404,
    );
  });

  test('a body that is no multipart is refused', async () => {
    const portal = await startPortal();
    expect((await portal.send('POST', '/files/v3/files', {})).status).toBe(400);
  });

  test('without a word on duplicates the same upload makes a second file under another name', async () => {
    const portal = await startPortal();
    await portal.upload(roster());
    expect((await portal.upload(roster())).body).toMatchObject({ name: 'roster-1' });
  });

  test('overwriting leaves one file, under a new id', async () => {
    const portal = await startPortal();
    const first = await portal.upload(roster({ overwrite: true }));
    const second = await portal.upload(roster({ overwrite: true }, 'other'));
    expect((second.body as FileBody).id).not.toBe((first.body as FileBody).id);
    expect(portal.state.files.list().map(({ bytes }) => bytes.toString())).toEqual(['other']);
  });

  test.each([
    ['bytes', 'renamed.csv', CSV],
    ['name', 'roster.csv', 'other bytes'],
  ] as const)('a duplicate by %s is returned or rejected as asked', async (duplicateRule, fileName, text) => {
    const portal = await startPortal({ duplicateRule });
    const first = await portal.upload(roster());
    const again = (strategy: string) =>
      portal.upload(
        roster({ duplicateValidationStrategy: strategy, duplicateValidationScope: 'EXACT_FOLDER' }, text),
        fileName,
      );
    expect((await again('RETURN_EXISTING')).body).toMatchObject({ id: (first.body as FileBody).id });
    expect((await again('REJECT')).status).toBe(409);
    expect(portal.state.files.list()).toHaveLength(1);
  });

  test('a file with a time to live is gone after it', async () => {
    const portal = await startPortal();
    const { body } = await portal.upload(roster({ ttl: 'P1D' }));
    const path = `/files/v3/files/${(body as FileBody).id}`;
    expect((await portal.get(path)).status).toBe(200);
    portal.clock.now += 86_400_000;
    expect((await portal.get(path)).status).toBe(404);
  });
});

describe('reading', () => {
  test('a private file opens only by its signed link, and only until that expires', async () => {
    const portal = await startPortal();
    const { id, url } = (await portal.upload(roster())).body as FileBody;
    expect((await fetch(url)).status).toBe(403);
    const { body } = await portal.get(`/files/v3/files/${id}/signed-url?expirationSeconds=60`);
    const signed = body as { url: string; expiresAt: string };
    expect(signed.expiresAt).toBe('2026-11-25T12:01:00.000Z');
    const opened = await fetch(signed.url);
    expect([opened.status, await opened.text()]).toEqual([200, CSV]);
    portal.clock.now += 60_000;
    expect((await fetch(signed.url)).status).toBe(403);
  });

  test('a signed link cannot be stretched or turned on another file', async () => {
    const portal = await startPortal();
    const first = (await portal.upload(roster())).body as FileBody;
    const second = (await portal.upload(roster({}, 'other'))).body as FileBody;
    const { body } = await portal.get(`/files/v3/files/${first.id}/signed-url?expirationSeconds=60`);
    const signed = new URL((body as { url: string }).url);
    const stretched = new URL(signed);
    stretched.searchParams.set('expires', String(portal.clock.now + 1e9));
    expect((await fetch(stretched)).status).toBe(403);
    expect((await fetch(`${second.url}${signed.search}`)).status).toBe(403);
  });

  test('a public file opens without a link, and asks robots to stay out', async () => {
    const portal = await startPortal();
    const { body } = await portal.upload(roster({ access: 'PUBLIC_NOT_INDEXABLE' }));
    const response = await fetch((body as FileBody).url);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-robots-tag')).toBe('noindex');
  });

  test('a search by name also finds longer names', async () => {
    const portal = await startPortal();
    await portal.upload({ ...roster(), fileName: 'acme-1.csv' });
    await portal.upload({ ...roster(), fileName: 'acme-12.csv' });
    const { body } = await portal.get('/files/v3/files/search?name=acme-1&extension=csv');
    expect((body as { results: FileBody[] }).results.map(({ name }) => name)).toEqual(['acme-1', 'acme-12']);
    const exact = await portal.get(
      `/files/v3/files/search?path=${encodeURIComponent('/dealseat/rosters/acme-1.csv')}`,
    );
    expect((exact.body as { results: FileBody[] }).results.map(({ name }) => name)).toEqual(['acme-1']);
  });

  test('a deleted file is gone, and so is its signed link', async () => {
    const portal = await startPortal();
    const { id } = (await portal.upload(roster())).body as FileBody;
    const { body } = await portal.get(`/files/v3/files/${id}/signed-url`);
    expect((await portal.send('DELETE', `/files/v3/files/${id}`)).status).toBe(204);
    expect((await fetch((body as { url: string }).url)).status).toBe(404);
    expect((await portal.send('DELETE', `/files/v3/files/${id}`)).status).toBe(404);
  });

  test('files attached by notes are found from the deal', async () => {
    const portal = await startPortal();
    const { id } = (await portal.upload(roster())).body as FileBody;
    await portal.send('POST', '/crm/v3/objects/notes', {
      properties: { hs_timestamp: '2026-11-25T12:00:00Z', hs_attachment_ids: id },
      associations: [
        { to: { id: '9001' }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 214 }] },
      ],
    });
    expect(portal.state.attachmentsOf({ object: 'deals', id: '9001' }).map((file) => file.id)).toEqual([id]);
  });
});
