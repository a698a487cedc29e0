/**
 * Which part may know which, as the picture in docs/engineers.md draws it. `test/toolchain/dependency-rules.test.ts`
 * plants a violation of every rule here, so a rule that stops biting fails the tests.
 */

const { Visitor } = require('@swc/core/Visitor.js');

// The visitor that dependency-cruiser builds on throws at `using`; it is a variable declaration like any other.
const visitKnownStatement = Visitor.prototype.visitStatement;
Visitor.prototype.visitStatement = function visitStatement(statement) {
  if (statement.type !== 'UsingDeclaration') return visitKnownStatement.call(this, statement);
  this.visitVariableDeclarators(statement.decls);
  return statement;
};

const NPM = '(^|/)node_modules/';
/** As resolved, or as written where it could not be resolved. */
const npmPackages = (...names) => names.map((name) => `(${NPM}|^)${name}(/|$)`);

const SANDBOX_LOADERS = '^(src/commands/(demo|sandbox)(/|\\.ts$)|test/|bench/)';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Files that need each other are one file, or lack a third; types count too.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      comment: 'An import that leads nowhere fails at run time only.',
      from: { path: '^(src|workflows|activities|webhooks|sandbox|bench)/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'domain-is-alone',
      comment: 'src/domain is pure: it imports only itself.',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { pathNot: '^src/domain/' },
    },
    {
      name: 'workflows-are-deterministic',
      comment: 'Workflow code must replay: only the rules, itself and the SDK’s sandboxed parts.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        pathNot: [
          '^(workflows|src/domain|src/contracts)/',
          ...npmPackages('@temporalio/workflow', '@temporalio/common'),
        ],
      },
    },
    {
      name: 'contracts-know-rules-only',
      comment: 'What crosses Temporal is plain data and the names of it.',
      severity: 'error',
      from: { path: '^src/contracts/' },
      to: { pathNot: ['^src/(contracts|domain)/', ...npmPackages('@temporalio/common')] },
    },
    {
      name: 'activities-are-thin',
      comment: 'Activities join clients and rules; everything else is handed in.',
      severity: 'error',
      from: { path: '^activities/' },
      to: {
        pathNot: [
          '^(activities|src/domain|src/contracts|src/clients)/',
          '^src/(mail|roster|store)/',
          ...npmPackages('@temporalio/activity', '@temporalio/common'),
          '^(node:)?(crypto|stream|buffer|util|timers)(/|$)',
        ],
      },
    },
    {
      name: 'clients-know-no-caller',
      severity: 'error',
      comment: 'A client is usable without Temporal and without the web server.',
      from: { path: '^src/clients/' },
      to: {
        path: [
          '^(src/temporal|src/commands|src/runs|src/processes|webhooks|activities|workflows)/',
          ...npmPackages('@temporalio/[^/]+', 'fastify', '@fastify/[^/]+'),
        ],
      },
    },
    {
      name: 'store-knows-no-caller',
      severity: 'error',
      comment: 'Statements are usable without Temporal, clients and the web server.',
      from: { path: '^src/store/' },
      to: {
        pathNot: [
          '^src/(store|domain|contracts)/',
          '^src/config/(secret|local-folder)\\.ts$',
          ...npmPackages('kysely', 'pg', '@electric-sql/pglite'),
          '^(node:)?(child_process|crypto|fs|fs/promises|os|path|timers/promises|util|util/types)$',
        ],
      },
    },
    {
      name: 'webhooks-only-report',
      comment: 'A webhook starts a run and answers; reading a CRM is the work of the run.',
      severity: 'error',
      from: { path: '^webhooks/' },
      to: { path: '^src/clients/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'webhooks-know-no-work',
      comment: 'Webhooks speak to the provisioner, never to workflows or activities.',
      severity: 'error',
      from: { path: '^webhooks/' },
      to: { path: ['^(workflows|activities|sandbox)/', ...npmPackages('@temporalio/[^/]+')] },
    },
    {
      name: 'service-starts-workflows-by-name',
      comment: 'Workflow code runs in its bundle; the rest of the service knows its types.',
      severity: 'error',
      from: { path: '^(src|webhooks)/' },
      to: { path: '^workflows/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'sandbox-is-loaded-on-purpose',
      comment:
        'The stand-ins are for the demo, `dealseat sandbox`, tests, benches and the pages that are printed: no tenant may meet them.',
      severity: 'error',
      from: { pathNot: ['^sandbox/', '^scripts/docs/', SANDBOX_LOADERS] },
      to: { path: '^sandbox/' },
    },
    {
      name: 'sandbox-shares-no-code',
      comment: 'A mistake made once must not be made twice: the stand-ins know nothing of the product.',
      severity: 'error',
      from: { path: '^sandbox/' },
      to: {
        path: ['^(src|activities|workflows|webhooks)/', ...npmPackages('@hubspot/api-client', 'jsforce')],
      },
    },
    {
      name: 'product-knows-no-tests',
      comment: 'Tests and benches are not shipped.',
      severity: 'error',
      from: { path: '^(src|workflows|activities|webhooks|sandbox)/' },
      to: { path: '^(test|bench|scripts)/' },
    },
    {
      name: 'no-dev-packages',
      comment: 'devDependencies are absent where the package is installed.',
      severity: 'error',
      from: { path: '^(src|workflows|activities|webhooks|sandbox)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    // TypeScript 7 has no API that dependency-cruiser could parse with yet; swc knows type-only imports as well.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: NPM },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'require', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.json'],
    },
  },
};
