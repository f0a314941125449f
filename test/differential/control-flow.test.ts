/** Control flow that is folded does what the runtime does: the same shapes of outputs, and the layers of the branch. */
import { lowerGraph } from '../../src/onnx/lower.js';
import { inferTensors } from '../../src/onnx/infer.js';
import { normalized } from '../support/import-model.js';
import { OPTIONS } from '../support/lowered.js';
import { int64, model, type GraphSpec, type ModelSpec } from '../support/onnx-model.js';
import { FLOAT } from './case.js';
import { execute } from './runtime.js';

const BOOL = 9;
const INT64 = 7;

const feedsOf = (spec: ModelSpec) =>
  Object.fromEntries(
    Object.entries(spec.inputs ?? {}).map(([name, shape]) => [
      name,
      { shape: shape as readonly number[], type: FLOAT },
    ]),
  );

async function both(spec: ModelSpec) {
  const produced = await execute(model(spec), feedsOf(spec));
  const { graph, codes } = await normalized(model(spec));
  const { tensors } = inferTensors(graph, {}, () => undefined);
  const expected = Object.fromEntries(Object.entries(produced).map(([name, { shape }]) => [name, shape]));
  const found = Object.fromEntries(
    Object.keys(expected).map((name) => [name, tensors.find((tensor) => tensor.name === name)?.shape]),
  );
  expect(found).toEqual(expected);
  expect(graph.nodes.map(({ opType }) => opType)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(If|Loop|Scan)$/)]),
  );
  const { layers } = lowerGraph(graph, { tensors }, OPTIONS, () => undefined);
  return { codes, layers };
}

/** As exporters write `x.squeeze(1)`. */
const squeezeIfThin = (channels: number): ModelSpec => ({
  opset: 13,
  inputs: { x: [2, channels, 4] },
  outputs: ['y'],
  untypedOutputs: true,
  initializers: { one: int64(1), first: { ...int64(0), shape: [] } },
  nodes: [
    { op: 'Shape', in: ['x'], out: ['s'] },
    { op: 'Gather', in: ['s', 'one'], out: ['c'] },
    { op: 'Equal', in: ['c', 'one'], out: ['thin'] },
    { op: 'Squeeze', in: ['thin'], out: ['flag'] },
    {
      op: 'If',
      name: 'if',
      in: ['flag'],
      out: ['z'],
      attrs: {
        then_branch: {
          graph: {
            outputs: ['a'],
            untypedOutputs: true,
            nodes: [{ op: 'Gather', in: ['x', 'first'], out: ['a'], attrs: { axis: 1 } }],
          },
        },
        else_branch: {
          graph: { outputs: ['b'], untypedOutputs: true, nodes: [{ op: 'Identity', in: ['x'], out: ['b'] }] },
        },
      },
    },
    { op: 'Relu', name: 'relu', in: ['z'], out: ['y'] },
  ],
});

test.each([1, 3])('If on a size: %d channels', async (channels) => {
  const { codes, layers } = await both(squeezeIfThin(channels));
  expect(codes).toEqual([]);
  expect(layers.map(({ id }) => id)).toEqual(['@relu']);
});

/** h = relu(h W); y_i = h */
const step: GraphSpec = {
  inputs: { i: [], go: [], h: [2, 4] },
  types: { i: INT64, go: BOOL },
  outputs: ['go2', 'h2', 'y'],
  untypedOutputs: true,
  nodes: [
    { op: 'Identity', in: ['go'], out: ['go2'] },
    { op: 'MatMul', name: 'product', in: ['h', 'w'], out: ['m'] },
    { op: 'Relu', in: ['m'], out: ['h2'] },
    { op: 'Identity', in: ['h2'], out: ['y'] },
  ],
};

test('Loop with a trip count: iterations one after the other', async () => {
  const { codes, layers } = await both({
    opset: 13,
    inputs: { x: [2, 4] },
    outputs: ['last', 'all'],
    untypedOutputs: true,
    initializers: {
      w: { shape: [4, 4], fields: { floatData: Array.from({ length: 16 }, () => 0) } },
      count: { ...int64(3), shape: [] },
      true: { shape: [], type: BOOL, fields: { int32Data: [1] } },
    },
    nodes: [
      {
        op: 'Loop',
        name: 'loop',
        in: ['count', 'true', 'x'],
        out: ['last', 'all'],
        attrs: { body: { graph: step } },
      },
    ],
  });
  expect(codes).toEqual([]);
  const products = layers.filter(({ kind }) => kind === 'mac');
  expect(products).toHaveLength(3);
  expect(products.map(({ macs }) => macs)).toEqual([32, 32, 32]);
});

/** As a framework without loops of a fixed count writes one: `while (i < 3)`, in a loop of any number of iterations. */
test.each(['limit', ''])('Loop whose body knows when to end, trip count "%s"', async (trips) => {
  const counting: GraphSpec = {
    ...step,
    nodes: [
      { op: 'Add', in: ['i', 'next'], out: ['done'] },
      { op: 'Less', in: ['done', 'three'], out: ['go2'] },
      ...step.nodes.slice(1),
    ],
  };
  const { codes, layers } = await both({
    opset: 13,
    inputs: { x: [2, 4] },
    outputs: ['last', 'all'],
    untypedOutputs: true,
    initializers: {
      w: { shape: [4, 4], fields: { floatData: Array.from({ length: 16 }, () => 0) } },
      limit: { ...int64(2 ** 31), shape: [] },
      next: { ...int64(1), shape: [] },
      three: { ...int64(3), shape: [] },
      true: { shape: [], type: BOOL, fields: { int32Data: [1] } },
    },
    nodes: [
      {
        op: 'Loop',
        name: 'loop',
        in: [trips, 'true', 'x'],
        out: ['last', 'all'],
        attrs: { body: { graph: counting } },
      },
    ],
  });
  expect(codes).toEqual([]);
  expect(layers.filter(({ kind }) => kind === 'mac')).toHaveLength(3);
});

test('Scan forwards and backwards', async () => {
  const body: GraphSpec = {
    inputs: { h: [4], row: [4] },
    outputs: ['h2', 'y'],
    untypedOutputs: true,
    nodes: [
      { op: 'Add', in: ['h', 'row'], out: ['h2'] },
      { op: 'Relu', in: ['h2'], out: ['y'] },
    ],
  };
  for (const direction of [0, 1]) {
    const { codes, layers } = await both({
      opset: 13,
      inputs: { start: [4], rows: [5, 4] },
      outputs: ['end', 'all'],
      untypedOutputs: true,
      nodes: [
        {
          op: 'Scan',
          name: 'scan',
          in: ['start', 'rows'],
          out: ['end', 'all'],
          attrs: { body: { graph: body }, num_scan_inputs: 1, scan_input_directions: [direction] },
        },
      ],
    });
    expect(codes).toEqual([]);
    expect(layers.filter(({ op }) => op === 'Add')).toHaveLength(5);
  }
});

test('Loop whose body ends it by what it computes stays, and nothing of it is left behind', async () => {
  const { graph, codes } = await normalized(
    model({
      opset: 13,
      inputs: { x: [2, 4] },
      outputs: { last: [2, 4] },
      initializers: {
        five: { ...int64(5), shape: [] },
        true: { shape: [], type: BOOL, fields: { int32Data: [1] } },
      },
      nodes: [
        {
          op: 'Loop',
          name: 'loop',
          in: ['five', 'true', 'x'],
          out: ['last'],
          attrs: {
            body: {
              graph: {
                ...step,
                outputs: ['go2', 'h2'],
                nodes: [
                  { op: 'Relu', in: ['h'], out: ['h2'] },
                  { op: 'ReduceMax', in: ['h2'], out: ['m'], attrs: { keepdims: 0 } },
                  { op: 'Cast', in: ['m'], out: ['go2'], attrs: { to: BOOL } },
                ],
              },
            },
          },
        },
      ],
    }),
  );
  expect(codes).toEqual(['DF1053']);
  expect(graph.nodes.map(({ opType }) => opType)).toEqual(['Loop']);
});

test('what only the run decides is named', async () => {
  const spec: ModelSpec = {
    opset: 13,
    inputs: { x: [2, 4], flag: [] },
    types: { flag: BOOL },
    outputs: { y: [2, 4] },
    nodes: [
      {
        op: 'If',
        name: 'if',
        in: ['flag'],
        out: ['y'],
        attrs: {
          then_branch: { graph: { outputs: ['a'], nodes: [{ op: 'Relu', in: ['x'], out: ['a'] }] } },
          else_branch: { graph: { outputs: ['b'], nodes: [{ op: 'Exp', in: ['x'], out: ['b'] }] } },
        },
      },
    ],
  };
  const { diagnostics, graph } = await normalized(model(spec));
  expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([
    'DF1053 If if stays as it is: its condition is known only when the network runs',
  ]);
  // What it advises is enough: with a constant nothing stays.
  expect(diagnostics[0]?.help).toContain('make its condition a constant');
  const settled = {
    ...spec,
    inputs: { x: [2, 4] },
    initializers: { flag: { shape: [], type: BOOL, fields: { int32Data: [1] } } },
  };
  const folded = await normalized(model(settled));
  expect([folded.diagnostics, folded.graph.nodes.map(({ opType }) => opType)]).toEqual([[], ['Relu']]);
  const shapes = inferTensors(graph, {}, () => undefined);
  const { layers } = lowerGraph(graph, shapes, OPTIONS, () => undefined);
  expect(layers.map(({ op, coverage }) => `${op} ${coverage}`)).toEqual(['If generic']);
});
