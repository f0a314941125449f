/**
 * Work that must grow with a graph and not with its square, counted: how often tensors are asked for, and inputs and
 * values looked at, in graphs of two sizes.
 */
import { tensorsRead } from '../../../src/ir/graph-view.js';
import type { GraphNode, TensorInfo } from '../../../src/ir/tensor.js';
import { findCompounds } from '../../../src/onnx/compounds.js';
import { layoutWishes } from '../../../src/onnx/lower-wishes.js';
import { freshLayerId, type LoweringState } from '../../../src/onnx/lower-state.js';
import { pointwise } from '../../../src/onnx/ops/values.js';

const node = (opType: string, inputs: readonly string[], output: string): GraphNode => ({
  index: 0,
  name: output,
  opType,
  domain: '',
  inputs,
  outputs: [output],
  attributes: {},
});

const info = (name: string, shape: readonly number[] = [4]): TensorInfo => ({
  name,
  dtype: 'float',
  shape,
  constant: false,
});

/** How often tensors are asked for; `outputs`: those that leave the network besides. */
function lookups(nodes: readonly GraphNode[], outputs: readonly string[]): number {
  let asked = 0;
  const readers = new Map<string, number>();
  for (const name of [...nodes.flatMap(({ inputs }) => inputs), ...outputs])
    readers.set(name, (readers.get(name) ?? 0) + 1);
  findCompounds({ nodes, tensor: (name) => (asked++, info(name)), readers });
  return asked;
}

const SHAPES: readonly (readonly [
  string,
  (n: number) => readonly GraphNode[],
  'all leave' | 'the last leaves',
])[] = [
  [
    'functions of the function before',
    (n) =>
      Array.from({ length: n }, (_, k) => {
        const before = k === 0 ? 'x' : `m${k - 1}`;
        return [node('Sigmoid', [before], `s${k}`), node('Mul', [before, `s${k}`], `m${k}`)];
      }).flat(),
    'the last leaves',
  ],
  [
    'ever longer stretches, each of which is read outside',
    (n) => Array.from({ length: n }, (_, k) => node('Add', [k === 0 ? 'x' : `t${k - 1}`, 'x'], `t${k}`)),
    'all leave',
  ],
  [
    'a ladder',
    (n) =>
      Array.from({ length: n }, (_, k) =>
        node('Mul', [k < 1 ? 'x' : `t${k - 1}`, k < 2 ? 'x' : `t${k - 2}`], `t${k}`),
      ),
    'the last leaves',
  ],
];

test.each(SHAPES)('compounds: %s', (_what, nodesOf, leave) => {
  const count = (n: number): number => {
    const nodes = nodesOf(n);
    const results = nodes.map(({ outputs }) => outputs[0]!);
    return lookups(nodes, leave === 'all leave' ? results : results.slice(-1));
  };
  // Large enough for whatever there are limits to.
  const [once, twice] = [count(1000), count(2000)];
  expect(twice).toBeLessThan(2.2 * once);
});

test('a node of many inputs is not compared with itself', () => {
  let compared = 0;
  const inputs = Array.from({ length: 5000 }, (_, k) => `t${k % 4999}`);
  inputs.indexOf = () => (compared++, 0);
  expect(tensorsRead(node('Sum', inputs, 'y'))).toHaveLength(4999);
  expect(compared).toBe(0);
});

test('values are not spread out beside an activation', () => {
  let read = 0;
  const values = new Proxy([1], { get: (list, key) => (read++, Reflect.get(list, key) as unknown) });
  expect(
    pointwise([info('x', [4, 4]), { ...info('c', [1]), constant: true, values }], [4, 4], Math.max),
  ).toBeUndefined();
  expect(read).toBe(0);
});

test('what is wished of many inputs is asked of each once', () => {
  const names = Array.from({ length: 500 }, (_, k) => `x${k}`);
  const nodes = [node('Concat', names, 'y'), node('Conv', ['y', 'w'], 'z')];
  let asked = 0;
  const wishes = layoutWishes(nodes, (tensor) => (asked++, info(tensor, [1, 2, 3, 4])));
  expect(asked).toBeLessThan(10 * names.length);
  expect(wishes.get('x499')).toEqual({ x: [3], y: [2] });
});

test('layers whose names come to the same are numbered without counting again', () => {
  let asked = 0;
  const layers = new Map<string, unknown>();
  const state = {
    layers: { has: (id: string) => (asked++, layers.has(id)), set: layers.set.bind(layers) },
    names: new Map<string, number>(),
  } as unknown as LoweringState;
  const ids = Array.from({ length: 1000 }, (_, k) => {
    const id = freshLayerId(state, String.fromCodePoint(0x4e00 + k));
    layers.set(id, true);
    return id;
  });
  expect([new Set(ids).size, ids[0], ids.at(-1)]).toEqual([1000, '@_', '@__1000']);
  expect(asked).toBe(1000);
});
