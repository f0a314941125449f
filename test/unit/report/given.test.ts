/** A report says all that it depends on: whoever has it can make it again. */
import { compile, parseMappings, renderText, type CompileRequest } from '../../../src/index.js';
import { parsePrecisions } from '../../../src/compile.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { model } from '../../support/onnx-model.js';
import { schemaErrors } from './schema.js';

const NET = model({
  name: 'rows',
  inputs: { x: [1, 4, 'H', 16] },
  outputs: { y: [1, 4, 'H', 16] },
  initializers: { w1: { shape: [4, 4, 1, 1] }, w2: { shape: [4, 4, 1, 1] } },
  nodes: [
    { op: 'Conv', name: 'conv1', in: ['x', 'w1'], out: ['a'] },
    { op: 'Conv', name: 'conv2', in: ['a', 'w2'], out: ['y'] },
  ],
});
const PRECISIONS = `schema: defines-precision/1
layers:
  - { layer: conv1, W: 2 }
  - { layer: 'other*', I: 4, psum: 24 }
`;
const MAPPINGS = `schema: defines-mapping/1
mappings:
  - { layer: conv1, loops: [C] }
`;
const { accelerator: hw } = loadAccelerator('meta-proto-df');
const plain: CompileRequest = { source: { file: 'rows.onnx', bytes: NET }, hw, dims: { H: 16 } };
const request: CompileRequest = {
  ...plain,
  precision: { W: 4, psum: 24 },
  precisions: parsePrecisions(PRECISIONS, 'bits.yaml'),
  mappings: parseMappings(MAPPINGS, 'loops.yaml'),
  memoryLimits: [{ name: 'sram_64KB', sizeBits: 262144 }],
};

/** The lines of the head, and one word of each. */
const head = (text: string): readonly string[] =>
  text.split('\n').filter((line) => /^(dims|precision|memory|mapping) /.test(line));

test('what was given is in the report, as data and as options', async () => {
  const { report, diagnostics } = await compile(request);
  expect(schemaErrors(report)).toEqual([]);
  expect(report).toMatchObject({
    dims: { H: 16 },
    precision: { W: 4, psum: 24 },
    layerPrecisions: {
      file: 'bits.yaml',
      layers: [
        { layer: 'conv1', W: 2 },
        { layer: 'other*', I: 4, psum: 24 },
      ],
    },
    mappings: 'loops.yaml',
    memoryLimits: [{ memory: 'sram_64KB', sizeBits: 262144 }],
  });
  expect(report?.mappingsDigest).toMatch(/^[0-9a-f]{64}$/);
  expect(report?.accelerator.memories.find(({ name }) => name === 'sram_64KB')?.sizeBits).toBe(262144);
  expect(diagnostics.map(({ code }) => code)).toContain('DF3053');
  expect(head(renderText(report!)).map((line) => line.replace(/ {3}of \d+ layer.*/, ''))).toEqual([
    'dims         --dim H=16',
    'precision    --precision W=4,psum=24',
    'precision    --precision-file bits.yaml: conv1 W=2; other* I=4,psum=24',
    'memory       --max-memory sram_64KB=32768B',
    `mapping      --mapping loops.yaml (sha256 ${report?.mappingsDigest?.slice(0, 12)})`,
  ]);
});

test('what was not given is not there', async () => {
  const { report } = await compile({ ...plain, dims: { H: 16 } });
  expect(head(renderText(report!))).toEqual(['dims         --dim H=16']);
  expect(Object.keys(report!)).not.toEqual(expect.arrayContaining(['precision']));
  expect(report).not.toHaveProperty('layerPrecisions');
  expect(report).not.toHaveProperty('memoryLimits');
});

test('a run that goes on from a dump knows what that was made with', async () => {
  const { mappings: _, memoryLimits: __, ...given } = request;
  const whole = await compile(given);
  const early = await compile({ ...given, stopAfter: 'partition-stacks' });
  const { report } = await compile({
    hw,
    from: early.ir,
    pipeline: 'choose-tiles,tile-stacks,allocate-memory,annotate-cost',
  });
  const { dims, precision, layerPrecisions } = whole.report!;
  expect(report).toMatchObject({ dims, precision, layerPrecisions });
  const other = await compile({ ...plain, from: early.ir });
  expect(other.report).not.toHaveProperty('precision');
});

test('the note on floats does not speak for layers that a precision file sets', async () => {
  const note = async (more: Partial<CompileRequest>): Promise<string | undefined> =>
    (await compile({ ...plain, ...more })).diagnostics.find(({ code }) => code === 'DF2102')?.message;
  expect(await note({})).toBe('float tensors are taken as W 8, I 8, O 8 bit with partial sums of 16 bit');
  expect(await note({ precisions: request.precisions! })).toBe(
    'float tensors are taken as W 8, I 8, O 8 bit with partial sums of 16 bit, but for 1 layer with bits of the precision file',
  );
});
