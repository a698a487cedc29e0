import { afterEach, describe, expect, test } from '@jest/globals';
import type { OutboxMail } from '../../sandbox/outbox.ts';
import type { HubSpotMailTool } from '../../src/domain/catalog.ts';
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

describe.each(CRMS)('the mail to the buyer of a %s deal', (crm) => {
  test('is sent once, with seats and deal in its subject', async () => {
    world = await openWorld();
    const input = await world.prepareMessages(crm);
    const receipts = await world.run('sendMessages', input);
    expect(receipts).toMatchObject([{ contactId: input.plan.buyerContactId, audience: 'buyer' }]);
    expect(mails()).toHaveLength(1);
    expect(mails()[0]?.subject).toContain(`your ${input.plan.seatCount} learning seats`);
  });

  test('is sent once when its attempt is repeated', async () => {
    world = await openWorld();
    const input = await world.prepareMessages(crm);
    await world.run('sendMessages', input);
    expect(await world.run('sendMessages', input, { attempt: 2 })).toHaveLength(1);
    expect(mails()).toHaveLength(1);
  });

  test.each(['dropAfterCommit', 'truncate'] as const)(
    'is sent once when the answer was lost (%s)',
    async (kind) => {
      world = await openWorld();
      const input = await world.prepareMessages(crm);
      world.fail({ ...SEND[crm], kind });
      const first = await world.run('sendMessages', input).catch((error: unknown) => error);
      if (first instanceof Error) await world.run('sendMessages', input, { attempt: 2 });
      expect(world.sandbox.faults.hits).toHaveLength(1);
      expect(mails()).toHaveLength(1);
    },
  );

  test('is sent by the next attempt when it never left', async () => {
    world = await openWorld();
    const input = await world.prepareMessages(crm);
    world.fail({ ...SEND[crm], kind: 'dropBefore' });
    const first = await world.run('sendMessages', input).catch((error: unknown) => error);
    if (first instanceof Error) await world.run('sendMessages', input, { attempt: 2 });
    expect(mails()).toHaveLength(1);
  });

  test('is refused in words that name no address', async () => {
    world = await openWorld();
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
  const HIDDEN = {
    totalSize: 1,
    done: true,
    records: [{ Id: '02s5Y00000AbCdEQAW', HtmlBody: null, TextBody: null }],
  };

  /** The log of mails is the first query of a look, and the second of a sending. */
  async function withHiddenLog(after: number) {
    world = await openWorld();
    const input = await world.prepareMessages('salesforce');
    const logQuery = {
      system: 'salesforce',
      method: 'GET',
      path: /\/query/,
      kind: 'status',
      status: 200,
    } as const;
    world.fail({ ...logQuery, body: HIDDEN, after });
    return input;
  }

  test('is not sent again but put before a person', async () => {
    const input = await withHiddenLog(0);
    const failure = await failureOf(world.run('sendMessages', input, { attempt: 2 }));
    expect(failure).toMatchObject({ code: 'crm.mail_unknown', nonRetryable: true });
    expect(mails()).toHaveLength(0);
  });

  test('is sent once the person has found that it is missing', async () => {
    const input = await withHiddenLog(1);
    await world.run('sendMessages', { ...input, resend: true });
    expect(mails()).toHaveLength(1);
  });
});
