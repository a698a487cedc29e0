import { z } from 'zod';

const email = z
  .string()
  .trim()
  .min(3)
  .max(320)
  .regex(/^[^\s@]+@[^\s@]+$/, 'expected an e-mail address')
  .meta({ description: 'The e-mail address of the person, in any spelling.' });

export const exportBody = z.strictObject({ email });

export const eraseBody = z.strictObject({
  email,
  by: z.string().trim().min(1).max(200).meta({ description: 'Who asks for it, for the record.' }),
});

export const rotateBody = z.strictObject({});
