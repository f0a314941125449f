import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyGraph } from '../../../src/ir/verify/graph.js';
import { normalized } from '../../support/import-model.js';
import { normal, valuesOf } from '../../support/normal-graph.js';
import { floats } from '../../support/onnx-model.js';
import { describeWithReference } from '../../support/reference.js';
import { normalizeGraph } from '../../../passes/normalize-graph.js';

test('a second run changes nothing', async () => {
  const { graph } = await normal(
    [
      { op: 'Upsample', in: ['x', 's'], out: ['a'] },
      { op: 'Softmax', in: ['a'], out: ['b'] },
      { op: 'Clip', in: ['b'], out: ['c'], attrs: { min: { float: 0 } } },
      { op: 'Split', in: ['c'], out: ['y', 'z'] },
    ],
    { opset: 9, outputs: ['y', 'z'], initializers: { s: floats(1, 2) } },
  );
  const ctx = { diag: () => undefined, stat: () => undefined } as unknown as Parameters<
    typeof normalizeGraph.run
  >[2];
  expect(await normalizeGraph.run({ name: 'again', graph }, {}, ctx)).toEqual(graph);
});

describeWithReference('public models', (folder) => {
  const read = async (file: string) => {
    const result = await normalized(readFileSync(join(folder, 'models', file)));
    expect(verifyGraph(result.graph)).toEqual([]);
    return result.graph;
  };

  // Operators of the file less Constant (70) in mobilenetv2, Dropout (2; 1; 1; 2) in the others; Silu = 2 nodes for 1.
  test.each([
    ['mobilenetv2.onnx', 170 - 70],
    ['alexnet.onnx', 24 - 2],
    ['light_inception_v1.onnx', 237 - 1],
    ['light_squeezenet.onnx', 105 - 1],
    ['light_vgg19.onnx', 82 - 2],
    ['light_resnet50.onnx', 415],
    ['resnet18.onnx', 49],
    ['swiglu_64_128_256.onnx', 5 + 1],
    ['attention_head.onnx', 7],
    ['fsrcnn_padded.onnx', 8],
    ['2_conv.onnx', 2],
  ])('%s has %i nodes', async (file, count) => expect((await read(file)).nodes).toHaveLength(count));

  test('the limits of Clip in mobilenetv2 are known numbers', async () => {
    const graph = await read('mobilenetv2.onnx');
    const clip = graph.nodes.find(({ opType }) => opType === 'Clip');
    expect(clip?.inputs.slice(1).map((input) => valuesOf(graph, input))).toEqual([[0], [6]]);
  });
});
