import { z } from 'zod';
import { NUDGE_MAILS } from '../domain/seats/nudge-record.ts';
import { NUDGE_STATES } from '../domain/seats/nudge-standing.ts';
import { OPERATION_KINDS, OPERATION_STATES } from '../domain/seats/operation.ts';
import { SEAT_STATES } from '../domain/seats/seat-state.ts';

/**
 * What the desk of seats answers, as plain JSON: what the HTTP interface sends and the command reads. No view has a code
 * in it. Times are UTC instants, ISO 8601.
 */

const instant = z.string();
const count = z.int().nonnegative();

export const seatCountsView = z.object({
  sold: count.meta({ description: 'All seats that the customer has: used, reserved and free ones.' }),
  used: count,
  reserved: count.meta({ description: 'Handed out or offered, and not used yet.' }),
  free: count,
});

export const orderView = z.object({
  crm: z.string(),
  account: z.string(),
  dealId: z.string(),
  dealName: z.string(),
  dealUrl: z.string(),
  companyName: z.string().nullable(),
  audience: z.enum(['buyer', 'learners']),
  deliveredAt: instant.nullable(),
  mergedInto: z
    .object({ crm: z.string(), account: z.string(), dealId: z.string() })
    .nullable()
    .meta({ description: 'The deal that this one was merged into, which has its seats now.' }),
  counts: seatCountsView,
  products: z
    .array(z.object({ key: z.string(), title: z.string(), counts: seatCountsView }))
    .readonly()
    .meta({ description: 'The same counts for each product.' }),
});

export const seatView = z.object({
  id: z.string(),
  crm: z.string(),
  account: z.string(),
  dealId: z.string(),
  dealName: z.string(),
  companyName: z.string().nullable(),
  productKey: z.string(),
  productTitle: z.string(),
  state: z.enum(SEAT_STATES),
  stateText: z.string().meta({ description: 'The state in plain words, such as "In use".' }),
  since: instant.meta({ description: 'Since when it has been in that state.' }),
  version: z.int().positive().meta({ description: 'Rises by one with every change.' }),
  holder: z
    .object({
      email: z.string().nullable(),
      name: z.string().nullable(),
      contactId: z.string().nullable().meta({ description: 'Of the CRM.' }),
    })
    .nullable()
    .meta({ description: 'Whose seat it is; null while it is with nobody in particular.' }),
  groupLabel: z
    .string()
    .nullable()
    .meta({ description: 'The code group of its code; null: it has no code, as access was given directly.' }),
  codeState: z
    .enum(['sealed', 'handed_out', 'redeemed', 'retired'])
    .nullable()
    .meta({ description: 'sealed: nobody outside Dealseat has seen the code.' }),
  redeemedAt: instant.nullable(),
  redeemedBy: z.string().nullable().meta({ description: 'The address that used the code.' }),
  usedByOther: z.boolean().meta({ description: 'Another address than that of the holder used the code.' }),
  accessUntil: instant.nullable(),
  createdAt: instant,
  endedAt: instant.nullable(),
  nextSeatId: z.string().nullable().meta({ description: 'The seat that took its place.' }),
  operationId: z.string().nullable().meta({ description: 'The operation that works on it now.' }),
  waitsFor: z
    .object({ code: z.string(), text: z.string(), cure: z.string() })
    .nullable()
    .meta({ description: 'What the operation waits for, and what somebody is to do; null: nothing.' }),
});

export const nudgeView = z.object({
  rule: z.string().meta({ description: 'The rule of the catalog, in words.' }),
  state: z.enum(NUDGE_STATES).meta({
    description:
      'due: its day is to come. waiting: its day is past, and it may still go out. sent: the buyer got a mail. task: only the owner was reminded. in_doubt: it may be out. stopped: it does not go out.',
  }),
  text: z.string().meta({ description: 'The same in sentences, with the reason.' }),
  dueAt: instant.nullable().meta({ description: 'Null: it has no day.' }),
  settledAt: instant
    .nullable()
    .meta({ description: 'When it went out, or was stopped on or after its day.' }),
  mail: z
    .object({ is: z.enum(NUDGE_MAILS), via: z.string().nullable() })
    .nullable()
    .meta({
      description: 'What became of the mail to the buyer, and the e-mail tool; null: there was none.',
    }),
  task: z
    .enum(['open', 'closed'])
    .nullable()
    .meta({ description: 'The task of the owner; null: there was none.' }),
  isInCatalog: z
    .boolean()
    .nullable()
    .meta({ description: 'Null: this server has no catalog, so only reminders that were due are listed.' }),
});

export const seatPageView = z.object({
  order: orderView,
  seats: z.array(seatView).readonly(),
  nudges: z.array(nudgeView).readonly().meta({
    description: 'The reminders of the deal about seats that are not in use; the same on every page.',
  }),
  next: z.string().nullable().meta({ description: 'The cursor of the next page; null on the last one.' }),
});

export const FIND_KINDS = ['email', 'code', 'label', 'company'] as const;

export const foundView = z.object({
  by: z
    .enum(FIND_KINDS)
    .nullable()
    .meta({ description: 'What the text was found as; null: nothing was found.' }),
  seats: z.array(seatView).readonly().meta({ description: 'For an e-mail address or a code.' }),
  orders: z.array(orderView).readonly().meta({ description: 'For a label or a company.' }),
  next: z.string().nullable(),
});

export const seatHistoryView = z.object({
  seat: seatView,
  previousSeatId: z.string().nullable().meta({ description: 'The seat whose place it took.' }),
  events: z
    .array(
      z.object({
        at: instant,
        kind: z.string(),
        actor: z.object({
          kind: z.enum(['system', 'crm', 'platform', 'person', 'api']),
          name: z.string().nullable(),
        }),
        reason: z.string().nullable(),
        text: z.string().meta({ description: 'What happened, in a sentence.' }),
      }),
    )
    .readonly()
    .meta({ description: 'Oldest first.' }),
});

export const findingsView = z.object({
  findings: z
    .array(
      z.object({
        id: z.int(),
        kind: z.string(),
        text: z.string(),
        cure: z.string(),
        crm: z.string().nullable(),
        dealId: z.string().nullable(),
        seatId: z.string().nullable(),
        foundAt: instant,
        seenAt: instant,
      }),
    )
    .readonly(),
  next: z.string().nullable(),
});

export const linkView = z.object({
  seatId: z.string(),
  link: z.string().meta({ description: 'A bearer credential: who opens it first has the seat.' }),
});

export const operationView = z.object({
  id: z.string(),
  kind: z.enum(OPERATION_KINDS),
  seatId: z.string(),
  nextSeatId: z
    .string()
    .nullable()
    .meta({ description: 'The seat that took the place of the seat, once it did.' }),
  crm: z.string(),
  dealId: z.string(),
  state: z.enum(OPERATION_STATES).meta({
    description:
      'asked: on record. running: under way, or waiting for what `failure` says. unknown: it may have happened, and is looked up. done, refused (the seat is as it was) and failed are the ends.',
  }),
  isOver: z.boolean(),
  text: z.string().nullable().meta({ description: 'What came of it, or what it waits for.' }),
  failure: z.object({ code: z.string(), cure: z.string() }).nullable(),
  askedBy: z.string().nullable(),
  reason: z.string().nullable(),
  askedAt: instant,
  startedAt: instant.nullable(),
  settledAt: instant.nullable(),
});

export const operationPageView = z.object({
  operations: z.array(operationView).readonly(),
  next: z.string().nullable().meta({ description: 'The cursor of the next page; null on the last one.' }),
});

export const operationsView = z.object({ operations: z.array(operationView).readonly() });

export type OperationsView = z.infer<typeof operationsView>;
export type OperationPageView = z.infer<typeof operationPageView>;
export type LinkView = z.infer<typeof linkView>;
export type OperationView = z.infer<typeof operationView>;
export const personView = z.object({
  emails: z.array(z.string()).readonly().meta({ description: 'Spellings of the address.' }),
  names: z.array(z.string()).readonly(),
  platformUserIds: z.array(z.string()).readonly().meta({ description: 'Of the learning platform.' }),
  seats: z
    .array(
      z.object({
        seatId: z.string(),
        crm: z.string(),
        dealId: z.string(),
        dealName: z.string(),
        dealUrl: z.string(),
        product: z.string(),
        state: z.string(),
        as: z.enum(['holder', 'redeemer', 'both']),
        contactId: z.string().nullable(),
        redeemedAt: instant.nullable(),
        accessUntil: instant.nullable(),
        history: z
          .array(
            z.object({
              at: instant,
              kind: z.string(),
              by: z.string().nullable(),
              reason: z.string().nullable(),
            }),
          )
          .readonly(),
      }),
    )
    .readonly()
    .meta({ description: 'That the person has, had or used.' }),
});

export const erasureView = z.object({
  isOver: z.boolean().meta({ description: 'false: send the same request again, for the next step.' }),
  done: count.meta({ description: 'Steps that were done.' }),
  steps: count.meta({ description: 'Of so many.' }),
  rows: z.record(z.string(), count).meta({ description: 'Rows that were changed, by table.' }),
});

export const rotationView = z.object({
  isOver: z.boolean().meta({ description: 'false: send the same request again, for the next codes.' }),
  resealed: count.meta({ description: 'Codes that an older key had sealed.' }),
  checked: count.meta({ description: 'Codes that were looked at.' }),
  total: count.meta({ description: 'All codes of the store.' }),
});

export type FindKind = (typeof FIND_KINDS)[number];
export type SeatCountsView = z.infer<typeof seatCountsView>;
export type OrderView = z.infer<typeof orderView>;
export type SeatView = z.infer<typeof seatView>;
export type NudgeView = z.infer<typeof nudgeView>;
export type SeatPageView = z.infer<typeof seatPageView>;
export type FoundView = z.infer<typeof foundView>;
export type SeatHistoryView = z.infer<typeof seatHistoryView>;
export type FindingsView = z.infer<typeof findingsView>;
export type PersonView = z.infer<typeof personView>;
export type ErasureView = z.infer<typeof erasureView>;
export type RotationView = z.infer<typeof rotationView>;
