import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RosterFile } from '../../src/clients/crm.ts';
import { failureOf, type HubSpotAccount, openHubSpotAccount } from './hubspot-account.ts';

const ROSTER: RosterFile = {
  dealId: '9001',
  fileName: 'roster-acme-d0123456789abcde.csv',
  csv: Buffer.from('code,redeem_url\r\nCANARY1,https://learn.example/redeem/CANARY1\r\n'),
  noteHtml: '<p>25 seats for Leadership Essentials.</p>',
};
const DEAL = { object: 'deals', id: '9001' } as const;

let account: HubSpotAccount;

beforeEach(async () => {
  account = await openHubSpotAccount();
});

afterEach(() => account.close());

function notes() {
  return account.state.engagementsOf('notes', DEAL);
}

/** A file that a person uploaded, in this folder. */
function personsFile(fileName: string, folderPath = '/contracts') {
  return account.state.files.upload({
    fileName,
    folderPath,
    access: 'PRIVATE',
    bytes: Buffer.from('signed'),
    overwrite: false,
    expiresAt: null,
    duplicates: { strategy: 'NONE', scope: 'EXACT_FOLDER' },
  }).id;
}

/** A person adds a file to the roster note. */
function attachToNote(fileId: string) {
  const [note] = notes();
  if (!note) throw new Error('there is no note');
  const attached = note.properties.hs_attachment_ids;
  account.state.edit('notes', note.id, { hs_attachment_ids: `${attached};${fileId}` });
  return note;
}

describe('the roster on a HubSpot deal', () => {
  test('is a private file on a note of the deal, byte for byte', async () => {
    const attached = await account.crm.attachRoster(ROSTER);
    const [file, ...others] = account.state.attachmentsOf(DEAL);
    expect(others).toEqual([]);
    expect(file).toMatchObject({
      id: attached.fileId,
      access: 'PRIVATE',
      folderPath: '/dealseat/rosters',
      name: 'roster-acme-d0123456789abcde',
      extension: 'csv',
      bytes: Buffer.from(ROSTER.csv),
    });
    expect(notes()[0]?.properties.hs_note_body).toContain(ROSTER.noteHtml);
  });

  test('is found through a page for people, never through a public link', async () => {
    const { url, fileId } = await account.crm.attachRoster(ROSTER);
    expect(url).toBe(`https://app.hubspot.com/files/62515/?showDetails=${fileId}`);
  });

  test('attached twice makes one file and one note', async () => {
    const first = await account.crm.attachRoster(ROSTER);
    expect(await account.crm.attachRoster(ROSTER)).toEqual(first);
    expect(notes()).toHaveLength(1);
    expect(account.state.files.list()).toHaveLength(1);
  });

  test('with other bytes replaces the file and moves the note on', async () => {
    await account.crm.attachRoster(ROSTER);
    const csv = Buffer.from('code,redeem_url\r\nCANARY2,https://learn.example/redeem/CANARY2\r\n');
    const second = await account.crm.attachRoster({ ...ROSTER, csv });
    expect(notes()).toHaveLength(1);
    expect(account.state.files.list()).toEqual([expect.objectContaining({ id: second.fileId, bytes: csv })]);
    expect(account.state.attachmentsOf(DEAL).map(({ id }) => id)).toEqual([second.fileId]);
  });

  test('of another closing gets a note of its own', async () => {
    await account.crm.attachRoster(ROSTER);
    await account.crm.attachRoster({ ...ROSTER, fileName: 'roster-acme-dfedcba987654321.csv' });
    expect(notes()).toHaveLength(2);
    expect(account.state.files.list()).toHaveLength(2);
  });

  test('leaves the other notes of the deal alone', async () => {
    const id = account.state.create('notes', {
      hs_timestamp: '2026-11-20T00:00:00Z',
      hs_note_body: 'roster?',
    });
    account.state.associations.link(
      DEAL,
      { object: 'notes', id },
      account.state.associations.plainType('deals', 'notes'),
    );
    await account.crm.attachRoster(ROSTER);
    await account.crm.removeRoster(ROSTER);
    expect(notes().map((note) => note.id)).toEqual([id]);
  });

  test('whose note was made but not acknowledged has one note after the next call', async () => {
    account.fail({ method: 'POST', path: /objects\/notes$/, kind: 'dropAfterCommit' });
    await account.crm.attachRoster(ROSTER).catch(() => null);
    await account.crm.attachRoster(ROSTER);
    expect(account.faults.hits).toHaveLength(1);
    expect(notes()).toHaveLength(1);
    expect(account.state.files.list()).toHaveLength(1);
  });

  test('whose note is in doubt and cannot be read back is an unknown outcome', async () => {
    account.fail({ method: 'POST', path: /objects\/notes$/, kind: 'dropAfterCommit' });
    // The look before the create passes, the one after it fails.
    account.fail({ path: /associations\/notes$/, kind: 'status', status: 503, after: 1, times: 9 });
    const failure = await failureOf(account.crm.attachRoster(ROSTER));
    expect(failure).toMatchObject({ code: 'crm.outcome_unknown', class: 'ambiguous' });
  });

  test('whose upload was stored but not acknowledged is one file after the next call', async () => {
    account.fail({ method: 'POST', path: /^\/files\/v3\/files$/, kind: 'dropAfterCommit' });
    expect((await failureOf(account.crm.attachRoster(ROSTER))).class).toBe('retry');
    await account.crm.attachRoster(ROSTER);
    expect(account.state.files.list()).toHaveLength(1);
    expect(notes()).toHaveLength(1);
  });

  test('survives HubSpot answering 200 where it documents 201', async () => {
    account.state.okInsteadOfCreated = /./;
    const { fileId } = await account.crm.attachRoster(ROSTER);
    expect(account.state.attachmentsOf(DEAL).map(({ id }) => id)).toEqual([fileId]);
    expect(notes()).toHaveLength(1);
  });

  test('is removed with its note, and removing it again is no error', async () => {
    await account.crm.attachRoster(ROSTER);
    await account.crm.removeRoster(ROSTER);
    await account.crm.removeRoster(ROSTER);
    expect(notes()).toEqual([]);
    expect(account.state.files.list()).toEqual([]);
  });

  test('is removed even if it never got its note', async () => {
    account.fail({ method: 'POST', path: /objects\/notes$/, kind: 'status', status: 400, body: {} });
    await account.crm.attachRoster(ROSTER).catch(() => null);
    expect(account.state.files.list()).toHaveLength(1);
    await account.crm.removeRoster(ROSTER);
    expect(account.state.files.list()).toEqual([]);
  });

  test('with other bytes keeps what people attached to its note', async () => {
    await account.crm.attachRoster(ROSTER);
    const contract = personsFile('contract.csv');
    attachToNote(contract);
    const second = await account.crm.attachRoster({ ...ROSTER, csv: Buffer.from('code\r\nCANARY2\r\n') });
    expect(account.state.attachmentsOf(DEAL).map(({ id }) => id)).toEqual([contract, second.fileId]);
  });

  test('with other bytes gets its new text, unless a person has changed it', async () => {
    await account.crm.attachRoster(ROSTER);
    const changed = { ...ROSTER, csv: Buffer.from('code\r\nCANARY2\r\n'), noteHtml: '<p>30 seats.</p>' };
    await account.crm.attachRoster(changed);
    expect(notes()[0]?.properties.hs_note_body).toContain('30 seats.');
    const [note] = notes();
    const ours = note?.properties.hs_note_body ?? '';
    account.state.edit('notes', note?.id ?? '', { hs_note_body: `<p>Called Dana.</p>${ours}` });
    const csv = Buffer.from('code\r\nCANARY3\r\n');
    const third = await account.crm.attachRoster({ ...changed, csv, noteHtml: '<p>40 seats.</p>' });
    expect(notes().map(({ properties }) => properties.hs_note_body)).toEqual([`<p>Called Dana.</p>${ours}`]);
    expect(account.state.attachmentsOf(DEAL).map(({ id }) => id)).toEqual([third.fileId]);
  });

  test('is removed from a note that carries a file of others, and the note stays with that', async () => {
    await account.crm.attachRoster(ROSTER);
    const contract = personsFile('contract.csv');
    const note = attachToNote(contract);
    await account.crm.removeRoster(ROSTER);
    expect(account.state.files.list().map(({ id }) => id)).toEqual([contract]);
    expect(notes().map(({ id, properties }) => [id, properties.hs_attachment_ids])).toEqual([
      [note.id, contract],
    ]);
  });

  test('takes no file along that has another name or lies in another folder', async () => {
    await account.crm.attachRoster(ROSTER);
    const elsewhere = personsFile(ROSTER.fileName, '/backup');
    const neighbour = personsFile('roster-globex-dfedcba987654321.csv', '/dealseat/rosters');
    attachToNote(`${elsewhere};${neighbour}`);
    await account.crm.removeRoster(ROSTER);
    expect(account.state.files.list().map(({ id }) => id)).toEqual([elsewhere, neighbour]);
  });

  test('is removed although a person has deleted another file of its note', async () => {
    await account.crm.attachRoster(ROSTER);
    const contract = personsFile('contract.csv');
    attachToNote(contract);
    account.state.files.remove(contract);
    await account.crm.removeRoster(ROSTER);
    expect(account.state.files.list()).toEqual([]);
    expect(notes()).toEqual([]);
  });

  test("is never taken for there, nor removed, by a person's note with its reference", async () => {
    await account.crm.attachRoster(ROSTER);
    const copied = notes()[0]?.properties.hs_note_body ?? '';
    await account.crm.removeRoster(ROSTER);
    const contract = personsFile('contract.csv');
    const id = account.state.create('notes', {
      hs_timestamp: '2026-11-20T00:00:00Z',
      hs_note_body: copied,
      hs_attachment_ids: contract,
    });
    account.state.associations.link(
      DEAL,
      { object: 'notes', id },
      account.state.associations.plainType('deals', 'notes'),
    );
    await account.crm.attachRoster(ROSTER);
    expect(notes()).toHaveLength(2);
    await account.crm.removeRoster(ROSTER);
    expect(notes().map((note) => note.id)).toEqual([id]);
    expect(account.state.files.list().map((file) => file.id)).toEqual([contract]);
  });

  test.each(['roster-acme.csv', 'roster-acme-d0123456789abcde', '../x-d0123456789abcde.csv'])(
    'of a name that cannot be a roster of ours (%s) is neither stored nor removed',
    async (fileName) => {
      for (const call of [
        () => account.crm.attachRoster({ ...ROSTER, fileName }),
        () => account.crm.removeRoster({ ...ROSTER, fileName }),
      ]) {
        expect(await failureOf(call())).toMatchObject({
          code: 'crm.invalid_request',
          message: expect.stringContaining('token of the deal'),
        });
      }
      expect(account.requests).toEqual([]);
    },
  );

  test('that comes out public is deleted at once', async () => {
    account.state.files.forcedAccess = 'PUBLIC_NOT_INDEXABLE';
    const failure = await failureOf(account.crm.attachRoster(ROSTER));
    expect(failure).toMatchObject({
      code: 'crm.invalid_request',
      message: expect.stringMatching(/PUBLIC_NOT_INDEXABLE, not PRIVATE, and was deleted/),
    });
    expect(account.state.files.list()).toEqual([]);
    expect(notes()).toEqual([]);
  });

  test('that comes out public and cannot be deleted says which file a person must delete', async () => {
    account.state.files.forcedAccess = 'PUBLIC_INDEXABLE';
    account.fail({ method: 'DELETE', path: /^\/files/, kind: 'status', status: 503 });
    const failure = await failureOf(account.crm.attachRoster(ROSTER));
    const [file] = account.state.files.list();
    expect(failure).toMatchObject({
      code: 'crm.unavailable',
      message: expect.stringContaining(`Delete file ${file?.id}`),
    });
  });

  test('never shows its codes in an error', async () => {
    const body = { status: 'error', category: 'VALIDATION_ERROR', message: 'bad row CANARY1' };
    account.fail({ method: 'POST', path: /^\/files\/v3\/files$/, kind: 'status', status: 400, body });
    const failure = await failureOf(account.crm.attachRoster(ROSTER));
    expect(failure.code).toBe('crm.invalid_request');
    expect(`${failure.stack} ${String(failure.cause)}`).not.toContain('CANARY1');
  });
});

describe('the rosters of a HubSpot deal', () => {
  const TOKEN = 'd0123456789abcde';

  test('are read back by the token of the deal, byte for byte', async () => {
    await account.crm.attachRoster(ROSTER);
    await account.crm.attachRoster({ ...ROSTER, fileName: 'roster-acme-dfedcba987654321.csv' });
    expect(await account.crm.readRosters('9001', TOKEN)).toEqual([
      { fileName: ROSTER.fileName, csv: Buffer.from(ROSTER.csv), isShown: true },
    ]);
  });

  test('tell whether people find them on the deal', async () => {
    await account.crm.attachRoster(ROSTER);
    for (const note of notes()) account.state.records.archive(note, 'CRM_UI');
    expect(await account.crm.readRosters('9001', TOKEN)).toMatchObject([{ isShown: false }]);
  });

  test('are none for a deal that got none', async () => {
    expect(await account.crm.readRosters('9001', TOKEN)).toEqual([]);
  });
});
