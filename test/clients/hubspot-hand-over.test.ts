import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { OwnerNotice, RosterFile } from '../../src/clients/crm.ts';
import { failureOf, type HubSpotAccount, openHubSpotAccount } from './hubspot-account.ts';

const ROSTER: RosterFile = {
  dealId: '9001',
  fileName: 'acme-2026-11-20-roster.csv',
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

function tasks() {
  return account.state.engagementsOf('tasks', DEAL);
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
      name: 'acme-2026-11-20-roster',
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
    await account.crm.attachRoster({ ...ROSTER, fileName: 'acme-2026-11-20-roster-2.csv' });
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

  test('never shows its codes in an error', async () => {
    const body = { status: 'error', category: 'VALIDATION_ERROR', message: 'bad row CANARY1' };
    account.fail({ method: 'POST', path: /^\/files\/v3\/files$/, kind: 'status', status: 400, body });
    const failure = await failureOf(account.crm.attachRoster(ROSTER));
    expect(failure.code).toBe('crm.invalid_request');
    expect(`${failure.stack} ${String(failure.cause)}`).not.toContain('CANARY1');
  });
});

describe('a notice to the owner of a HubSpot deal', () => {
  const notice: OwnerNotice = {
    dealId: '9001',
    ownerId: '8001',
    key: '9001:attention:1',
    subject: 'Seats need your help',
    text: 'Line item "Foo & Bar" has <no> SKU.\nGive it one.',
  };

  test('is a task of the owner on the deal, its text escaped', async () => {
    await account.crm.notifyOwner(notice);
    expect(tasks()).toHaveLength(1);
    expect(tasks()[0]?.properties).toMatchObject({
      hs_task_subject: 'Seats need your help',
      hs_task_status: 'NOT_STARTED',
      hubspot_owner_id: '8001',
      hs_task_body: expect.stringContaining('has &lt;no&gt; SKU.<br>Give it one.'),
    });
  });

  test('told twice is one task; another key is another task', async () => {
    await account.crm.notifyOwner(notice);
    await account.crm.notifyOwner(notice);
    await account.crm.notifyOwner({ ...notice, key: '9001:attention:11' });
    expect(tasks()).toHaveLength(2);
  });

  test('is a note where there is no owner, once', async () => {
    await account.crm.notifyOwner({ ...notice, ownerId: null });
    await account.crm.notifyOwner({ ...notice, ownerId: null });
    expect(tasks()).toEqual([]);
    expect(notes()).toHaveLength(1);
    expect(notes()[0]?.properties.hs_note_body).toContain('Seats need your help');
  });

  test('that was made but not acknowledged is one task after the next call', async () => {
    account.fail({ method: 'POST', path: /objects\/tasks$/, kind: 'dropAfterCommit' });
    await account.crm.notifyOwner(notice).catch(() => null);
    await account.crm.notifyOwner(notice);
    expect(tasks()).toHaveLength(1);
  });
});
