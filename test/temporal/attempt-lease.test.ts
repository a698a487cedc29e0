import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Context } from '@temporalio/activity';
import type { NativeConnection } from '@temporalio/worker';
import { z } from 'zod';
import { httpRequest } from '../../src/clients/http.ts';
import { connectHubSpot } from '../../src/clients/hubspot/connection.ts';
import { createQuota } from '../../src/clients/hubspot/quota.ts';
import { KnownOnce } from '../../src/clients/known-once.ts';
import { currentLease, type Lease, LeaseEnded, underLease } from '../../src/clients/lease.ts';
import { AttemptForgotten, AttemptLease, leaseAttempts } from '../../src/temporal/attempt-lease.ts';
import { until } from '../support/until.ts';

const SILENCE_MS = 1_000;

let lease: AttemptLease | undefined;
afterEach(() => lease?.close());

/** A Temporal that hears, does not answer, or has forgotten the attempt. */
function leaseOn(
  answers: { is: 'heard' | 'silent' | 'refused' | 'forgotten' },
  options: { readonly scheduledAgoMs?: number; readonly silenceMs?: number } = {},
): { readonly lease: AttemptLease; readonly words: unknown[]; readonly heard: () => number } {
  const words: unknown[] = [];
  let heard = 0;
  lease = new AttemptLease({
    silenceMs: options.silenceMs ?? SILENCE_MS,
    heardAt: Date.now() - (options.scheduledAgoMs ?? 0),
    beat: async (word, withinMs) => {
      words.push(word);
      if (answers.is === 'forgotten') throw new AttemptForgotten();
      if (answers.is === 'heard') return;
      if (answers.is === 'silent') await wait(withinMs);
      throw new Error('unavailable');
    },
    onHeard: () => {
      heard += 1;
    },
  });
  return { lease, words, heard: () => heard };
}

describe('the right of an attempt to act', () => {
  test('lasts for as long as Temporal hears of it, with the word that it leaves', async () => {
    const { lease: mine, words, heard } = leaseOn({ is: 'heard' });
    mine.word = { attempt: 1, left: 'a word' };
    await until('it has beaten often enough to outlast a silence', () => heard() > 4);
    expect(mine.isSure).toBe(true);
    expect(words.at(-1)).toEqual({ attempt: 1, left: 'a word' });
  });

  test('ends before Temporal gives its place away, when Temporal cannot be reached any more', async () => {
    const silenceMs = 4_000;
    // Of two timers that a busy machine lets both come late, the earlier one still comes first.
    const givenAway = wait(silenceMs);
    const { lease: mine } = leaseOn({ is: 'silent' }, { silenceMs });
    const ended = new Promise((resolve) => mine.signal.addEventListener('abort', resolve));
    const first = await Promise.race([ended.then(() => 'ended'), givenAway.then(() => 'given away')]);
    expect(first).toBe('ended');
    await expect(mine.confirm()).rejects.toThrow(LeaseEnded);
  });

  test('goes on when Temporal answers again in time', async () => {
    const answers: { is: 'heard' | 'refused' } = { is: 'refused' };
    const { lease: mine, words, heard } = leaseOn(answers, { silenceMs: 10_000, scheduledAgoMs: 3_500 });
    await until('it has tried', () => words.length > 0);
    answers.is = 'heard';
    await until('it is heard', () => heard() > 0);
    expect(mine.isSure).toBe(true);
  });

  test('ends at once when Temporal has forgotten the attempt', async () => {
    const { lease: mine } = leaseOn({ is: 'forgotten' });
    await until('it has ended', () => mine.signal.aborted);
    expect(mine.isSure).toBe(false);
  });

  test('is confirmed first where the attempt reached its worker late', async () => {
    const { lease: mine, words } = leaseOn({ is: 'heard' }, { scheduledAgoMs: 60_000 });
    expect(mine.isSure).toBe(false);
    await mine.confirm();
    expect(mine.isSure).toBe(true);
    expect(words.length).toBeGreaterThan(0);
  });

  test('of an attempt that reached its worker too late is not confirmed', async () => {
    const { lease: mine } = leaseOn({ is: 'forgotten' }, { scheduledAgoMs: 60_000 });
    await expect(mine.confirm()).rejects.toThrow(LeaseEnded);
  });
});

describe('an attempt on a machine whose clock is behind', () => {
  test('that reached its worker late is confirmed first all the same', async () => {
    const behindMs = 60_000;
    let beats = 0;
    const connection = {
      withDeadline: (_: number, work: () => Promise<unknown>) => work(),
      workflowService: {
        recordActivityTaskHeartbeat: async () => {
          beats += 1;
        },
      },
    } as unknown as NativeConnection;
    const leaseOf = leaseAttempts({ connection });
    const isSureAfter = async (waitedMs: number): Promise<boolean | undefined> => {
      const info = {
        heartbeatTimeoutMs: 10_000,
        currentAttemptScheduledTimestampMs: Date.now() + behindMs - waitedMs,
      };
      const context = { info: { ...info, isLocal: false }, heartbeat: () => undefined } as unknown as Context;
      const input = { args: [], headers: {} };
      return (await leaseOf(context).execute?.(input, async () => currentLease()?.isSure)) as
        | boolean
        | undefined;
    };
    expect(await isSureAfter(5)).toBe(true);
    expect(await isSureAfter(30_000)).toBe(false);
    expect(beats).toBeLessThan(3);
  });
});

describe('a call of an attempt', () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.method ?? '');
    if (request.url === '/late') setTimeout(() => response.end('{}'), 2 * SILENCE_MS);
    else if (request.url !== '/never') response.end('{}');
  });
  beforeEach(async () => {
    asked.length = 0;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });

  function call(mine: Lease, method: 'GET' | 'POST', path = '/answers') {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
    return underLease(mine, () => httpRequest({ method, url, timeoutMs: 10_000 }));
  }

  test('that may change something does not leave once the right to act has ended', async () => {
    const { lease: mine } = leaseOn({ is: 'forgotten' }, { scheduledAgoMs: 60_000 });
    await expect(call(mine, 'POST')).rejects.toThrow(LeaseEnded);
    expect(asked).toEqual([]);
  });

  test('that only reads is made all the same', async () => {
    const { lease: mine } = leaseOn({ is: 'forgotten' }, { scheduledAgoMs: 60_000 });
    expect((await call(mine, 'GET')).status).toBe(200);
  });

  test('that is under way when the right ends is given up, and proves nothing', async () => {
    const { lease: mine } = leaseOn({ is: 'silent' });
    await expect(call(mine, 'POST', '/never')).rejects.toThrow(LeaseEnded);
    expect(asked).toEqual(['POST']);
  });

  /** Ends, as for a process that was stopped, after the call was let go and before it has its connection. */
  function endingBeforeConnection(): Lease {
    return {
      signal: new AbortController().signal,
      isSure: false,
      confirm: async () => undefined,
      word: undefined,
    };
  }

  test('does not leave on a connection that comes when the right has ended', async () => {
    await expect(call(endingBeforeConnection(), 'POST')).rejects.toThrow(LeaseEnded);
    expect(asked).toEqual([]);
  });

  test('that HubSpot’s own client makes does not leave then either', async () => {
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const quota = createQuota({ maxWaitMs: 1_000 });
    const hubspot = connectHubSpot({ accessToken: 'pat-na1-test', baseUrl, timeoutMs: 10_000, quota });
    const update = (mine: Lease) =>
      underLease(mine, () =>
        hubspot.call({ name: 'write', effect: 'overwrite', answer: z.unknown() }, (client) =>
          client.crm.deals.basicApi.update('9001', { properties: { dealname: 'x' } }),
        ),
      );
    await expect(update(endingBeforeConnection())).rejects.toThrow(LeaseEnded);
    expect(asked).toEqual([]);
    const { lease: mine } = leaseOn({ is: 'heard' });
    await update(mine).catch(() => undefined);
    expect(asked).toEqual(['PATCH']);
  });

  test('that several attempts wait for outlasts the right of the one that began it', async () => {
    const { lease: mine } = leaseOn({ is: 'silent' });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/late`;
    const known = new KnownOnce(
      async () => (await httpRequest({ method: 'POST', url, timeoutMs: 10_000 })).status,
    );
    const first = underLease(mine, () => known.get());
    const second = known.get();
    await until('the right has ended', () => mine.signal.aborted);
    expect(await Promise.all([first, second])).toEqual([200, 200]);
  });

  test('leaves while the right lasts', async () => {
    const { lease: mine } = leaseOn({ is: 'heard' });
    expect((await call(mine, 'POST')).status).toBe(200);
  });
});
