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

const errors = z.array(faultEntry).min(1);

/** Result of an action or of a write, which comes with a 400 as well as with a 200 or 201. */
const refusedResult = z
  .union([z.object({ isSuccess: z.literal(false), errors }), z.object({ success: z.literal(false), errors })])
  .transform((result) => result.errors);

const entry = z.union([faultEntry.transform((fault) => [fault]), refusedResult]);

const errorBody = z.union([z.array(entry).transform((entries) => entries.flat()), entry]);

/** The error entries of a success by its status that says of itself that it is none. */
export function faultsOfResult(body: unknown): readonly SalesforceFault[] {
  return refusedResult.safeParse(body).data ?? [];
}

/** The error entries of a failed answer; none when it is not Salesforce's JSON. */
export function faultsOf(body: Buffer): readonly SalesforceFault[] {
  return errorBody.safeParse(parseJson(body.toString())).data ?? [];
}
