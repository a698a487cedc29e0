/**
 * A contact has one field for redeem links, with one link a line, whatever number of deals the person learns through.
 * So a deal may change its own lines only.
 */
export function linesOf(field: string): string[] {
  return field === '' ? [] : field.split('\n').map((line) => line.trim());
}

/**
 * The field with `links` and no other of `own`, all links of one deal. Other lines stay, and so does the order: a field
 * that is right already comes back as it is.
 */
export function withLinks(
  field: string,
  { own, links }: { readonly own: ReadonlySet<string>; readonly links: readonly string[] },
): string {
  const missing = new Set(links);
  const kept = (field === '' ? [] : field.split('\n')).filter(
    (line) => missing.delete(line.trim()) || !own.has(line.trim()),
  );
  return [...kept, ...missing].join('\n');
}
