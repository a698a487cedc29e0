import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { WorkflowIdReusePolicy } from '@temporalio/common';
import type { Policy } from '../contracts/policy.ts';
import { searchAttributeKeys } from '../contracts/search-attributes.ts';
import {
  OPERATE_ON_SEAT,
  RETRY_OPERATION,
  type SeatOperationInput,
  seatOperationId,
} from '../contracts/seat-operations.ts';
import { DealseatError } from '../domain/failure.ts';
import { OPEN_OPERATION } from '../domain/seats/operation.ts';
import { whatIsAsked } from '../domain/seats/operation-words.ts';
import type { StoreReader } from '../store/change-seat.ts';
import { takeDueOperations } from '../store/due-operations.ts';
import {
  type AskedOperation,
  type OperationRequest,
  type OperationRow,
  requestOperations,
} from '../store/request-operation.ts';
import type { SeatStore } from '../store/seat-store.ts';

/** Operations on seats, for the command, the API and the dispatcher. */
export interface SeatOperations {
  /**
   * Writes down what is asked, all or nothing, and starts it. When Temporal is away it is started by a worker later, and
   * this resolves all the same. Throws a `seat.*` failure.
   */
  ask(requests: readonly OperationRequest[]): Promise<readonly AskedOperation[]>;
  /** What an operation waits for was mended, or its run was ended by hand. Throws `seat.not_found`. */
  retry(operationId: string): Promise<OperationRow>;
  /** Starts what was asked `minAgeMs` ago or earlier and never started, some at a time. How many. */
  startDue(look: { readonly now: Date; readonly minAgeMs: number }): Promise<number>;
}

export interface SeatOperationsOptions {
  readonly client: Client;
  readonly taskQueue: string;
  readonly policy: Policy;
  readonly seats: Pick<SeatStore, 'db'>;
  /** A start that failed: the dispatcher repeats it. */
  readonly onNotStarted?: (operationId: string, error: unknown) => void;
}

/** Bound of a call to Temporal: who asked waits for it. */
const CALL_TIMEOUT_MS = 4_000;
/** At once by one dispatcher. */
const BATCH = 50;

export function createSeatOperations(options: SeatOperationsOptions): SeatOperations {
  const { client, taskQueue, policy, seats, onNotStarted = () => undefined } = options;

  /** False: its run is open already. */
  const start = async (operation: OperationRow): Promise<boolean> => {
    const deal = await dealOf(seats.db, operation.order_id);
    const { id: operationId, seat_id: seatId, kind } = operation;
    const input: SeatOperationInput = { operationId, seatId, kind, deal, policy };
    try {
      await client.withDeadline(Date.now() + CALL_TIMEOUT_MS, () =>
        client.workflow.start(OPERATE_ON_SEAT, {
          workflowId: seatOperationId(operationId),
          taskQueue,
          args: [input],
          // The store knows which operations have ended; a run that somebody ended by hand may be followed by another.
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
          staticSummary: `Seat of ${deal.crm} deal ${deal.dealId}: ${whatIsAsked(kind)}`,
          typedSearchAttributes: [
            { key: searchAttributeKeys.crm, value: deal.crm },
            { key: searchAttributeKeys.dealId, value: deal.dealId },
          ],
        }),
      );
      return true;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return false;
    }
  };
  const tryToStart = async (operation: OperationRow): Promise<boolean> => {
    try {
      return await start(operation);
    } catch (error) {
      onNotStarted(operation.id, error);
      return false;
    }
  };

  return {
    async ask(requests) {
      const asked = await requestOperations(seats, requests);
      await Promise.all(
        asked.map(({ operation }) => (operation.state === 'asked' ? tryToStart(operation) : null)),
      );
      return asked;
    },

    async retry(operationId) {
      const operation = await seats.db
        .selectFrom('operations')
        .selectAll()
        .where('id', '=', operationId)
        .executeTakeFirst();
      if (operation === undefined) {
        throw new DealseatError({
          code: 'seat.not_found',
          message: `No operation has the id "${operationId}"`,
        });
      }
      if (!OPEN_OPERATION.includes(operation.state)) return operation;
      try {
        await client.withDeadline(Date.now() + CALL_TIMEOUT_MS, () =>
          client.workflow.getHandle(seatOperationId(operationId)).signal(RETRY_OPERATION),
        );
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
        await start(operation);
      }
      return operation;
    },

    async startDue({ now, minAgeMs }) {
      const askedBefore = new Date(now.getTime() - minAgeMs);
      const due = await takeDueOperations(seats, { askedBefore, at: now, limit: BATCH });
      // At once: one that Temporal is slow with holds no other one back.
      const started = await Promise.all(due.map(tryToStart));
      return started.filter(Boolean).length;
    },
  };
}

async function dealOf(db: StoreReader, orderId: number) {
  const { crm, account, deal_id } = await db
    .selectFrom('orders')
    .select(['crm', 'account', 'deal_id'])
    .where('id', '=', orderId)
    .executeTakeFirstOrThrow();
  return { crm, account, dealId: deal_id };
}
