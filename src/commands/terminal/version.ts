import { createRequire } from 'node:module';

/** Of the package that this file belongs to, built or not. */
export function ownVersion(): string {
  const { version } = createRequire(import.meta.url)('dealseat/package.json') as { version: string };
  return version;
}
