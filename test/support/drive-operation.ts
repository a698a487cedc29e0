import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { DealseatError } from '../../src/domain/failure.ts';
import { keepCode } from '../../src/store/keep-code.ts';
import { noteAccessEnd, noteGranted } from '../../src/store/note-access.ts';
import { replaceCode } from '../../src/store/replace-code.ts';
import { addReplacementGroup, type MadeGroup } from '../../src/store/replacement-group.ts';
import type { OperationRow } from '../../src/store/request-operation.ts';
import { noteLinksWritten, readSeatLinks } from '../../src/store/seat-links.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { beginOperation, refuseOperation, settleOperation } from '../../src/store/settle-operation.ts';

export interface Drive {
  /** What the platform says of a change of access. */
  readonly answer: 'done' | 'refused';
  readonly at: Date;
  /** Makes codes of a group; absent: the platform knows nothing of them. */
  readonly make?: (operationId: string, codes: number) => Promise<MadeGroup>;
}

/**
 * The steps of an operation in the ledger, as its workflow takes them, with a platform that answers as it is told. Yields
 * between two steps, where others may act; each may be taken twice.
 */
export async function* stepsOf(
  store: SeatStore,
  { id, kind, input }: OperationRow,
  { answer, at, make = madeUp }: Drive,
): AsyncGenerator<'acted' | 'waits'> {
  await beginOperation(store, id, at);
  yield 'acted';
  try {
    if (kind === 'extend' || kind === 'shorten') {
      requireAnswer(answer);
      await noteAccessEnd(store, id, { until: String(input.until), at });
    }
    if (kind === 'revoke' || kind === 'reassign' || kind === 'reissue') {
      for (;;) {
        if (kind !== 'reissue') requireAnswer(answer);
        yield 'acted';
        yield* codeKept(store, id, { at, make });
        if ((await replaceCode(store, id, at)) === 'done') break;
      }
      yield 'acted';
    }
    if (kind === 'grant' || kind === 'reassign') {
      if (kind === 'grant') requireAnswer(answer);
      await noteGranted(store, id, { userId: randomUUID(), until: null, at });
      yield 'acted';
    }
    if (kind !== 'grant' && kind !== 'extend' && kind !== 'shorten') {
      if ((await readSeatLinks(store, id, at)) !== null) {
        yield 'acted';
        await noteLinksWritten(store, id, at);
      }
      yield 'acted';
    }
    await settleOperation(store, id, at);
  } catch (error) {
    if (!(error instanceof DealseatError) || !/^(seat\.|lms\.rejected)/.test(error.code)) throw error;
    const { code, message } = error;
    await refuseOperation(store, id, { state: 'refused', code, message, at });
  }
}

async function madeUp(operationId: string, count: number): Promise<MadeGroup> {
  const codes = Array.from({ length: count }, () => ({ code: randomUUID(), isRedeemed: false }));
  const token = `d${randomUUID().slice(0, 8)}`;
  return { token, groupId: `replacement-${operationId}`, label: `made-${token}`, codes };
}

async function* codeKept(
  store: SeatStore,
  id: string,
  { at, make }: Required<Pick<Drive, 'at' | 'make'>>,
): AsyncGenerator<'acted' | 'waits'> {
  for (;;) {
    try {
      const needed = await keepCode(store, id, at);
      if (needed === null) return;
      yield 'acted';
      await addReplacementGroup(store, id, await make(id, needed.codes), at);
      return;
    } catch (error) {
      // Another operation makes codes.
      if (!(error instanceof DealseatError) || error.code !== 'lms.codes_not_listed') throw error;
      yield 'waits';
    }
  }
}

function requireAnswer(answer: Drive['answer']): void {
  if (answer === 'refused')
    throw new DealseatError({ code: 'lms.rejected', message: 'the platform says no' });
}

/** As the server would try again, only sooner. */
const RETRY_MS = 25;

/** To its end. What the database was too busy for is done again from the beginning, as each step may be. */
export async function drive(store: SeatStore, operation: OperationRow, how: Drive): Promise<void> {
  await unlessBusy(async () => {
    for await (const step of stepsOf(store, operation, how)) await pause(step === 'waits' ? RETRY_MS : 0);
  });
}

/** Many who act on one order at once wait for its lock, and on a slow machine longer than the database lets them. */
export async function unlessBusy<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DealseatError) || error.code !== 'store.unavailable') throw error;
      await pause(RETRY_MS);
    }
  }
}
