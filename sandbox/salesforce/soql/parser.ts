import { queryError, unexpectedToken } from './failure.ts';
import { type Token, tokenize } from './lexer.ts';

export interface Query {
  readonly select: readonly SelectItem[];
  /** `SELECT COUNT()`: only the number of rows. */
  readonly countOnly: boolean;
  readonly from: Name;
  readonly where: Condition | null;
  readonly orderBy: readonly Order[];
  readonly limit: number | null;
  readonly offset: number;
}

/** A dotted name and where it stands in the text. */
export interface Name {
  readonly path: readonly string[];
  readonly at: number;
}

type SelectItem =
  | { readonly kind: 'field'; readonly name: Name }
  | { readonly kind: 'children'; readonly query: Query };

type Operator = '=' | '!=' | '<' | '>' | '<=' | '>=' | 'LIKE' | 'IN' | 'NOT IN';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | {
      readonly kind: 'compare';
      readonly name: Name;
      readonly operator: Operator;
      readonly literals: readonly Literal[];
    };

export interface Literal {
  readonly kind: 'string' | 'number' | 'boolean' | 'null' | 'date' | 'datetime';
  readonly text: string;
  readonly at: number;
}

export interface Order {
  readonly name: Name;
  readonly descending: boolean;
  readonly nullsLast: boolean;
}

/** Reads the part of SOQL that the stand-in answers; everything else is refused as malformed. */
export function parseSoql(soql: string): Query {
  const parser = new Parser(soql);
  const query = parser.query(false);
  parser.end();
  return query;
}

class Parser {
  readonly #soql: string;
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(soql: string) {
    this.#soql = soql;
    this.#tokens = tokenize(soql);
  }

  query(isChild: boolean): Query {
    this.#keyword('SELECT');
    const countOnly = this.#isCount();
    const select = countOnly ? [] : this.#list(() => this.#selectItem(isChild));
    this.#keyword('FROM');
    const from = this.#name();
    const where = this.#takeKeyword('WHERE') ? this.#conditions() : null;
    const orderBy = this.#takeKeyword('ORDER') ? this.#orders() : [];
    const limit = this.#takeKeyword('LIMIT') ? this.#count() : null;
    const offset = this.#takeKeyword('OFFSET') ? this.#count() : 0;
    return { select, countOnly, from, where, orderBy, limit, offset };
  }

  end(): void {
    if (this.#peek().kind !== 'end') throw this.#unexpected();
  }

  #isCount(): boolean {
    const [word, open, close] = this.#tokens.slice(this.#position, this.#position + 3);
    if (word?.text.toUpperCase() !== 'COUNT' || open?.text !== '(' || close?.text !== ')') return false;
    this.#position += 3;
    return true;
  }

  #selectItem(isChild: boolean): SelectItem {
    if (!this.#takeSymbol('(')) return { kind: 'field', name: this.#name() };
    if (isChild) {
      throw queryError(
        'MALFORMED_QUERY',
        'Nesting of semi join sub-selects is not supported',
        this.#soql,
        this.#peek().at,
      );
    }
    const query = this.query(true);
    this.#symbol(')');
    return { kind: 'children', query };
  }

  /** AND and OR may not stand side by side without parentheses. */
  #conditions(): Condition {
    const parts = [this.#condition()];
    let joiner: 'AND' | 'OR' | null = null;
    for (;;) {
      const next = this.#peek().text.toUpperCase();
      if (this.#peek().kind !== 'word' || (next !== 'AND' && next !== 'OR')) break;
      if (joiner !== null && joiner !== next) throw this.#unexpected();
      joiner = next;
      this.#position += 1;
      parts.push(this.#condition());
    }
    const [only] = parts;
    if (joiner === null && only) return only;
    return { kind: joiner === 'OR' ? 'or' : 'and', parts };
  }

  #condition(): Condition {
    if (this.#takeKeyword('NOT')) return { kind: 'not', part: this.#condition() };
    if (this.#takeSymbol('(')) {
      const inner = this.#conditions();
      this.#symbol(')');
      return inner;
    }
    const name = this.#name();
    const operator = this.#operator();
    const isSet = operator === 'IN' || operator === 'NOT IN';
    return { kind: 'compare', name, operator, literals: isSet ? this.#literalSet() : [this.#literal()] };
  }

  #operator(): Operator {
    const { kind, text } = this.#peek();
    if (kind === 'symbol' && ['=', '!=', '<>', '<', '>', '<=', '>='].includes(text)) {
      this.#position += 1;
      return text === '<>' ? '!=' : (text as Operator);
    }
    if (this.#takeKeyword('LIKE')) return 'LIKE';
    if (this.#takeKeyword('IN')) return 'IN';
    if (this.#takeKeyword('NOT')) {
      this.#keyword('IN');
      return 'NOT IN';
    }
    throw this.#unexpected();
  }

  #literalSet(): Literal[] {
    this.#symbol('(');
    const literals = this.#list(() => this.#literal());
    this.#symbol(')');
    return literals;
  }

  #literal(): Literal {
    const { kind, text, at } = this.#peek();
    const word = kind === 'word' ? text.toLowerCase() : '';
    this.#position += 1;
    if (word === 'true' || word === 'false') return { kind: 'boolean', text: word, at };
    if (word === 'null') return { kind: 'null', text: word, at };
    if (kind === 'string' || kind === 'number' || kind === 'date' || kind === 'datetime') {
      return { kind, text, at };
    }
    this.#position -= 1;
    throw this.#unexpected();
  }

  #orders(): Order[] {
    this.#keyword('BY');
    return this.#list(() => {
      const name = this.#name();
      const descending = this.#takeKeyword('DESC');
      if (!descending) this.#takeKeyword('ASC');
      let nullsLast = false;
      if (this.#takeKeyword('NULLS')) {
        nullsLast = this.#takeKeyword('LAST');
        if (!nullsLast) this.#keyword('FIRST');
      }
      return { name, descending, nullsLast };
    });
  }

  #count(): number {
    const { kind, text } = this.#peek();
    if (kind !== 'number' || !/^\d+$/.test(text)) throw this.#unexpected();
    this.#position += 1;
    return Number(text);
  }

  #list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.#takeSymbol(',')) items.push(item());
    return items;
  }

  #name(): Name {
    const { kind, text, at } = this.#peek();
    if (kind !== 'word' || RESERVED.has(text.toUpperCase())) throw this.#unexpected();
    this.#position += 1;
    return { path: text.split('.'), at };
  }

  #keyword(word: string): void {
    if (!this.#takeKeyword(word)) throw this.#unexpected();
  }

  #takeKeyword(word: string): boolean {
    const { kind, text } = this.#peek();
    if (kind !== 'word' || text.toUpperCase() !== word) return false;
    this.#position += 1;
    return true;
  }

  #symbol(symbol: string): void {
    if (!this.#takeSymbol(symbol)) throw this.#unexpected();
  }

  #takeSymbol(symbol: string): boolean {
    const { kind, text } = this.#peek();
    if (kind !== 'symbol' || text !== symbol) return false;
    this.#position += 1;
    return true;
  }

  #peek(): Token {
    return this.#tokens[this.#position] ?? { kind: 'end', text: '', at: this.#soql.length };
  }

  #unexpected(): Error {
    const { at, text } = this.#peek();
    return unexpectedToken(this.#soql, at, text);
  }
}

const RESERVED = new Set([
  'SELECT',
  'FROM',
  'WHERE',
  'ORDER',
  'LIMIT',
  'OFFSET',
  'AND',
  'OR',
  'NOT',
  'IN',
  'LIKE',
]);
