import { isJsonObject, layersOf } from './layers.ts';

const MOST_MESSAGES = 5;
const LONGEST_MESSAGE = 200;
/** Control characters would let a remote text forge log lines; the rest hides or reorders text on screen. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/g;

/** The platform quotes the learner of a call in any spelling. */
const ADDRESS = /[^\s"'<>(),;:]+(?:@|%40)[^\s"'<>(),;:]+/gi;

/** Whether an answer says of itself that something went wrong, whatever its status. */
export function reportsErrors(body: unknown): boolean {
  return layersOf(body).some(({ errors, error }) => isFilled(errors) || isFilled(error));
}

function isFilled(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isJsonObject(value)) return Object.keys(value).length > 0;
  return typeof value === 'string' && value !== '';
}

/**
 * The texts of an error answer, joined, printable and short; empty when there are none.
 * The platform sends strings, objects with `message` or `error`, and flat `error` and `message` fields.
 */
export function errorText(body: unknown, secrets: readonly string[]): string {
  const texts = layersOf(body).flatMap(({ errors, error, message }) => [
    ...textsOf(errors),
    ...textsOf(message),
    ...textsOf(error),
  ]);
  const distinct = [...new Set(texts.map((text) => clean(text, secrets)).filter((text) => text !== ''))];
  const shown = distinct.slice(0, MOST_MESSAGES).join('; ');
  const left = distinct.length - MOST_MESSAGES;
  return left > 0 ? `${shown}; and ${left} more` : shown;
}

/** Lists, and maps from field to text, are taken apart; anything without words is skipped. */
function textsOf(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value];
  if (depth > 2) return [];
  if (Array.isArray(value)) return value.flatMap((item) => textsOf(item, depth + 1));
  if (!isJsonObject(value)) return [];
  const words = value.message ?? value.error;
  if (words !== undefined) return textsOf(words, depth + 1);
  if (depth > 0) return [];
  return Object.entries(value).flatMap(([field, item]) =>
    textsOf(item, depth + 1).map((text) => `${field}: ${text}`),
  );
}

function clean(text: string, secrets: readonly string[]): string {
  let printable = text.replace(UNPRINTABLE, ' ').replace(ADDRESS, '***').replace(/\s+/g, ' ').trim();
  for (const secret of secrets) printable = printable.replaceAll(secret, '***');
  return printable.length > LONGEST_MESSAGE ? `${printable.slice(0, LONGEST_MESSAGE - 1)}…` : printable;
}
