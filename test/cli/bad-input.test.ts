/** Bad input: a one-screen diagnostic with code, place and help, the right exit code, nothing on stdout, no stack trace. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { cli, temporaryFolder } from '../support/cli.js';
import { model, type ModelSpec } from '../support/onnx-model.js';

const at = temporaryFolder();
const CONV = { shape: [4, 3, 3, 3] };

const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(at(name), content);
  return at(name);
};
const writeModel = (name: string, spec: ModelSpec): string => write(name, model(spec));

const GOOD = writeModel('good.onnx', {
  inputs: { x: [1, 3, 8, 8] },
  outputs: ['y'],
  initializers: { w: CONV },
  nodes: [{ op: 'Conv', in: ['x', 'w'], out: ['y'] }],
});
const bytes = model({
  inputs: { x: [1, 3, 8, 8] },
  outputs: ['y'],
  initializers: { w: CONV },
  nodes: [{ op: 'Conv', in: ['x', 'w'], out: ['y'] }],
});
mkdirSync(at('folder'));
symlinkSync(GOOD, at('linked.onnx'));
const UTF_16 = write('utf16.yaml', Buffer.from('\uFEFFname: x\n', 'utf16le'));
const OWN = write('own.yaml', readFileSync('models/accelerators/tpu-like.yaml'));

const HW = ['-a', 'meta-proto-df'];
const compile = (...args: string[]): string[] => ['compile', ...args];

interface Case {
  readonly what: string;
  readonly args: readonly string[];
  readonly exit: 1 | 2;
  readonly code: string;
  /** What place and help must mention. */
  readonly mentions: readonly string[];
}

const CASES: readonly Case[] = [
  {
    what: 'an unknown objective',
    args: compile(GOOD, ...HW, '--optimize', 'energie'),
    exit: 2,
    code: 'DF8005',
    mentions: ['--optimize energie', 'energy'],
  },
  {
    what: 'a limit where nothing is searched',
    args: compile(GOOD, ...HW, '--max-latency', '20M'),
    exit: 2,
    code: 'DF3052',
    mentions: ['--max-latency', '--optimize'],
  },
  {
    what: 'an energy without a unit',
    args: compile(GOOD, ...HW, '--optimize', 'latency', '--max-energy', '12'),
    exit: 2,
    code: 'DF8008',
    mentions: ['--max-energy 12', '1.9mJ'],
  },
  {
    what: 'a budget that is no time',
    args: compile(GOOD, ...HW, '--optimize', 'energy', '--budget', 'soon'),
    exit: 2,
    code: 'DF8008',
    mentions: ['--budget soon', '30s'],
  },
  {
    what: 'a limit on a memory that is not there',
    args: compile(GOOD, ...HW, '--max-memory', 'sram_65KB=1KB'),
    exit: 2,
    code: 'DF8008',
    mentions: ['sram_65KB', 'sram_64KB'],
  },
  {
    what: 'a memory limited to nonsense',
    args: compile(GOOD, ...HW, '--max-memory', 'sram_64KB=much'),
    exit: 2,
    code: 'DF8008',
    mentions: ['much', 'KB'],
  },
  {
    what: 'a list of tiles with one that is none',
    args: compile(GOOD, ...HW, '--optimize', 'energy', '--tiles', '4x4,0x3'),
    exit: 2,
    code: 'DF8005',
    mentions: ['0x3', '60x72'],
  },
  {
    what: 'a search and a pipeline',
    args: compile(GOOD, ...HW, '--optimize', 'energy', '--pipeline', 'default'),
    exit: 2,
    code: 'DF8007',
    mentions: ['--optimize', 'optimize-schedule{for=energy}'],
  },
  {
    what: 'a missing file',
    args: compile(at('no.onnx'), ...HW),
    exit: 1,
    code: 'DF1001',
    mentions: ['no.onnx', 'does not exist'],
  },
  {
    what: 'a directory',
    args: compile(at('folder'), ...HW),
    exit: 1,
    code: 'DF1001',
    mentions: ['folder', 'is a directory'],
  },
  {
    what: 'an empty file',
    args: compile(write('empty.onnx', ''), ...HW),
    exit: 1,
    code: 'DF1002',
    mentions: ['empty.onnx', '0 B'],
  },
  {
    what: 'a text file',
    args: compile(write('text.onnx', 'once upon a time\n'), ...HW),
    exit: 1,
    code: 'DF1003',
    mentions: ['text.onnx', 'text'],
  },
  {
    what: 'a truncated model',
    args: compile(write('cut.onnx', bytes.slice(0, bytes.length - 20)), ...HW),
    exit: 1,
    code: 'DF1004',
    mentions: ['cut.onnx'],
  },
  {
    what: 'a cycle',
    args: compile(
      writeModel('cycle.onnx', {
        inputs: { x: [1] },
        outputs: ['a'],
        nodes: [
          { op: 'Add', name: 'first', in: ['x', 'b'], out: ['a'] },
          { op: 'Relu', name: 'second', in: ['a'], out: ['b'] },
        ],
      }),
      ...HW,
    ),
    exit: 1,
    code: 'DF1018',
    mentions: ['cycle.onnx', 'first', 'second'],
  },
  {
    what: 'a dangling edge',
    args: compile(
      writeModel('dangling.onnx', {
        inputs: { x: [1] },
        outputs: ['y'],
        nodes: [{ op: 'Add', name: 'sum', in: ['x', 'ghost'], out: ['y'] }],
      }),
      ...HW,
    ),
    exit: 1,
    code: 'DF1016',
    mentions: ['dangling.onnx', 'ghost', 'sum'],
  },
  {
    what: 'an unbound symbolic dimension',
    args: compile(
      writeModel('symbol.onnx', {
        inputs: { x: ['batch', 3, 8, 8] },
        outputs: ['y'],
        initializers: { w: CONV },
        nodes: [{ op: 'Conv', in: ['x', 'w'], out: ['y'] }],
      }),
      ...HW,
    ),
    exit: 1,
    code: 'DF2',
    mentions: ['batch', '--dim'],
  },
  {
    what: 'an unknown accelerator',
    args: compile(GOOD, '-a', 'meta-proto-fd'),
    exit: 1,
    code: 'DF8109',
    mentions: ['did you mean "meta-proto-df"?'],
  },
  {
    what: 'a broken YAML',
    args: compile(GOOD, '-a', write('broken.yaml', 'name: [1\nsource: x\n')),
    exit: 1,
    code: 'DF8100',
    mentions: ['broken.yaml:'],
  },
  {
    what: 'a missing YAML',
    args: compile(GOOD, '-a', at('no.yaml')),
    exit: 1,
    code: 'DF8110',
    mentions: ['no.yaml'],
  },
  ...['0x5', '-3x4', '1.5x2', 'abc', '5', '4x', 'x4', '4x4x4', ''].map((tile): Case => ({
    what: `a tile of "${tile}"`,
    args: compile(GOOD, ...HW, '--tile', tile),
    exit: 2,
    code: 'DF8005',
    mentions: [`--tile ${tile}`, 'columns x rows', '^'],
  })),
  {
    what: 'an unknown mode',
    args: compile(GOOD, ...HW, '-m', 'fully-cache'),
    exit: 2,
    code: 'DF8005',
    mentions: ['did you mean "fully-cached"?'],
  },
  {
    what: 'an unknown profile',
    args: compile(GOOD, ...HW, '--profile', 'reference'),
    exit: 2,
    code: 'DF8008',
    mentions: ['reference-2023'],
  },
  {
    what: 'an unknown layer to cut at',
    args: compile(GOOD, ...HW, '--stacks', 'conv9'),
    exit: 2,
    code: 'DF3001',
    mentions: ['conv9'],
  },
  {
    what: 'an unknown format',
    args: compile(GOOD, ...HW, '--format', 'yaml'),
    exit: 2,
    code: 'DF8008',
    mentions: ['text, json'],
  },
  {
    what: 'a bad limit',
    args: compile(GOOD, ...HW, '--lpf-limit', '-1'),
    exit: 2,
    code: 'DF8008',
    mentions: ['none'],
  },
  {
    what: 'a bad precision',
    args: compile(GOOD, ...HW, '--precision', 'W=8,I=x'),
    exit: 2,
    code: 'DF8008',
    mentions: ['psum=16'],
  },
  {
    what: 'a precision of more bits than can be meant',
    args: compile(GOOD, ...HW, '--precision', 'I=100000000'),
    exit: 2,
    code: 'DF8008',
    mentions: ['"100000000"', 'from 1 to 1024'],
  },
  {
    what: 'a precision of nothing',
    args: compile(GOOD, ...HW, '--precision', 'Z=8'),
    exit: 2,
    code: 'DF8008',
    mentions: ['"Z"'],
  },
  {
    what: 'a dimension without a value',
    args: compile(GOOD, ...HW, '--dim', 'batch'),
    exit: 2,
    code: 'DF8008',
    mentions: ['name=value'],
  },
  {
    what: 'a dimension given twice',
    args: compile(GOOD, ...HW, '--dim', 'n=1', '--dim', 'n=2'),
    exit: 2,
    code: 'DF8008',
    mentions: ['twice'],
  },
  ...[
    ['', 'names no rule'],
    ['conv_1,,conv_2', 'has an empty name'],
    ['a,', 'has an empty name'],
  ].map(([stacks = '', says = '']) => ({
    what: `stacks of "${stacks}"`,
    args: compile(GOOD, ...HW, '--stacks', stacks),
    exit: 2 as const,
    code: 'DF8008',
    mentions: [`--stacks ${says}`, 'single-layer'],
  })),
  {
    what: 'stacks of an exploration with an empty name',
    args: ['explore', GOOD, ...HW, '--tiles', 'full', '--stacks', 'one;a,,b'],
    exit: 2,
    code: 'DF8008',
    mentions: ['--stacks has an empty name', '^~~~'],
  },
  {
    what: 'a stack rule that there is not',
    args: ['explore', GOOD, ...HW, '--tiles', 'full', '--stacks', 'whatever'],
    exit: 2,
    code: 'DF3001',
    mentions: ['no layer is called whatever', 'the rules are auto, single-layer, one'],
  },
  {
    what: 'a precision given twice',
    args: compile(GOOD, ...HW, '--precision', 'W=8,W=4'),
    exit: 2,
    code: 'DF8008',
    mentions: ['--precision W is given twice', '^~~'],
  },
  ...['precision-file', 'accelerator', 'mapping'].map((flag) => ({
    what: `a text in UTF-16: ${flag}`,
    args: compile(GOOD, ...(flag === 'accelerator' ? [] : HW), `--${flag}`, UTF_16),
    exit: 1 as const,
    code: flag === 'accelerator' ? 'DF8100' : 'DF1001',
    mentions: ['UTF-16', 'utf16.yaml', 'save it as UTF-8'],
  })),
  {
    what: 'a table of layers in UTF-16',
    args: compile(UTF_16, ...HW),
    exit: 1,
    code: 'DF10',
    mentions: ['UTF-16', 'utf16.yaml', 'save it as UTF-8'],
  },
  {
    what: 'lines of results for the standard output',
    args: ['explore', GOOD, ...HW, '--tiles', 'full', '-o', '-'],
    exit: 2,
    code: 'DF8008',
    mentions: ['--output cannot be "-"', 'summary'],
  },
  {
    what: 'lines of merged results for the standard output',
    args: ['merge', GOOD, '-o', '-'],
    exit: 2,
    code: 'DF8008',
    mentions: ['--output cannot be "-"'],
  },
  {
    what: 'a description to check that is not there',
    args: ['check', at('no.yaml')],
    exit: 2,
    code: 'DF8110',
    mentions: ['no.yaml'],
  },
  {
    what: 'an output in no folder',
    args: compile(GOOD, ...HW, '-o', at('no/report.txt')),
    exit: 2,
    code: 'DF8009',
    mentions: ['report.txt'],
  },
  {
    what: 'an output that is a folder',
    args: compile(GOOD, ...HW, '-o', at('folder')),
    exit: 2,
    code: 'DF8009',
    mentions: ['is a directory'],
  },
  {
    what: 'a dump folder below a file',
    args: compile(GOOD, ...HW, '--dump-dir', `${GOOD}/dumps`),
    exit: 2,
    code: 'DF8009',
    mentions: ['--dump-dir'],
  },
  // Linux says of a folder it does not make in there that it is not there.
  ...(existsSync('/proc/self')
    ? [
        compile(GOOD, ...HW, '--dump-dir', '/proc/no/such'),
        ['explore', GOOD, ...HW, '--tiles', 'full', '--cache', '/proc/no-such'],
      ]
    : []
  ).map((args) => ({
    what: `a folder that cannot be made: ${args.at(-2) ?? ''}`,
    args,
    exit: 2 as const,
    code: 'DF8009',
    mentions: ['no folder can be made there'],
  })),
  {
    what: 'two models',
    args: compile(GOOD, GOOD, ...HW),
    exit: 2,
    code: 'DF8001',
    mentions: ['one argument too many'],
  },
  { what: 'no model', args: compile(...HW), exit: 2, code: 'DF8001', mentions: ['no model given'] },
  {
    what: 'no accelerator',
    args: compile(GOOD),
    exit: 2,
    code: 'DF8001',
    mentions: ['no accelerator given', '-a'],
  },
  {
    what: 'two accelerators',
    args: compile(GOOD, ...HW, '-a', 'tpu-like'),
    exit: 2,
    code: 'DF8001',
    mentions: ['given twice'],
  },
  {
    what: 'an unknown option',
    args: compile(GOOD, '--tle', '4x4'),
    exit: 2,
    code: 'DF8001',
    mentions: ['did you mean "--tile"?', '^~~~~'],
  },
  {
    what: 'an option without its value',
    args: compile(GOOD, '-a'),
    exit: 2,
    code: 'DF8001',
    mentions: ['--accelerator'],
  },
  {
    what: 'an unknown command',
    args: ['compil', GOOD],
    exit: 2,
    code: 'DF8001',
    mentions: ['did you mean "compile"?'],
  },
  {
    what: 'no command',
    args: [],
    exit: 2,
    code: 'DF8001',
    mentions: ['compile, explore, merge, inspect, check, passes, accelerators, networks, explain'],
  },
  {
    what: 'an unknown code to explain',
    args: ['explain', 'DF501'],
    exit: 2,
    code: 'DF8010',
    mentions: ['did you mean "DF5001"?'],
  },
  {
    what: 'a missing file to inspect',
    args: ['inspect', at('no.onnx')],
    exit: 1,
    code: 'DF1001',
    mentions: ['no.onnx'],
  },
  {
    what: 'a misspelt built-in network',
    args: ['inspect', 'fsrcn'],
    exit: 1,
    code: 'DF1001',
    mentions: ['did you mean the built-in network "fsrcnn"?'],
  },
  {
    what: 'a pipeline next to -t and --stacks',
    args: compile(GOOD, ...HW, '--passes', 'import-onnx', '-t', '4x4', '--stacks', 'one'),
    exit: 2,
    code: 'DF8007',
    mentions: ['--passes and --tile', '--passes and --stacks'],
  },
  {
    what: 'two pipelines',
    args: compile(GOOD, ...HW, '--passes', 'import-onnx', '--pipeline', 'default'),
    exit: 2,
    code: 'DF8007',
    mentions: ['--passes and --pipeline'],
  },
  {
    what: 'an unknown pass',
    args: compile(GOOD, ...HW, '--passes', 'import-onnx,lower-layer'),
    exit: 2,
    code: 'DF8004',
    mentions: ['did you mean "lower-layers"?', '^'],
  },
  {
    what: 'passes out of order',
    args: compile(GOOD, ...HW, '--passes', 'import-onnx,tile-stacks'),
    exit: 2,
    code: 'DF8003',
    mentions: ['needs the facet layers'],
  },
  {
    what: 'a pipeline that breaks off',
    args: compile(GOOD, ...HW, '--passes', 'import-onnx,choose-tiles{tile='),
    exit: 2,
    code: 'DF8002',
    mentions: ['found the end'],
  },
  ...[
    ['compile', GOOD, ...HW, '-o', GOOD],
    ['compile', GOOD, ...HW, '-o', at('linked.onnx')],
    ['compile', GOOD, ...HW, '--reproducer', GOOD],
    ['compile', GOOD, '-a', OWN, '-o', OWN],
    ['explore', GOOD, ...HW, '--tiles', 'full', '-o', GOOD],
  ].map((args) => ({
    what: `an output that is read: ${args[0] ?? ''} ${args.at(-2) ?? ''}`,
    args,
    exit: 2 as const,
    code: 'DF8009',
    mentions: ['is read from it', 'name another file'],
  })),
  {
    what: 'an unknown pipeline',
    args: compile(GOOD, ...HW, '--pipeline', 'singel-layer'),
    exit: 2,
    code: 'DF8006',
    mentions: ['did you mean "single-layer"?'],
  },
  {
    what: 'an unknown pass to stop after',
    args: compile(GOOD, ...HW, '--stop-after', 'lower'),
    exit: 2,
    code: 'DF8004',
    mentions: ['lower-layers'],
  },
  {
    what: 'a pass to stop after that does not run',
    args: compile(GOOD, ...HW, '--stop-after', 'import-layers'),
    exit: 2,
    code: 'DF8008',
    mentions: ['not a pass of this pipeline'],
  },
  {
    what: 'an unknown pass to print after',
    args: compile(GOOD, ...HW, '--print-ir-after', 'lower-layer'),
    exit: 2,
    code: 'DF8004',
    mentions: ['did you mean "lower-layers"?'],
  },
  {
    what: 'a dump that is none',
    args: compile('--from-ir', write('no.json', '{}'), ...HW),
    exit: 1,
    code: 'DF8011',
    mentions: ['no.json', 'irVersion'],
  },
  {
    what: 'a dump of another version',
    args: compile('--from-ir', write('v9.json', '{"irVersion":9,"name":"x","facets":{}}'), ...HW),
    exit: 1,
    code: 'DF8012',
    mentions: ['version 9'],
  },
  {
    what: 'a choice of unrollings that there is not',
    args: compile(GOOD, '--spatial', 'serach', ...HW),
    exit: 2,
    code: 'DF8008',
    mentions: ['did you mean "search"?'],
  },
  {
    what: 'a choice of unrollings beside a pipeline',
    args: compile(GOOD, '--spatial', 'search', '--passes', 'import-onnx', ...HW),
    exit: 2,
    code: 'DF8007',
    mentions: ['list-unrollings'],
  },
  {
    what: 'a dump and a model',
    args: compile(GOOD, '--from-ir', at('v9.json'), ...HW),
    exit: 2,
    code: 'DF8007',
    mentions: ['--from-ir'],
  },
];

test.each(CASES.map((entry) => [entry.what, entry] as const))(
  '%s',
  (_what, { args, exit, code, mentions }) => {
    const { code: status, stdout, stderr } = cli(args);
    expect(stderr).toContain(`error[${code}`);
    expect(status).toBe(exit);
    for (const words of mentions) expect(stderr).toContain(words);
    expect(stdout).toBe('');
    expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m); // a stack frame
    expect(stderr.split('\n').length).toBeLessThan(24);
  },
);
