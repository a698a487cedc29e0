import { fileURLToPath } from 'node:url';

/** The worked example at the root of the package, which fits the sandbox. Built code lies one folder deeper. */
const root = import.meta.filename.endsWith('.ts') ? '../../' : '../../../';

export const EXAMPLE_CATALOG = fileURLToPath(new URL(`${root}catalog.example.yaml`, import.meta.url));
