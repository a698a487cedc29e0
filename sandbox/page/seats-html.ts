import { escapeHtml, sentence, tableOf } from '../html.ts';
import type { FindingOnPage, OperationOnPage, SeatOnPage } from '../seats/seat-service.ts';
import type { SeatsSeen } from '../seats/seats-on-page.ts';
import { buttonForm, form } from './forms.ts';
import { tag } from './tags.ts';
import type { Region } from './view.ts';

/** More of them are of no use to a person. */
const SHOWN_SEATS = 50;
/** As people look for one: what is in use comes first. */
const ORDER = ['redeemed', 'removing', 'granting', 'claimed', 'invited', 'exposed', 'free'];
const USED = new Set(['redeemed', 'removing', 'granting', 'claimed']);
const HEADINGS = ['State', 'Holder', 'Redeemed', 'Access until', 'What you can do'];
const KINDS: Readonly<Record<string, string>> = {
  revoke: 'Take the seat back',
  reassign: 'Give the seat to another person',
  extend: 'Let the access last longer',
  shorten: 'Let the access end earlier',
};
const DECISIONS = [
  { decision: 'keep', label: 'The learner keeps the access' },
  { decision: 'end', label: 'End the access' },
  { decision: 'count', label: 'Count a free seat for it' },
] as const;

/** Form fields that name the deal. */
type DealFields = Readonly<Record<'crm' | 'deal', string>>;

/** The seats of a deal as `dealseat seats` lists them, with what can be done to each. No code is in it. */
export function seatsRegion(seen: SeatsSeen, deal: DealFields): Region {
  return {
    id: 'deal-seats',
    html: `<section class="card" aria-labelledby="seats-h"><h2 id="seats-h">Seats</h2>${bodyHtml(seen, deal)}</section>`,
  };
}

function bodyHtml(seen: SeatsSeen, deal: DealFields): string {
  if ('missing' in seen) return `<p class="empty">${escapeHtml(seen.missing)}</p>`;
  const { counts, seats, ended, findings, hasMore, operations } = seen;
  const { sold, used, reserved, free } = counts;
  const titles = new Set(seats.map(({ productTitle }) => productTitle));
  const shown = [...seats].sort(inOrder).slice(0, SHOWN_SEATS);
  const isCut = hasMore || seats.length > shown.length;
  return `<p role="status">${sold} ${sold === 1 ? 'seat' : 'seats'}: ${used} used, ${reserved} handed out, ${free} free</p>
${findings.map((finding) => findingHtml(finding, deal)).join('')}
${operations.length === 0 ? '' : `<ul class="rows" aria-label="What you asked for">${operations.map(operationHtml).join('')}</ul>`}
${tableOf(
  HEADINGS,
  shown.map((seat) => rowHtml(seat, { deal, withTitle: titles.size > 1 })),
)}
${isCut ? `<p class="quiet small">The first ${shown.length} are shown. <code>dealseat seats</code> lists all of them.</p>` : ''}
${ended.length === 0 ? '' : endedHtml(ended, deal)}`;
}

function inOrder(a: SeatOnPage, b: SeatOnPage): number {
  return ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || (a.id < b.id ? -1 : 1);
}

/** Findings that a person may settle. */
const ASKED: ReadonlySet<string> = new Set(['late_redemption', 'access_left']);

function findingHtml({ kind, text, cure, seatId }: FindingOnPage, deal: DealFields): string {
  const isAsked = ASKED.has(kind) && seatId !== null;
  const buttons = DECISIONS.map(({ decision, label }, index) =>
    buttonForm({
      action: 'settle',
      values: { ...deal, seat: seatId ?? '', decision },
      label,
      isSecond: index > 0,
    }),
  );
  return `<div class="detail warn"><strong>${escapeHtml(text)}</strong>\n${escapeHtml(cure)}</div>${isAsked ? `<div class="forms">${buttons.join('')}</div>` : ''}`;
}

function operationHtml({ kind, state, text, isOver }: OperationOnPage): string {
  const tone = state === 'done' ? 'good' : isOver ? 'bad' : 'plain';
  return `<li>${escapeHtml(KINDS[kind] ?? sentence(kind))} ${tag(state, tone)}${text === null ? '' : `<div class="small quiet">${escapeHtml(text)}</div>`}</li>`;
}

function rowHtml(
  seat: SeatOnPage,
  { deal, withTitle }: { readonly deal: DealFields; readonly withTitle: boolean },
): string {
  const title = withTitle ? `<div class="small quiet">${escapeHtml(seat.productTitle)}</div>` : '';
  return `<tr><td>${tag(seat.stateText, USED.has(seat.state) ? 'good' : 'plain')}${title}</td>${personCells(seat)}<td>${changesHtml(seat, deal)}</td></tr>`;
}

function personCells(seat: SeatOnPage): string {
  const { redeemedAt, accessUntil } = seat;
  return `<td>${escapeHtml(holderOf(seat))}</td><td class="word">${dayOf(redeemedAt)}</td><td class="word">${dayOf(accessUntil)}</td>`;
}

/** Who has it; who used its code, if that is another address. */
function holderOf({ holder, redeemedBy, usedByOther }: SeatOnPage): string {
  const named = [holder?.name, holder?.email].filter(Boolean).join(', ');
  if (named === '') return redeemedBy ?? '';
  return usedByOther && redeemedBy !== null ? `${named}; used by ${redeemedBy}` : named;
}

function dayOf(instant: string | null): string {
  return escapeHtml(instant?.slice(0, 10) ?? '');
}

function changesHtml(seat: SeatOnPage, deal: DealFields): string {
  if (!['redeemed', 'exposed', 'claimed'].includes(seat.state)) return '';
  const values = { ...deal, seat: seat.id };
  const about = `seat ${seat.id.slice(0, 8)}`;
  const named = (label: string) => `aria-label="${escapeHtml(`${label}: ${about}`)}"`;
  const until = `<input type="date" name="until" required ${named('Access until')}><button class="second" ${named('Change the access')}>Change the access</button>`;
  const to = `<input type="email" name="email" required placeholder="learner@example.com" autocomplete="off" ${named('New holder')}><button class="second" ${named('Give it to them')}>Give it to them</button>`;
  return `<details id="seat-${escapeHtml(seat.id)}"><summary>Change<span class="hidden"> ${escapeHtml(about)}</span></summary>
${buttonForm({ action: 'revoke', values, label: 'Take it back', about })}
${form('reassign', values, to)}
${seat.state === 'redeemed' ? form('access', values, until) : ''}</details>`;
}

/** Seats that are over; the code of one that was never used can still be. */
function endedHtml(ended: readonly SeatOnPage[], deal: DealFields): string {
  const rows = ended.slice(0, SHOWN_SEATS).map((seat) => {
    const about = `seat ${seat.id.slice(0, 8)}`;
    const values = { ...deal, seat: seat.id };
    const late = buttonForm({
      action: 'redeem-late',
      values,
      label: 'Redeem its code',
      about,
      isSecond: true,
    });
    const isUnused = seat.groupLabel !== null && seat.codeState !== 'redeemed' && seat.codeState !== 'sealed';
    return `<tr><td>${escapeHtml(seat.stateText)}</td>${personCells(seat)}<td>${isUnused ? late : ''}</td></tr>`;
  });
  return `<details id="ended-seats"><summary>${ended.length} ${ended.length === 1 ? 'seat' : 'seats'} that ended</summary>${tableOf(HEADINGS, rows)}</details>`;
}
