/** What must stay out of sight, and every form in which it could hide in a text. */
export interface Needle {
  readonly name: string;
  readonly text: string;
}

export interface Straw {
  /** Where it was found, for the message of a failing test. */
  readonly where: string;
  readonly text: string;
}

export interface Find {
  readonly needle: string;
  readonly form: string;
  readonly where: string;
}

/**
 * Looks for every needle in every form. The text around a find is not returned: a failing test must not print what
 * it is there to protect.
 */
export function findNeedles(needles: readonly Needle[], haystack: readonly Straw[]): Find[] {
  const forms = needles.flatMap(({ name, text }) =>
    Object.entries(formsOf(text)).flatMap(([form, variants]) =>
      variants.map((variant) => ({ needle: name, form, variant: variant.toLowerCase() })),
    ),
  );
  const finds = haystack.flatMap(({ where, text }) => {
    const lower = text.toLowerCase();
    return forms
      .filter(({ variant }) => lower.includes(variant))
      .map(({ needle, form }) => ({ needle, form, where }));
  });
  return [...new Map(finds.map((find) => [JSON.stringify(find), find])).values()];
}

/** Compared without case. */
function formsOf(text: string): Record<string, readonly string[]> {
  const bytes = [...Buffer.from(text, 'utf8')];
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0'));
  return {
    plain: [text],
    'percent-encoded': [encodeURIComponent(text), hex.map((digits) => `%${digits}`).join('')],
    'JSON-escaped': [hex.map((digits) => `\\u00${digits}`).join('')],
    hex: [hex.join('')],
    base64: base64Forms(text),
    reversed: [[...text].reverse().join('')],
  };
}

/** Base64 packs three bytes at a time, so a text inside a longer one has three spellings. */
function base64Forms(text: string): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), Buffer.from(text, 'utf8')]);
    // Characters that also carry bits of what stands before or after are left out.
    const first = Math.ceil((offset * 8) / 6);
    const end = Math.floor((padded.length * 8) / 6);
    const standard = padded.toString('base64').slice(first, end);
    return [standard, standard.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** Everything in a value as text: its JSON, and all bytes in it both as they are and as the text they may be. */
export function strawsOf(where: string, value: unknown): Straw[] {
  const texts: string[] = [];
  const seen = new Set<object>();
  const visit = (item: unknown): void => {
    if (typeof item === 'string') texts.push(item);
    if (typeof item !== 'object' || item === null || seen.has(item)) return;
    seen.add(item);
    if (item instanceof Uint8Array) {
      texts.push(Buffer.from(item).toString('utf8'));
      return;
    }
    if (item instanceof Error) texts.push(item.message, item.stack ?? '');
    const entries =
      item instanceof Map ? [...item] : Reflect.ownKeys(item).map((key) => [key, Reflect.get(item, key)]);
    for (const [key, inner] of entries) {
      if (typeof key === 'string') texts.push(key);
      else visit(key);
      if (typeof inner !== 'function') visit(inner);
    }
  };
  visit(value);
  return [{ where, text: texts.join('\n') }];
}
