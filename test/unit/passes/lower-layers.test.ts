/** The pass as a whole: what vanishes, what is named how, sizes without pads, agreement with layer tables. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lowerLayers } from '../../../passes/lower-layers.js';
import { macsOfLayers, sizesFromSinks } from '../../../src/analysis/sizes-from-sinks.js';
import { PROFILES } from '../../../src/base/profile.js';
import { diagnostic, type Diagnostic } from '../../../src/diag/diagnostic.js';
import { parseLayerTable } from '../../../src/ir/load-layers.js';
import type { Layer, Workload } from '../../../src/ir/layer.js';
import { verifyWorkload } from '../../../src/ir/verify/layers.js';
import { inferTensors } from '../../../src/onnx/infer.js';
import { lowerGraph } from '../../../src/onnx/lower.js';
import type { PassContext } from '../../../src/pass/pass.js';
import { normalized } from '../../support/import-model.js';
import { dims, lowered, mapSize, nest, OPTIONS, sources } from '../../support/lowered.js';
import { model, type ModelSpec, type NodeSpec, type TensorSpec } from '../../support/onnx-model.js';
import { describeWithReference, projectFolder } from '../../support/reference.js';

const conv = (input: string, output: string, pad = 1, stride = 1): NodeSpec => ({
  op: 'Conv',
  name: output,
  in: [input, 'w'],
  out: [output],
  attrs: { pads: [pad, pad, pad, pad], strides: [stride, stride] },
});

const network = (nodes: readonly NodeSpec[], outputs: readonly string[]): ModelSpec => ({
  inputs: { x: [1, 4, 12, 16] },
  outputs,
  initializers: { w: { shape: [4, 4, 3, 3] } },
  nodes,
});

describe('what is left of a graph', () => {
  test('constants vanish with the nodes that make them', async () => {
    const { workload } = await lowered(
      network(
        [
          { op: 'Shape', name: 'shape', in: ['x'], out: ['s'] },
          { op: 'ConstantOfShape', name: 'zeros', in: ['s'], out: ['z'] },
          { op: 'Exp', name: 'exp', in: ['z'], out: ['e'] },
          { op: 'Conv', name: 'conv', in: ['x', 'w'], out: ['a'], attrs: { pads: [1, 1, 1, 1] } },
          { op: 'Add', name: 'add', in: ['a', 'e'], out: ['y'] },
        ],
        ['y'],
      ),
    );
    expect(workload.layers.map(({ id }) => id)).toEqual(['@conv', '@add']);
    expect(workload.layers[1]!.weightBits).toBe(4 * 12 * 16 * 8);
  });

  test('nodes that lead nowhere are left out, with a note', async () => {
    const { workload, diagnostics } = await lowered(
      network([conv('x', 'a'), conv('a', 'dead'), conv('a', 'y')], ['y']),
    );
    expect(workload.layers.map(({ id }) => id)).toEqual(['@a', '@y']);
    expect(diagnostics[0]).toMatchObject({
      code: 'DF2104',
      message: 'no output depends on 1 node(s)',
      at: [{ node: 1, name: 'dead' }],
    });
  });

  test('weights that several layers read are named, with what the sum is beyond what is stored', async () => {
    const spec: ModelSpec = {
      inputs: { x: [4, 8], i: [3] },
      types: { i: 7 },
      outputs: ['y', 'z', 't'],
      initializers: { w: { shape: [8, 8] }, b: { shape: [8] }, halves: { shape: [8, 16] } },
      nodes: [
        { op: 'Gemm', name: 'a', in: ['x', 'w', 'b'], out: ['p'] },
        { op: 'Gemm', name: 'b', in: ['p', 'w', 'b'], out: ['q'] },
        { op: 'Split', in: ['halves'], out: ['one', 'other'], attrs: { axis: 1 } },
        { op: 'MatMul', name: 'c', in: ['q', 'one'], out: ['y'] },
        { op: 'MatMul', name: 'd', in: ['q', 'other'], out: ['z'] },
        { op: 'Gather', name: 'e', in: ['w', 'i'], out: ['t'] },
      ],
    };
    const notes = (await lowered(spec)).diagnostics.filter(({ code }) => code === 'DF2105');
    // Of the table 3 rows of 8 are looked up; the halves are each read once.
    expect(notes).toMatchObject([
      {
        severity: 'note',
        message: '3 layers share weights, which count for each of them: 96 B more than are stored',
        terms: ['"w" 64 B: 3 layers, 152 B', '"b" 8 B: 2 layers, 16 B'],
      },
    ]);
    const bare = await lowered(spec, { countParameters: false });
    expect(bare.diagnostics.find(({ code }) => code === 'DF2105')?.terms).toEqual([
      '"w" 64 B: 3 layers, 152 B',
    ]);
  });

  test('names with a meaning in option strings are replaced, and stay unique', async () => {
    const named = (name: string, input: string, output: string): NodeSpec => ({
      ...conv(input, output),
      name,
    });
    const { workload } = await lowered(
      network([named('a b', 'x', 'p'), named('a,b', 'p', 'q'), named('/layer.1/conv:0', 'q', 'y')], ['y']),
    );
    expect(workload.layers.map(({ id }) => id)).toEqual(['@a_b', '@a_b_2', '@/layer.1/conv:0']);
  });

  test('nothing to schedule', async () => {
    await expect(lowered(network([{ op: 'Flatten', in: ['x'], out: ['y'] }], ['y']))).rejects.toThrow(
      'DF2101: nothing to schedule',
    );
  });

  test('inputs that only views of outputs need are maps, others are not', async () => {
    const { workload } = await lowered({
      ...network([conv('x', 'y'), { op: 'Flatten', name: 'f', in: ['u'], out: ['z'] }], ['y', 'z']),
      inputs: { x: [1, 4, 12, 16], u: [1, 2, 3, 4], unread: [5] },
    });
    expect(workload.maps.map(({ id }) => id)).toEqual(['%x', '%u', '%y']);
    expect(workload.outputs).toEqual(['%y', '%u']);
  });

  test('a subgraph reads the maps it captures', async () => {
    const body = (op: string) => ({ graph: { nodes: [{ op, in: ['a'], out: ['r'] }], outputs: ['r'] } });
    const { layer } = await lowered({
      ...network(
        [
          conv('x', 'a'),
          { op: 'Cast', name: 'cast', in: ['c'], out: ['cond'], attrs: { to: 9 } },
          {
            op: 'If',
            name: 'if',
            in: ['cond'],
            out: ['y'],
            attrs: { then_branch: body('Relu'), else_branch: body('Exp') },
          },
        ],
        [],
      ),
      inputs: { x: [1, 4, 12, 16], c: [1] },
      outputs: { y: [1, 4, 12, 16] },
    });
    expect(sources(layer('if'), 'I')).toEqual(['%cond:1 full full', '%a:4 full full']);
  });
});

describe('without pads', () => {
  const run = async (
    spec: ModelSpec,
    profile: keyof typeof PROFILES,
  ): Promise<{ workload: Workload; found: readonly Diagnostic[] }> => {
    const { graph } = await normalized(model(spec));
    const shapes = inferTensors(graph, {}, () => undefined);
    const found: Diagnostic[] = [];
    const context = {
      hw: { precision: OPTIONS.precision },
      profile: PROFILES[profile],
      precision: {},
      precisions: [],
      dims: {},
      diag: (...args: Parameters<PassContext['diag']>) => void found.push(diagnostic(...args)),
      stat: () => undefined,
    } as unknown as PassContext;
    return { workload: await lowerLayers.run({ name: 't', graph, shapes }, {}, context), found };
  };

  test('sizes follow from the sink, back through kernels and strides', async () => {
    const spec = network([conv('x', 'a', 1, 2), conv('a', 'y')], ['y']);
    const padded = await run(spec, 'default');
    expect(['%x', '%a', '%y'].map((id) => mapSize(padded.workload, id))).toEqual([
      '16x12x4',
      '8x6x4',
      '8x6x4',
    ]);
    const bare = await run(spec, 'reference-2023');
    // y 8x6 needs 10x8 of a, and that 2*9+3 = 21 x 2*7+3 = 17 of x
    expect(['%x', '%a', '%y'].map((id) => mapSize(bare.workload, id))).toEqual([
      '21x17x4',
      '10x8x4',
      '8x6x4',
    ]);
    expect(bare.workload.layers.map(nest)).toEqual(['B1 K4 C4 OY8 OX10 FY3 FX3', 'B1 K4 C4 OY6 OX8 FY3 FX3']);
    expect(sources(bare.workload.layers[0]!, 'I')).toEqual(['%x:4 k3s2d1p0,0 k3s2d1p0,0']);
    // 144 MACs per output pixel: 48 + 48 pixels with pads, 80 + 48 without
    expect([bare.workload.macs, macsOfLayers(bare.workload)]).toEqual([13_824, 18_432]);
    expect(bare.found.find(({ code }) => code === 'DF2103')).toMatchObject({
      severity: 'warning',
      message: 'the pads of 2 layer(s) are ignored: 13_824 MACs with them, 18_432 without',
    });
    expect(verifyWorkload(bare.workload, true)).toEqual([]);
  });

  test('a map takes the largest size that a reader needs', async () => {
    const { workload } = await run(
      network([conv('x', 'a'), conv('a', 'b'), { op: 'Add', name: 'y', in: ['a', 'b'], out: ['y'] }], ['y']),
      'reference-2023',
    );
    expect(['%a', '%b', '%y'].map((id) => mapSize(workload, id))).toEqual(['18x14x4', '16x12x4', '16x12x4']);
  });

  test('changes nothing where there are none, whatever the regions', async () => {
    const up: NodeSpec = {
      op: 'ConvTranspose',
      name: 'up',
      in: ['a', 'w'],
      out: ['b'],
      attrs: { strides: [2, 2] },
    };
    const pair = (...values: number[]): TensorSpec => ({
      shape: [2],
      type: 7,
      fields: { int64Data: values },
    });
    const { workload } = await lowered({
      ...network([], ['y']),
      initializers: { w: { shape: [4, 4, 3, 3] }, zero: pair(0, 0), end: pair(20, 28), axes: pair(2, 3) },
      nodes: [
        conv('x', 'a', 0),
        up,
        { op: 'Slice', name: 'even', in: ['b', 'zero', 'end', 'axes'], out: ['b0'] },
        { op: 'SpaceToDepth', name: 's2d', in: ['b0'], out: ['c'], attrs: { blocksize: 2 } },
        { op: 'Concat', name: 'cat', in: ['c', 'c'], out: ['d'], attrs: { axis: 3 } },
        { op: 'GlobalMaxPool', name: 'y', in: ['d'], out: ['y'] },
      ],
    });
    expect(sizesFromSinks(workload)).toEqual(workload);
  });
});

describeWithReference('layer tables', (folder) => {
  /** What the cost model sees of a layer. */
  const seen = (layer: Layer): object => ({
    nest: nest(layer),
    operands: ['O', ...layer.inputs.map(({ name }) => name)].map((operand) => [
      operand,
      dims(layer, operand).split(' ').sort(),
    ]),
    bits: [layer.output.psumBits, layer.output.bits, ...layer.inputs.map(({ bits }) => bits)],
    weightBits: layer.weightBits,
  });

  test.each(['fsrcnn', 'mccnn', 'dmcnnvd'])('%s from ONNX equals its table', async (name) => {
    const text = readFileSync(join(folder, `reference/workloads/Meta_prototype__${name}.json`), 'utf8');
    const table = sizesFromSinks(parseLayerTable(text, name).workload);
    const { graph } = await normalized(readFileSync(join(projectFolder(), `models/networks/${name}.onnx`)));
    const shapes = inferTensors(graph, {}, () => undefined);
    const workload = lowerGraph(graph, shapes, OPTIONS, () => undefined);
    expect(sizesFromSinks(workload)).toEqual(workload);
    expect(workload.layers.map(seen)).toEqual(table.layers.map(seen));
    const sizes = (w: Workload): string[] => w.maps.map(({ id }) => mapSize(w, id));
    expect(sizes(workload)).toEqual(sizes(table));
  });

  test('ResNet18 without pads has the sizes of its table', async () => {
    const { graph } = await normalized(readFileSync(join(folder, 'models/resnet18.onnx')));
    const shapes = inferTensors(graph, {}, () => undefined);
    const workload = sizesFromSinks(lowerGraph(graph, shapes, OPTIONS, () => undefined));
    expect(mapSize(workload, '%input.1')).toBe('627x627x3'); // cost-model.md 2.4
    expect(verifyWorkload(workload, true)).toEqual([]);
  });
});
