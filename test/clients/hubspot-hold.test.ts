import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { formatHold } from '../../src/domain/deal/hold.ts';
import { failureOf, type HubSpotAccount, openHubSpotAccount } from './hubspot-account.ts';

const DEAL = '9001';

let account: HubSpotAccount;
beforeEach(async () => {
  account = await openHubSpotAccount();
});
afterEach(() => account.close());

const holdOf = (run: string, options: { readonly at?: string; readonly isDone?: boolean } = {}) =>
  formatHold({
    deployment: 'default/1',
    run,
    at: options.at ?? '2026-11-21T09:00:00.000Z',
    isDone: options.isDone ?? false,
  });

const OURS = holdOf('ours');
const THEIRS = holdOf('theirs');

const field = () => account.state.valuesOf('deals', DEAL).dealseat_claim ?? null;
const writtenByOthers = (hold: string) => account.state.edit('deals', DEAL, { dealseat_claim: hold });

function take(seen: string | null, hold = OURS) {
  return account.crm.takeHold({ dealId: DEAL, seen, hold, fields: { status: 'Provisioning' } });
}

describe('a hold on a HubSpot deal', () => {
  test('is ours at once when nobody has written another one since the deal was read', async () => {
    expect(await take(null)).toBe('first');
    expect(account.state.valuesOf('deals', DEAL)).toMatchObject({
      dealseat_claim: OURS,
      dealseat_status: 'Provisioning',
    });
  });

  test('that somebody wrote since the reading stands again, and ours is late', async () => {
    writtenByOthers(THEIRS);
    expect(await take(null)).toBe('late');
    expect(field()).toBe(THEIRS);
  });

  test('of somebody who was done meanwhile stands again as done', async () => {
    const done = holdOf('theirs', { isDone: true, at: '2026-11-21T09:01:00.000Z' });
    writtenByOthers(THEIRS);
    writtenByOthers(done);
    expect(await take(null)).toBe('late');
    expect(field()).toBe(done);
  });

  test('that was there when the deal was read does not count', async () => {
    const earlier = holdOf('earlier', { isDone: true });
    writtenByOthers(earlier);
    expect(await take(earlier)).toBe('first');
    expect(field()).toBe(OURS);
  });

  test('is ours though a person typed something into the field, or emptied it', async () => {
    writtenByOthers('please leave alone');
    writtenByOthers('');
    expect(await take(null)).toBe('first');
  });

  test('is ours when an attempt before, whose answer was lost, has written it', async () => {
    expect(await take(null)).toBe('first');
    expect(await take(null, holdOf('ours', { at: '2026-11-21T09:00:05.000Z' }))).toBe('first');
  });

  test('that an attempt before has written is proven without writing it again, or put back', async () => {
    const prove = () => account.crm.proveHold({ dealId: DEAL, seen: null, hold: OURS });
    writtenByOthers(OURS);
    expect([await prove(), field()]).toEqual(['first', OURS]);
    writtenByOthers('');
    writtenByOthers(THEIRS);
    writtenByOthers(OURS);
    expect([await prove(), field()]).toEqual(['late', THEIRS]);
  });

  test('is left to be proven by a pause where the history does not show it', async () => {
    const body = { id: DEAL, properties: { dealseat_claim: OURS }, createdAt: '', updatedAt: '' };
    account.fail({ method: 'GET', path: /deals\/9001$/, kind: 'status', status: 200, body });
    expect(await take(null)).toBe('unproven');
  });
});

describe('a write on a HubSpot deal that is merged in that moment', () => {
  test('leaves the surviving deal as it was, and tells of the merge', async () => {
    const { state, crm } = account;
    const survivor = state.createDeal({});
    state.edit('deals', survivor, { dealseat_status: 'Delivered', dealseat_ledger: '{"v":1}' });
    state.merge('deals', survivor, DEAL);
    const writing = crm.writeDealFields(DEAL, { status: 'HandingOver', ledger: '{"v":2}', detail: 'x' });
    const failure = await failureOf(writing);
    expect(failure.code).toBe('deal.merged');
    expect(failure.message).toContain(survivor);
    const { dealseat_status, dealseat_ledger, dealseat_detail = '' } = state.valuesOf('deals', survivor);
    expect([dealseat_status, dealseat_ledger, dealseat_detail]).toEqual(['Delivered', '{"v":1}', '']);
  });
});
