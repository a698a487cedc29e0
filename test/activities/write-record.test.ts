import { afterEach, describe, expect, test } from '@jest/globals';
import type { RecordWrite } from '../../src/contracts/activities.ts';
import { formatHold, parseHold } from '../../src/domain/deal/hold.ts';
import { formatLedger, type Ledger, NO_SEATS, readLedger } from '../../src/domain/deal/ledger.ts';
import { deliveredLedger } from '../../src/domain/planning/ledger-after.ts';
import { testSealer } from '../support/sandbox-activities.ts';
import { seenDeal } from './seen-deal.ts';
import {
  asRun,
  DEALS,
  DEPLOYMENT,
  failureOf,
  HOLD,
  OTHER_RUN,
  openWorld,
  RUN,
  type SandboxCrm,
  type World,
} from './world.ts';

let world: World;
afterEach(() => world.close());

const CRMS = ['hubspot', 'salesforce'] as const;
const FACTS = {
  seatCount: 20,
  groupLabels: ['label-a', 'label-b'],
  groupIds: ['id-a', 'id-b'],
  rosterUrl: 'https://crm.example/file',
};
const STOP = { by: 'ana', wonAt: '2026-11-20T09:00:00.000Z' };

function write(crm: SandboxCrm, what: RecordWrite) {
  return world.run('writeRecord', { deal: DEALS[crm], hold: HOLD, write: what });
}

describe.each(CRMS)('the record on a %s deal', (crm) => {
  const deal = () => seenDeal(world.sandbox, crm);

  test('is written with what is known, and the link to the run', async () => {
    world = await openWorld();
    await write(crm, { what: 'end', status: 'Failed', detail: 'all done', facts: FACTS });
    const names = ['status', 'detail', 'seats', 'group_label', 'group_id', 'roster_file'];
    expect(names.map((name) => deal().field(name))).toEqual([
      'Failed',
      'all done',
      '20',
      'label-a, label-b',
      'id-a, id-b',
      'https://crm.example/file',
    ]);
    expect(deal().field('run')).not.toBeNull();
  });

  test('keeps what a write does not name, and loses what is not there any more', async () => {
    world = await openWorld();
    await write(crm, { what: 'end', status: 'Failed', detail: 'x', facts: FACTS });
    await write(crm, { what: 'show', status: 'NeedsAttention', detail: 'y' });
    expect(['status', 'seats', 'roster_file'].map((name) => deal().field(name))).toEqual([
      'NeedsAttention',
      '20',
      'https://crm.example/file',
    ]);
    await write(crm, { what: 'end', status: 'Failed', detail: 'z', facts: { ...FACTS, rosterUrl: null } });
    expect(deal().field('roster_file')).toBeNull();
  });

  test('names a field that the CRM does not have', async () => {
    world = await openWorld({
      sandbox: { hubspot: { withDealseatProperties: false }, salesforce: { withDealseatFields: false } },
    });
    const failure = await failureOf(write(crm, { what: 'show', status: 'Planning', detail: '' }));
    expect(failure).toMatchObject({ code: 'crm.field_missing', nonRetryable: true });
    expect(failure.message).toMatch(/dealseat_/i);
  });

  test('shows where a run stands without a hold of the run', async () => {
    world = await openWorld();
    expect(await write(crm, { what: 'show', status: 'NeedsAttention', detail: '' })).toEqual({
      isWritten: true,
    });
    expect(deal().field('claim')).toBeNull();
  });
});

describe.each(CRMS)('a %s deal that says Delivered', (crm) => {
  const deal = () => seenDeal(world.sandbox, crm);

  async function handedOver() {
    world = await openWorld();
    const input = await world.prepareMessages(crm);
    const ledger = deliveredLedger(input.plan, input.groups, input.roster);
    return { input, ledger };
  }

  const delivered = (ledger: Ledger): RecordWrite => ({
    what: 'mark',
    status: 'Delivered',
    detail: 'done',
    facts: FACTS,
    ledger,
  });

  test('has its roster, and a ledger that nobody else could have written', async () => {
    const { input, ledger } = await handedOver();
    await write(crm, delivered(ledger));
    expect(deal().field('status')).toBe('Delivered');
    expect(deal().files()).toHaveLength(1);
    expect(readLedger(deal().field('ledger'), input.deal, testSealer)).toEqual({ ledger, isSealed: true });
  });

  test.each([
    ['was removed', () => deal().removeFiles()],
    ['was changed', () => deal().files()[0]?.write('edited')],
  ])('does not say so when the roster %s since it was attached', async (_, change) => {
    const { input, ledger } = await handedOver();
    change();
    const failure = await failureOf(write(crm, delivered(ledger)));
    expect(failure).toMatchObject({ code: 'crm.roster_missing', nonRetryable: true });
    expect(failure.message).toContain(input.roster.fileName);
    expect([deal().field('status'), deal().field('ledger')]).toEqual([null, null]);
    expect(parseHold(deal().field('claim'))).toMatchObject({ run: RUN, isDone: false });
  });

  test('says so once its roster was attached again', async () => {
    const { input, ledger } = await handedOver();
    deal().removeFiles();
    await failureOf(write(crm, delivered(ledger)));
    await world.run('attachRoster', input);
    await write(crm, delivered(ledger));
    expect(deal().field('status')).toBe('Delivered');
  });

  test('is told again by a run that found nothing to do, without a look at the roster', async () => {
    const { ledger } = await handedOver();
    deal().removeFiles();
    await write(crm, { what: 'mark', status: 'Delivered', detail: 'as before', facts: null, ledger });
    expect(deal().field('detail')).toBe('as before');
  });
});

describe.each(CRMS)('a stop of a %s deal', (crm) => {
  const deal = () => seenDeal(world.sandbox, crm);
  const stop: RecordWrite = {
    what: 'end',
    status: 'Cancelled',
    detail: 'x',
    facts: null,
    stopped: STOP,
  };

  const ledgerNow = () => readLedger(deal().field('ledger'), DEALS[crm], testSealer);

  test('is noted on a deal that has no ledger yet', async () => {
    world = await openWorld();
    await write(crm, stop);
    expect(ledgerNow()).toEqual({ ledger: { ...NO_SEATS, stopped: STOP }, isSealed: true });
  });

  test('is added to what the ledger says by then', async () => {
    world = await openWorld();
    const { plan, groups, roster } = await world.prepareMessages(crm);
    const ledger = deliveredLedger(plan, groups, roster);
    await write(crm, { what: 'note', status: 'HandingOver', detail: '', ledger });
    await write(crm, stop);
    expect(ledgerNow()).toEqual({ ledger: { ...ledger, stopped: STOP }, isSealed: true });
  });

  test('leaves a ledger that cannot be read as it is, and still ends', async () => {
    world = await openWorld();
    deal().set('ledger', 'no ledger at all');
    expect(await write(crm, stop)).toEqual({ isWritten: true });
    expect([deal().field('status'), deal().field('ledger')]).toEqual(['Cancelled', 'no ledger at all']);
  });

  test('is added to a ledger that people may have written, which it does not seal', async () => {
    world = await openWorld();
    const forged = { ...JSON.parse(formatLedger(NO_SEATS, DEALS[crm], testSealer)), mac: 'x.y' };
    deal().set('ledger', JSON.stringify(forged));
    await write(crm, stop);
    expect(ledgerNow()).toEqual({ ledger: { ...NO_SEATS, stopped: STOP }, isSealed: false });
  });

  test('gives up the hold of its run, and no other', async () => {
    world = await openWorld();
    await world.prepare(crm);
    await write(crm, stop);
    expect(parseHold(deal().field('claim'))).toMatchObject({ run: RUN, isDone: true });
    const at = new Date().toISOString();
    const other = formatHold({ deployment: DEPLOYMENT, run: OTHER_RUN, at, isDone: false });
    deal().set('claim', other);
    const late = asRun({ deal: DEALS[crm], hold: HOLD, write: stop }, RUN, other);
    await world.run('writeRecord', late);
    expect(deal().field('claim')).toBe(other);
  });
});

describe('a HubSpot deal that was merged into another one', () => {
  const deal = DEALS.hubspot;

  async function survivor(): Promise<string> {
    world = await openWorld();
    const { state } = world.sandbox.hubspot;
    const dealId = state.createDeal({ name: 'The surviving deal' });
    state.merge('deals', dealId, deal.dealId);
    return dealId;
  }

  test.each<RecordWrite>([
    { what: 'show', status: 'NeedsAttention', detail: 'gone wrong' },
    { what: 'note', status: 'HandingOver', detail: '', ledger: NO_SEATS },
    { what: 'mark', status: 'Delivered', detail: 'done', facts: null, ledger: NO_SEATS },
    { what: 'end', status: 'Failed', detail: 'gone wrong', facts: FACTS, stopped: STOP },
  ])('has nothing written on the surviving one ($what)', async (what) => {
    const dealId = await survivor();
    const failure = await failureOf(write('hubspot', what));
    expect(failure).toMatchObject({
      code: 'deal.merged',
      message: `Deal ${deal.dealId} was merged into deal ${dealId}.`,
      nonRetryable: true,
    });
    const values = world.sandbox.hubspot.state.valuesOf('deals', dealId);
    expect(Object.keys(values).filter((name) => name.startsWith('dealseat_'))).toEqual([]);
  });
});

describe('a question that names a person', () => {
  const detail = 'Dealseat cannot see whether contact 6001 got the e-mail.';
  const asking = { what: 'show', status: 'NeedsAttention', detail, clears: { known: null } } as const;
  const deal = () => seenDeal(world.sandbox, 'hubspot');
  const act = (dealseat_action: string) =>
    world.sandbox.hubspot.state.edit('deals', DEALS.hubspot.dealId, { dealseat_action }, { by: 4801 });

  test('says the name beside the answer to an older action too', async () => {
    world = await openWorld();
    act('Approve');
    await write('hubspot', asking);
    expect(deal().field('detail')).toMatch(/^Dealseat action "Approve": [\s\S]*whether Dana Reyes got/);
  });

  test('leaves an action that came after an attempt whose own answer was lost', async () => {
    world = await openWorld();
    await write('hubspot', asking);
    act('Mail was sent');
    const input = { deal: DEALS.hubspot, hold: HOLD, write: asking };
    await world.run('writeRecord', input, { attempt: 2 });
    expect(deal().field('action')).toBe('Mail was sent');
  });
});
