import { describe, expect, test } from '@jest/globals';
import type { ProvisioningActivities } from '../../src/contracts/activities.ts';
import { DealseatError, problem } from '../../src/domain/failure.ts';
import { toApplicationFailure } from '../../src/temporal/failure-conversion.ts';
import { openRig } from '../support/rig.ts';

const rig = openRig();

const WAKES = 2_000;
/** A run cannot drop its history in the very moment in which it is told more. */
const AT_ONCE = 50;

describe('A run that waits with work half done', () => {
  test(`is woken ${WAKES} times, keeps a short history and loses nothing`, async () => {
    let mayAttach = false;
    const overrides = (going: ProvisioningActivities): Partial<ProvisioningActivities> => ({
      attachRoster: async (input) => {
        if (mayAttach) return going.attachRoster(input);
        const refused = new DealseatError({ code: 'crm.storage_full', message: 'no storage is left' });
        throw toApplicationFailure(refused);
      },
    });
    await rig.withFakes({ overrides }, async (tenant) => {
      const id = await tenant.start();
      const before = await tenant.waitForProgress(id, ({ question }) => question !== null);
      let longest = 0;
      for (let sent = 0; sent < WAKES; sent += AT_ONCE) {
        await Promise.all(
          Array.from({ length: AT_ONCE }, () =>
            tenant.console.dealChanged(tenant.deal, { by: 'hubspot', detail: 'an automation' }),
          ),
        );
        // Answered only after the run has taken what was sent.
        await tenant.console.progress(id);
        if (sent % 500 === 0) longest = Math.max(longest, (await tenant.historyOf(id)).events?.length ?? 0);
      }
      const count = (activity: string) => tenant.calls.filter((call) => call.activity === activity).length;
      expect(longest).toBeLessThan(1_800);
      expect(longest).toBeGreaterThan(500);
      // A wake costs a reading of the deal and nothing else.
      expect([count('ensureCodeGroup'), count('awaitCodes'), count('attachRoster')]).toEqual([1, 1, 1]);
      expect(count('notifyOwner')).toBe(1);
      const after = await tenant.console.progress(id);
      expect(after.question).toEqual(before.question);
      expect(after.groups).toEqual(before.groups);

      mayAttach = true;
      await tenant.console.retry(id, {
        question: after.question?.id ?? '',
        by: 'admin',
        reason: 'freed some storage',
      });
      const result = await tenant.resultOf(id);
      expect(result).toMatchObject({
        status: 'Delivered',
        groupIds: before.groups.map(({ groupId }) => groupId),
      });
      // The group that was made before the history was dropped is still the one.
      const pins = tenant.calls.filter(({ activity }) => activity === 'ensureCodeGroup');
      expect(pins.at(-1)?.input).toMatchObject({ pinnedGroupId: before.groups[0]?.groupId });
    });
  }, 300_000);

  test('and is answered in the very moment in which it drops its history does what it was asked for', () => {
    const unchanged = { kind: 'unchanged', changedAt: '2026-11-20T09:00:01.000Z' } as const;
    const overrides = (going: ProvisioningActivities): Partial<ProvisioningActivities> => ({
      planDeal: async (input) => (input.seen === undefined ? going.planDeal(input) : unchanged),
    });
    return rig.withFakes({ overrides }, async (tenant) => {
      const question = {
        id: '0a1b2c3d',
        kind: 'help',
        problems: [problem('crm.storage_full', 'no storage is left')],
        subject: 'Dealseat needs help with this deal',
        step: 'Waiting until someone fixes what is listed below',
        ifLeft: null,
      } as const;
      const id = await tenant.resume(tenant.deal, {
        carried: {
          source: 'event',
          previous: null,
          warnings: [],
          work: {
            made: [],
            handOver: { is: 'none' },
            answers: {},
            news: 'person',
            retry: { question: question.id, by: 'admin', reason: 'freed some storage' },
            open: { question, since: Date.now(), isTold: true, isShown: true },
            seen: 'as before',
            progress: {
              status: 'Planning',
              step: 'Reading the deal',
              dealName: 'Acme leadership rollout',
              dealUrl: null,
              seatCount: 3,
              groups: [],
              roster: null,
              messages: [],
              problems: [],
              question: null,
              undone: [],
              warnings: [],
            },
          },
        },
      });
      expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
    });
  });
});
