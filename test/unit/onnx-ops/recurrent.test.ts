/**
 * RNN, GRU and LSTM: their products are counted (gates x (input + hidden) x hidden per step, item and direction), their
 * weights are there, and nothing of them is taken to be exact but the product with the inputs.
 */
import { coverageOf } from '../../../src/report/coverage.js';
import { lowered, mapSize, nest, sources } from '../../support/lowered.js';
import type { AttrSpec, ModelSpec } from '../../support/onnx-model.js';

const GATES = { RNN: 1, GRU: 3, LSTM: 4 } as const;
type Op = keyof typeof GATES;
const [STEPS, BATCH, WIDTH, HIDDEN] = [7, 3, 6, 5];

interface Draw {
  readonly directions?: number;
  readonly attrs?: Readonly<Record<string, AttrSpec>>;
  readonly out?: readonly string[];
  readonly first?: boolean;
}

function recurrent(op: Op, { directions = 1, attrs = {}, out = ['y'], first = false }: Draw): ModelSpec {
  const wide = GATES[op] * HIDDEN;
  const batchFirst = attrs['layout'] === 1;
  return {
    opset: 14,
    inputs: {
      x: batchFirst ? [BATCH, STEPS, WIDTH] : [STEPS, BATCH, WIDTH],
      ...(first ? { h: [directions, BATCH, HIDDEN] } : {}),
    },
    outputs: out.filter((name) => name !== ''),
    initializers: {
      w: { shape: [directions, wide, WIDTH] },
      r: { shape: [directions, wide, HIDDEN] },
      b: { shape: [directions, 2 * wide] },
    },
    nodes: [
      {
        op,
        name: 'rnn',
        in: ['x', 'w', 'r', 'b', ...(first ? ['', 'h'] : [])],
        out,
        attrs: { hidden_size: HIDDEN, ...(directions === 2 ? { direction: 'bidirectional' } : {}), ...attrs },
      },
    ],
  };
}

const OPS = Object.keys(GATES) as Op[];

test.each(OPS.flatMap((op) => [1, 2].map((directions) => ({ op, directions }))))(
  '$op, $directions direction(s): MACs and weights',
  async ({ op, directions }) => {
    for (const layout of [0, 1]) {
      const { workload } = await lowered(recurrent(op, { directions, attrs: { layout } }));
      const wide = GATES[op] * HIDDEN;
      expect(workload.macs).toBe(directions * STEPS * BATCH * wide * (WIDTH + HIDDEN));
      expect(workload.layers.reduce((sum, { weightBits }) => sum + weightBits, 0)).toBe(
        8 * directions * wide * (WIDTH + HIDDEN + 2),
      );
      expect(mapSize(workload, '%y')).toBe(`1x${STEPS * BATCH}x${directions * HIDDEN}`);
    }
  },
);

test('an LSTM as its layers; only the product with the inputs is exact', async () => {
  const { workload, layer, codes } = await lowered(recurrent('LSTM', {}));
  expect(workload.layers.map(({ id, kind, coverage }) => `${id} ${kind} ${coverage}`)).toEqual([
    '@rnn.1 mac exact',
    '@rnn.2 mac approximate',
    '@rnn vector approximate',
  ]);
  expect(nest(layer('rnn.1'))).toBe('K20 C6 OY21');
  expect(nest(layer('rnn.2'))).toBe('B1 G1 K20 C5 OY21');
  expect(nest(layer('rnn'))).toBe('B1 G5 C4 OY21');
  expect(sources(layer('rnn.2'), 'I')).toEqual(['%y.1:5 same same']);
  expect(codes).toEqual(['DF2150', 'DF2102']);
  const { macsExactPct, operators } = coverageOf(workload);
  expect(macsExactPct).toBeCloseTo((100 * WIDTH) / (WIDTH + HIDDEN));
  expect(operators.map(({ op, coverage, count }) => `${op} ${coverage} ${count}`)).toEqual([
    'LSTM exact 1',
    'LSTM approximate 2',
    'bias post-operation 1',
  ]);
});

test.each(['reverse', 'bidirectional'])('%s: the first row needs the last input', async (direction) => {
  const directions = direction === 'reverse' ? 1 : 2;
  const { layer } = await lowered(recurrent('GRU', { directions, attrs: { direction } }));
  expect(sources(layer('rnn.2'), 'I')).toEqual([`%y.1:${directions * HIDDEN} same full`]);
});

test('the first state comes before the first step', async () => {
  const { layer } = await lowered(recurrent('GRU', { first: true }));
  expect(sources(layer('rnn.2'), 'I')).toContainEqual(expect.stringMatching(/^%h:\d+ \w+ full$/));
});

test('only the last state is asked for: all are made, and it is a map of its own that needs them whole', async () => {
  const spec = recurrent('LSTM', { out: ['', 'last'] });
  const { workload, layer } = await lowered({
    ...spec,
    outputs: ['last', 'z'],
    nodes: [...spec.nodes, { op: 'Exp', name: 'exp', in: ['last'], out: ['z'] }],
  });
  expect(mapSize(workload, '%last.3')).toBe(`1x${STEPS * BATCH}x${HIDDEN}`);
  // as many elements as the last state has, among the rows of all states
  expect(sources(layer('rnn.output1'), 'I')).toEqual(['%last.3:1 same full']);
  expect(mapSize(workload, '%last')).toBe(`1x${BATCH}x${HIDDEN}`);
  expect(sources(layer('exp'), 'I')).toEqual([`%last:${HIDDEN} same same`]);
});

test('both directions side by side, as exporters write it, cost nothing', async () => {
  const spec = recurrent('LSTM', { directions: 2 });
  const { workload } = await lowered({
    ...spec,
    outputs: ['z'],
    initializers: {
      ...spec.initializers,
      to: { shape: [3], type: 7, fields: { int64Data: [0, 0, -1] } },
      p: { shape: [2 * HIDDEN, 4] },
    },
    nodes: [
      ...spec.nodes,
      { op: 'Transpose', in: ['y'], out: ['t'], attrs: { perm: [0, 2, 1, 3] } },
      { op: 'Reshape', in: ['t', 'to'], out: ['f'] },
      { op: 'MatMul', name: 'out', in: ['f', 'p'], out: ['z'] },
    ],
  });
  expect(workload.layers.map(({ id }) => id)).toEqual(['@rnn.1', '@rnn.2', '@rnn', '@out']);
  const out = workload.layers.at(-1)!;
  expect(nest(out)).toBe('B1 K4 C10 OY21');
  expect(sources(out, 'I')).toEqual([`%y:${2 * HIDDEN} same same`]);
});

test.each([
  ['w', [1, 20, 7], 'W is [1, 20, 7], expected [1, 20, 6]'],
  ['r', [2, 20, 5], 'R is [2, 20, 5], expected [1, 20, 5]'],
] as const)('%s of another size is named', async (name, shape, message) => {
  const spec = recurrent('LSTM', {});
  const failing = lowered({ ...spec, initializers: { ...spec.initializers, [name]: { shape: [...shape] } } });
  await expect(failing).rejects.toMatchObject({ diagnostics: [{ code: 'DF2003', message }] });
});
