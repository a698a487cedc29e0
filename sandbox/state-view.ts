import type { Fault, SandboxSystem } from './faults.ts';
import type { Exchange } from './http.ts';
import type { OutboxMail } from './outbox.ts';
import type { PlayView } from './scenes/play-view.ts';
import type { TiState } from './thought-industries/state.ts';

/** What the state page shows of all stand-ins. File and attachment contents are left out: they are codes. */
export interface StateView {
  /** Absent where no scenes can be played. */
  readonly play?: PlayView;
  readonly groups: readonly GroupView[];
  readonly deals: readonly DealView[];
  readonly files: readonly FileView[];
  readonly mails: readonly MailView[];
  /** Newest first. */
  readonly requests: readonly Exchange[];
  readonly faults: readonly FaultView[];
}

export interface GroupView {
  readonly id: string;
  readonly label: string;
  readonly total: number;
  readonly listed: number;
  readonly redeemed: number;
  readonly content: readonly string[];
  readonly expires: string | null;
}

export interface DealView {
  readonly system: 'hubspot' | 'salesforce';
  readonly id: string;
  readonly name: string;
  readonly stage: string;
  /** The Dealseat fields that have a value, by name. */
  readonly fields: Readonly<Record<string, string>>;
}

export interface FileView {
  readonly system: 'hubspot' | 'salesforce';
  readonly id: string;
  readonly name: string;
  readonly byteCount: number;
}

export interface MailView extends Omit<OutboxMail, 'attachments'> {
  readonly number: number;
  readonly attachments: readonly { readonly name: string; readonly byteCount: number }[];
}

export interface FaultView {
  readonly system: SandboxSystem;
  readonly kind: Fault['kind'];
  readonly method: string | null;
  readonly path: string | null;
  readonly left: number | 'always';
}

export function groupViews(ti: TiState): GroupView[] {
  return ti.groups.map((group) => ({
    id: group.id,
    label: group.label,
    total: group.totalCodesCount,
    listed: ti.listedCodesOf(group.id).length,
    redeemed: ti.redeemedCountOf(group.id),
    content: Object.values(group.targets).flatMap((items) => items.map(({ name }) => name)),
    expires: group.expirationDate,
  }));
}

export function mailViews(mails: readonly OutboxMail[]): MailView[] {
  return mails.map((mail, index) => ({
    ...mail,
    number: index + 1,
    attachments: mail.attachments.map(({ name, bytes }) => ({ name, byteCount: bytes.length })),
  }));
}

export function faultViews(active: readonly { readonly fault: Fault; readonly left: number }[]): FaultView[] {
  return active.map(({ fault, left }) => ({
    system: fault.system,
    kind: fault.kind,
    method: fault.method ?? null,
    path: fault.path?.source ?? null,
    left: Number.isFinite(left) ? left : 'always',
  }));
}
