import { describe, expect, test } from '@jest/globals';
import type { ProvisioningActivities, SendMessagesInput } from '../../src/contracts/activities.ts';
import { problem } from '../../src/domain/failure.ts';
import type { MessageOutcome, MessageOutcomes } from '../../src/domain/seats/message-outcome.ts';
import { toLearners } from '../support/delivered-deals.ts';
import { type FakeTenant, openRig } from '../support/rig.ts';

const rig = openRig();

/** The first send ends in doubt that no looking resolves. */
function inDoubtOnce({ sendMessages }: ProvisioningActivities): Partial<ProvisioningActivities> {
  return {
    sendMessages: async (input) => {
      if (input.finding !== null) return sendMessages(input);
      return allAre(input, {
        is: 'inDoubt',
        problem: problem('crm.mail_unknown', 'The mail may have been sent'),
      });
    },
  };
}

function allAre({ plan }: SendMessagesInput, outcome: MessageOutcome): MessageOutcomes {
  return Object.fromEntries(plan.messages.map(({ sendKey }) => [sendKey, outcome]));
}

function sends({ calls }: FakeTenant): SendMessagesInput[] {
  return calls.flatMap(({ activity, input }) =>
    activity === 'sendMessages' ? [input as SendMessagesInput] : [],
  );
}

describe('A mail that may or may not have been sent', () => {
  test.concurrent('waits for a person, and nothing is undone meanwhile', () =>
    rig.withFakes({ overrides: inDoubtOnce }, async (tenant) => {
      const id = await tenant.start();
      const { problems } = await tenant.waitForStatus(id, 'NeedsAttention');
      expect(problems.map(({ code }) => code)).toEqual(['crm.mail_unknown']);
      await expect(tenant.console.cancel(id, { by: 'boss', reason: 'a mistake' })).rejects.toMatchObject({
        cause: { message: expect.stringContaining('may be with people already') },
      });
      expect(tenant.calls.map(({ activity }) => activity)).not.toContain('removeRoster');
      await tenant.answer(id, 'retry', { mail: 'was_sent' });
      await tenant.resultOf(id);
    }));

  for (const mail of ['was_sent', 'resend'] as const) {
    test.concurrent(`is settled by the step that knows its tool when the person says: ${mail}`, () =>
      rig.withFakes({ overrides: inDoubtOnce }, async (tenant) => {
        const id = await tenant.start();
        await tenant.waitForStatus(id, 'NeedsAttention');
        await tenant.answer(id, 'retry', { mail });
        expect(await tenant.resultOf(id)).toMatchObject({
          status: 'Delivered',
          messages: [{ contactId: '6001', state: 'sent' }],
        });
        expect(sends(tenant).map(({ finding }) => finding)).toEqual([null, mail]);
        expect(sends(tenant).map(({ outcomes }) => Object.values(outcomes).map(({ is }) => is))).toEqual([
          [],
          ['inDoubt'],
        ]);
      }));
  }

  test.concurrent('fails the run at the deadline without taking back what people may hold', () =>
    rig.withFakes({ overrides: inDoubtOnce, policy: { attentionDeadlineMs: 1_000 } }, async (tenant) => {
      const id = await tenant.start();
      const { code, undone } = await tenant.failureOf(id);
      expect(code).toBe('run.attention_expired');
      expect(undone).toEqual([]);
    }));
});

describe('A retry after one of several mails was refused', () => {
  /** Mails that were made when all is done, by what a person found out about the refused one. */
  const MAILED_TO = {
    resend: ['lee.park@acme.example', 'dana@acme.example'],
    was_sent: ['lee.park@acme.example'],
  } as const;

  for (const mail of ['resend', 'was_sent'] as const) {
    test.concurrent(`writes to that one alone, and only if a person says so: ${mail}`, () =>
      rig.withSandbox({ catalog: toLearners }, async (tenant) => {
        const { hubspot, outbox } = tenant.sandbox;
        // The buyer is written to last, about the seats that are left over.
        hubspot.state.singleSends.rejectAddress('dana.reyes@acme.example', 'PREVIOUSLY_BOUNCED');
        const { id } = await tenant.startHubSpot();
        await tenant.waitForStatus(id, 'NeedsAttention');
        hubspot.state.edit('contacts', '6001', { email: 'dana@acme.example' });
        await tenant.answer(id, 'retry');
        // HubSpot says of the refused one only that it has met its key.
        const { problems } = await tenant.waitForProgress(
          id,
          ({ problems: [found] }) => found?.code === 'crm.mail_unknown',
        );
        expect(problems[0]?.message).toContain('6001');
        await tenant.answer(id, 'retry', { mail });
        expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered' });
        expect(outbox.mails.map(({ to }) => to)).toEqual(MAILED_TO[mail]);
      }));
  }
});

describe('A mail that was refused', () => {
  test.concurrent('leaves the run before the point of no return: it can be cancelled and undone', () =>
    rig.withFakes(
      {
        overrides: () => ({
          sendMessages: async (input) =>
            allAre(input, {
              is: 'refused',
              problem: problem('crm.mail_rejected', 'The address bounced before'),
            }),
        }),
      },
      async (tenant) => {
        const id = await tenant.start();
        await tenant.waitForStatus(id, 'NeedsAttention');
        await tenant.console.cancel(id, { by: 'boss', reason: 'a mistake' });
        expect(await tenant.resultOf(id)).toMatchObject({ status: 'Cancelled' });
        const { undone } = await tenant.console.progress(id);
        expect(undone.map(({ outcome }) => outcome)).toEqual(['undone', 'quarantined']);
      },
    ));
});
