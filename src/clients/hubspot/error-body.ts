import { z } from 'zod';
import { parseJson } from '../../domain/parse-json.ts';

/** What may be told of a HubSpot error: every field is optional there, so every one is here. */
export interface HubSpotErrorBody {
  readonly message: string | null;
  readonly category: string | null;
  readonly correlationId: string | null;
  /** Only on 429: `DAILY`, `TEN_SECONDLY_ROLLING`, … */
  readonly policyName: string | null;
  /** Only where the portal lives in another data centre than the one that answers: `eu1`, … */
  readonly dataCenter: string | null;
  /** Only on 403 MISSING_SCOPES: the scopes of which the call needs one. */
  readonly requiredScopes: readonly string[];
  readonly propertyErrors: readonly PropertyError[];
}

export interface PropertyError {
  readonly property: string;
  /** For example `PROPERTY_DOESNT_EXIST` or `INVALID_OPTION`. */
  readonly error: string;
}

/** One error of a batch answer. Its words are left out: they may quote a value. */
export interface HubSpotErrorEntry {
  readonly category: string | null;
  /** Of the records that it is about. */
  readonly ids: readonly string[];
}

const text = z.string().optional().catch(undefined);

const bodySchema = z.object({
  message: text,
  category: text,
  correlationId: text,
  policyName: text,
  correctHublet: text,
  errors: z
    .array(z.object({ context: z.record(z.string(), z.array(z.string())).optional().catch(undefined) }))
    .optional()
    .catch(undefined),
});

export const errorEntry = z
  .object({
    category: text,
    context: z
      .object({ ids: z.array(z.coerce.string()) })
      .optional()
      .catch(undefined),
  })
  .transform(
    ({ category, context }): HubSpotErrorEntry => ({ category: category ?? null, ids: context?.ids ?? [] }),
  );

const EMPTY: HubSpotErrorBody = {
  message: null,
  category: null,
  correlationId: null,
  policyName: null,
  dataCenter: null,
  requiredScopes: [],
  propertyErrors: [],
};

/** Reads an error body; an HTML page of a gateway, an empty body or bad JSON gives an empty result. */
export function parseErrorBody(bodyText: string): HubSpotErrorBody {
  const parsed = bodySchema.safeParse(parseJson(bodyText));
  if (!parsed.success) return EMPTY;
  const { message, category, correlationId, policyName, correctHublet, errors } = parsed.data;
  return {
    message: message ?? null,
    category: category ?? null,
    correlationId: correlationId ?? null,
    policyName: policyName ?? null,
    dataCenter: correctHublet ?? null,
    requiredScopes: (errors ?? []).flatMap((error) => error.context?.requiredGranularScopes ?? []),
    propertyErrors: propertyErrorsIn(message ?? ''),
  };
}

const propertyErrorSchema = z.array(z.object({ name: z.string(), error: z.string() }));

/**
 * HubSpot puts the errors of single properties as JSON text inside the message:
 * `Property values were not valid: [{"isValid":false,"name":"x","error":"PROPERTY_DOESNT_EXIST",…}]`.
 */
function propertyErrorsIn(message: string): PropertyError[] {
  const start = message.indexOf('[{');
  if (start < 0) return [];
  const parsed = propertyErrorSchema.safeParse(parseJson(message.slice(start)));
  return parsed.success ? parsed.data.map(({ name, error }) => ({ property: name, error })) : [];
}
