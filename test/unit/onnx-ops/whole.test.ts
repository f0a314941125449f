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
    expect(layersOf(model)).toEqual(['@cat', '@node.1', '@s']);
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

describe('a function by constants is applied where it is read', () => {
  const scaled = node('Mul', ['c']);
  const C: Record<string, TensorSpec> = { c: { shape: [] } };

  test.each([
    ['a factor', scaled, C],
    ['an activation', node('Relu', []), {}],
    ['another type', node('Cast', [], { attrs: { to: 3 } }), {}],
  ] as const)('%s', async (_, way, initializers) => {
    const model = await lowered(decoding([way], initializers));
    expect(layersOf(model)).toEqual(['@s']);
    expect(broughtBy(model)).toBe(2 * 8 * 4);
    expect(model.layer('s').postOps).toEqual([]);
    expect(model.workload.aliases).toContainEqual({ op: way.op, name: 'node', of: ['%past', '%fresh'] });
  });

  test('a table of its constants counts as weights of who reads it, once', async () => {
    const model = await lowered(decoding([scaled], { c: { shape: [4] } }));
    expect(layersOf(model)).toEqual(['@s']);
    // the table is 4 elements of 8 bit, the cache is behind two maps
    expect(model.layer('s').postOps).toEqual([{ op: 'Mul', name: 'node', parameterBits: 32 }]);
    expect(model.layer('s').weightBits).toBe(32);
    const without = await lowered(decoding([scaled], { c: { shape: [4] } }), { countParameters: false });
    expect(without.layer('s').weightBits).toBe(0);
  });

  test('what is read has the bits that are stored', async () => {
    const toFloat = decoding([node('Cast', [], { attrs: { to: 1 } })]);
    const model = await lowered(
      { ...toFloat, types: { past: 3, fresh: 3, all: 3 } },
      { precision: { W: 16, I: 16, O: 16, psum: 32 } },
    );
    expect(layersOf(model)).toEqual(['@s']);
    expect(broughtBy(model)).toBe(2 * 8 * 4);
    expect(model.layer('s').inputs.map(({ name, bits }) => `${name} ${bits}`)).toEqual(['W 8', 'I 16']);
  });

  test('the layer that makes the keys takes it over where nobody else sees them', async () => {
    const project = { op: 'MatMul', name: 'k', in: ['fresh', 'w'], out: ['all'] };
    const model = await lowered({
      inputs: { q: [1, 2, 3, 4], fresh: [1, 2, 8, 4] },
      outputs: ['s'],
      initializers: { ...C, w: { shape: [4, 4] } },
      nodes: [project, scaled, ...PRODUCT],
    });
    expect(layersOf(model)).toEqual(['@k', '@s']);
    expect(model.layer('k').postOps.map(({ op }) => op)).toEqual(['Mul']);
  });

  test.each([
    ['it leaves the network', [], 'keys'],
    ['it leaves in another order', [], 'kt'],
    ['somebody reads it element by element', [{ op: 'Softmax', name: 'r', in: ['keys'], out: ['r'] }], 'r'],
  ] as const)('it is made where %s', async (_, more, output) => {
    const model = await lowered(decoding([scaled, ...more], C, { outputs: ['s', 'all', output] }));
    expect(layersOf(model)).toContain('@node');
    expect(model.workload.outputs).toContain(output === 'r' ? '%r' : '%keys');
  });

  test('keys that attention hands out scaled are made', async () => {
    const model = (outputs: readonly string[]): ModelSpec => ({
      opset: 23,
      inputs: { q: [1, 2, 3, 4], k: [1, 2, 8, 4], pk: [1, 2, 7, 4], v: [1, 2, 8, 4], pv: [1, 2, 7, 4] },
      outputs: ['y', ...outputs],
      initializers: C,
      nodes: [
        { op: 'Mul', name: 'node', in: ['k', 'c'], out: ['scaled'] },
        { op: 'Attention', name: 'y', in: ['q', 'scaled', 'v', '', 'pk', 'pv'], out: ['y', 'ck', 'cv'] },
      ],
    });
    expect(layersOf(await lowered(model([])))).not.toContain('@node');
    expect(layersOf(await lowered(model(['ck'])))).toContain('@node');
  });
});
