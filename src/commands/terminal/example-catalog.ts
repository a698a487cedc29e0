import { fileURLToPath } from 'node:url';

/** The worked example, which fits the sandbox: at the root of the clone, and in `dist/` of what is built. */
export const EXAMPLE_CATALOG = fileURLToPath(new URL('../../../catalog.example.yaml', import.meta.url));
