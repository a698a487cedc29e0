import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

/** Version of the package that the module belongs to, in a clone and in what is built from it. */
export function versionOf(moduleUrl: string): string {
  const file = findPackageJSON(moduleUrl);
  if (file === undefined) return 'unknown';
  const { version }: { readonly version?: string } = JSON.parse(readFileSync(file, 'utf8'));
  return version ?? 'unknown';
}
