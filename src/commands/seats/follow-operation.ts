import { setTimeout as delay } from 'node:timers/promises';
import type { SeatDesk } from '../../seats/desk.ts';
import type { OperationView } from '../../seats/views.ts';
import type { CommandContext } from '../terminal/terminal.ts';

const POLL_MS = 300;

/** Until the operation is over, waits for somebody, or the command is interrupted. */
export async function follow(
  desk: Pick<SeatDesk, 'operation'>,
  asked: OperationView,
  { interrupted, note }: Pick<CommandContext['terminal'], 'interrupted' | 'note'>,
): Promise<OperationView> {
  let operation = asked;
  let shown: string | null = null;
  while (!operation.isOver && operation.failure === null && !interrupted.aborted) {
    await delay(POLL_MS, undefined, { signal: interrupted }).catch(() => undefined);
    operation = await desk.operation(asked.id);
    if (operation.text !== null && operation.text !== shown && !operation.isOver) note(operation.text);
    shown = operation.text;
  }
  return operation;
}
