/** What the parts of a composite have answered so far, by their reference ids. */
export type Answers = Map<string, unknown>;

/** The part that has it is not carried out. */
export class UnresolvedReference extends Error {
  constructor(reference: string) {
    const [name = ''] = reference.split(/[.[]/);
    super(`Invalid reference specified. No value for ${reference} found in ${name}`);
    this.name = 'UnresolvedReference';
  }
}

const REFERENCE = /@\{([^}]*)\}/g;
const WHOLE = /^@\{([^}]*)\}$/;

/** `@{id.field}`, `@{id.list[0].field}`: in any text of url and body, whoever wrote it. The case of names counts. */
export function resolveReferences<T extends { readonly url: string; readonly body: unknown }>(
  part: T,
  answers: Answers,
): T {
  const url = part.url.replace(REFERENCE, (_, reference: string) =>
    encodeURIComponent(String(answerAt(reference, answers))),
  );
  return { ...part, url, body: resolved(part.body, answers) };
}

function resolved(value: unknown, answers: Answers): unknown {
  if (typeof value === 'string') {
    const [, whole] = WHOLE.exec(value) ?? [];
    if (whole !== undefined) return answerAt(whole, answers);
    return value.replace(REFERENCE, (_, reference: string) => String(answerAt(reference, answers)));
  }
  if (Array.isArray(value)) return value.map((item) => resolved(item, answers));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolved(item, answers)]));
}

/** A text, a number, a boolean or null: whole records and lists cannot be referred to. */
function answerAt(reference: string, answers: Answers): unknown {
  const [name = '', ...steps] = reference.replaceAll(/\[(\d+)\]/g, '.$1').split('.');
  let value: unknown = answers.get(name);
  for (const step of steps) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined;
  }
  const isThere = value === null || ['string', 'number', 'boolean'].includes(typeof value);
  if (!isThere) throw new UnresolvedReference(reference);
  return value;
}

export function hasReference(value: unknown): boolean {
  return JSON.stringify(value).search(REFERENCE) !== -1;
}
