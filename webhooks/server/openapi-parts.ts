import { z } from 'zod';
import { problemBody } from './schemas.ts';

export function answer(description: string, schema: z.ZodType): object {
  return { description, content: json(schema, 'output') };
}

/** One for each status, by it. */
export function problemAnswers(...statuses: readonly number[]): object {
  const { $schema, ...schema } = z.toJSONSchema(problemBody);
  const problem = { description: 'A problem.', content: { 'application/problem+json': { schema } } };
  return Object.fromEntries(statuses.map((status) => [status, problem]));
}

export function json(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema, ...body } = z.toJSONSchema(schema, { io });
  return { 'application/json': { schema: body } };
}
