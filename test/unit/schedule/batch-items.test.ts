/**
 * Attention of a batch behind projections, where items are rows: in tiles within one item it is that many times the
 * attention of one item, and counts as exact; in tiles across items it does not, and a note says which tiles would.
 */
import { compile, type Compilation } from '../../../src/compile.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { model } from '../../support/onnx-model.js';

const hw = loadAccelerator('tpu-like-df').accelerator;
const [ROWS, WIDTH] = [8, 32];

const attention = (batch: number): Uint8Array =>
  model({
    opset: 23,
    inputs: { x: [batch, ROWS, WIDTH] },
    outputs: ['y'],
    initializers: {
      w_q: { shape: [WIDTH, WIDTH] },
      w_k: { shape: [WIDTH, WIDTH] },
      w_v: { shape: [WIDTH, WIDTH] },
    },
    nodes: [
      ...['q', 'k', 'v'].map((name) => ({ op: 'MatMul', name, in: ['x', `w_${name}`], out: [name] })),
      {
        op: 'Attention',
        name: 'att',
        in: ['q', 'k', 'v'],
        out: ['y'],
        attrs: { q_num_heads: 2, kv_num_heads: 2 },
      },
    ],
  });

const run = (batch: number, tile: string): Promise<Compilation> =>
  compile({
    source: { file: 'att.onnx', bytes: attention(batch) },
    hw,
    lpfLimit: 4,
    pipeline: `import-onnx,normalize-graph,infer-shapes,lower-layers,partition-stacks{cuts=k,v,q},choose-tiles{tile=${tile}},tile-stacks,allocate-memory,annotate-cost`,
  });

const products = ({ report }: Compilation): readonly string[] =>
  report!.model.layers.flatMap(({ layer, op, coverage }) =>
    op === 'Attention' && layer !== 'att.2' ? [coverage] : [],
  );

test.each([8, 4, 2])('tiles of %i rows within items of 8 are exact', async (rows) => {
  const [three, one] = await Promise.all([run(3, `fullx${rows}`), run(1, `fullx${rows}`)]);
  expect(products(three)).toEqual(['exact', 'exact']);
  expect(three.diagnostics.map(({ code }) => code)).not.toContain('DF4003');
  const sizes = ({ report }: Compilation) => {
    const stack = report!.stacks.at(-1)!;
    if (!stack.feasible) throw new Error('infeasible');
    const { energyPj, latencyCycles, latency, macs } = stack;
    return { energyPj, cycles: latencyCycles - latency.copy, macs };
  };
  const [all, item] = [sizes(three), sizes(one)];
  expect(all.macs).toBe(3 * item.macs);
  expect(all.cycles).toBe(3 * item.cycles);
  expect(Math.abs(all.energyPj / (3 * item.energyPj) - 1)).toBeLessThan(1e-12);
});

test.each(['full', 'fullx16', 'fullx5'])('tiles %s hold rows of several items', async (tile) => {
  const { report, diagnostics } = await run(3, tile);
  expect(products({ report } as Compilation)).toEqual(['approximate', 'approximate']);
  const note = diagnostics.find(({ code }) => code === 'DF4003');
  expect(note?.severity).toBe('note');
  expect(note?.help).toContain('--tile fullx8');
});

test('one item has no neighbours', async () => {
  const { diagnostics, report } = await run(1, 'full');
  expect(products({ report } as Compilation)).toEqual(['exact', 'exact']);
  expect(diagnostics.map(({ code }) => code)).not.toContain('DF4003');
});
