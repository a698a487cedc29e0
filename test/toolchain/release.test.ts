import { describe, expect, test } from '@jest/globals';
import { withRelease } from '../../scripts/release/changelog.ts';
import { packProblems } from '../../scripts/release/packed-files.ts';
import { versionProblem } from '../../scripts/release/version.ts';

describe('the version of a release', () => {
  test.each([
    { next: '0.1.0', current: '0.1.0', released: [] },
    { next: '0.1.1', current: '0.1.0', released: ['0.1.0'] },
    { next: '0.10.0', current: '0.9.9', released: ['0.9.9'] },
    { next: '1.0.0', current: '0.99.99', released: ['0.99.99'] },
  ])('$next may follow $current', (versions) => {
    expect(versionProblem(versions)).toBeNull();
  });

  test.each([
    { next: '0.1.0', current: '0.1.0', released: ['0.0.9'], problem: /already/ },
    { next: '0.1.0', current: '0.2.0', released: ['0.1.0'], problem: /released before/ },
    { next: '0.9.0', current: '0.10.0', released: [], problem: /older than 0\.10\.0/ },
    { next: '1.2', current: '0.1.0', released: [], problem: /not a version/ },
    { next: '1.2.03', current: '0.1.0', released: [], problem: /not a version/ },
    { next: 'latest', current: '0.1.0', released: [], problem: /not a version/ },
  ])('$next may not follow $current', ({ problem, ...versions }) => {
    expect(versionProblem(versions)).toMatch(problem);
  });
});

describe('the changelog of a release', () => {
  const first = '# Changelog\n\nWords.\n\n## Unreleased\n\n- One.\n- Two.\n';

  test('gets a heading with version and day, under an empty "Unreleased"', () => {
    expect(withRelease(first, '0.1.0', '2026-12-01')).toBe(
      '# Changelog\n\nWords.\n\n## Unreleased\n\n## 0.1.0 (2026-12-01)\n\n- One.\n- Two.\n',
    );
  });

  test('leaves earlier releases as they are', () => {
    const released = withRelease(first, '0.1.0', '2026-12-01');
    const next = released.replace('## Unreleased\n', '## Unreleased\n\n- Three.\n');
    expect(withRelease(next, '0.2.0', '2027-01-02')).toBe(
      '# Changelog\n\nWords.\n\n## Unreleased\n\n## 0.2.0 (2027-01-02)\n\n- Three.\n\n## 0.1.0 (2026-12-01)\n\n- One.\n- Two.\n',
    );
  });

  test('is refused where nothing changed since the last one', () => {
    const released = withRelease(first, '0.1.0', '2026-12-01');
    expect(() => withRelease(released, '0.1.1', '2026-12-02')).toThrow(/no changes under "Unreleased"/);
    expect(() => withRelease('# Changelog\n', '0.1.0', '2026-12-01')).toThrow(/no section "Unreleased"/);
  });
});

describe('the package of a release', () => {
  const files = [
    'package.json',
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    '.env.example',
    'catalog.example.yaml',
    'dist/src/cli.js',
    'dist/src/cli.d.ts',
    'dist/workflow-bundle.js',
    'docs/guarantees.md',
  ];

  test('holds what the command needs', () => {
    expect(packProblems(files)).toEqual([]);
    expect(packProblems(files.filter((file) => !file.startsWith('dist/workflow')))).toEqual([
      'dist/workflow-bundle.js is missing in the package',
    ]);
  });

  test.each(['test/unit/label.test.ts', '.env', 'catalog.yaml', '.dealseat/secret-keys', 'src/cli.ts'])(
    'does not hold %s',
    (file) => {
      expect(packProblems([...files, file])).toEqual([`${file} does not belong into the package`]);
    },
  );
});
