/** Commands and options as data: parsing, help and suggestions all follow from these tables. */

export interface OptionFlag {
  /** In commander's notation. */
  readonly flags: string;
  readonly text: string;
  readonly group: 'Hardware and model' | 'Schedule' | 'Passes' | 'Output';
  /** May be given more than once; its values are collected. */
  readonly repeatable?: boolean;
}

export interface CommandSpec {
  readonly name: string;
  /** Positional arguments in commander's notation, and what they are. */
  readonly arguments?: readonly (readonly [name: string, text: string])[];
  readonly summary: string;
  readonly options: readonly OptionFlag[];
  readonly example: string;
}

const group = (
  name: OptionFlag['group'],
  rows: readonly (readonly [flags: string, text: string, repeatable?: 'repeatable'])[],
): readonly OptionFlag[] =>
  rows.map(([flags, text, repeatable]) => ({
    flags,
    text,
    group: name,
    repeatable: repeatable !== undefined,
  }));

const MODEL = group('Hardware and model', [
  ['-a, --accelerator <name|file>', 'built-in accelerator (see: defines accelerators) or a YAML/JSON file'],
  ['--dim <name=value>', 'bind a symbolic dimension of the model (repeatable)', 'repeatable'],
  ['--precision <list>', 'operand precisions in bits, such as W=8,I=8,O=8,psum=16'],
]);

const SCHEDULE = group('Schedule', [
  [
    '-t, --tile <XxY>',
    'output tile of every stack, columns x rows, such as 60x72; X or Y may be full; default: full',
  ],
  ['-m, --mode <mode>', 'fully-recompute, h-cached-v-recompute or fully-cached (default)'],
  ['--stacks <rule>', 'auto (default), single-layer, one, or cuts by layer name: a,b,c'],
  ['--profile <name>', 'cost profile: default or reference-2023'],
  [
    '--lpf-limit <n|none>',
    'limit on the loop prime factors of the temporal mapper; default: the profile decides',
  ],
  ['--mapping <file>', 'temporal mappings, whole or in part, to be scored instead of searched'],
]);

/** How a run of passes is watched. */
const WATCH: readonly (readonly [string, string])[] = [
  ['--print-ir-before <passes>', 'print the IR to stderr before these passes, separated by commas'],
  ['--print-ir-after <passes>', 'and after these'],
  ['--print-ir-after-all', 'after every pass'],
  ['--print-ir-after-change', 'after every pass that changed it'],
  ['--print-ir-after-failure', 'the last good IR, if a pass fails'],
  ['--dump-dir <folder>', 'write these as files, text and JSON; without any of them: after every pass'],
  ['--reproducer <file>', 'if a pass fails, write what it takes to run it again (see: defines replay)'],
  ['--time-passes', 'time per pass, to stderr'],
  ['--pass-stats', 'what the passes counted, to stderr'],
];

const PASSES = group('Passes', [
  ['--passes <pipeline>', 'what to run, instead of -t, -m and --stacks: a,b{option=value},c'],
  ['--pipeline <name>', 'the same by name (see: defines passes)'],
  ['--from-ir <file>', 'resume from a JSON dump instead of a model'],
  ['--stop-after <pass>', 'end early; the IR is printed in place of the report'],
  ['--verify <when>', 'run the verifiers after each pass (default), at the end, or not: each, end, off'],
  ...WATCH,
]);

const FORMAT: readonly (readonly [string, string])[] = [['--format <format>', 'text (default) or json']];
const DIAGNOSTICS: readonly (readonly [string, string])[] = [
  ['--diagnostics <format>', 'diagnostics on stderr as text (default) or json, one per line'],
];

export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'compile',
    arguments: [['[model]', 'an ONNX file, a layer table (.yaml, .json), or the name of a built-in network']],
    summary: 'compile an ONNX model to an annotated schedule report',
    options: [
      ...MODEL,
      ...SCHEDULE,
      ...PASSES,
      ...group('Output', [...FORMAT, ['-o, --output <file>', 'write the report to a file'], ...DIAGNOSTICS]),
    ],
    example: 'defines compile fsrcnn -a meta-proto-df --tile 60x72 --mode fully-cached',
  },
  {
    name: 'inspect',
    arguments: [['<model>', 'an ONNX file, or the name of a built-in network']],
    summary: 'what is in a model: operators, shapes, MACs, coverage',
    options: [...MODEL, ...group('Output', [...FORMAT, ...DIAGNOSTICS])],
    example: 'defines inspect models/networks/resnet18.onnx',
  },
  {
    name: 'passes',
    summary: 'list the passes with their options, and the named pipelines',
    options: [],
    example: 'defines passes',
  },
  {
    name: 'accelerators',
    summary: 'list the built-in accelerators',
    options: [],
    example: 'defines accelerators',
  },
  {
    name: 'networks',
    summary: 'list the built-in networks',
    options: [],
    example: 'defines networks',
  },
  {
    name: 'explain',
    arguments: [['<code>', 'such as DF5001']],
    summary: 'what a diagnostic means and what to do',
    options: [],
    example: 'defines explain DF5001',
  },
  {
    name: 'diff',
    arguments: [
      ['<before>', 'a JSON dump of the IR'],
      ['<after>', 'another'],
    ],
    summary: 'what differs between two dumps of the IR; exit code 0: nothing, 1: something, 2: trouble',
    options: group('Output', [
      ['--facets <list>', 'compare these facets only, separated by commas'],
      ['--all', 'every field that changed, however many'],
      ...FORMAT,
      ...DIAGNOSTICS,
    ]),
    example: 'defines diff dumps/05-partition-stacks.json dumps/06-choose-tiles.json',
  },
  {
    name: 'replay',
    arguments: [['<file>', 'a reproducer written by compile --reproducer']],
    summary: 'run again what failed, from the pass that failed on',
    options: [
      ...group('Passes', WATCH),
      ...group('Output', [...FORMAT, ['-o, --output <file>', 'write the report to a file'], ...DIAGNOSTICS]),
    ],
    example: 'defines replay failure.json --print-ir-before allocate-memory',
  },
];
