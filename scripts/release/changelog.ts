const UNRELEASED = '## Unreleased\n';

/** The changelog with what stands under "Unreleased" under a heading of its own. Throws where nothing stands there. */
export function withRelease(changelog: string, version: string, day: string): string {
  const start = changelog.indexOf(UNRELEASED);
  if (start === -1) throw new Error('CHANGELOG.md has no section "Unreleased"');
  const before = changelog.slice(0, start);
  const rest = changelog.slice(start + UNRELEASED.length);
  const end = rest.search(/^## /m);
  const changes = (end === -1 ? rest : rest.slice(0, end)).trim();
  if (changes === '') throw new Error('CHANGELOG.md has no changes under "Unreleased": nothing to release');
  const earlier = end === -1 ? '' : `\n${rest.slice(end)}`;
  return `${before}${UNRELEASED}\n## ${version} (${day})\n\n${changes}\n${earlier}`;
}
