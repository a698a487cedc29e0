/** Builds what is shipped: JavaScript in dist/, the workflow bundle beside it, the example catalog of the demo. */
import { spawnSync } from 'node:child_process';
import { copyFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflows } from '../src/temporal/workflow-bundle.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

await rm(dist, { recursive: true, force: true });
const compiled = spawnSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
if (compiled.status !== 0) process.exit(compiled.status ?? 1);

const { code } = await bundleWorkflows();
await writeFile(join(dist, 'workflow-bundle.js'), code);
console.log(
  `Workflow bundle: ${(code.length / 1e6).toFixed(1)} MB, most of it the source map for stack traces`,
);
// Where the built code looks for it, by its own word.
const built = join(dist, 'src', 'commands', 'terminal', 'example-catalog.js');
const { EXAMPLE_CATALOG }: typeof import('../src/commands/terminal/example-catalog.ts') = await import(built);
await copyFile(join(root, 'catalog.example.yaml'), EXAMPLE_CATALOG);
