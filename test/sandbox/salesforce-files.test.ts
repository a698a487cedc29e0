import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { errorCodes, openOrg, recordsOf, textOf } from './salesforce-org.ts';

const DEAL = '0065Y00001Suvw6QAB';
const CSV = Buffer.from('code,redeem_url\r\nabc,https://learn.example/redeem/abc\r\n');
let org: Awaited<ReturnType<typeof openOrg>>;
beforeEach(async () => {
  org = await openOrg();
});
afterEach(() => org.close());

const version = {
  Title: 'roster',
  PathOnClient: 'roster.csv',
  VersionData: CSV.toString('base64'),
  FirstPublishLocationId: DEAL,
};
const upload = (body: object = version) => org.call('POST', '/sobjects/ContentVersion', { body });

function multipart(parts: readonly (readonly [headers: string, content: string | Buffer])[]) {
  const boundary = 'boundary-of-the-test';
  const body = parts.flatMap(([headers, content]) => [
    Buffer.from(`--${boundary}\r\n${headers}\r\n\r\n`),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([...body, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

const { VersionData: _data, ...entity } = version;
const jsonPart = [
  'Content-Disposition: form-data; name="entity_content"\r\nContent-Type: application/json',
  JSON.stringify(entity),
] as const;
const filePart = [
  'Content-Disposition: form-data; name="VersionData"; filename="roster.csv"\r\nContent-Type: text/csv',
  CSV,
] as const;

describe('a file', () => {
  test('becomes a document that is linked to the opportunity, with its checksum', async () => {
    const { json } = await upload();
    const id = textOf(json, 'id');
    const found = await org.query(
      `SELECT ContentDocumentId, Checksum, ContentSize, FileExtension, FileType, IsLatest, VersionData
       FROM ContentVersion WHERE FirstPublishLocationId = '${DEAL}' AND Title = 'roster' AND IsLatest = true`,
    );
    expect(recordsOf(found)).toEqual([
      {
        attributes: expect.anything(),
        ContentDocumentId: expect.stringMatching(/^069/),
        Checksum: createHash('md5').update(CSV).digest('hex'),
        ContentSize: CSV.length,
        FileExtension: 'csv',
        FileType: 'CSV',
        IsLatest: true,
        VersionData: `/services/data/v66.0/sobjects/ContentVersion/${id}/VersionData`,
      },
    ]);
    const documentId = textOf(recordsOf(found)[0], 'ContentDocumentId');
    const linked = await org.query(
      `SELECT ContentDocumentId, ContentDocument.Title FROM ContentDocumentLink WHERE LinkedEntityId = '${DEAL}'`,
    );
    expect(recordsOf(linked)).toMatchObject([
      { ContentDocumentId: documentId, ContentDocument: { Title: 'roster' } },
    ]);
  });

  test('is downloaded with the bytes that went in', async () => {
    const id = textOf((await upload()).json, 'id');
    const answer = await org.call('GET', `/sobjects/ContentVersion/${id}/VersionData`);
    expect(answer.status).toBe(200);
    expect(answer.bytes).toEqual(CSV);
    expect(org.state.files(DEAL)).toMatchObject([{ versionId: id, fileName: 'roster.csv', bytes: CSV }]);
  });

  test('made twice is two files: an insert is not repeatable', async () => {
    await upload();
    await upload();
    expect(org.state.files(DEAL)).toHaveLength(2);
  });

  test.each([
    ['JSON first', [jsonPart, filePart]],
    ['file first', [filePart, jsonPart]],
  ])('is taken as multipart, %s', async (_name, parts) => {
    const answer = await org.call('POST', '/sobjects/ContentVersion', multipart(parts));
    expect(answer.status).toBe(201);
    expect(org.state.files(DEAL)).toMatchObject([{ title: 'roster', bytes: CSV }]);
  });

  test.each([
    ['without its file part', [jsonPart]],
    ['without a file name', [jsonPart, ['Content-Disposition: form-data; name="VersionData"', 'x'] as const]],
  ])('is refused as multipart %s', async (_name, parts) => {
    const answer = await org.call('POST', '/sobjects/ContentVersion', multipart(parts));
    expect([answer.status, errorCodes(answer)]).toEqual([400, ['INVALID_MULTIPART_REQUEST']]);
  });

  test('is refused when the multipart body is cut', async () => {
    const whole = multipart([jsonPart, filePart]);
    const cut = { ...whole, body: whole.body.subarray(0, -20) };
    const answer = await org.call('POST', '/sobjects/ContentVersion', cut);
    expect(answer.status).toBe(400);
    expect(org.state.rows('ContentVersion')).toEqual([]);
  });

  test.each([
    ['no path', { ...version, PathOnClient: undefined }, 'REQUIRED_FIELD_MISSING'],
    ['no bytes', { ...version, VersionData: '' }, 'REQUIRED_FIELD_MISSING'],
    ['bytes that are no base64', { ...version, VersionData: 'not base64!' }, 'JSON_PARSER_ERROR'],
    [
      'a place that does not exist',
      { ...version, FirstPublishLocationId: '0065Y00000zzzzzQAA' },
      'INVALID_CROSS_REFERENCE_KEY',
    ],
  ])('is refused with %s', async (_name, body, code) => {
    const answer = await upload(body);
    expect([answer.status, errorCodes(answer)]).toEqual([400, [code]]);
    expect(org.state.rows('ContentDocument')).toEqual([]);
  });

  test('gets a second version without a second link', async () => {
    await upload();
    const [first] = org.state.files(DEAL);
    const { FirstPublishLocationId: _place, ...later } = version;
    const answer = await upload({ ...later, ContentDocumentId: first?.documentId, VersionData: 'eA==' });
    expect(answer.status).toBe(201);
    expect(org.state.rows('ContentVersion').map((row) => row.IsLatest)).toEqual([false, true]);
    expect(org.state.files(DEAL)).toMatchObject([{ documentId: first?.documentId, bytes: Buffer.from('x') }]);
  });

  test('takes no place with a later version, and then leaves no trace', async () => {
    await upload();
    const [first] = org.state.files(DEAL);
    const answer = await upload({ ...version, ContentDocumentId: first?.documentId });
    expect(answer.status).toBe(400);
    expect(org.state.rows('ContentVersion').map((row) => row.IsLatest)).toEqual([true]);
  });

  test('keeps its bytes for ever', async () => {
    const id = textOf((await upload()).json, 'id');
    const answer = await org.call('PATCH', `/sobjects/ContentVersion/${id}`, {
      body: { VersionData: 'eA==' },
    });
    expect(errorCodes(answer)).toEqual(['INVALID_FIELD_FOR_INSERT_UPDATE']);
  });

  test('is deleted by its document, with all versions and links', async () => {
    const id = textOf((await upload()).json, 'id');
    expect((await org.call('DELETE', `/sobjects/ContentVersion/${id}`)).status).toBe(400);
    const [file] = org.state.files(DEAL);
    const answer = await org.call('DELETE', `/sobjects/ContentDocument/${file?.documentId}`);
    expect(answer.status).toBe(204);
    expect(org.state.rows('ContentVersion')).toEqual([]);
    expect(org.state.rows('ContentDocumentLink')).toEqual([]);
    const gone = await org.call('GET', `/sobjects/ContentVersion/${id}/VersionData`);
    expect([gone.status, errorCodes(gone)]).toEqual([404, ['ENTITY_IS_DELETED']]);
  });

  test('is linked to a further record by hand, once made visible there', async () => {
    await upload();
    const [file] = org.state.files(DEAL);
    const accountId = String(org.state.opportunity(DEAL).AccountId);
    const answer = await org.call('POST', '/sobjects/ContentDocumentLink', {
      body: { ContentDocumentId: file?.documentId, LinkedEntityId: accountId, ShareType: 'V' },
    });
    expect(answer.status).toBe(201);
    expect(org.state.files(accountId)).toHaveLength(1);
  });
});

test('a file tells who added it, and its links do not', async () => {
  const id = org.state.addFile(DEAL, { by: 'kim.ops@vendor.example', title: 'offer.pdf', content: 'offer' });
  await upload();

  const [theirs, ours] = org.state.rows('ContentDocument');
  expect(theirs?.CreatedById).not.toBe(org.state.userId);
  expect(ours?.CreatedById).toBe(org.state.userId);
  expect(org.state.files(DEAL)[0]).toMatchObject({ versionId: id, title: 'offer.pdf' });
  const soql = `SELECT CreatedById FROM ContentDocumentLink WHERE LinkedEntityId = '${DEAL}'`;
  expect(errorCodes(await org.query(soql))).toEqual(['INVALID_FIELD']);
});

test('a file whose answer is lost exists all the same', async () => {
  org.faults.add({
    system: 'salesforce',
    method: 'POST',
    path: /ContentVersion$/,
    kind: 'dropAfterCommit',
  });
  await expect(upload()).rejects.toThrow();
  expect(org.state.files(DEAL)).toHaveLength(1);
});
