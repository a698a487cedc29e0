import { z } from 'zod';
import { dayEndZone, endOfDay } from '../domain/deal/calendar.ts';
import type { OperationAsk, SeatPerson } from '../domain/seats/operation.ts';
import type { SeatAsk } from './desk.ts';

/** How an operation on a seat is asked for as JSON: by the HTTP interface, and by the command of a running service. */

const LONGEST_REASON = 500;
const LONGEST_NAME = 100;

const common = {
  seatId: z.string().min(4).max(36).meta({
    description: 'The id of the seat, or a beginning that only one seat has.',
  }),
  version: z
    .int()
    .positive()
    .optional()
    .meta({ description: 'As you saw the seat: refused when it was changed since.' }),
  reason: z.string().trim().min(1).max(LONGEST_REASON).meta({ description: 'For the record.' }),
  onBehalfOf: z
    .string()
    .trim()
    .min(1)
    .max(LONGEST_NAME)
    .optional()
    .meta({ description: 'The name of the person who asks, for the record.' }),
};

const person = z.strictObject({
  email: z.string().min(1).max(254),
  firstName: z.string().max(200).nullish(),
  lastName: z.string().max(200).nullish(),
  contactId: z.string().max(100).nullish().meta({ description: 'Of the CRM, for a contact of the deal.' }),
});

const accessEndedByHand = z.boolean().optional().meta({
  description: 'An admin has ended the access in the learning platform, so Dealseat leaves it alone.',
});

/** The last second of the day, where it ends last; or the instant itself. */
export const accessEnd = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })])
  .transform((text) =>
    text.length === 10 ? endOfDay(text, dayEndZone({ timeZone: null })) : new Date(text).toISOString(),
  );

const until = accessEnd.meta({
  description: 'A day such as 2027-01-31, which lasts until it is over everywhere, or an instant.',
});

export const askBody = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('revoke'), ...common, accessEndedByHand }),
  z.strictObject({
    kind: z.literal('reassign'),
    ...common,
    to: person,
    give: z.enum(['code', 'access']).default('access').meta({
      description:
        'access: directly in the learning platform. code: a code of their own, by the way of the deal.',
    }),
    accessEndedByHand,
  }),
  z.strictObject({ kind: z.literal('extend'), ...common, until }),
  z.strictObject({ kind: z.literal('shorten'), ...common, until }),
  z.strictObject({
    kind: z.literal('reissue'),
    ...common,
    how: z.enum(['same_code', 'new_code']).meta({
      description:
        'same_code: the same link again. new_code: the old code may be with another person, so it is retired.',
    }),
  }),
  z.strictObject({
    kind: z.literal('grant'),
    ...common,
    seatId: common.seatId.optional().meta({ description: 'A free seat; or name the deal and the product.' }),
    crm: z.string().max(40).optional(),
    dealId: z.string().max(40).optional(),
    product: z.string().max(200).optional().meta({ description: 'The key of the product.' }),
    to: person,
  }),
]);

export type AskBody = z.output<typeof askBody>;

/** What is asked for, without who asks. */
export function actOf(body: AskBody): OperationAsk {
  switch (body.kind) {
    case 'revoke':
      return { kind: body.kind, input: byHand(body) };
    case 'reassign':
      return { kind: body.kind, input: { to: personOf(body.to), by: body.give, ...byHand(body) } };
    case 'extend':
    case 'shorten':
      return { kind: body.kind, input: { until: body.until } };
    case 'reissue':
      return { kind: body.kind, input: { how: body.how } };
    case 'grant':
      return { kind: body.kind, input: { to: personOf(body.to) } };
  }
}

/** The body that a service understands as this ask. */
export function bodyOf({ act, seat, actor, reason }: Omit<SeatAsk, 'id'>): object {
  const { kind } = act;
  return {
    kind,
    ...('deal' in seat
      ? { crm: seat.deal.crm, dealId: seat.deal.dealId, product: seat.productKey }
      : { seatId: seat.id, ...(seat.version === undefined ? {} : { version: seat.version }) }),
    reason,
    ...(actor.name === null ? {} : { onBehalfOf: actor.name }),
    ...inputOf(act),
  };
}

function inputOf({ kind, input }: OperationAsk): object {
  if (kind !== 'reassign') return input;
  const { by: give, ...rest } = input;
  return { ...rest, give };
}

function byHand({ accessEndedByHand: is }: { readonly accessEndedByHand?: boolean | undefined }) {
  return is === true ? { accessEndedByHand: true } : {};
}

function personOf({ email, firstName, lastName, contactId }: z.output<typeof person>): SeatPerson {
  return { email, firstName: firstName ?? null, lastName: lastName ?? null, contactId: contactId ?? null };
}
