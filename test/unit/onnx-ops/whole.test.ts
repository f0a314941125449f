/** Keys on their way to a product that needs them whole: what is read of the cache, counted by hand. */
import { stackGraph } from '../../../src/analysis/stack-graph.js';
import { lowered, nest, type Lowered } from '../../support/lowered.js';
import { int64, type ModelSpec, type NodeSpec, type TensorSpec } from '../../support/onnx-model.js';

/** Two heads of 7 cached rows and a new one, 4 elements each; `nodes` lead from `all` to `keys`. */
function decoding(
  nodes: readonly NodeSpec[],
  initializers: Readonly<Record<string, TensorSpec>> = {},
  { heads = 2, product = PRODUCT, outputs = ['s', 'all'] } = {},
): ModelSpec {
  return {
    opset: 18,
    inputs: { q: [1, heads, 3, 4], past: [1, 2, 7, 4], fresh: [1, 2, 1, 4] },
    outputs,
    initializers,
    nodes: [
      { op: 'Concat', name: 'cat', in: ['past', 'fresh'], out: ['all'], attrs: { axis: 2 } },
      ...nodes,
      ...product,
    ],
  };
}

const PRODUCT: readonly NodeSpec[] = [
  { op: 'Transpose', name: 't', in: ['keys'], out: ['kt'], attrs: { perm: [0, 1, 3, 2] } },
  { op: 'MatMul', name: 's', in: ['q', 'kt'], out: ['s'] },
];

const EINSUM: readonly NodeSpec[] = [
  { op: 'Einsum', name: 's', in: ['q', 'keys'], out: ['s'], attrs: { equation: 'bhqd,bhkd->bhqk' } },
];

const node = (op: string, more: readonly string[], rest: Partial<NodeSpec> = {}): NodeSpec => ({
  op,
  name: 'node',
  in: ['all', ...more],
  out: ['keys'],
  ...rest,
});

const layersOf = ({ workload }: Lowered): readonly string[] => workload.layers.map(({ id }) => id);

/** Elements of the maps of 8 bit elements that the scores bring to the weight level. */
const broughtBy = ({ workload, layer }: Lowered): number =>
  stackGraph(workload, [layer('s').id]).weightBits / 8;

describe('what selects or repeats is a view', () => {
  const rows = (from: number, to: number, step = 1): Record<string, TensorSpec> => ({
    from: int64(from),
    to: int64(to),
    axis: int64(2),
    step: int64(step),
  });
  const slice = node('Slice', ['from', 'to', 'axis', 'step']);

  test.each([
    ['the last six rows', slice, rows(2, 8), 5 + 1],
    ['cached rows only', slice, rows(0, 4), 4],
    ['each third row', slice, rows(0, 8, 3), 3],
    ['each third row from the new one on', slice, rows(7, -100, -3), 3],
    ['rows by index', node('Gather', ['rows'], { attrs: { axis: 2 } }), { rows: int64(5, 6, 7) }, 2 + 1],
    [
      'one part, the other is not read',
      node('Split', ['sizes'], { out: ['', 'keys'], attrs: { axis: 2 } }),
      { sizes: int64(3, 5) },
      4 + 1,
    ],
  ] as const)('%s', async (_, way, initializers, count) => {
    const model = await lowered(decoding([way], initializers));
    expect(layersOf(model)).toEqual(['@s']);
    expect(broughtBy(model)).toBe(count * 2 * 4);
    expect(model.workload.macs).toBe(2 * 3 * 4 * count);
    expect(model.workload.aliases.map(({ name }) => name)).toEqual(['cat', 'node', 't']);
  });

  test('a part of each element, and then of the rows', async () => {
    const half = { op: 'Slice', name: 'half', in: ['rows', 'zero', 'two', 'last'], out: ['keys'] };
    const model = await lowered({
      ...decoding([{ ...slice, out: ['rows'] }, half], {
        ...rows(2, 8),
        ...{ zero: int64(0), two: int64(2), last: int64(3) },
      }),
      inputs: { q: [1, 2, 3, 2], past: [1, 2, 7, 4], fresh: [1, 2, 1, 4] },
    });
    expect(layersOf(model)).toEqual(['@s']);
    expect(broughtBy(model)).toBe(6 * 2 * 2);
  });

  test('Tile: query heads that share keys', async () => {
    const five = { op: 'Unsqueeze', name: 'five', in: ['all', 'at'], out: ['apart'] };
    const tile = { op: 'Tile', name: 'tile', in: ['apart', 'times'], out: ['tiled'] };
    const four = { op: 'Reshape', name: 'four', in: ['tiled', 'shape'], out: ['keys'] };
    const shapes = { at: int64(2), times: int64(1, 1, 3, 1, 1), shape: int64(1, 6, 8, 4) };
    for (const product of [PRODUCT, EINSUM]) {
      const model = await lowered(decoding([five, tile, four], shapes, { heads: 6, product }));
      expect(layersOf(model)).toEqual(['@s']);
      expect(broughtBy(model)).toBe(2 * 8 * 4);
      expect(nest(model.layer('s'))).toBe('B3 G2 K8 C4 OY3');
    }
  });

  test('Einsum needs its right side whole', async () => {
    const model = await lowered(decoding([], {}, { product: [{ ...EINSUM[0]!, in: ['q', 'all'] }] }));
    expect(layersOf(model)).toEqual(['@s']);
    expect(broughtBy(model)).toBe(2 * 8 * 4);
  });

  test('an Einsum that is no product makes what it reads', async () => {
    const sum: NodeSpec = {
      ...EINSUM[0]!,
      in: ['q', 'keys', 'q'],
      attrs: { equation: 'bhqd,bhkd,bhqd->bhqk' },
    };
    expect(layersOf(await lowered(decoding([slice], rows(2, 8), { product: [sum] })))).toEqual([
      '@cat',
      '@node',
      '@s',
    ]);
  });

  test('both parts of a split, one of them streamed: one move', async () => {
    const split = node('Split', ['sizes'], { out: ['keys', 'rest'], attrs: { axis: 2 } });
    const relu = { op: 'Relu', name: 'relu', in: ['rest'], out: ['r'] };
    const model = await lowered(decoding([split, relu], { sizes: int64(3, 5) }, { outputs: ['s', 'r'] }));
    expect(layersOf(model)).toEqual(['@cat', '@node.1', '@relu', '@s']);
    expect(broughtBy(model)).toBe(3 * 2 * 4);
  });

  test('rows that leave the network are made', async () => {
    const model = await lowered(decoding([slice], rows(2, 8), { outputs: ['s', 'keys'] }));
    expect(layersOf(model)).toEqual(['@cat', '@node', '@s']);
    expect(model.workload.outputs).toEqual(['%s', '%keys']);
  });

  test('also where what leaves is the same in another order', async () => {
    const model = await lowered(decoding([slice], rows(2, 8), { outputs: ['s', 'kt'] }));
    expect(layersOf(model)).toEqual(['@cat', '@node', '@s']);
    expect(model.workload.outputs).toEqual(['%s', '%keys']);
  });
});
