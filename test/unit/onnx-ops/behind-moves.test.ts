/** Operations on single elements commute with moving them: on which side they are written is no matter. */
import type { Layer } from '../../../src/ir/layer.js';
import { lowered } from '../../support/lowered.js';
import {
  floats,
  int64,
  type AttrSpec,
  type ModelSpec,
  type NodeSpec,
  type TensorSpec,
} from '../../support/onnx-model.js';

interface Move {
  readonly op: string;
  readonly in?: readonly string[];
  readonly attrs?: Readonly<Record<string, AttrSpec>>;
  readonly initializers?: Readonly<Record<string, TensorSpec>>;
}

const MOVES: readonly Move[] = [
  { op: 'Resize', in: ['', 'k'], attrs: { mode: 'nearest' }, initializers: { k: floats(1, 1, 2, 2) } },
  {
    op: 'Slice',
    in: ['from', 'to', 'axes'],
    initializers: { from: int64(1), to: int64(5), axes: int64(2) },
  },
  { op: 'Transpose', attrs: { perm: [0, 3, 1, 2] } },
  { op: 'DepthToSpace', attrs: { blocksize: 2 } },
  { op: 'SpaceToDepth', attrs: { blocksize: 2 } },
  { op: 'Tile', in: ['often'], initializers: { often: int64(1, 1, 2, 1) } },
];

/** A convolution, then the nodes from `a` to `m`, then another operator. */
const network = (nodes: readonly NodeSpec[], initializers: ModelSpec['initializers'] = {}): ModelSpec => ({
  inputs: { x: [1, 4, 6, 8] },
  outputs: ['y'],
  initializers: { w: { shape: [4, 4, 1, 1] }, ...initializers },
  nodes: [
    { op: 'Conv', name: 'conv', in: ['x', 'w'], out: ['a'] },
    ...nodes,
    { op: 'Softmax', name: 'softmax', in: ['m'], out: ['y'] },
  ],
});

/** Everything about layers that counts. */
async function counted(spec: ModelSpec): Promise<unknown> {
  const { workload } = await lowered(spec);
  const maps = workload.maps.map(({ width, height, elementsPerPixel, bits }) => [
    ...[width, height, elementsPerPixel, bits],
  ]);
  const layers = workload.layers.map(({ id, kind, loops, output, weightBits }) => ({
    ...{ id, kind, loops, weightBits },
    bits: output.bits,
  }));
  return { layers, maps };
}

describe.each(MOVES)('behind $op', (move) => {
  const moved = (from: string, to: string): NodeSpec => ({
    ...{ op: move.op, name: 'move', in: [from, ...(move.in ?? [])], out: [to] },
    ...(move.attrs === undefined ? {} : { attrs: move.attrs }),
  });
  const relu = (from: string, to: string): NodeSpec => ({
    op: 'Relu',
    name: 'relu',
    in: [from],
    out: [to],
  });

  test('an activation costs what it does before', async () => {
    const [before, behind] = await Promise.all([
      counted(network([relu('a', 'r'), moved('r', 'm')], move.initializers)),
      counted(network([moved('a', 'r'), relu('r', 'm')], move.initializers)),
    ]);
    expect(behind).toEqual(before);
  });

  test('an activation stays a layer where what is only moved is read too', async () => {
    const { layer } = await lowered({
      ...network([moved('a', 'r'), relu('r', 'm')], move.initializers),
      outputs: ['y', 'r'],
    });
    expect(layer('relu').kind).toBe('vector');
  });
});

test('rows of a table are scaled and stored as bytes: the lookup stays a move with the parameters of both', async () => {
  const { layer, workload } = await lowered({
    inputs: { ids: [1, 5] },
    type: 7,
    types: { y: 3 },
    outputs: ['y'],
    initializers: {
      table: { shape: [100, 16] },
      b: { shape: [16] },
      s: floats(1),
      z: { shape: [], type: 3 },
    },
    nodes: [
      { op: 'Gather', name: 'pick', in: ['table', 'ids'], out: ['rows'] },
      { op: 'Add', name: 'shift', in: ['rows', 'b'], out: ['shifted'] },
      { op: 'QuantizeLinear', name: 'q', in: ['shifted', 's', 'z'], out: ['y'] },
    ],
  });
  const pick: Layer = layer('pick');
  expect(workload.layers).toHaveLength(1);
  expect(pick).toMatchObject({ kind: 'move', macs: 0, weightBits: 8 * (5 * 16 + 16) });
  expect(pick.postOps.map(({ op, parameterBits }) => [op, parameterBits])).toEqual([
    ['Add', 8 * 16],
    ['QuantizeLinear', 0],
  ]);
  expect(pick.output).toMatchObject({ map: '%y', bits: 8 });
});
