/**
 * Import direction (docs/architecture.md, part 1) and library doors. Two tables say everything; the rules are
 * derived from them. Type-only imports obey them too, but for the one pair named below.
 */

/** What the files of a part may import, besides the part itself. */
const MAY_IMPORT = {
  base: [],
  diag: ['base'],
  ir: ['diag', 'base'],
  hw: ['ir', 'diag', 'base'],
  onnx: ['ir', 'diag', 'base'],
  analysis: ['hw', 'ir', 'diag', 'base'],
  cost: ['analysis', 'hw', 'ir', 'diag', 'base'],
  mapping: ['cost', 'analysis', 'hw', 'ir', 'diag', 'base'],
  schedule: ['cost', 'mapping', 'analysis', 'hw', 'ir', 'diag', 'base'],
  pass: ['hw', 'ir', 'diag', 'base'],
  report: ['hw', 'ir', 'diag', 'base'],
  node: ['pass', 'hw', 'ir', 'diag', 'base'],
  cli: ['node', 'pass', 'report', 'hw', 'ir', 'diag', 'base'],
};

/** Libraries with a door: nobody else imports them. */
const DOORS = {
  'onnx-proto': ['^src/onnx/', '^models/networks/build\\.ts$'],
  graphlib: ['^src/ir/graph-view\\.ts$'],
  ajv: [
    '^src/hw/load\\.ts$',
    '^src/ir/json\\.ts$',
    '^src/ir/load-layers\\.ts$',
    '^src/mapping/load-mappings\\.ts$',
    '^src/pass/registry\\.ts$',
    '^src/pass/reproducer\\.ts$',
  ],
  commander: ['^src/cli/'],
  picocolors: ['^src/cli/'],
  'cli-progress': ['^src/node/progress\\.ts$'],
};

/** The accelerator names loop dims, layers name memory operands: types that know each other, and no code. */
const isPairOfTypes = (part) => (part === 'ir' ? ['hw'] : []);

const direction = Object.entries(MAY_IMPORT).map(([part, allowed]) => ({
  name: `${part}-imports-only-${allowed.join('-') || 'itself'}`,
  severity: 'error',
  from: { path: `^src/${part}/` },
  to: {
    path: '^(src|passes)/',
    pathNot: [
      ...[part, ...allowed].map((other) => `^src/${other}/`),
      '^src/types/',
      // The composition root is the one thing the command line calls.
      ...(part === 'cli' ? ['^src/compile\\.ts$'] : []),
      ...isPairOfTypes(part).map((other) => `^src/${other}/(memory|accelerator)\\.ts$`),
    ],
  },
}));

const typesOnly = {
  name: 'ir-imports-types-of-hw-only',
  severity: 'error',
  from: { path: '^src/ir/' },
  to: { path: '^src/hw/', dependencyTypesNot: ['type-only'] },
};

const doors = Object.entries(DOORS).map(([library, doorkeepers]) => ({
  name: `${library}-has-a-door`,
  severity: 'error',
  from: { path: '^(src|passes|models)/', pathNot: doorkeepers },
  to: { path: `^node_modules/${library}/` },
}));

module.exports = {
  forbidden: [
    ...direction,
    typesOnly,
    ...doors,
    {
      name: 'passes-import-the-kit-only',
      severity: 'error',
      from: { path: '^passes/' },
      to: { pathNot: ['^src/kit\\.ts$', '^passes/', 'node_modules/ts-pattern/'] },
    },
    {
      name: 'passes-do-not-know-each-other',
      severity: 'error',
      from: { path: '^passes/', pathNot: '^passes/index\\.ts$' },
      to: { path: '^passes/' },
    },
    {
      name: 'kit-shows-no-shell',
      severity: 'error',
      from: { path: '^src/kit\\.ts$' },
      to: { path: '^(src/(cli|node|report|compile|index)|passes/)' },
    },
    {
      name: 'node-only-in-cli-and-node',
      severity: 'error',
      from: { path: '^(src|passes|models)/', pathNot: ['^src/(cli|node)/', '^models/networks/build\\.ts$'] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types'] },
  },
};
