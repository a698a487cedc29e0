import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Fault } from '../../sandbox/faults.ts';
import { askedIn } from '../../sandbox/http.ts';
import type { OutboxMail } from '../../sandbox/outbox.ts';
import type { SendMessagesInput } from '../../src/contracts/activities.ts';
import { formatHold } from '../../src/domain/deal/hold.ts';
import { formatLedger } from '../../src/domain/deal/ledger.ts';
import type { MailTool } from '../../src/domain/deal/mail-tool.ts';
import type { FailureCode } from '../../src/domain/failure.ts';
import type { MessageOutcomes } from '../../src/domain/seats/message-outcome.ts';
import { LIST, SEQUENCE, SINGLE_SEND } from '../clients/hubspot-mail-tools.ts';
import { testSealer } from '../support/sandbox-activities.ts';
import { seenDeal } from './seen-deal.ts';
import { DEPLOYMENT, failureOf, forLearners, OTHER_RUN, openWorld, type World } from './world.ts';

let world: World;
afterEach(() => world.close());

const CRMS = ['hubspot', 'salesforce'] as const;
const SEND = {
  hubspot: { system: 'hubspot', method: 'POST', path: /single-email\/send|single-send/ },
  salesforce: { system: 'salesforce', method: 'POST', path: /emailSimple/ },
} as const;

function mails(): readonly OutboxMail[] {
  return world.sandbox.outbox.mails;
}

/** What became of the messages, in the plan's order. */
function outcomesOf({ plan }: SendMessagesInput, outcomes: MessageOutcomes) {
  return plan.messages.map(({ sendKey }) => outcomes[sendKey] ?? null);
}

/** HubSpot does not say whether a send that it refused uses its key up, so everything must hold either way. */
const WORLDS = [
  ['hubspot', { failedSendUsesSendId: false }],
  ['hubspot', { failedSendUsesSendId: true }],
  ['salesforce', {}],
] as const;

describe.each(WORLDS)('the mail to the buyer of a %s deal (%j)', (crm, hubspot) => {
  beforeEach(async () => {
    world = await openWorld({ sandbox: { hubspot } });
  });

  test('is sent once, with seats and deal in its subject', async () => {
    const input = await world.prepareMessages(crm);
    const outcomes = await world.run('sendMessages', input);
    expect(outcomesOf(input, outcomes)).toMatchObject([{ is: crm === 'hubspot' ? 'sent' : 'accepted' }]);
    expect(mails()).toHaveLength(1);
    expect(mails()[0]?.subject).toContain(`your ${input.plan.seatCount} learning seats`);
  });

  test('is sent once when its attempt is repeated', async () => {
    const input = await world.prepareMessages(crm);
    await world.run('sendMessages', input);
    const outcomes = await world.run('sendMessages', input, { attempt: 2 });
    expect(outcomesOf(input, outcomes)).toMatchObject([{ is: 'accepted' }]);
    expect(mails()).toHaveLength(1);
  });

  test.each(['dropAfterCommit', 'truncate'] as const)(
    'is sent once when the answer was lost (%s)',
    async (kind) => {
      const input = await world.prepareMessages(crm);
      world.fail({ ...SEND[crm], kind });
      const first = await world.run('sendMessages', input).catch((error: unknown) => error);
      if (first instanceof Error) await world.run('sendMessages', input, { attempt: 2 });
      expect(world.sandbox.faults.hits).toHaveLength(1);
      expect(mails()).toHaveLength(1);
    },
  );

  test('is sent by the next attempt when it never left', async () => {
    const input = await world.prepareMessages(crm);
    world.fail({ ...SEND[crm], kind: 'dropBefore' });
    const first = await world.run('sendMessages', input).catch((error: unknown) => error);
    if (first instanceof Error) await world.run('sendMessages', input, { attempt: 2 });
    expect(mails()).toHaveLength(1);
  });

  test('is refused in words that name no address', async () => {
    const input = await world.prepareMessages(crm);
    world.fail({ ...SEND[crm], kind: 'status', status: 400, body: refusal(crm) });
    const outcomes = await world.run('sendMessages', input);
    expect(outcomesOf(input, outcomes)).toMatchObject([
      { is: 'refused', problem: { code: 'crm.mail_rejected' } },
    ]);
    expect(JSON.stringify(outcomes)).not.toContain('@');
    expect(mails()).toHaveLength(0);
  });
});

function refusal(crm: (typeof CRMS)[number]): object {
  return crm === 'hubspot'
    ? { status: 'error', message: 'dana.reyes@acme.example is not valid', category: 'VALIDATION_ERROR' }
    : [
        {
          actionName: 'emailSimple',
          errors: [
            { statusCode: 'INVALID_EMAIL_ADDRESS', message: 'Bad: robin.vale@globex.example', fields: [] },
          ],
          isSuccess: false,
          outputValues: null,
        },
      ];
}

describe.each([false, true])('a single send that HubSpot refused (its key is used up: %j)', (isUsedUp) => {
  const ADDRESS = 'dana.reyes@acme.example';

  beforeEach(async () => {
    world = await openWorld({ sandbox: { hubspot: { failedSendUsesSendId: isUsedUp } } });
  });

  /** What the workflow hands to the next execution of the step. */
  async function refused(): Promise<SendMessagesInput> {
    const input = await world.prepareMessages('hubspot');
    const { state } = world.sandbox.hubspot;
    state.singleSends.rejectAddress(ADDRESS, 'PREVIOUSLY_BOUNCED');
    const outcomes = await world.run('sendMessages', input);
    expect(outcomesOf(input, outcomes).at(-1)).toMatchObject({
      is: 'refused',
      problem: { code: 'crm.mail_rejected' },
    });
    state.edit('contacts', '6001', { email: 'dana@acme.example' });
    return { ...input, outcomes };
  }

  test('is never taken for a sent mail when the run is retried: it goes out, or a person is asked', async () => {
    const input = await refused();
    const outcomes = await world.run('sendMessages', input);
    expect(outcomesOf(input, outcomes)).toMatchObject([{ is: isUsedUp ? 'inDoubt' : 'sent' }]);
    expect(mails()).toHaveLength(isUsedUp ? 0 : 1);
  });

  test('goes out once after the word of a person, whatever attempt it takes', async () => {
    const input = await refused();
    world.fail({ ...SEND.hubspot, kind: 'dropAfterCommit' });
    const resend = { ...input, finding: 'resend' } as const;
    const of = { activityId: '7' };
    expect((await failureOf(world.run('sendMessages', resend, of))).code).toBe('crm.outcome_unknown');
    await world.run('sendMessages', resend, { ...of, attempt: 2 });
    expect(mails().map(({ to }) => to)).toEqual(['dana@acme.example']);
  });

  test('goes out again under another key when a person asks for it once more', async () => {
    const input = await refused();
    for (const activityId of ['7', '9'])
      await world.run('sendMessages', { ...input, finding: 'resend' }, { activityId });
    expect(new Set(mails().map(({ key }) => key)).size).toBe(2);
  });

  test('leaves word of what was sent before it, and the retry repeats none of that', async () => {
    await world.close();
    world = await openWorld({
      catalog: forLearners,
      sandbox: { hubspot: { failedSendUsesSendId: isUsedUp } },
    });
    // The buyer, who is written to last, about the seats that are left over.
    const input = await refused();
    const sent = mails().map(({ to }) => to);
    expect(sent).toEqual(['lee.park@acme.example']);
    const outcomes = await world.run('sendMessages', input);
    expect(outcomesOf(input, outcomes)).toMatchObject([
      { is: 'sent' },
      { is: isUsedUp ? 'inDoubt' : 'sent' },
    ]);
    if (isUsedUp) {
      const resent = await world.run('sendMessages', { ...input, finding: 'resend', outcomes });
      expect(outcomesOf(input, resent)).toMatchObject([{ is: 'sent' }, { is: 'sent' }]);
    }
    expect(mails().map(({ to }) => to)).toEqual([...sent, 'dana@acme.example']);
  });
});

describe('a message that an earlier attempt may have sent', () => {
  const NOT_FOUND = {
    kind: 'status',
    status: 404,
    body: { status: 'error', message: 'resource not found' },
  } as const;

  test.each([
    ['the contact is gone', { method: 'GET', path: /objects\/contacts\/6001/, ...NOT_FOUND }],
    ['the token lost a scope', { ...SEND.hubspot, kind: 'status', status: 403, body: {} }],
    ['it is refused now', { ...SEND.hubspot, kind: 'status', status: 400, body: {} }],
  ] as const)('is in doubt, not unsent, when %s', async (_name, fault) => {
    world = await openWorld();
    const input = await world.prepareMessages('hubspot');
    world.fail({ system: 'hubspot', ...fault });
    const outcomes = await world.run('sendMessages', input, { attempt: 2 });
    expect(outcomesOf(input, outcomes)).toMatchObject([
      {
        is: 'inDoubt',
        problem: {
          code: 'crm.mail_unknown',
          message: expect.stringMatching(/may have been sent.*crm\.(not_found|forbidden|mail_rejected)/),
        },
      },
    ]);
  });

  test('is in doubt also in Salesforce, when its log may not be read any more', async () => {
    world = await openWorld();
    const input = await world.prepareMessages('salesforce');
    const body = [{ errorCode: 'INSUFFICIENT_ACCESS', message: 'no access' }];
    world.fail({ system: 'salesforce', method: 'GET', path: /\/query/, kind: 'status', status: 403, body });
    const outcomes = await world.run('sendMessages', input, { attempt: 2 });
    expect(outcomesOf(input, outcomes)).toMatchObject([{ is: 'inDoubt' }]);
  });

  test('does not keep the others from being sent', async () => {
    world = await openWorld({ catalog: forLearners });
    const input = await world.prepareMessages('hubspot');
    const [learner] = input.plan.messages;
    world.fail({
      system: 'hubspot',
      method: 'GET',
      path: new RegExp(`contacts/${learner?.contactId}`),
      ...NOT_FOUND,
    });
    const outcomes = await world.run('sendMessages', input, { attempt: 2 });
    expect(outcomesOf(input, outcomes)).toMatchObject([{ is: 'inDoubt' }, { is: 'sent' }]);
    expect(mails().map(({ to }) => to)).toEqual(['dana.reyes@acme.example']);
  });

  test('that the next attempt knows to be unsent is refused as ever', async () => {
    world = await openWorld();
    const input = await world.prepareMessages('hubspot');
    const marks: unknown[] = [];
    world.fail({ ...SEND.hubspot, kind: 'status', status: 429, headers: { 'retry-after': '0' }, body: {} });
    const onHeartbeat = (mark: unknown) => marks.push(mark);
    expect((await failureOf(world.run('sendMessages', input, { onHeartbeat }))).code).toBe(
      'crm.rate_limited',
    );
    world.fail({ ...SEND.hubspot, kind: 'status', status: 400, body: {} });
    const next = { attempt: 2, heartbeatDetails: marks.at(-1) };
    const outcomes = await world.run('sendMessages', input, next);
    expect(outcomesOf(input, outcomes)).toMatchObject([{ is: 'refused' }]);
  });
});

describe('a message in doubt since an earlier execution of the step', () => {
  const doubt = { code: 'crm.mail_unknown', message: 'nobody knows', cure: 'look' } as const;

  async function doubted(): Promise<SendMessagesInput> {
    world = await openWorld();
    const input = await world.prepareMessages('hubspot');
    const [{ sendKey } = { sendKey: '' }] = input.plan.messages;
    return { ...input, outcomes: { [sendKey]: { is: 'inDoubt', problem: doubt } } };
  }

  test('stays in doubt when it is refused now, because that says nothing about the time before', async () => {
    const input = await doubted();
    world.sandbox.hubspot.state.singleSends.rejectAddress('dana.reyes@acme.example', 'PREVIOUSLY_BOUNCED');
    const outcomes = await world.run('sendMessages', input);
    expect(outcomesOf(input, outcomes)).toMatchObject([
      { is: 'inDoubt', problem: { message: expect.stringContaining('PREVIOUSLY_BOUNCED') } },
    ]);
  });

  test('is refused when a person found it missing', async () => {
    const input = await doubted();
    world.sandbox.hubspot.state.singleSends.rejectAddress('dana.reyes@acme.example', 'PREVIOUSLY_BOUNCED');
    const outcomes = await world.run('sendMessages', { ...input, finding: 'resend' });
    expect(outcomesOf(input, outcomes)).toMatchObject([{ is: 'refused' }]);
  });

  test('is not sent when a person found it', async () => {
    const input = await doubted();
    const outcomes = await world.run('sendMessages', { ...input, finding: 'was_sent' });
    expect(outcomesOf(input, outcomes)).toMatchObject([{ is: 'accepted' }]);
    expect(mails()).toEqual([]);
  });
});

describe('a message that cannot be written', () => {
  const GONE = {
    system: 'hubspot',
    method: 'GET',
    path: /objects\/contacts\/6002/,
    kind: 'status',
    status: 404,
  } as const;

  test('is refused and not in doubt, so that all of the run can be undone', async () => {
    world = await openWorld({ catalog: forLearners });
    const input = await world.prepareMessages('hubspot');
    world.fail({ ...GONE, body: { status: 'error', message: 'resource not found' } });
    const outcomes = await world.run('sendMessages', input);
    // The step ends at the first refusal, so the buyer is not written to either.
    expect(outcomesOf(input, outcomes)).toMatchObject([
      { is: 'refused', problem: { code: 'crm.not_found' } },
      null,
    ]);
    expect(mails()).toEqual([]);
  });
});

describe('the word that an attempt leaves for the next one', () => {
  const BUYER_SEND = { ...SEND.hubspot, after: 1 } as const;

  /** An attempt in which the learner is written to and the buyer's message fails. */
  async function halfDone(fault: Omit<Fault, 'system'>, code: FailureCode) {
    world = await openWorld({ catalog: forLearners });
    const input = await world.prepareMessages('hubspot');
    world.fail({ ...BUYER_SEND, ...fault });
    const words: unknown[] = [];
    const failure = await failureOf(
      world.run('sendMessages', input, { onHeartbeat: (word) => words.push(word) }),
    );
    expect(failure).toMatchObject({ code, nonRetryable: false });
    const [learner, buyer] = input.plan.messages;
    return { input, learnerKey: learner?.sendKey ?? '', buyerKey: buyer?.sendKey ?? '', words };
  }

  test('names the message that may be out, and what became of the others', async () => {
    const { input, learnerKey, buyerKey, words } = await halfDone(
      { kind: 'dropAfterCommit' },
      'crm.outcome_unknown',
    );
    expect(words).toEqual([
      {
        attempt: 1,
        left: {
          outcomes: { [learnerKey]: expect.objectContaining({ is: 'sent' }) },
          inDoubt: [buyerKey],
          tookMs: expect.any(Number),
        },
      },
    ]);
    expect(JSON.stringify(words)).not.toContain('/redeem/');
    // It must be found again even when another run has the deal by now.
    const at = new Date().toISOString();
    const other = formatHold({ deployment: DEPLOYMENT, run: OTHER_RUN, at, isDone: false });
    seenDeal(world.sandbox, 'hubspot').set('claim', other);
    const outcomes = await world.run('sendMessages', input, { attempt: 2, heartbeatDetails: words[0] });
    expect(outcomesOf(input, outcomes)).toMatchObject([{ is: 'sent' }, { is: 'accepted' }]);
    expect(mails()).toHaveLength(2);
  });

  test('says that a message which waits for its turn is not out', async () => {
    const throttled = { kind: 'status', status: 429, headers: { 'retry-after': '0' }, body: {} } as const;
    const { input, words } = await halfDone(throttled, 'crm.rate_limited');
    expect(words).toMatchObject([{ attempt: 1, left: { inDoubt: [] } }]);
    world.sandbox.hubspot.state.singleSends.rejectAddress('dana.reyes@acme.example', 'PREVIOUSLY_BOUNCED');
    const next = { attempt: 2, heartbeatDetails: words[0] };
    const outcomes = await world.run('sendMessages', input, next);
    expect(outcomesOf(input, outcomes)).toMatchObject([{ is: 'sent' }, { is: 'refused' }]);
    expect(mails()).toHaveLength(1);
  });

  test('is not believed from any attempt but the one before: then each message may be out', async () => {
    const throttled = { kind: 'status', status: 429, headers: { 'retry-after': '0' }, body: {} } as const;
    const { input, words } = await halfDone(throttled, 'crm.rate_limited');
    world.sandbox.hubspot.state.singleSends.rejectAddress('dana.reyes@acme.example', 'PREVIOUSLY_BOUNCED');
    const afterKilled: unknown[] = [];
    const outcomes = await world.run('sendMessages', input, {
      attempt: 3,
      heartbeatDetails: words[0],
      onHeartbeat: (word) => afterKilled.push(word),
    });
    expect(outcomesOf(input, outcomes)).toMatchObject([{ is: 'accepted' }, { is: 'inDoubt' }]);
    expect(afterKilled).toEqual([]);
  });

  test('is none when all messages were in doubt already, because its failure proves nothing of them', async () => {
    world = await openWorld();
    const input = await world.prepareMessages('hubspot');
    world.fail({ ...SEND.hubspot, kind: 'status', status: 503, body: {} });
    const words: unknown[] = [];
    const attempt = { attempt: 2, onHeartbeat: (word: unknown) => words.push(word) };
    await failureOf(world.run('sendMessages', input, attempt));
    expect(words).toEqual([]);
  });
});

describe.each(CRMS)('the ledger of a %s deal whose messages are sent', (crm) => {
  const deal = () => seenDeal(world.sandbox, crm);

  const path = crm === 'hubspot' ? /deals\/9001$/ : /sobjects\/Opportunity/;

  const writes = () =>
    askedIn(world.sandbox.exchanges).filter((one) => one.method === 'PATCH' && path.test(one.path)).length;

  test('says that they may be out before the first of them is, and is not written again', async () => {
    world = await openWorld();
    const input = await world.prepareMessages(crm);
    expect(deal().field('ledger')).toBeNull();
    const before = writes();
    world.fail({ ...SEND[crm], kind: 'dropBefore' });
    await failureOf(world.run('sendMessages', input));
    const noted = deal().field('ledger');
    expect(noted).toBe(formatLedger(input.ledger, input.deal, testSealer));
    expect(input.ledger.isPending).toBe(true);
    await world.run('sendMessages', input);
    expect(deal().field('ledger')).toBe(noted);
    expect(mails()).toHaveLength(1);
    expect(writes() - before).toBe(1);
  });

  test('says so too after an attempt that was killed, perhaps before it noted anything', async () => {
    world = await openWorld();
    const input = await world.prepareMessages(crm);
    world.fail({ ...SEND[crm], kind: 'dropBefore' });
    await failureOf(world.run('sendMessages', input, { attempt: 2 }));
    expect(deal().field('ledger')).toBe(formatLedger(input.ledger, input.deal, testSealer));
  });

  test('is left alone by an attempt that follows a killed one, where another run has the deal by now', async () => {
    world = await openWorld();
    const input = await world.prepareMessages(crm);
    const at = new Date().toISOString();
    deal().set('claim', formatHold({ deployment: DEPLOYMENT, run: OTHER_RUN, at, isDone: false }));
    await world.run('sendMessages', input, { attempt: 2 });
    expect(deal().field('ledger')).toBeNull();
  });

  test('is needed: nothing is sent while it cannot be written', async () => {
    world = await openWorld();
    const input = await world.prepareMessages(crm);
    world.fail({ system: crm, method: 'PATCH', path, kind: 'status', status: 503, body: {} });
    expect((await failureOf(world.run('sendMessages', input))).code).toBe('crm.unavailable');
    expect(mails()).toEqual([]);
  });
});

describe('an amended delivery', () => {
  /** As a later run plans it: its learners were written to under the same keys. */
  async function amended(tool: MailTool) {
    world = await openWorld({
      catalog: (example) => ({
        ...example,
        handOver: { ...example.handOver, to: 'learners', leftOver: 'buyer', tools: { hubspot: tool } },
      }),
    });
    const input = await world.prepareMessages('hubspot');
    await world.run('sendMessages', input);
    const learners = input.plan.messages.filter(({ audience }) => audience === 'learner');
    const base = { ...input.plan.base, learners: input.plan.learnerContactIds };
    return { ...input, outcomes: {}, plan: { ...input.plan, base, isAmendment: true, messages: learners } };
  }

  test('writes to no learner a second time, and asks nobody about it', async () => {
    const input = await amended(SINGLE_SEND);
    const { length } = mails();
    const outcomes = await world.run('sendMessages', input);
    expect(outcomesOf(input, outcomes)).toMatchObject([{ is: 'accepted' }]);
    expect(mails()).toHaveLength(length);
  });

  test('finds its learners in the sequence that the first one put them in', async () => {
    const input = await amended(SEQUENCE);
    const outcomes = await world.run('sendMessages', input);
    expect(outcomesOf(input, outcomes)).toMatchObject([{ is: 'accepted' }]);
    expect(world.sandbox.hubspot.state.sequences.enrollments).toHaveLength(1);
  });
});

describe('what travels in a message', () => {
  test('a single send has the links while they are few, because it takes no attachment', async () => {
    world = await openWorld();
    await world.run('sendMessages', await world.prepareMessages('hubspot'));
    const text = JSON.stringify(mails()[0]);
    for (const { code } of world.sandbox.ti.state.codes) expect(text).toContain(`/redeem/${code}`);
  });

  test('a Salesforce mail has the roster attached and no code in its text', async () => {
    world = await openWorld();
    await world.run('sendMessages', await world.prepareMessages('salesforce'));
    const [mail] = mails();
    expect(mail?.attachments.map(({ name }) => name)).toEqual([
      expect.stringMatching(/\.xlsx$/),
      expect.stringMatching(/\.csv$/),
    ]);
    for (const { code } of world.sandbox.ti.state.codes) {
      expect(`${mail?.subject} ${mail?.html}`).not.toContain(code);
    }
  });

  test('each reader of a deal with learners reads of the own seats alone, in the own language', async () => {
    world = await openWorld({ catalog: forLearners });
    world.sandbox.hubspot.state.edit('contacts', '6002', { hs_language: 'de' });
    const input = await world.prepareMessages('hubspot');
    await world.run('sendMessages', input);
    const [learner, buyer] = mails();
    expect(learner?.subject).toBe('Leadership Essentials: Ihr Lernplatz steht bereit');
    expect(learner?.properties).toMatchObject({ seats: '1', language: 'de' });
    expect(learner?.properties.message_text).not.toMatch(/25|24|roster|Bestellung/);
    const spare = input.roster.codeCount;
    expect(spare).toBe(input.plan.seatCount - 1);
    expect(buyer?.subject).toBe(`Acme Corp: your ${spare} learning seats are ready`);
    expect(buyer?.properties.message_text).toContain(`- Leadership Essentials: ${spare} seats, access`);
    expect(buyer?.properties.message_text).toContain(`${spare} links, one for each seat`);
    expect(buyer?.properties.message_text).not.toContain('roster');
  });

  test('the file of a Salesforce deal with learners has as many seats as the mail says, for each product', async () => {
    world = await openWorld({ catalog: forLearners });
    const input = await world.prepareMessages('salesforce');
    await world.run('sendMessages', input);
    const [mail] = mails();
    const counts = [...(mail?.html ?? '').matchAll(/<li>[^:]+: (\d+) seats?/g)].map(([, count]) =>
      Number(count),
    );
    expect(counts.length).toBeGreaterThan(1);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(input.roster.codeCount);
    expect(mail?.subject).toContain(`your ${input.roster.codeCount} learning seats are ready`);
  });

  test('the buyer gets none when people who are no learners any more hold all codes left over', async () => {
    world = await openWorld({ catalog: forLearners });
    const input = await world.prepareMessages('hubspot');
    const withoutCodes = { ...input, roster: { ...input.roster, codeCount: 0 } };
    const outcomes = await world.run('sendMessages', withoutCodes);
    expect(outcomesOf(withoutCodes, outcomes)).toMatchObject([{ is: 'sent' }, { is: 'none' }]);
    expect(mails()).toHaveLength(1);
  });

  test('each learner gets the own link and nobody else’s', async () => {
    world = await openWorld({ catalog: forLearners });
    const input = await world.prepareMessages('hubspot');
    await world.run('sendMessages', input);
    const [learnerId] = input.plan.learnerContactIds;
    const { email, dealseat_redeem_link: own } = world.sandbox.hubspot.state.valuesOf(
      'contacts',
      learnerId ?? '',
    );
    const text = JSON.stringify(mails().filter(({ to }) => to === email));
    const sent = world.sandbox.ti.state.codes.filter(({ code }) => text.includes(code));
    expect(sent.map(({ code }) => code)).toEqual([own?.split('/').at(-1)]);
  });
});

describe('by the other HubSpot tools', () => {
  async function repeated(tool: MailTool): Promise<string> {
    world = await openWorld({
      catalog: (example) => ({ ...example, handOver: { ...example.handOver, tools: { hubspot: tool } } }),
    });
    const input = await world.prepareMessages('hubspot');
    const first = await world.run('sendMessages', input);
    const again = await world.run('sendMessages', input, { attempt: 2 });
    expect(Object.keys(again)).toEqual(Object.keys(first));
    return input.plan.buyerContactId;
  }

  test('a repeated hand-over enrols the buyer in the sequence once', async () => {
    const buyerId = await repeated(SEQUENCE);
    const { enrollments } = world.sandbox.hubspot.state.sequences;
    expect(enrollments.map(({ contactId }) => contactId)).toEqual([buyerId]);
  });

  test('a repeated hand-over leaves the buyer on the list', async () => {
    const buyerId = await repeated(LIST);
    expect([...world.sandbox.hubspot.state.lists.get('2001').members.keys()]).toEqual([buyerId]);
  });
});

describe('a mail that may have been sent, where the org hides the bodies of logged mails', () => {
  async function withHiddenLog() {
    world = await openWorld();
    const input = await world.prepareMessages('salesforce');
    const { state } = world.sandbox.salesforce;
    state.records.insert('EmailMessage', { RelatedToId: input.plan.deal.dealId, Subject: 'Ours' });
    return input;
  }

  test('is not sent again but put before a person', async () => {
    const input = await withHiddenLog();
    const outcomes = await world.run('sendMessages', input, { attempt: 2 });
    expect(outcomesOf(input, outcomes)).toMatchObject([
      { is: 'inDoubt', problem: { code: 'crm.mail_unknown' } },
    ]);
    expect(mails()).toHaveLength(0);
  });

  test('is sent once the person has found that it is missing', async () => {
    const input = await withHiddenLog();
    await world.run('sendMessages', { ...input, finding: 'resend' });
    expect(mails()).toHaveLength(1);
  });
});

describe('links in the messages to learners', () => {
  const listRequests = () => world.sandbox.exchanges.filter(({ path }) => path.endsWith('/codes')).length;
  const learnersOf = ({ plan }: SendMessagesInput) => plan.learnerContactIds;
  const linksOf = (id: string) => seenDeal(world.sandbox, 'hubspot').links().get(id) ?? '';

  beforeEach(async () => {
    world = await openWorld({ catalog: forLearners });
  });

  test('come from the list that the roster was made from', async () => {
    const input = await world.prepareMessages('hubspot');
    const before = listRequests();
    await world.run('sendMessages', input);
    expect(listRequests()).toBe(before);
    for (const id of learnersOf(input)) {
      expect(linksOf(id)).not.toBe('');
      for (const link of linksOf(id).split('\n')) expect(JSON.stringify(mails())).toContain(link);
    }
  });

  test('come from a new list in another worker, and in a run that was reset', async () => {
    const input = await world.prepareMessages('hubspot');
    const before = listRequests();
    const workflowExecution = { workflowId: 'test', runId: 'after-a-reset' };
    await world.run('sendMessages', input, { workflowExecution });
    expect(listRequests()).toBe(before + input.groups.length);
  });

  test('come from a new list when somebody must be given a code anew, who gets none that was redeemed', async () => {
    const input = await world.prepareMessages('hubspot');
    const [id = ''] = learnersOf(input);
    const [lost = ''] = linksOf(id).split('\n');
    const { state } = world.sandbox.ti;
    const used = state.codes.find(({ code }) => lost.includes(code))?.code ?? '';
    expect(state.redeem(used)).toBe('redeemed');
    world.sandbox.hubspot.state.edit('contacts', id, { dealseat_redeem_link: '' });
    const before = listRequests();
    await world.run('sendMessages', input);
    expect(listRequests()).toBe(before + input.groups.length);
    const ofLearner = mails().filter(({ to }) => to === 'lee.park@acme.example');
    expect(ofLearner).toHaveLength(1);
    expect(JSON.stringify(ofLearner)).not.toContain(used);
  });
});
