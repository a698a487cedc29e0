import { queryError, unexpectedToken } from './failure.ts';

type TokenKind = 'word' | 'string' | 'number' | 'date' | 'datetime' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written; of a string what stands between the quotes, escapes included. */
  readonly text: string;
  readonly at: number;
}

/** Longest first: a date-time begins like a date, a date like a number. */
const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ['datetime', /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})/iy],
  ['date', /\d{4}-\d{2}-\d{2}(?![\dT])/iy],
  ['number', /[+-]?\d+(?:\.\d+)?(?![\w.])/y],
  ['word', /[A-Za-z]\w*(?:\.[A-Za-z]\w*)*/y],
  ['string', /'(?:[^'\\]|\\[\s\S])*'/y],
  ['symbol', /<=|>=|!=|<>|[=<>(),]/y],
];

export function tokenize(soql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < soql.length) {
    if (/\s/.test(soql.charAt(at))) {
      at += 1;
      continue;
    }
    const token = readToken(soql, at);
    tokens.push(token);
    at += token.kind === 'string' ? token.text.length + 2 : token.text.length;
  }
  tokens.push({ kind: 'end', text: '', at: soql.length });
  return tokens;
}

function readToken(soql: string, at: number): Token {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const text = pattern.exec(soql)?.[0];
    if (text === undefined) continue;
    if (kind !== 'string') return { kind, text, at };
    checkEscapes(soql, at, text);
    return { kind, text: text.slice(1, -1), at };
  }
  throw unexpectedToken(soql, at, soql.charAt(at));
}

function checkEscapes(soql: string, at: number, literal: string): void {
  for (const [sequence] of literal.matchAll(/\\(?:u[0-9A-Fa-f]{4}|[\s\S])/g)) {
    if (/^\\(?:u[0-9A-Fa-f]{4}|[nNrRtTbBfF"'\\_%])$/.test(sequence)) continue;
    throw queryError(
      'MALFORMED_QUERY',
      `Invalid string literal ${literal}. Illegal character sequence '${sequence}' in string literal.`,
      soql,
      at,
    );
  }
}

const CONTROL: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** The characters of a string literal, each with whether it was escaped: LIKE treats `\%` and `%` differently. */
export function literalCharacters(raw: string): { char: string; escaped: boolean }[] {
  return [...raw.matchAll(/\\u([0-9A-Fa-f]{4})|\\([\s\S])|([\s\S])/g)].map(([, unicode, escaped, plain]) => {
    if (unicode !== undefined)
      return { char: String.fromCharCode(Number.parseInt(unicode, 16)), escaped: true };
    if (escaped !== undefined) return { char: CONTROL[escaped.toLowerCase()] ?? escaped, escaped: true };
    return { char: plain ?? '', escaped: false };
  });
}

export function literalValue(raw: string): string {
  return literalCharacters(raw)
    .map(({ char }) => char)
    .join('');
}
