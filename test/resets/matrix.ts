/** How a run came to where it is when somebody resets it. */
/** The CRMs that have stand-ins. */
export type KnownCrm = 'hubspot' | 'salesforce';

export const KINDS = {
  delivered: 'delivered',
  failed: 'failed and undone, because no one helped after a refused mail',
  cancelled: 'cancelled by message after a refused mail or roster',
  cancelledNatively: 'cancelled by Temporal while codes are awaited',
  waitingForData: 'waits for a person before anything is made',
  waitingForMail: 'waits for a person after a refused mail',
  toppedUp: 'delivered more seats of a delivered deal',
  withdrawn: 'withdrew one seat of a delivered deal',
  allWithdrawn: 'withdrew every seat of a deal that was lost',
  kept: 'left the customer more seats than are sold',
  merged: 'waited while its deal was merged into a delivered one',
  survivor: 'took over the seats of a deal that was merged into its own',
} as const;

export type Kind = keyof typeof KINDS;

/** Who is written to; `list`: the buyer is put on a list instead. */
export type Audience = 'buyer' | 'learners' | 'list';

/** One way to meet a reset; each point of the run is a cell. */
export interface Row {
  readonly kind: Kind;
  readonly crm: KnownCrm;
  readonly audience: Audience;
  /** Another run has delivered the deal, or more of it, since. */
  readonly hasLaterDelivery: boolean;
  /** Whether the messages after the point are given to the new run again. */
  readonly reappliesMessages: boolean;
  /** False: nobody answers what the run asks after the reset. */
  readonly isHelped: boolean;
}

const BOTH: readonly KnownCrm[] = ['hubspot', 'salesforce'];
const EVER: readonly boolean[] = [false, true];

interface Variants {
  readonly crms?: readonly KnownCrm[];
  readonly audiences: Readonly<Partial<Record<KnownCrm, readonly Audience[]>>>;
  readonly later?: readonly boolean[];
  readonly reapplies?: readonly boolean[];
  readonly helped?: readonly boolean[];
}

const BUYER: Variants['audiences'] = { hubspot: ['buyer'], salesforce: ['buyer'] };
const LEARNERS: Variants['audiences'] = { hubspot: ['learners'], salesforce: ['learners'] };
const PEOPLE: Variants['audiences'] = { hubspot: ['buyer', 'learners'], salesforce: ['buyer', 'learners'] };

const VARIANTS: Readonly<Record<Kind, Variants>> = {
  delivered: { audiences: { ...PEOPLE, hubspot: ['buyer', 'learners', 'list'] } },
  failed: { audiences: PEOPLE, helped: [true, false] },
  cancelled: { audiences: PEOPLE, reapplies: [true, false] },
  cancelledNatively: { audiences: BUYER },
  waitingForData: { audiences: BUYER },
  waitingForMail: { audiences: PEOPLE },
  toppedUp: { audiences: PEOPLE },
  withdrawn: { audiences: LEARNERS, reapplies: [true, false] },
  allWithdrawn: { audiences: { hubspot: ['list'], salesforce: ['buyer'] }, reapplies: [true, false] },
  kept: { audiences: BUYER, reapplies: [true, false] },
  // The surviving deal is delivered by another run, always.
  merged: { crms: ['hubspot'], audiences: { hubspot: ['buyer'] }, later: [true] },
  survivor: { crms: ['hubspot'], audiences: { hubspot: ['buyer'] }, later: [false] },
};

export function allRows(): Row[] {
  return (Object.keys(KINDS) as Kind[]).flatMap((kind) => {
    const { crms = BOTH, audiences, later = EVER, reapplies = [true], helped = [true] } = VARIANTS[kind];
    return crms.flatMap((crm) =>
      (audiences[crm] ?? []).flatMap((audience) =>
        later.flatMap((hasLaterDelivery) =>
          reapplies.flatMap((reappliesMessages) =>
            helped.map((isHelped) => ({
              kind,
              crm,
              audience,
              hasLaterDelivery,
              reappliesMessages,
              isHelped,
            })),
          ),
        ),
      ),
    );
  });
}

export function nameOf(row: Row): string {
  return [
    `${row.kind} (${row.crm}, ${row.audience})`,
    ...(row.hasLaterDelivery ? ['delivered by a later run'] : []),
    ...(row.reappliesMessages ? [] : ['without its messages']),
    ...(row.isHelped ? [] : ['nobody helps']),
  ].join(', ');
}

/** Whether nothing is left to do for the deal when the run is reset, so that the reset must change nothing. */
export function isSettled({ kind, hasLaterDelivery }: Row): boolean {
  return hasLaterDelivery || !UNFINISHED.includes(kind);
}

const UNFINISHED: readonly Kind[] = [
  'failed',
  'cancelled',
  'cancelledNatively',
  'waitingForData',
  'waitingForMail',
];

/** What became of one reset. */
export interface Cell {
  /** How many points the run had. */
  readonly points: number;
  readonly eventId: string;
  /** The events before and after it. */
  readonly around: string;
  /** In words; none where all is well. */
  readonly broken: readonly string[];
}

/** For whoever reads of a failed cell; empty where all is well. */
export function failureOf(row: Row, { eventId, around, broken }: Cell): string {
  if (broken.length === 0) return '';
  const head = `${nameOf(row)}: reset to event ${eventId} (${around})`;
  return [head, ...broken.map((promise) => `  - ${promise}`), ''].join('\n');
}
