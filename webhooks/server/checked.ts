import type { z } from 'zod';
import { issueInWords } from '../../src/domain/issue-words.ts';
import { WebhookProblem } from './problems.ts';

/** The value as the schema has it. Throws `webhook.malformed` that names each field and what was expected. */
export function checked<T>(schema: z.ZodType<T>, value: unknown, expected: string): T {
  const parsed = schema.safeParse(value, { error: issueInWords });
  if (parsed.success) return parsed.data;
  throw new WebhookProblem('webhook.malformed', {
    detail: `Expected ${expected}.`,
    errors: parsed.error.issues.map(({ path, message }) => ({
      field: path.join('.') || '(body)',
      message,
    })),
  });
}
