/**
 * A SOQL string literal. jsforce's own query builder escapes the quote but not the backslash, so that
 * `x\' OR Name != '` breaks out of it; hence every query here is written by hand with this.
 */
export function soqlString(value: string): string {
  const escaped = value
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
  return `'${escaped}'`;
}

export function soqlList(values: readonly string[]): string {
  return `(${values.map(soqlString).join(', ')})`;
}
