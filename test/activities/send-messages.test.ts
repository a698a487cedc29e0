import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { OutboxMail } from '../../sandbox/outbox.ts';
import type { MessageOutcomes } from '../../src/contracts/message-outcomes.ts';
import type { HubSpotMailTool } from '../../src/domain/deal/catalog.ts';
import { failureOf, forLearners, openWorld, type World } from './world.ts';

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
    const receipts = await world.run('sendMessages', input);
    expect(receipts).toMatchObject([{ contactId: input.plan.buyerContactId, audience: 'buyer' }]);
    expect(mails()).toHaveLength(1);
    expect(mails()[0]?.subject).toContain(`your ${input.plan.seatCount} learning seats`);
  });

  test('is sent once when its attempt is repeated', async () => {
    const input = await world.prepareMessages(crm);
    await world.run('sendMessages', input);
    expect(await world.run('sendMessages', input, { attempt: 2 })).toHaveLength(1);
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
    const failure = await failureOf(world.run('sendMessages', input));
    expect(failure).toMatchObject({ code: 'crm.mail_rejected', nonRetryable: true });
    expect(failure.message).not.toContain('@');
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

  async function refused(result = 'PREVIOUSLY_BOUNCED') {
    const input = await world.prepareMessages('hubspot');
    const { state } = world.sandbox.hubspot;
    state.singleSends.rejectAddress(ADDRESS, result);
    const failure = await failureOf(world.run('sendMessages', input));
    expect(failure).toMatchObject({ code: 'crm.mail_rejected' });
    state.edit('contacts', '6001', { email: 'dana@acme.example' });
    return { ...input, outcomes: outcomesIn(failure) };
  }

  test('is never taken for a sent mail when the run is retried: it goes out, or a person is asked', async () => {
    const input = await refused();
    const outcome = await world.run('sendMessages', input).catch((error: unknown) => error);
    if (isUsedUp) expect(outcome).toMatchObject({ type: 'crm.mail_unknown', nonRetryable: true });
    expect(mails()).toHaveLength(isUsedUp ? 0 : 1);
  });

  test('goes out once after the word of a person, whatever attempt it takes', async () => {
    const input = await refused();
    world.fail({ ...SEND.hubspot, kind: 'dropAfterCommit' });
    const resend = { ...input, resend: true };
    const of = { activityId: '7' };
    expect((await failureOf(world.run('sendMessages', resend, of))).code).toBe('crm.unavailable');
    await world.run('sendMessages', resend, { ...of, attempt: 2 });
    expect(mails().map(({ to }) => to)).toEqual(['dana@acme.example']);
  });

  test('goes out again under another key when a person asks for it once more', async () => {
    const input = await refused();
    for (const activityId of ['7', '9'])
      await world.run('sendMessages', { ...input, resend: true }, { activityId });
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
    const outcome = await world.run('sendMessages', input).catch((error: unknown) => error);
    if (isUsedUp) {
      expect(outcome).toMatchObject({ type: 'crm.mail_unknown' });
      const outcomes = outcomesIn(outcome);
      const receipts = await world.run('sendMessages', { ...input, resend: true, outcomes });
      expect(receipts).toHaveLength(input.plan.messages.length);
    }
    expect(mails().map(({ to }) => to)).toEqual([...sent, 'dana@acme.example']);
  });
});

/** What the workflow hands to the next execution of the step. */
function outcomesIn(failure: unknown): MessageOutcomes {
  const { details } = failure as { details: [{ messages: MessageOutcomes }] };
  return details[0].messages;
}

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
    const failure = await failureOf(world.run('sendMessages', input, { attempt: 2 }));
    expect(failure).toMatchObject({ code: 'crm.mail_unknown', nonRetryable: true });
    expect(failure.message).toMatch(/may have been sent.*crm\.(not_found|forbidden|mail_rejected)/);
  });

  test('is in doubt also in Salesforce, when its log may not be read any more', async () => {
    world = await openWorld();
    const input = await world.prepareMessages('salesforce');
    const body = [{ errorCode: 'INSUFFICIENT_ACCESS', message: 'no access' }];
    world.fail({ system: 'salesforce', method: 'GET', path: /\/query/, kind: 'status', status: 403, body });
    const failure = await failureOf(world.run('sendMessages', input, { attempt: 2 }));
    expect(failure).toMatchObject({ code: 'crm.mail_unknown' });
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
    const failure = await failureOf(world.run('sendMessages', input, { attempt: 2 }));
    expect(failure.code).toBe('crm.mail_unknown');
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
    expect((await failureOf(world.run('sendMessages', input, next))).code).toBe('crm.mail_rejected');
  });
});

describe('an amended delivery', () => {
  /** As a later run plans it: its learners were written to under the same keys. */
  async function amended(hubspot: HubSpotMailTool) {
    world = await openWorld({
      catalog: (example) => ({ ...example, handOver: { ...example.handOver, to: 'learners', hubspot } }),
    });
    const input = await world.prepareMessages('hubspot');
    await world.run('sendMessages', input);
    const { plan, groups } = input;
    const delivered = plan.groups.map(({ token, productKey: product, part, seatCount }, n) => {
      const group = groups[n]?.groupId ?? '';
      return { token, product, part, group, issued: seatCount, active: seatCount };
    });
    const base = { ...plan.base, groups: delivered };
    const learners = plan.messages.filter(({ audience }) => audience === 'learner');
    return { ...input, outcomes: {}, plan: { ...plan, base, messages: learners } };
  }

  test('writes to no learner a second time, and asks nobody about it', async () => {
    const input = await amended({ via: 'singleSend', emailId: 1234567 });
    const { length } = mails();
    expect(await world.run('sendMessages', input)).toMatchObject([{ state: 'accepted' }]);
    expect(mails()).toHaveLength(length);
  });

  test('finds its learners in the sequence that the first one put them in', async () => {
    const senderEmail = 'sam.ops@vendor.example';
    const input = await amended({ via: 'sequence', sequenceId: '3001', userId: '4711', senderEmail });
    expect(await world.run('sendMessages', input)).toMatchObject([{ state: 'accepted' }]);
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
    expect(mail?.attachments.map(({ name }) => name)).toEqual([expect.stringMatching(/\.csv$/)]);
    for (const { code } of world.sandbox.ti.state.codes) {
      expect(`${mail?.subject} ${mail?.html}`).not.toContain(code);
    }
  });

  test('the buyer gets none when people who are no learners any more hold all codes left over', async () => {
    world = await openWorld({ catalog: forLearners });
    const { roster, ...input } = await world.prepareMessages('hubspot');
    const withoutCodes = { ...input, roster: { ...roster, codeCount: 0 } };
    const receipts = await world.run('sendMessages', withoutCodes);
    expect(receipts.map(({ audience, state }) => `${audience}: ${state}`)).toEqual([
      'learner: sent',
      'buyer: none',
    ]);
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
  async function repeated(hubspot: HubSpotMailTool): Promise<string> {
    world = await openWorld({
      catalog: (example) => ({ ...example, handOver: { ...example.handOver, hubspot } }),
    });
    const input = await world.prepareMessages('hubspot');
    const first = await world.run('sendMessages', input);
    expect(await world.run('sendMessages', input, { attempt: 2 })).toHaveLength(first.length);
    return input.plan.buyerContactId;
  }

  test('a repeated hand-over enrols the buyer in the sequence once', async () => {
    const senderEmail = 'sam.ops@vendor.example';
    const buyerId = await repeated({ via: 'sequence', sequenceId: '3001', userId: '4711', senderEmail });
    const { enrollments } = world.sandbox.hubspot.state.sequences;
    expect(enrollments.map(({ contactId }) => contactId)).toEqual([buyerId]);
  });

  test('a repeated hand-over leaves the buyer on the list', async () => {
    const buyerId = await repeated({ via: 'list', listId: '2001' });
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
    const failure = await failureOf(world.run('sendMessages', input, { attempt: 2 }));
    expect(failure).toMatchObject({ code: 'crm.mail_unknown', nonRetryable: true });
    expect(mails()).toHaveLength(0);
  });

  test('is sent once the person has found that it is missing', async () => {
    const input = await withHiddenLog();
    await world.run('sendMessages', { ...input, resend: true });
    expect(mails()).toHaveLength(1);
  });
});
