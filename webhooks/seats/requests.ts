import { z } from 'zod';
import { LATE_DECISIONS } from '../../src/domain/seats/late-decision.ts';
import { SEAT_STATES } from '../../src/domain/seats/seat-state.ts';
import { askBody } from '../../src/seats/ask-body.ts';
import { DEFAULT_PAGE, MAX_ASKS, MAX_PAGE } from '../../src/seats/desk.ts';
import { FIND_KINDS } from '../../src/seats/views.ts';

/** What is asked of seats over HTTP. Values of an address come as text. */

const cursor = z.string().max(500).meta({ description: 'The value of "next" of the page before.' });

const page = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_PAGE)
    .optional()
    .meta({ description: `At most so many on a page; ${DEFAULT_PAGE} without it.` }),
  cursor: cursor.optional(),
};

const crm = z.string().min(1).max(40).meta({ description: 'Where the deal lives.' });
const dealId = z.string().min(1).max(40).meta({ description: 'The id of the deal or opportunity.' });

const states = z
  .string()
  .max(200)
  .transform((text) => text.split(',').map((each) => each.trim()))
  .pipe(z.array(z.enum(SEAT_STATES)))
  .meta({
    description: `States, comma separated, of ${SEAT_STATES.join(', ')}; all but ended without it.`,
  });

const narrowed = {
  crm,
  dealId,
  state: states.optional(),
  product: z.string().min(1).max(200).optional().meta({ description: 'The key of a product.' }),
};

export const listQuery = z.strictObject({ ...narrowed, ...page });

export const findBody = z.strictObject({
  text: z.string().min(1).max(2_000).meta({
    description:
      'An e-mail address, a code or a redeem link, the label of a code group, or a part of a company or deal name.',
  }),
  by: z
    .enum(FIND_KINDS)
    .optional()
    .meta({ description: 'What the text is; without it, the first of these that finds something.' }),
  limit: z.int().min(1).max(MAX_PAGE).optional(),
  cursor: cursor.optional(),
});

export const findingsQuery = z
  .strictObject({ crm: crm.optional(), dealId: dealId.optional(), ...page })
  .refine((query) => (query.crm === undefined) === (query.dealId === undefined), {
    path: ['dealId'],
    message: 'goes with crm, and crm with it',
  });

export const operationsQuery = z.strictObject({
  waiting: z
    .enum(['true', 'false'])
    .optional()
    .meta({ description: 'true: only those that wait for somebody or something.' }),
  ...page,
});

const asked = {
  reason: z.string().trim().min(1).max(500).meta({ description: 'For the record.' }),
  onBehalfOf: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'The name of the person who asks, for the record.' }),
};

export const batchBody = z.strictObject({
  operations: z.array(askBody).min(1).max(MAX_ASKS),
});

export const linkBody = z.strictObject(asked);

export const closeBody = z.strictObject({ crm, dealId, ...asked });

export const lateBody = z.strictObject({ decision: z.enum(LATE_DECISIONS), ...asked });

export const exportQuery = z.strictObject(narrowed);

export const exportBody = z.strictObject({ ...narrowed, ...asked });
