/** Further outputs of an operator: whoever reads one reads its own size, type and rows, not the map of the first. */
import { dims, lowered, mapSize, nest, sources } from '../../support/lowered.js';
import { int64, type ModelSpec, type NodeSpec } from '../../support/onnx-model.js';

const rows = (outputs: readonly string[], ...nodes: readonly NodeSpec[]): ModelSpec => ({
  opset: 18,
  inputs: { x: [1, 64, 128] },
  outputs,
  initializers: { s: { shape: [128] }, w: { shape: [128, 32] }, k: int64(4), one: { shape: [] } },
  nodes,
});

const topK = (outputs: readonly string[], ...nodes: readonly NodeSpec[]): ModelSpec =>
  rows(outputs, { op: 'TopK', name: 'top', in: ['x', 'k'], out: ['v', 'i'] }, ...nodes);

test('statistics of every row are read row by row', async () => {
  const { workload, layer } = await lowered(
    rows(
      ['y'],
      { op: 'LayerNormalization', name: 'ln', in: ['x', 's'], out: ['a', '', 'd'] },
      { op: 'MatMul', name: 'mm', in: ['a', 'w'], out: ['b'] },
      { op: 'Mul', name: 'mul', in: ['b', 'd'], out: ['y'] },
    ),
  );
  expect(workload.layers.map(({ id, kind }) => `${id} ${kind}`)).toEqual([
    ...['@ln vector', '@ln.output2 move', '@mm mac', '@mul vector'],
  ]);
  expect(sources(layer('ln.output2'), 'I')).toEqual(['%a:1 same same']);
  expect(mapSize(workload, '%d')).toBe('1x64x1');
  expect(sources(layer('mul'), 'Y')).toEqual(['%d:1 same same']);
});

test('the scale of a dynamic quantization comes with the range of all elements, before they are quantized', async () => {
  const { workload, layer } = await lowered(
    rows(
      ['q', 'y'],
      { op: 'DynamicQuantizeLinear', name: 'dq', in: ['x'], out: ['q', 'scale', 'zero'] },
      { op: 'Mul', name: 'mul', in: ['scale', 'one'], out: ['y'] },
    ),
  );
  expect(workload.layers.map((one) => `${one.id} ${nest(one)} x${one.passes}`)).toEqual([
    '@dq.1 B1 C128 OY1 OX1 FY64 x1',
    '@dq B1 G128 OY64 OX1 x1',
    '@mul B1 G1 OY1 OX1 x1',
  ]);
  expect(sources(layer('dq.1'), 'I')).toEqual(['%x:128 same full']);
  expect([sources(layer('dq'), 'X'), sources(layer('dq'), 'Y')]).toEqual([
    ['%x:128 same same'],
    ['%q.1:1 same full'],
  ]);
  expect(dims(layer('dq'), 'Y')).toBe('B OX');
  expect(sources(layer('mul'), 'I')).toEqual(['%q.1:1 same same']);
  expect(mapSize(workload, '%q.1')).toBe('1x1x1');
});

test('positions of the largest are stored in their own type', async () => {
  const { workload, layer } = await lowered(
    topK(['v', 'i', 'y'], { op: 'Cast', name: 'cast', in: ['i'], out: ['y'], attrs: { to: 1 } }),
  );
  expect(sources(layer('top.output1'), 'I')).toEqual(['%v:4 same same']);
  expect(sources(layer('cast'), 'I')).toEqual(['%i:4 same same']);
  expect(workload.maps.map(({ id, bits }) => `${id} ${bits}`)).toContain('%i 64');
});

test('the bits of a further output are those set for its layer', async () => {
  const ofLayer = (name: string) => (name === 'top' ? { O: 4 } : name === 'top.output1' ? { O: 16 } : {});
  const { workload } = await lowered(topK(['v', 'i']), { ofLayer });
  expect(workload.maps.map(({ id, bits }) => `${id} ${bits}`)).toEqual(['%x 8', '%v 4', '%i 16']);
});

test('where only a further output is read, it is the one that the layer makes', async () => {
  const { workload } = await lowered(topK(['i']));
  expect(workload.layers.map(({ id, output }) => `${id} ${output.map} ${output.bits}`)).toEqual([
    '@top %i 64',
  ]);
});

test('an operation with a further output is no operation on the output of a layer', async () => {
  const { workload, layer } = await lowered({
    opset: 17,
    inputs: { x: [1, 8, 6, 10] },
    outputs: ['y', 'mean'],
    initializers: { w: { shape: [8, 8, 1, 1] }, c: { shape: [8] } },
    nodes: [
      { op: 'Conv', name: 'conv', in: ['x', 'w'], out: ['a'] },
      {
        op: 'BatchNormalization',
        name: 'bn',
        in: ['a', 'c', 'c', 'c', 'c'],
        out: ['y', 'mean', 'variance'],
        attrs: { training_mode: 1 },
      },
    ],
  });
  expect(workload.layers.map(({ id }) => id)).toEqual(['@conv', '@bn', '@bn.output1']);
  expect(sources(layer('bn.output1'), 'I')).toEqual(['%y:1 full full']);
  expect(mapSize(workload, '%mean')).toBe('1x1x8');
});
