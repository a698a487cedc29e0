/**
 * A statement that the database refused. Holds names of the schema and never a value: errors of both engines carry the
 * parameters of the statement, which are addresses of learners.
 */
export class StatementError extends Error {
  /** SQLSTATE, five characters. */
  readonly sqlState: string;
  readonly table: string | undefined;
  readonly column: string | undefined;
  readonly constraint: string | undefined;

  constructor(sqlState: string, of: Partial<Record<'table' | 'column' | 'constraint', unknown>> = {}) {
    const table = nameOf(of.table);
    const column = nameOf(of.column);
    const constraint = nameOf(of.constraint);
    const names = Object.entries({ table, column, constraint }).flatMap(([kind, name]) =>
      name === undefined ? [] : [`${kind} ${name}`],
    );
    super(`The database refused a statement with SQLSTATE ${[sqlState, ...names].join(', ')}`);
    this.name = 'StatementError';
    this.sqlState = sqlState;
    this.table = table;
    this.column = column;
    this.constraint = constraint;
  }
}

/** Undefined for what is not the name of something in our schema. */
function nameOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^\w{1,63}$/.test(value) ? value : undefined;
}

/** Whether a row lost against one that is there; `index`: by that unique index or constraint. */
export function isUniqueViolation(error: unknown, index?: string): boolean {
  return (
    error instanceof StatementError &&
    error.sqlState === '23505' &&
    (index === undefined || error.constraint === index)
  );
}
