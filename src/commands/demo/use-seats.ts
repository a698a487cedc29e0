import { setTimeout as delay } from 'node:timers/promises';
import { PLATFORM } from '../../config/load-catalog.ts';
import { parseProvisioningId } from '../../domain/deal/ids.ts';
import { seatDeskOf } from '../../processes/seat-desk.ts';
import type { SeatDesk } from '../../seats/desk.ts';
import type { SeatView } from '../../seats/views.ts';
import { triggerSeatSync } from '../../temporal/seat-sync-schedule.ts';
import type { SandboxStack } from '../sandbox/stack.ts';
import type { Delivery } from './deliver.ts';

const LEARNERS = ['kim.lee@acme.example', 'lou.marsh@acme.example'] as const;
const NEXT = 'pat.quinn@acme.example';
const LOOK_MS = 200;
const DEADLINE_MS = 60_000;

type Report = (line: string) => void;

/**
 * After the hand-over: two learners use their codes, the deal counts them, and one seat is taken back and given to another
 * person. Returns what does not agree in the end.
 */
export async function useSeats(
  delivery: Delivery,
  stack: SandboxStack,
  { report, interrupted }: { readonly report: Report; readonly interrupted: AbortSignal },
): Promise<readonly string[]> {
  const { deal, result } = delivery;
  const { sandbox, store, config, logger } = stack;
  const ref = parseProvisioningId(deal.runId);
  const desk = seatDeskOf({ store, config, logger }, stack.console.client);
  if (ref === null || desk === null) throw new Error('The demo has no store of seats');
  const signal = AbortSignal.any([interrupted, AbortSignal.timeout(DEADLINE_MS)]);
  const codes = sandbox.ti.state.codesOf(result.groupIds[0] ?? '');
  for (const [index, email] of LEARNERS.entries()) {
    sandbox.ti.state.redeem(codes[index]?.code ?? '', email);
    report(`the learner ${email} redeems a code on the learning platform`);
  }
  const numbers = () => numbersOn(deal.standIn.dealFields(sandbox));
  await until(signal, async () => {
    await triggerSeatSync(stack.console.client, PLATFORM);
    return numbers().used === LEARNERS.length;
  });
  report(`the deal in the CRM now shows ${numbers().used} seats as used and ${numbers().free} as free`);
  const seat = await seatOf(desk, LEARNERS[0]);
  const { id } = await desk.ask({
    id: `demo-${seat.id}`,
    act: {
      kind: 'reassign',
      input: { to: { email: NEXT, firstName: 'Pat', lastName: 'Quinn', contactId: null }, by: 'access' },
    },
    seat: { id: seat.id },
    actor: { kind: 'person', name: 'the demo' },
    reason: 'Kim has left the company',
  });
  report(`${LEARNERS[0]} left the company: Dealseat takes the seat back and gives it to ${NEXT} …`);
  await until(signal, async () => (await desk.operation(id)).isOver);
  const operation = await desk.operation(id);
  const faults =
    operation.state === 'done' ? [] : [`the change of the seat is ${operation.state}: ${operation.text}`];
  const now = await seatOf(desk, NEXT);
  report(`${NEXT} has the seat (${now.stateText.toLowerCase()}), and ${LEARNERS[0]} has no access now`);
  const { order } = await desk.seatsOf(ref);
  const { sold, used, reserved, free } = order.counts;
  report(`of the ${sold} seats, ${used} are in use and ${reserved + free} wait for a learner`);
  if (sold !== deal.standIn.example.seatCount) faults.push(`the store has ${sold} seats`);
  if (used !== LEARNERS.length) faults.push(`${used} seats are in use`);
  return faults;
}

async function seatOf(desk: SeatDesk, email: string): Promise<SeatView> {
  const { seats } = await desk.find({ text: email, by: 'email' });
  const seat = seats.find(({ state }) => state !== 'ended');
  if (seat === undefined) throw new Error(`${email} has no seat`);
  return seat;
}

function numbersOn(fields: Readonly<Record<string, unknown>>): {
  readonly used: number;
  readonly free: number;
} {
  const numberOf = (name: RegExp) =>
    Number(Object.entries(fields).find(([field]) => name.test(field))?.[1] ?? Number.NaN);
  return { used: numberOf(/^dealseat_seats_used(__c)?$/i), free: numberOf(/^dealseat_seats_free(__c)?$/i) };
}

async function until(signal: AbortSignal, isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) {
    signal.throwIfAborted();
    await delay(LOOK_MS, undefined, { signal });
  }
}
