/**
 * The value of the one `{placeholder}` of a template such as `/groups/{groupId}/codes` or `/codes?groupId={groupId}`
 * in a request, or null when the request does not fit the template.
 */
export function matchTemplate(template: string, path: string, query: URLSearchParams): string | null {
  const [pathTemplate = '', queryTemplate = ''] = template.split('?');
  const inPath = matchSegments(pathTemplate.split('/'), path.split('/'));
  if (inPath === null) return null;
  let value = inPath.value;
  for (const [name, expected] of new URLSearchParams(queryTemplate)) {
    const given = query.get(name);
    if (given === null || given === '') return null;
    if (isPlaceholder(expected)) value = given;
    else if (given !== expected) return null;
  }
  return value;
}

function matchSegments(
  template: readonly string[],
  path: readonly string[],
): { value: string | null } | null {
  if (template.length !== path.length) return null;
  let value: string | null = null;
  for (const [index, expected] of template.entries()) {
    const given = path[index] ?? '';
    if (isPlaceholder(expected)) {
      if (given === '') return null;
      value = given;
    } else if (given !== expected) return null;
  }
  return { value };
}

function isPlaceholder(segment: string): boolean {
  return /^\{\w+\}$/.test(segment);
}
