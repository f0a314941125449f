/** A cache without rows, as at the first step of a decoder, is nothing: the network is the one without a cache. */
import type { Workload } from '../../../src/ir/layer.js';
import { inferred, lowered } from '../../support/lowered.js';
import type { ModelSpec, NodeSpec, ShapeSpec } from '../../support/onnx-model.js';

const [HEADS, ROWS, DEPTH] = [2, 5, 4];
const WIDTH = HEADS * DEPTH;

const told = ({ layers, maps, outputs, macs }: Workload): unknown => ({ layers, maps, outputs, macs });

/** Projections `q`, `k` and `v` of rows `x`. */
const projections: readonly NodeSpec[] = ['q', 'k', 'v'].map((name) => ({
  ...{ op: 'MatMul', name, in: ['x', `w${name}`], out: [name] },
}));

const network = (
  nodes: readonly NodeSpec[],
  caches: Readonly<Record<string, ShapeSpec>>,
  outputs: readonly string[] = ['y'],
): ModelSpec => ({
  opset: { '': 23, 'com.microsoft': 1 },
  inputs: { x: [1, ROWS, WIDTH], ...caches },
  outputs,
  initializers: Object.fromEntries(['wq', 'wk', 'wv'].map((name) => [name, { shape: [WIDTH, WIDTH] }])),
  nodes: [...projections, ...nodes],
});

const CACHES = { pk: [1, HEADS, 0, DEPTH], pv: [1, HEADS, 0, DEPTH] };

describe.each<[string, string, readonly string[], readonly string[], Readonly<Record<string, number>>]>([
  ['Attention', '', ['q', 'k', 'v', ''], ['pk', 'pv'], { q_num_heads: HEADS, kv_num_heads: HEADS }],
  ['MultiHeadAttention', 'com.microsoft', ['q', 'k', 'v', '', '', ''], ['pk', 'pv'], { num_heads: HEADS }],
  [
    'GroupQueryAttention',
    'com.microsoft',
    ['q', 'k', 'v'],
    ['pk', 'pv'],
    { num_heads: HEADS, kv_num_heads: HEADS },
  ],
])('%s', (op, domain, inputs, caches, attrs) => {
  const node = (more: readonly string[], out: readonly string[] = ['y']): NodeSpec => ({
    ...{ op, domain, name: 'attention', in: [...inputs, ...more], out, attrs },
  });

  test('with an empty cache is that without one', async () => {
    const [without, empty] = await Promise.all([
      lowered(network([node([])], {})),
      lowered(network([node(caches)], CACHES)),
    ]);
    expect(told(empty.workload)).toEqual(told(without.workload));
  });

  test('leaves as keys and values the new ones', async () => {
    const { workload } = await lowered(
      network([node(caches, ['y', 'keys', 'values'])], CACHES, ['y', 'keys', 'values']),
    );
    expect(workload.outputs).toEqual(expect.arrayContaining(['%k', '%v']));
  });
});

describe.each([
  ['rows that are only needed whole', 1, [{ op: 'MatMul', name: 'p', in: ['q', 't'], out: ['y'] }]],
  ['rows that stream', 1, [{ op: 'Softmax', name: 's', in: ['j'], out: ['y'] }]],
  ['elements of rows', 2, [{ op: 'Softmax', name: 's', in: ['j'], out: ['y'] }]],
] as const)('Concat of %s', (_name, axis, readers) => {
  const transposed: NodeSpec = {
    op: 'Transpose',
    name: 't',
    in: ['j'],
    out: ['t'],
    attrs: { perm: [0, 2, 1] },
  };
  const behind = (join: NodeSpec, caches: Readonly<Record<string, ShapeSpec>>): ModelSpec =>
    network([join, ...(axis === 1 && readers[0].op === 'MatMul' ? [transposed] : []), ...readers], caches);

  test('with nothing is what there is', async () => {
    const join = (parts: readonly string[]): NodeSpec => ({
      ...{ op: 'Concat', name: 'join', in: parts, out: ['j'], attrs: { axis } },
    });
    const past = [1, ROWS, WIDTH].with(axis, 0);
    const [without, empty, behindIt] = await Promise.all([
      lowered(behind({ op: 'Identity', name: 'join', in: ['k'], out: ['j'] }, {})),
      lowered(behind(join(['past', 'k']), { past })),
      lowered(behind(join(['k', 'past']), { past })),
    ]);
    expect(told(empty.workload)).toEqual(told(without.workload));
    expect(told(behindIt.workload)).toEqual(told(without.workload));
  });
});

test('attention without any keys is refused', async () => {
  const spec: ModelSpec = {
    opset: 23,
    inputs: { q: [1, HEADS, ROWS, DEPTH], k: [1, HEADS, 'past', DEPTH] },
    outputs: ['y'],
    nodes: [{ op: 'Attention', in: ['q', 'k', 'k'], out: ['y'] }],
  };
  await expect(inferred(spec, { past: 0 })).rejects.toThrow('there are no keys, neither cached nor new');
});
