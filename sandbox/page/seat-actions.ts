import type { DealOnPage, SeatAct, SeatOnPage } from '../seats/seat-service.ts';
import { SeatServiceRefusal } from '../seats/seat-service.ts';
import type { SeatsOnPage } from '../seats/seats-on-page.ts';
import type { TiState } from '../thought-industries/state.ts';
import type { Activity } from './activity.ts';
import { ActionRefusal } from './refusal.ts';

export interface SeatActionDeps {
  readonly ti: TiState;
  readonly activity: Activity;
  /** Absent: no service is known that keeps seats. */
  readonly seats?: SeatsOnPage;
}

type Form = URLSearchParams;
type Asked = DealOnPage & { readonly seats: SeatsOnPage; readonly seatId: string };
type SeatAction = (deps: SeatActionDeps, form: Form) => Promise<string>;

/** The record has every act and its reason. */
const REASON = 'tried in the sandbox';

export const SEAT_ACTIONS: readonly (readonly [string, SeatAction])[] = [
  ['revoke', onSeat(() => ({ kind: 'revoke' }), 'to take a seat back')],
  ['reassign', onSeat((form) => ({ kind: 'reassign', to: { email: emailIn(form) } }), 'to give a seat away')],
  ['access', onSeat(accessAct, 'to change the access of a seat')],
  ['redeem-late', redeemLate],
  ['settle', settle],
];

function onSeat(actOf: (form: Form, seat: SeatOnPage) => SeatAct, said: string): SeatAction {
  return ({ activity, ...deps }, form) =>
    orRefuse(async () => {
      const asked = askedIn(deps, form);
      const seat = await seatOf(asked);
      await asked.seats.act(asked, seat, actOf(form, seat), REASON);
      activity.note(`Dealseat was asked ${said}.`);
      return pathOf(asked);
    });
}

function accessAct(form: Form, { accessUntil }: SeatOnPage): SeatAct {
  const until = form.get('until') ?? '';
  if (!/^\d{4}-\d{2}-\d{2}$/.test(until)) throw new ActionRefusal('Access until: expected a day.');
  const isEarlier = accessUntil !== null && until < accessUntil.slice(0, 10);
  return { kind: isEarlier ? 'shorten' : 'extend', until };
}

/** The platform cannot disable a code, so the code of a seat that ended works for who still has it. */
function redeemLate(deps: SeatActionDeps, form: Form): Promise<string> {
  return orRefuse(async () => {
    const asked = askedIn(deps, form);
    const { groupLabel } = await seatOf(asked);
    const unused = deps.ti.groups
      .filter(({ label }) => label === groupLabel)
      .flatMap(({ id }) => deps.ti.codesOf(id))
      .filter(({ redeemedAtMs }) => redeemedAtMs === null);
    const code = await asked.seats.codeOf(
      asked.seatId,
      unused.map((each) => each.code),
    );
    if (code === undefined) throw new ActionRefusal('The code of this seat was used.');
    const count = deps.ti.codes.filter(({ redeemedAtMs }) => redeemedAtMs !== null).length;
    deps.ti.redeem(code, `late.learner${count + 1}@example.com`);
    deps.activity.note(
      'Learning platform: a learner redeemed the code of a seat that ended. Dealseat notices at its next look, within 10 seconds.',
    );
    return pathOf(asked);
  });
}

function settle(deps: SeatActionDeps, form: Form): Promise<string> {
  return orRefuse(async () => {
    const asked = askedIn(deps, form);
    await asked.seats.settleLate(asked, asked.seatId, form.get('decision') ?? '', REASON);
    deps.activity.note('Dealseat was given the decision about a code that was taken back and redeemed.');
    return pathOf(asked);
  });
}

async function orRefuse(act: () => Promise<string>): Promise<string> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof SeatServiceRefusal) throw new ActionRefusal(error.message);
    if (error instanceof TypeError && error.message === 'fetch failed')
      throw new ActionRefusal('Dealseat does not answer. Is `dealseat start` running?');
    throw error;
  }
}

function askedIn({ seats }: Pick<SeatActionDeps, 'seats'>, form: Form): Asked {
  if (!seats) throw new ActionRefusal('This sandbox knows no service that keeps seats.');
  const [crm = '', dealId = '', seatId = ''] = ['crm', 'deal', 'seat'].map((name) => form.get(name) ?? '');
  return { seats, crm, dealId, seatId };
}

async function seatOf({ seats, seatId, ...deal }: Asked): Promise<SeatOnPage> {
  const seat = await seats.seat(deal, seatId);
  if (seat === undefined) throw new ActionRefusal('The deal has no such seat.');
  return seat;
}

function emailIn(form: Form): string {
  return form.get('email')?.trim() ?? '';
}

function pathOf({ crm, dealId }: DealOnPage): string {
  return `/deals/${encodeURIComponent(crm)}/${encodeURIComponent(dealId)}`;
}
