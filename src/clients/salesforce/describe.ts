import { z } from 'zod';
import type { Connection } from './connection.ts';

const description = z.object({
  createable: z.boolean(),
  updateable: z.boolean(),
  deletable: z.boolean().optional(),
  fields: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      length: z.number().optional(),
      updateable: z.boolean(),
      picklistValues: z
        .array(z.object({ value: z.string().nullish(), active: z.boolean().nullish() }))
        .nullish(),
    }),
  ),
});

export type Description = z.infer<typeof description>;

/** An object as the integration user sees it: hidden fields are absent. */
export async function describeObject(
  connection: Connection,
  object: string,
  signal?: AbortSignal,
): Promise<Description> {
  return await connection.request(
    { name: `describe ${object}`, effect: 'read', object, whenMissing: 'crm.forbidden' },
    description,
    (jsforce) => jsforce.describe(object),
    signal,
  );
}
