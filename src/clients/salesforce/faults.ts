import { z } from 'zod';
import { parseJson } from '../../domain/parse-json.ts';

/** One error entry, whichever of Salesforce's spellings it came in. */
export interface SalesforceFault {
  /** `UPPER_SNAKE` error code. */
  readonly code: string;
  readonly message: string;
  readonly fields: readonly string[];
}

const fieldNames = z
  .array(z.string())
  .nullish()
  .transform((fields) => fields ?? []);

/** REST answers say `errorCode`; items of collections and results of actions say `statusCode`. */
export const faultEntry = z
  .object({
    errorCode: z.string().optional(),
    statusCode: z.string().optional(),
    message: z.string().nullish(),
    fields: fieldNames,
  })
  .transform((entry, context): SalesforceFault => {
    const code = entry.errorCode ?? entry.statusCode;
    if (code !== undefined) return { code, message: entry.message ?? '', fields: entry.fields };
    context.addIssue({ code: 'custom', message: 'neither errorCode nor statusCode' });
    return z.NEVER;
  });

/** Result of an action, which a failed action sends with a 400 as well as with a 200. */
const actionResult = z.object({ isSuccess: z.literal(false), errors: z.array(faultEntry).min(1) });

const entry = z.union([faultEntry.transform((fault) => [fault]), actionResult.transform((r) => r.errors)]);

const errorBody = z.union([z.array(entry).transform((entries) => entries.flat()), entry]);

/** The error entries of a failed answer; none when it is not Salesforce's JSON. */
export function faultsOf(body: Buffer): readonly SalesforceFault[] {
  return errorBody.safeParse(parseJson(body.toString())).data ?? [];
}
