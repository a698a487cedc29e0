import { z } from 'zod';
import type { CrmModule } from '../../src/clients/crm-module.ts';
import { FAILURES, type FailureCode } from '../../src/domain/failure.ts';
import type { Preview } from '../../src/runs/port.ts';
import type { PartnerView } from '../manual/partner-view.ts';

/** The bodies of the HTTP interface. `openapi.ts` prints them; the types make them agree with what is sent. */

export function manualBody(crms: readonly Pick<CrmModule, 'name' | 'dealId'>[]) {
  return z
    .strictObject({
      crm: z.enum(crms.map(({ name }) => name)).meta({ description: 'Where the deal lives.' }),
      dealId: z
        .string()
        .min(1)
        .max(40)
        .meta({ description: `Expected: ${crms.map(({ dealId }) => dealId.form).join('; or ')}.` }),
      dryRun: z
        .boolean()
        .optional()
        .meta({ description: 'Only plan, and answer with everything a real run would do.' }),
      planHash: z
        .string()
        .regex(/^[0-9a-f]{64}$/, 'expected the hash of a dry run: 64 hex digits')
        .optional()
        .meta({
          description: 'Hash from a dry run: the run refuses if the deal or the catalog has changed since.',
        }),
    })
    .refine((body) => !(body.dryRun && body.planHash), {
      path: ['planHash'],
      message: 'goes with a real run, not with a dry run',
    });
}

const runProblem = z.object({
  code: z.enum(Object.keys(FAILURES) as FailureCode[]),
  message: z.string(),
  cure: z.string(),
});

export const acceptedBody = z.object({
  id: z.string(),
  status: z.string(),
  links: z.object({ self: z.string().meta({ description: 'Where to follow the provisioning.' }) }),
});

export const previewBody: z.ZodType<Preview> = z.object({
  id: z.string(),
  hash: z.string().nullable(),
  seats: z.int(),
  needsApproval: z
    .boolean()
    .meta({ description: 'The run makes nothing before a person has approved the plan.' }),
  groups: z
    .array(
      z.object({
        label: z.string(),
        title: z.string(),
        seats: z.int(),
        codesExpireAt: z.string().nullable(),
        codesExpireOn: z.string().nullable(),
        access: z.string().nullable(),
        client: z.string().nullable(),
      }),
    )
    .readonly(),
  problems: z.array(runProblem).readonly(),
  calls: z.array(z.string()).readonly(),
  skipped: z.string().nullable(),
});

export const provisioningBody: z.ZodType<PartnerView> = z.object({
  id: z.string(),
  crm: z.string(),
  account: z.string(),
  dealId: z.string(),
  status: z.string(),
  detail: z.string(),
  seats: z.int(),
  groupLabels: z.array(z.string()).readonly(),
  problems: z.array(runProblem).readonly(),
  startedAt: z.string(),
  closedAt: z.string().nullable(),
  question: z
    .object({ kind: z.enum(['help', 'approval', 'withdrawal']), since: z.string(), until: z.string() })
    .nullable()
    .meta({ description: 'What people of the vendor are asked, since when, and until when the run waits.' }),
});

export const problemBody = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string().meta({ description: 'Stable: branch on this.' }),
  detail: z.string().optional(),
  errors: z
    .array(z.object({ field: z.string(), message: z.string() }))
    .readonly()
    .optional(),
});
