/** What the command needs where it is installed, and what npm shows of it. */
const NEEDED = [
  'package.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  '.env.example',
  'catalog.example.yaml',
  'dist/src/cli.js',
  'dist/workflow-bundle.js',
  'docs/guarantees.md',
];
/** What belongs to a clone, or to one machine. */
const UNWANTED =
  /^(test|bench|scripts|\.github|\.dealseat|\.cache)\/|(^|\/)\.env$|^catalog\.yaml$|(?<!\.d)\.ts$/;

/** What is wrong with the files of a packed release, one line each. */
export function packProblems(files: readonly string[]): string[] {
  return [
    ...NEEDED.filter((file) => !files.includes(file)).map((file) => `${file} is missing in the package`),
    ...files.filter((file) => UNWANTED.test(file)).map((file) => `${file} does not belong into the package`),
  ];
}
