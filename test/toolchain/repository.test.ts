import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { ROOT } from '../docs/pages.ts';

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const filesIn = (folder: string) => readdirSync(join(ROOT, folder)).map((name) => join(folder, name));

const manifest = z
  .object({
    engines: z.object({ node: z.string() }),
    scripts: z.record(z.string(), z.string()),
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(read('package.json')));

const step = z.strictObject({
  name: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
  env: z.record(z.string(), z.string()).optional(),
  run: z.string().optional(),
});
const workflow = z.object({
  name: z.string(),
  on: z.record(z.string(), z.unknown()),
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(
    z.string(),
    z.object({
      needs: z.string().optional(),
      uses: z.string().optional(),
      permissions: z.record(z.string(), z.string()).optional(),
      strategy: z
        .object({ matrix: z.object({ os: z.array(z.string()), node: z.array(z.string()) }) })
        .optional(),
      env: z.record(z.string(), z.string()).optional(),
      steps: z.array(step).default([]),
    }),
  ),
});

const workflowFiles = filesIn('.github/workflows');
const workflowOf = (file: string) => workflow.parse(parse(read(file)));

describe('CI', () => {
  const { jobs, on } = workflowOf('.github/workflows/ci.yml');
  const job = jobs.test;

  test('runs the one command of everybody, and no other of npm', () => {
    const npm = (job?.steps ?? []).flatMap(({ run = '' }) => run.match(/\bnpm (?:run )?\S+/g) ?? []);
    expect(npm).toEqual(['npm test']);
    expect(read('.ci/run')).toMatch(/^exec npm test$/m);
  });

  test('runs it on Linux and macOS, with the oldest Node that is allowed and the newest', () => {
    const { os, node } = job?.strategy?.matrix ?? { os: [], node: [] };
    expect(os).toEqual(['ubuntu-latest', 'macos-latest']);
    expect(node).toEqual([manifest.engines.node.replace('>=', ''), 'latest']);
    expect(job?.env).toEqual({ CI: 'true' });
  });

  test('runs it for every change of main, every proposal, and every release', () => {
    expect(on).toMatchObject({ push: { branches: ['main'] } });
    expect(Object.keys(on)).toEqual(expect.arrayContaining(['pull_request', 'workflow_call']));
  });
});

describe('the release', () => {
  const { jobs, on } = workflowOf('.github/workflows/release.yml');

  test('is published only from a tag that passed CI', () => {
    expect(on).toEqual({ push: { tags: ['v*'] } });
    expect(jobs.test?.uses).toBe('./.github/workflows/ci.yml');
    expect(jobs.publish?.needs).toBe('test');
  });

  test('runs scripts of packages only where the repository can be read alone', () => {
    const writing = Object.values(jobs).filter((job) => job.permissions?.contents === 'write');
    expect(writing).toHaveLength(1);
    for (const { run = 'gh' } of writing.flatMap((job) => job.steps)) expect(run).toMatch(/^gh /);
  });

  test('says where it was built', () => {
    const commands = jobs.publish?.steps.map(({ run = '' }) => run) ?? [];
    expect(commands).toEqual(expect.arrayContaining([expect.stringMatching(/^npm publish .*--provenance/)]));
  });
});

describe.each(workflowFiles)('%s', (file) => {
  const { jobs, permissions } = workflowOf(file);
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  test('calls npm scripts that exist', () => {
    const scripts = steps.flatMap(({ run = '' }) =>
      [...run.matchAll(/\bnpm (?:run )?(test|[\w:-]+)/g)].map(([, name = '']) => name),
    );
    const unknown = scripts.filter((name) => name !== 'publish' && !(name in manifest.scripts));
    expect(unknown).toEqual([]);
  });

  test('may only read, unless a job asks for more, and names a version of every action', () => {
    expect(permissions).toEqual({ contents: 'read' });
    for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/^[\w-]+\/[\w-]+@v\d+$/);
  });
});

describe('updates of dependencies', () => {
  const config = z
    .object({
      version: z.literal(2),
      updates: z.array(
        z.object({
          'package-ecosystem': z.string(),
          schedule: z.object({ interval: z.string() }),
          groups: z.record(z.string(), z.object({ patterns: z.array(z.string()).optional() })).optional(),
        }),
      ),
    })
    .parse(parse(read('.github/dependabot.yml')));
  const all = { ...manifest.dependencies, ...manifest.devDependencies };

  test('come for packages, images and actions', () => {
    const kinds = config.updates.map((update) => update['package-ecosystem']);
    expect(kinds.sort()).toEqual(['docker', 'docker-compose', 'github-actions', 'npm']);
  });

  test('move all packages of Temporal together, which have one version', () => {
    const npm = config.updates.find((update) => update['package-ecosystem'] === 'npm');
    expect(npm?.groups?.temporal?.patterns).toEqual(['@temporalio/*']);
    const versions = Object.entries(all).flatMap(([name, version]) =>
      name.startsWith('@temporalio/') ? [version] : [],
    );
    expect(new Set(versions).size).toBe(1);
  });

  test('find exact versions only', () => {
    expect(Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });
});

const formElement = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('markdown'), attributes: z.strictObject({ value: z.string() }) }),
  ...(['textarea', 'input', 'dropdown'] as const).map((type) =>
    z.strictObject({
      type: z.literal(type),
      id: z.string(),
      attributes: z.strictObject({
        label: z.string(),
        description: z.string().optional(),
        placeholder: z.string().optional(),
        render: z.string().optional(),
        options: z.array(z.string()).min(2).optional(),
      }),
      validations: z.strictObject({ required: z.boolean() }).optional(),
    }),
  ),
]);
const formFile = z.strictObject({
  name: z.string(),
  description: z.string(),
  labels: z.array(z.string()),
  body: z.array(formElement).min(1),
});

describe('the forms of issues', () => {
  const forms = filesIn('.github/ISSUE_TEMPLATE').filter((file) => !file.endsWith('config.yml'));

  test.each(forms)('%s can be shown, and asks each thing once', (file) => {
    const { body } = formFile.parse(parse(read(file)));
    const ids = body.flatMap((element) => (element.type === 'markdown' ? [] : [element.id]));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each(['bug.yml', 'real-tenant.yml'])('%s asks for what doctor says, and for no secrets', (name) => {
    const text = read(join('.github/ISSUE_TEMPLATE', name));
    expect(text).toContain('npm run --silent dealseat -- doctor --json');
    expect(text).toContain(
      'Leave out redemption codes, tokens, keys, e-mail addresses and names of customers.',
    );
  });
});

describe('the decisions', () => {
  const pages = filesIn('docs/decisions').filter((file) => /\/\d{4}-/.test(file));

  test('are all in the list, in their order', () => {
    const listed = [...read('docs/decisions/README.md').matchAll(/\]\((\d{4}-[\w-]+\.md)\)/g)];
    expect(listed.map(([, file = '']) => join('docs/decisions', file))).toEqual(pages.sort());
  });

  test.each(pages)('%s says what was decided, why, and what was given up', (file) => {
    const headings = [...read(file).matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    expect(headings).toEqual(['Situation', 'Decision', 'Why', 'What follows', 'What was given up']);
  });
});
