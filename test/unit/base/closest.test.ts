import { closest, editDistance } from '../../../src/base/closest.js';

test.each([
  ['', '', 0],
  ['abc', 'abc', 0],
  ['', 'abc', 3],
  ['kitten', 'sitting', 3], // k->s, e->i, +g
  ['tiel', 'tile', 1], // swap of neighbours
  ['size', 'sizes', 1],
])('edit distance of %j and %j is %i', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
  expect(editDistance(b, a)).toBe(distance);
});

test.each([
  ['meta-proto-fd', ['tpu-like', 'meta-proto', 'meta-proto-df'], 'meta-proto-df'],
  ['TPU-LIKE', ['tpu-like', 'edge-tpu-like'], 'tpu-like'],
  ['meta', ['tpu-like', 'meta-proto'], 'meta-proto'], // a beginning
  ['siez', ['serves', 'size', 'source'], 'size'],
  ['quantum', ['tpu-like', 'meta-proto'], undefined],
  ['oz', ['oy', 'ox'], 'oy'], // equally near: the first
  ['x', ['a', 'y'], undefined],
  ['b', ['A', 'B'], 'B'],
])('closest(%j, %j) is %j', (word, candidates, expected) => {
  expect(closest(word, candidates)).toBe(expected);
});
