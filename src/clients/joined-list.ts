/** The entries of a field in which several are joined with a comma: see `DealFields.groupLabel`. */
export function entriesOf(joined: string | null): string[] {
  return (joined ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
