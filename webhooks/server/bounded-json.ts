import { WebhookProblem } from './problems.ts';

/** The CRMs' and our own bodies are two levels deep. */
const MAX_DEPTH = 16;

/** Parses UTF-8 JSON that nests at most `MAX_DEPTH` deep. Throws `webhook.malformed`. */
export function parseJson(body: Uint8Array): unknown {
  const text = decodeUtf8(body);
  if (depthOf(text) > MAX_DEPTH) {
    throw new WebhookProblem('webhook.malformed', {
      detail: `The JSON nests deeper than ${MAX_DEPTH} levels.`,
    });
  }
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the body.
    throw new WebhookProblem('webhook.malformed', { detail: 'The body is not JSON.' });
  }
}

export function decodeUtf8(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new WebhookProblem('webhook.malformed', { detail: 'The body is not UTF-8.' });
  }
}

/** Deepest nesting of brackets outside strings; of text that is not JSON, some number. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (isInString) {
      if (character === '\\') index += 1;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
    else if (character === ']' || character === '}') depth -= 1;
  }
  return deepest;
}
