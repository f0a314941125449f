/**
 * Hostile and broken input, each kind named by a diagnostic: what the fuzzer found and what an attacker would try.
 * Through the whole program, so that no pass is spared.
 */
import onnxProto from 'onnx-proto';
import Long from 'long';
import { compile } from '../../src/compile.js';
import { CATALOGUE } from '../../src/diag/codes.js';
import { DiagnosticError, type Diagnostic } from '../../src/diag/diagnostic.js';
import { renderDiagnostics } from '../../src/diag/render.js';
import { parseAccelerator } from '../../src/hw/load.js';
import { loadAccelerator } from '../../src/node/builtin.js';
import { model, type GraphSpec, type ModelSpec, type NodeSpec } from '../support/onnx-model.js';

const { accelerator: hw } = loadAccelerator('tpu-like');

async function diagnosticsOf(
  bytes: Uint8Array,
  file = 'hostile.onnx',
  pipeline?: string,
): Promise<readonly Diagnostic[]> {
  const { diagnostics } = await compile({
    source: { file, bytes },
    hw,
    lpfLimit: 3,
    ...(pipeline === undefined ? {} : { pipeline }),
  });
  expect(diagnostics.map(({ code }) => CATALOGUE[code].kind)).not.toContain('bug');
  expect(renderDiagnostics(diagnostics)).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/); // safe to print
  return diagnostics;
}

const codesOf = async (spec: ModelSpec): Promise<readonly string[]> => [
  ...new Set((await diagnosticsOf(model(spec))).map(({ code }) => code)),
];

const relu: NodeSpec = { op: 'Relu', in: ['x'], out: ['y'] };
const one = (shape: readonly number[], nodes: readonly NodeSpec[] = [relu]): ModelSpec => ({
  inputs: { x: shape },
  outputs: ['y'],
  nodes,
});

describe('sizes', () => {
  test.each([
    ['dimensions that multiply past 2^53', one([2 ** 27, 2 ** 27]), 'DF2011'],
    ['one dimension past 2^53', one([2 ** 53]), 'DF1010'],
    ['more elements than bits can be counted', one([2 ** 46 + 1]), 'DF2011'],
    ['a negative dimension: not known', one([-1, 4]), 'DF2001'],
    ['a zero dimension: not known', one([0, 4]), 'DF2001'],
    ['65 dimensions', one(Array.from({ length: 65 }, () => 1)), 'DF2012'],
    ['a million dimensions', one(Array.from({ length: 1_000_000 }, () => 1)), 'DF2012'],
    [
      'products of a tensor with itself that cannot be counted',
      one(
        [1, 2, 2 ** 23, 8],
        [
          { op: 'Transpose', in: ['x'], out: ['t'], attrs: { perm: [0, 1, 3, 2] } },
          { op: 'MatMul', in: ['x', 't'], out: ['y'] },
        ],
      ),
      'DF2011',
    ],
    [
      'more MACs than can be counted',
      {
        inputs: { x: [2 ** 22, 2 ** 22] },
        outputs: ['y'],
        initializers: { w: { shape: [2 ** 22, 2 ** 22] } },
        nodes: [{ op: 'MatMul', in: ['x', 'w'], out: ['y'] }],
      },
      'DF2013',
    ],
    [
      'a constant of a million dimensions',
      {
        ...one([1], [{ op: 'Add', in: ['x', 'w'], out: ['y'] }]),
        initializers: { w: { shape: Array.from({ length: 1_000_000 }, () => 1) } },
      },
      'DF2012',
    ],
    [
      'a kernel of no rows',
      {
        ...one([1, 4, 4, 1], [{ op: 'Conv', in: ['x', 'w'], out: ['y'] }]),
        initializers: { w: { shape: [2, 4, 0, 1] } },
      },
      'DF2003',
    ],
    [
      'a shape that is a fraction',
      {
        ...one([1, 2, 7, 8], [{ op: 'TopK', in: ['x', 'k'], out: ['y'] }]),
        initializers: { k: { shape: [1], fields: { floatData: [0.1] } } },
      },
      'DF2004',
    ],
  ] satisfies [string, ModelSpec, string][])('%s', async (_what, spec, code) => {
    expect(await codesOf(spec)).toContain(code);
  });

  test('two billion rows in tiles of four', async () => {
    const bytes = model(one([1, 1, 2 ** 31, 1], [{ op: 'Softmax', in: ['x'], out: ['y'] }]));
    const found = await diagnosticsOf(
      bytes,
      'rows.onnx',
      'import-onnx,normalize-graph,infer-shapes,lower-layers,partition-stacks,choose-tiles{tile=4x4},tile-stacks',
    );
    expect(found.map(({ code }) => code)).toContain('DF4001');
  });

  test('integers beyond 64 bits of meaning: saturated or refused, never wrapped', async () => {
    const dims = [Long.MIN_VALUE, Long.MAX_VALUE];
    for (const dimValue of dims) {
      const proto = {
        irVersion: 8,
        opsetImport: [{ version: 17 }],
        graph: {
          node: [{ opType: 'Relu', input: ['x'], output: ['y'] }],
          input: [{ name: 'x', type: { tensorType: { elemType: 1, shape: { dim: [{ dimValue }] } } } }],
          output: [{ name: 'y' }],
        },
      };
      const found = await diagnosticsOf(onnxProto.onnx.ModelProto.encode(proto).finish());
      expect(['DF1010', 'DF2001']).toContain(found[0]?.code);
    }
  });
});

describe('graphs', () => {
  const inner = (depth: number): GraphSpec => ({
    outputs: [`o${depth}`],
    nodes:
      depth === 0
        ? [{ op: 'Relu', in: ['x'], out: ['o0'] }]
        : [{ op: 'If', in: ['c'], out: [`o${depth}`], attrs: { then_branch: { graph: inner(depth - 1) } } }],
  });

  test.each([
    ['a node that reads itself', one([1], [{ op: 'Add', in: ['x', 'y'], out: ['y'] }]), 'DF1018'],
    [
      'a long cycle',
      one(
        [1],
        [
          { op: 'Add', in: ['x', 't9999'], out: ['t0'] },
          ...Array.from({ length: 9999 }, (_, k): NodeSpec => ({
            op: 'Relu',
            in: [`t${k}`],
            out: [`t${k + 1}`],
          })),
          { op: 'Relu', in: ['t9999'], out: ['y'] },
        ],
      ),
      'DF1018',
    ],
    ['one name for two tensors', one([1], [relu, { ...relu, name: 'again' }]), 'DF1017'],
    ['an output without a name', { ...one([1]), outputs: ['y', ''] }, 'DF1041'],
    ['an input without a name', { ...one([1]), inputs: { x: [1], '': [1] } }, 'DF1041'],
    [
      'a function that calls itself',
      {
        ...one([1], [{ op: 'F', domain: 'f', in: ['x'], out: ['y'] }]),
        functions: [
          {
            name: 'F',
            domain: 'f',
            inputs: ['a'],
            outputs: ['b'],
            nodes: [{ op: 'F', domain: 'f', in: ['a'], out: ['b'] }],
          },
        ],
      },
      'DF1019',
    ],
    [
      'functions that double forty times',
      {
        ...one([1], [{ op: 'F40', domain: 'f', in: ['x'], out: ['y'] }]),
        functions: Array.from({ length: 41 }, (_, k) => ({
          name: `F${k}`,
          domain: 'f',
          inputs: ['a'],
          outputs: ['c'],
          nodes: [
            { op: k === 0 ? 'Relu' : `F${k - 1}`, domain: k === 0 ? '' : 'f', in: ['a'], out: ['b'] },
            { op: k === 0 ? 'Relu' : `F${k - 1}`, domain: k === 0 ? '' : 'f', in: ['b'], out: ['c'] },
          ],
        })),
      },
      'DF1024',
    ],
    ['an operator called constructor', one([1], [{ op: 'constructor', in: ['x'], out: ['y'] }]), 'DF2007'],
    [
      'an operator called constructor whose output is declared',
      { ...one([1], [{ op: 'constructor', in: ['x'], out: ['y'] }]), outputs: { y: [1] } },
      'DF2100',
    ],
    [
      'an attribute called __proto__',
      one([1, 1, 4, 4], [{ ...relu, attrs: { ['__proto__']: 1 } }]),
      'DF2102',
    ],
    [
      'subgraphs in subgraphs, 300 deep',
      { ...one([1]), nodes: inner(300).nodes, outputs: ['o300'] },
      'DF1043',
    ],
  ] satisfies [string, ModelSpec, string][])('%s', async (_what, spec, code) => {
    expect(await codesOf(spec)).toContain(code);
  });
});

test.each([
  ['../w.bin', true],
  ['a/../../w.bin', true],
  ['/etc/passwd', true],
  ['C:\\w.bin', true],
  ['..\\w.bin', true],
  ['w.bin', false],
  ['a/../w.bin', false],
  ['./weights/w..bin', false],
])('external data in %s climbs out of the folder: %s', async (location, climbs) => {
  const found = await codesOf({
    ...one([4], [{ op: 'Add', in: ['x', 'w'], out: ['y'] }]),
    initializers: {
      w: {
        shape: [4],
        fields: {
          dataLocation: onnxProto.onnx.TensorProto.DataLocation.EXTERNAL,
          externalData: [{ key: 'location', value: location }],
        },
      },
    },
  });
  expect(found.includes('DF1042')).toBe(climbs);
});

describe('texts', () => {
  const codes = (text: string): readonly string[] => {
    try {
      parseAccelerator(text, 'bomb.yaml');
    } catch (error) {
      if (error instanceof DiagnosticError) return error.diagnostics.map(({ code }) => code);
      throw error;
    }
    return [];
  };
  const bomb = Array.from({ length: 30 }, (_, k) =>
    k === 0 ? 'a0: &a0 [x]' : `a${k}: &a${k} [${Array.from({ length: 9 }, () => `*a${k - 1}`).join(', ')}]`,
  ).join('\n');

  test.each([
    ['an alias bomb', bomb],
    ['an alias of nothing', 'a: *nothing'],
    ['ten thousand brackets', '['.repeat(10_000)],
    ['ten thousand nested lists', '- '.repeat(10_000)],
    ['two documents', 'a: 1\n---\nb: 2\n'],
    ['a key twice', 'name: a\nname: b\n'],
  ])('%s', (_what, text) => {
    expect(codes(text)).toContain('DF8100');
  });

  test('a table that is its own producer, whose loops are missing, or that cannot be counted', async () => {
    const table = (extra: string, sizes: string): string => `workload: w
layers:
  - { id: -1, equation: input, loop_dim_size: { K: 1, OY: 4, OX: 4 }, precision: 8 }
  - id: 0
    equation: O[k][oy][ox]+=W[k][c]*I[c][oy][ox]
    loop_dim_size: ${sizes}
    constant_operands: [W]
${extra}`;
    const rest = (producer: number): string =>
      `    operand_precision: { O: 16, W: 8, I: 8 }\n    operand_source: { W: [], I: [${producer}] }\n`;
    const sizes = '{ K: 2, C: 1, OY: 4, OX: 4 }';
    const ends = async (text: string): Promise<readonly string[]> =>
      (await diagnosticsOf(new TextEncoder().encode(text), 't.yaml', 'import-layers')).map(
        ({ code }) => code,
      );
    expect(await ends(table(rest(-1), sizes))).toEqual([]);
    expect(await ends(table(rest(0), sizes))).toEqual(['DF1032']);
    expect(await ends(table('', sizes))).toEqual(['DF1032']);
    expect(await ends(table(rest(-1), '{ K: 2, OY: 4, OX: 4 }'))).toEqual(['DF1032']);
    expect(await ends(table(rest(-1), '{ K: 1000000000, C: 1, OY: 1000000000, OX: 4 }'))).toContain('DF2013');
  });
});
