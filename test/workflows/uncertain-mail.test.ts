import { describe, expect, test } from '@jest/globals';
import type { ProvisioningActivities, SendMessagesInput } from '../../src/contracts/activities.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import { DealseatError } from '../../src/domain/failure.ts';
import { type FakeTenant, openRig } from '../support/rig.ts';

const rig = openRig();

/** The first send ends in doubt that no looking resolves. */
function inDoubtOnce({ sendMessages }: ProvisioningActivities): Partial<ProvisioningActivities> {
  let isFirst = true;
  return {
    sendMessages: async (input) => {
      if (!isFirst) return sendMessages(input);
      isFirst = false;
      throw new DealseatError({ code: 'crm.mail_unknown', message: 'The mail may have been sent' });
    },
  };
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
        cause: { message: expect.stringContaining('handed over already') },
      });
      expect(tenant.calls.map(({ activity }) => activity)).not.toContain('removeRoster');
      await tenant.console.retry(id, { by: 'sales ops', mail: 'was_sent' });
      await tenant.resultOf(id);
    }));

  test.concurrent('is not sent again when the person says that it was sent', () =>
    rig.withFakes({ overrides: inDoubtOnce }, async (tenant) => {
      const id = await tenant.start();
      await tenant.waitForStatus(id, 'NeedsAttention');
      await tenant.console.retry(id, { by: 'sales ops', mail: 'was_sent' });
      expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered', messages: [] });
      expect(sends(tenant)).toHaveLength(1);
    }));

  test.concurrent('is sent again, whatever the CRM can tell, when the person says that it was not', () =>
    rig.withFakes({ overrides: inDoubtOnce }, async (tenant) => {
      const id = await tenant.start();
      await tenant.waitForStatus(id, 'NeedsAttention');
      await tenant.console.retry(id, { by: 'sales ops', mail: 'resend' });
      expect(await tenant.resultOf(id)).toMatchObject({
        status: 'Delivered',
        messages: [{ contactId: '6001', state: 'sent' }],
      });
      expect(sends(tenant).map(({ resend }) => resend)).toEqual([false, true]);
    }));

  test.concurrent('fails the run at the deadline without taking back what people may hold', () =>
    rig.withFakes({ overrides: inDoubtOnce, policy: { attentionDeadlineMs: 1_000 } }, async (tenant) => {
      const id = await tenant.start();
      const { code, undone } = await tenant.failureOf(id);
      expect(code).toBe('run.attention_expired');
      expect(undone).toEqual([]);
    }));
});

describe('A retry after one of several mails was refused', () => {
  test.concurrent('is sent to that one alone, and once', () =>
    rig.withSandbox({ catalog: toLearners }, async (tenant) => {
      const { hubspot, outbox } = tenant.sandbox;
      // The buyer is written to last, about the seats that are left over.
      hubspot.state.singleSends.rejectAddress('dana.reyes@acme.example', 'PREVIOUSLY_BOUNCED');
      const { id } = await tenant.startHubSpot();
      await tenant.waitForStatus(id, 'NeedsAttention');
      hubspot.state.edit('contacts', '6001', { email: 'dana@acme.example' });
      await tenant.console.retry(id, { by: 'sales ops' });
      // HubSpot says of the refused one only that it has met its key.
      const { problems } = await tenant.waitForProgress(
        id,
        ({ problems: [found] }) => found?.code === 'crm.mail_unknown',
      );
      expect(problems[0]?.message).toContain('6001');
      await tenant.console.retry(id, { by: 'sales ops', mail: 'resend' });
      expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered' });
      expect(outbox.mails.map(({ to }) => to)).toEqual(['lee.park@acme.example', 'dana@acme.example']);
    }));
});

const toLearners = (example: Catalog): Catalog => ({
  ...example,
  handOver: { ...example.handOver, to: 'learners' },
});

describe('A mail that was refused', () => {
  test.concurrent('leaves the run before the point of no return: it can be cancelled and undone', () =>
    rig.withFakes(
      {
        overrides: () => ({
          sendMessages: async () => {
            throw new DealseatError({ code: 'crm.mail_rejected', message: 'The address bounced before' });
          },
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
