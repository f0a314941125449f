/** Casts between types that are stored alike: all floats are, at the precision of the accelerator. */
import { lowered, sources } from '../../support/lowered.js';
import { floats, int64, type ModelSpec, type NodeSpec } from '../../support/onnx-model.js';

const FLOAT16 = 10;
const cast = (from: string, to: string, type: number): NodeSpec => ({
  op: 'Cast',
  name: to,
  in: [from],
  out: [to],
  attrs: { to: type },
});

/** The residual stream of a half-precision model, normalized in single precision: x / root of its mean square, scaled. */
const RESIDUAL: ModelSpec = {
  opset: 18,
  type: FLOAT16,
  inputs: { a: [1, 6, 16], b: [1, 6, 16] },
  outputs: ['y'],
  initializers: {
    two: floats(2),
    eps: floats(0),
    gain: { shape: [16], type: FLOAT16 },
    axis: int64(-1),
    w: { shape: [16, 16], type: FLOAT16 },
  },
  nodes: [
    { op: 'Add', name: 'x', in: ['a', 'b'], out: ['x'] },
    cast('x', 'wide', 1),
    { op: 'Pow', in: ['wide', 'two'], out: ['squares'] },
    { op: 'ReduceMean', in: ['squares', 'axis'], out: ['mean'], attrs: { keepdims: 1 } },
    { op: 'Add', in: ['mean', 'eps'], out: ['more'] },
    { op: 'Sqrt', in: ['more'], out: ['root'] },
    { op: 'Div', name: 'div', in: ['wide', 'root'], out: ['unit'] },
    cast('unit', 'narrow', FLOAT16),
    { op: 'Mul', name: 'norm', in: ['narrow', 'gain'], out: ['n'] },
    { op: 'MatMul', name: 'mixed', in: ['n', 'w'], out: ['m'] },
    { op: 'Add', name: 'y', in: ['x', 'm'], out: ['y'] },
  ],
};

test('a residual stream is normalized where it lies, as one layer', async () => {
  const { workload, layer } = await lowered(RESIDUAL);
  expect(workload.layers.map(({ id }) => id)).toEqual(['@x', '@div', '@mixed', '@y']);
  expect(layer('div').op).toBe('RMSNormalization');
  expect(layer('div').postOps.map(({ op, parameterBits }) => `${op} ${parameterBits}`)).toContain('Mul 128');
  expect(sources(layer('div'), 'I')).toEqual(['%x:16 same same']);
  expect(workload.aliases).toEqual([{ op: 'Cast', name: 'wide', of: ['%x'] }]);
});

/** A map that two layers read, one of them behind a cast. */
const shared = (from: number, to: number): ModelSpec => ({
  type: from,
  inputs: { a: [1, 6, 16] },
  outputs: ['y', 'z'],
  types: { z: to },
  nodes: [
    { op: 'Softmax', name: 'x', in: ['a'], out: ['x'] },
    cast('x', 'other', to),
    { op: 'Softmax', name: 'y', in: ['x'], out: ['y'] },
    { op: 'Softmax', name: 'z', in: ['other'], out: ['z'] },
  ],
});

test.each([
  ['float to float16', 1, FLOAT16, false],
  ['double to bfloat16', 11, 16, false],
  ['int8 to int8', 3, 3, false],
  ['int8 to float', 3, 1, true],
  ['int8 to uint8', 3, 2, true],
] as const)('of a map that others read: %s', async (_, from, to, isMade) => {
  const { workload } = await lowered(shared(from, to));
  expect(workload.layers.some(({ id }) => id === '@other')).toBe(isMade);
});

test.each([
  ['nothing', {}, undefined, [8, 8]],
  ['the bits of the map behind', { x: { O: 4 } }, undefined, [4, 4]],
  ['those bits for the cast too', { x: { O: 4 }, other: { O: 4 } }, undefined, [4, 4]],
  ['other bits for the cast', { x: { O: 4 }, other: { O: 16 } }, 16, [4, 16]],
] as const)('bits that the user sets: %s', async (_, set, stored, read) => {
  const bits: Readonly<Record<string, { readonly O: number }>> = set;
  const { workload, layer } = await lowered(shared(1, FLOAT16), { ofLayer: (name) => bits[name] ?? {} });
  expect(workload.maps.find(({ id }) => id === '%other')?.bits).toBe(stored);
  expect(['y', 'z'].map((name) => layer(name).inputs[0]?.bits)).toEqual(read);
});

test('constants of few bits keep them, and their scales', async () => {
  const { layer } = await lowered({
    opset: 21,
    inputs: { x: [1, 6, 16] },
    outputs: ['y'],
    initializers: {
      w: { shape: [16, 16], type: 22 },
      scale: { shape: [16], type: FLOAT16 },
    },
    nodes: [
      { op: 'DequantizeLinear', in: ['w', 'scale'], out: ['half'], attrs: { axis: 1 } },
      cast('half', 'whole', 1),
      { op: 'MatMul', name: 'y', in: ['x', 'whole'], out: ['y'] },
    ],
  });
  expect(layer('y').weightBits).toBe(16 * 16 * 4 + 16 * 8);
});
