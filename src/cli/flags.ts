/** Commands and options as data: parsing, help and suggestions all follow from these tables. */

export interface OptionFlag {
  /** In commander's notation. */
  readonly flags: string;
  readonly text: string;
  readonly group: 'Hardware and model' | 'Schedule' | 'Passes' | 'Work' | 'Output';
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

type Row = readonly [flags: string, text: string, repeatable?: 'repeatable'];

const group = (name: OptionFlag['group'], rows: readonly Row[]): readonly OptionFlag[] =>
  rows.map(([flags, text, repeatable]) => ({
    flags,
    text,
    group: name,
    repeatable: repeatable !== undefined,
  }));

const INPUT: readonly Row[] = [
  ['--dim <name=value>', 'bind a symbolic dimension of the model (repeatable)', 'repeatable'],
  ['--precision <list>', 'operand precisions in bits, such as W=8,I=8,O=8,psum=16'],
  ['--precision-file <file>', 'operand precisions of single layers (docs/precision.md)'],
];

const MODEL = group('Hardware and model', [
  ['-a, --accelerator <name|file>', 'built-in accelerator (see: defines accelerators) or a YAML/JSON file'],
  ...INPUT,
]);

const PROFILE: readonly Row[] = [
  ['--profile <name>', 'cost profile: default or reference-2023'],
  [
    '--lpf-limit <n|none>',
    'limit on the loop prime factors of the temporal mapper; default: the profile decides',
  ],
];

const SCHEDULE = group('Schedule', [
  [
    '-t, --tile <XxY>',
    'output tile of every stack, columns x rows, such as 60x72; X or Y may be full; fullx16xh2: attention 2 heads at a time; default: full',
  ],
  ['-m, --mode <mode>', 'fully-recompute, h-cached-v-recompute or fully-cached (default)'],
  [
    '--stacks <rule>',
    'auto (default), single-layer, one, cuts by layer name: a,b,c; or a pass of a plugin: acme/my-fusion{option=value}',
  ],
  [
    '--optimize <objective>',
    'choose stacks, tile and mode per stack: energy, latency or edp; -t, -m, --stacks fix what they name',
  ],
  [
    '--tiles <list>',
    'with --optimize: tiles to choose from, such as 4x72,fullx1,fullx16xh2; +4x72: besides those it finds itself',
  ],
  ['--max-energy <energy>', 'with --optimize: at most so much, such as 1.9mJ'],
  ['--max-latency <cycles>', 'with --optimize: at most so many, such as 20M'],
  [
    '--max-memory <level=size>',
    'use at most so much of a memory, such as sram_1MB_A=256KB (repeatable)',
    'repeatable',
  ],
  ['--budget <time>', 'with --optimize: answer with the best found by then, such as 10s'],
  ['--pareto', 'with --optimize: all schedules of which none is better in both energy and latency'],
  ...PROFILE,
  [
    '--spatial <choice>',
    'own (default): each layer laid over the array by the description; search: the best of all legal ways (docs/spatial.md)',
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
  ['--pass-timeout <time>', 'stop if one pass takes longer than this: 500ms, 30s, 5min, 1h'],
  ['--time-passes', 'time per pass, to stderr'],
  ['--pass-stats', 'what the passes counted, to stderr'],
];

const PLUGIN = [
  '--plugin <file|package>',
  'passes and pipelines of your own: ./my-fusion.js or the name of a package (repeatable)',
  'repeatable',
] as const;

const PASSES = group('Passes', [
  ['--passes <pipeline>', 'what to run, instead of -t, -m and --stacks: a,b{option=value},c'],
  ['--pipeline <name>', 'the same by name (see: defines passes)'],
  PLUGIN,
  ['--from-ir <file>', 'resume from a JSON dump instead of a model'],
  ['--stop-after <pass>', 'end early; the IR is printed in place of the report'],
  ['--verify <when>', 'run the verifiers after each pass (default), at the end, or not: each, end, off'],
  ...WATCH,
]);

const FORMAT: readonly Row[] = [['--format <format>', 'text (default) or json']];
const DIAGNOSTICS: readonly Row[] = [
  ['--diagnostics <format>', 'diagnostics on stderr as text (default) or json, one per line'],
];

const EXPLORE: readonly OptionFlag[] = [
  ...group('Hardware and model', [
    [
      '-a, --accelerator <list>',
      'built-in accelerators or YAML/JSON files, separated by commas (repeatable)',
      'repeatable',
    ],
    ...INPUT,
  ]),
  ...group('Schedule', [
    [
      '--tiles <XsxYs>',
      'tiles of the stacks: every width by every height, such as 1,4,16,fullx1,4,full; fullx16xh2,8: of 2 and of 8 attention heads (repeatable)',
      'repeatable',
    ],
    ['--modes <list>', 'overlap storing modes separated by commas, or all (default)'],
    [
      '--stacks <rules>',
      'rules separated by semicolons: auto (default), single-layer, one, or cuts a,b,c (repeatable)',
      'repeatable',
    ],
    ...PROFILE,
  ]),
  ...group('Work', [
    ['--threads <n>', 'worker threads; 0: none; default: as many as processors, where they pay off'],
    ['--shard <i/n>', 'evaluate part i of n only; defines merge joins the parts'],
    ['--resume', 'continue the output file: what it holds is not evaluated again'],
    ['--cache <folder>', 'keep mapper results that took long to find, and use those that are there'],
  ]),
  ...group('Output', [
    [
      '-o, --output <file>',
      'write a JSON line per point, anew without --resume; without it only the summary is printed',
    ],
    ['--format <format>', 'the summary as text (default) or json'],
    ...DIAGNOSTICS,
  ]),
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
    name: 'explore',
    arguments: [['<model>', 'an ONNX file, a layer table (.yaml, .json), or the name of a built-in network']],
    summary: 'evaluate a grid of schedules: tiles, modes, stacks, accelerators',
    options: EXPLORE,
    example:
      'defines explore fsrcnn -a meta-proto-df --tiles 1,4,16,60,240,960x1,4,18,72,270,540 -o grid.jsonl',
  },
  {
    name: 'merge',
    arguments: [['<files...>', 'results of defines explore']],
    summary: 'join results of defines explore into one file',
    options: group('Output', [
      ['-o, --output <file>', 'write the lines to a file; without it only the summary is printed'],
      ['--format <format>', 'the summary as text (default) or json'],
      ...DIAGNOSTICS,
    ]),
    example: 'defines merge part1.jsonl part2.jsonl -o grid.jsonl',
  },
  {
    name: 'inspect',
    arguments: [['<model>', 'an ONNX file, or the name of a built-in network']],
    summary: 'what is in a model: operators, shapes, MACs, coverage',
    options: [...MODEL, ...group('Output', [...FORMAT, ...DIAGNOSTICS])],
    example: 'defines inspect models/networks/resnet18.onnx',
  },
  {
    name: 'check',
    arguments: [['<accelerator>', 'a YAML/JSON file, or the name of a built-in accelerator']],
    summary: 'validate an accelerator description: schema, meaning, and what is probably a mistake',
    options: group('Output', [
      ...FORMAT,
      ['--strict', 'fail on warnings too, but for those that the description accepts'],
      ...DIAGNOSTICS,
    ]),
    example: 'defines check my-chip.yaml',
  },
  {
    name: 'passes',
    summary: 'list the passes with their options, and the named pipelines',
    options: [...group('Passes', [PLUGIN]), ...group('Output', DIAGNOSTICS)],
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
      ...group('Passes', [PLUGIN, ...WATCH]),
      ...group('Output', [...FORMAT, ['-o, --output <file>', 'write the report to a file'], ...DIAGNOSTICS]),
    ],
    example: 'defines replay failure.json --print-ir-before allocate-memory',
  },
];
