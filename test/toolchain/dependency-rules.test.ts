import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..');

/** One planted violation: a file, its one import, and the rule that must name the two. */
interface Planted {
  readonly file: string;
  readonly imports: string;
  readonly rule: string;
}

const PLANTED: readonly Planted[] = [
  { file: 'src/domain/a.ts', imports: "import '../clients/http.ts'", rule: 'domain-is-alone' },
  { file: 'src/domain/b.ts', imports: "import { z } from 'zod'; export { z }", rule: 'domain-is-alone' },
  {
    file: 'src/domain/c.ts',
    imports: "import type { Stats } from 'node:fs'; export type { Stats }",
    rule: 'domain-is-alone',
  },
  { file: 'workflows/a.ts', imports: "import 'node:fs'", rule: 'workflows-are-deterministic' },
  { file: 'workflows/b.ts', imports: "import 'zod'", rule: 'workflows-are-deterministic' },
  { file: 'workflows/c.ts', imports: "import '@temporalio/client'", rule: 'workflows-are-deterministic' },
  { file: 'workflows/d.ts', imports: "import '../src/clients/http.ts'", rule: 'workflows-are-deterministic' },
  {
    file: 'workflows/e.ts',
    imports: "export const load = () => import('../src/config.ts')",
    rule: 'workflows-are-deterministic',
  },
  {
    file: 'workflows/f.ts',
    imports: "import type { Plan } from '../activities/plan.ts'; export type T = Plan",
    rule: 'workflows-are-deterministic',
  },
  {
    file: 'src/contracts/a.ts',
    imports: "import '../clients/http.ts'",
    rule: 'contracts-know-rules-only',
  },
  { file: 'activities/a.ts', imports: "import '../src/config.ts'", rule: 'activities-are-thin' },
  { file: 'activities/b.ts', imports: "import '@temporalio/workflow'", rule: 'activities-are-thin' },
  { file: 'activities/c.ts', imports: "import '../workflows/run.ts'", rule: 'activities-are-thin' },
  { file: 'src/clients/a.ts', imports: "import '../temporal/worker.ts'", rule: 'clients-know-no-caller' },
  {
    file: 'src/clients/b.ts',
    imports: "import '../../webhooks/server/server.ts'",
    rule: 'clients-know-no-caller',
  },
  { file: 'src/clients/c.ts', imports: "import '../../activities/plan.ts'", rule: 'clients-know-no-caller' },
  { file: 'src/clients/d.ts', imports: "import '@temporalio/activity'", rule: 'clients-know-no-caller' },
  { file: 'src/store/a.ts', imports: "import '../clients/http.ts'", rule: 'store-knows-no-caller' },
  { file: 'src/store/b.ts', imports: "import '@temporalio/client'", rule: 'store-knows-no-caller' },
  { file: 'webhooks/a.ts', imports: "import '../src/clients/http.ts'", rule: 'webhooks-only-report' },
  { file: 'webhooks/b.ts', imports: "import '../activities/plan.ts'", rule: 'webhooks-know-no-work' },
  { file: 'webhooks/c.ts', imports: "import '@temporalio/client'", rule: 'webhooks-know-no-work' },
  {
    file: 'src/temporal/a.ts',
    imports: "import '../../workflows/run.ts'",
    rule: 'service-starts-workflows-by-name',
  },
  { file: 'src/a.ts', imports: "import '../sandbox/http.ts'", rule: 'sandbox-is-loaded-on-purpose' },
  {
    file: 'src/commands/worker.ts',
    imports: "import '../../sandbox/http.ts'",
    rule: 'sandbox-is-loaded-on-purpose',
  },
  {
    file: 'src/b.ts',
    imports: "import type { T } from '../sandbox/http.ts'; export type { T }",
    rule: 'sandbox-is-loaded-on-purpose',
  },
  { file: 'sandbox/a.ts', imports: "import '../src/clients/http.ts'", rule: 'sandbox-shares-no-code' },
  { file: 'sandbox/b.ts', imports: "import '../activities/plan.ts'", rule: 'sandbox-shares-no-code' },
  { file: 'sandbox/c.ts', imports: "import 'jsforce'", rule: 'sandbox-shares-no-code' },
  { file: 'src/c.ts', imports: "import '../test/support/rig.ts'", rule: 'product-knows-no-tests' },
  { file: 'src/d.ts', imports: "import 'fast-check'", rule: 'no-dev-packages' },
  { file: 'src/e.ts', imports: "import './nowhere.ts'", rule: 'no-unresolvable' },
  { file: 'src/f.ts', imports: "import './g.ts'", rule: 'no-cycles' },
  {
    file: 'src/h.ts',
    imports: "import type { I } from './i.ts'; export interface H { readonly i: I }",
    rule: 'no-cycles',
  },
];

/** Every direction that is allowed, so that a rule which forbids too much fails as well. */
const ALLOWED: Readonly<Record<string, string>> = {
  'src/g.ts': "import './f.ts'",
  'src/i.ts': "import type { H } from './h.ts'; export interface I { readonly h: H }",
  'src/clients/http.ts': "import 'undici'",
  'src/config.ts': "import 'zod'",
  'src/domain/deal.ts': 'export interface Deal { readonly id: string }',
  'src/temporal/worker.ts':
    "import type { T } from '../../workflows/run.ts'; import '@temporalio/worker'; export type { T }",
  'src/contracts/search-attributes.ts': "import '@temporalio/common'",
  'src/commands/demo.ts': "import '../../sandbox/http.ts'",
  'src/commands/demo/stack.ts': "import '../../../sandbox/http.ts'",
  'src/commands/sandbox.ts': "import '../../sandbox/http.ts'",
  'workflows/run.ts': [
    "import '../src/domain/deal.ts'",
    "import '../src/contracts/search-attributes.ts'",
    "import '@temporalio/workflow'",
    'export interface T { readonly id: string }',
  ].join('\n'),
  'activities/plan.ts':
    "import '../src/clients/http.ts'; import '@temporalio/activity'; export interface Plan { readonly id: string }",
  'webhooks/server/server.ts': [
    "import type { U } from '../../src/clients/crm.ts'",
    "import 'fastify'",
    'export type V = U',
  ].join('\n'),
  'src/clients/crm.ts': "export type { Deal as U } from '../domain/deal.ts'",
  'sandbox/http.ts': "import 'node:http'; export interface T { readonly id: string }",
  'test/support/rig.ts':
    "import '../../sandbox/http.ts'; export async function rig() { await using it = null }",
};

/** The other halves of planted cycles. */
const CLOSING_A_CYCLE = new Set(['src/g.ts', 'src/i.ts']);

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

describe('the dependency rules', () => {
  let folder: string;
  let violations: readonly Violation[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dealseat-rules-'));
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    await copyFile(join(root, 'package.json'), join(folder, 'package.json'));
    for (const { file, imports } of PLANTED) await write(file, imports);
    for (const [file, content] of Object.entries(ALLOWED)) await write(file, content);
    violations = await cruise(folder);
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function write(file: string, content: string): Promise<void> {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), `${content}\n`);
  }

  test.each(PLANTED)('$rule bites: $file with $imports', ({ file, rule }) => {
    const broken = violations.filter((violation) => violation.from === file);
    expect(broken.map((violation) => violation.rule.name)).toContain(rule);
  });

  test.each(Object.keys(ALLOWED).filter((file) => !CLOSING_A_CYCLE.has(file)))(
    '%s is within the rules',
    (file) => {
      expect(violations.filter((violation) => violation.from === file)).toEqual([]);
    },
  );

  test('every rule has a planted violation', () => {
    const config = createRequire(import.meta.url)('../../.dependency-cruiser.cjs');
    const names = config.forbidden.map((rule: { name: string }) => rule.name);
    expect([...new Set(PLANTED.map(({ rule }) => rule))].sort()).toEqual(names.sort());
  });
});

async function cruise(folder: string): Promise<readonly Violation[]> {
  const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const folders = ['src', 'workflows', 'activities', 'webhooks', 'sandbox', 'test'];
  const config = join(root, '.dependency-cruiser.cjs');
  const args = [cruiser, '--config', config, '--output-type', 'json', ...folders];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: folder,
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout).summary.violations;
}
