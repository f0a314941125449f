/** Every invariant of the layers facet, broken on purpose. */
import { layerId, tensorId } from '../../../src/base/ids.js';
import { sizesFromSinks } from '../../../src/analysis/sizes-from-sinks.js';
import type { Layer, Workload } from '../../../src/ir/layer.js';
import { verifyWorkload } from '../../../src/ir/verify/layers.js';
import { lowered } from '../../support/lowered.js';
import type { ModelSpec, NodeSpec } from '../../support/onnx-model.js';

const conv = (input: string, output: string): NodeSpec => ({
  op: 'Conv',
  name: output,
  in: [input, 'w'],
  out: [output],
  attrs: { pads: [1, 1, 1, 1] },
});

const NETWORK: ModelSpec = {
  inputs: { x: [1, 4, 12, 16] },
  outputs: ['y'],
  initializers: { w: { shape: [4, 4, 3, 3] } },
  nodes: [conv('x', 'a'), conv('a', 'y')],
};

describe('the verifier of layers', () => {
  const SOUND = async (): Promise<Workload> => (await lowered(NETWORK)).workload;

  test.each<[string, (w: Workload) => Workload, string]>([
    ['order', (w) => ({ ...w, layers: [...w.layers].reverse() }), 'DF2190'],
    [
      'two layers of one name',
      (w) => ({ ...w, layers: w.layers.map((layer) => ({ ...layer, id: layerId('a') })) }),
      'DF2191',
    ],
    ['a map twice', (w) => ({ ...w, maps: [...w.maps, w.maps[0]!] }), 'DF2191'],
    [
      'a wrong producer',
      (w) => ({ ...w, maps: w.maps.map((map) => ({ ...map, producer: null })) }),
      'DF2191',
    ],
    ['a missing map', (w) => ({ ...w, maps: w.maps.slice(1) }), 'DF2192'],
    ['a missing output', (w) => ({ ...w, outputs: [tensorId('nowhere')] }), 'DF2192'],
    [
      'a map of another size',
      (w) => ({ ...w, maps: w.maps.map((map) => ({ ...map, width: map.width + 1 })) }),
      'DF2193',
    ],
    [
      'an operand without its loop',
      (w) => ({ ...w, layers: w.layers.map((layer) => ({ ...layer, loops: layer.loops.slice(0, -1) })) }),
      'DF2193',
    ],
    [
      'bits that differ',
      (w) => ({
        ...w,
        layers: w.layers.map((layer) => ({ ...layer, output: { ...layer.output, bits: 3 } })),
      }),
      'DF2193',
    ],
    [
      'a loop of 0',
      (w) => ({
        ...w,
        layers: w.layers.map((layer) => ({
          ...layer,
          loops: layer.loops.map((loop) => ({ ...loop, size: loop.dim === 'C' ? 0 : loop.size })),
        })),
      }),
      'DF2193',
    ],
    [
      'partial sums wider than any number',
      (w) => ({
        ...w,
        layers: w.layers.map((layer) => ({ ...layer, output: { ...layer.output, psumBits: 2 ** 40 } })),
      }),
      'DF2193',
    ],
    [
      'weights of half a bit',
      (w) => ({
        ...w,
        layers: w.layers.map((layer) => ({
          ...layer,
          inputs: layer.inputs.map((input) => ({ ...input, bits: 0.5 })),
        })),
      }),
      'DF2193',
    ],
    [
      'an input streamed no time',
      (w) => ({ ...w, layers: w.layers.map((layer) => ({ ...layer, passes: 0 })) }),
      'DF2193',
    ],
    [
      'a negative count of MACs',
      (w) => ({ ...w, macs: -2, layers: w.layers.map((layer) => ({ ...layer, macs: -1 })) }),
      'DF2193',
    ],
    ['MACs that are doubled', (w) => withLayers(w, ({ macs }) => ({ macs: 2 * macs })), 'DF2195'],
    ['no MACs', (w) => withLayers(w, () => ({ macs: 0 })), 'DF2195'],
    ['MACs of a layer that has none', (w) => withLayers(w, () => ({ kind: 'vector' })), 'DF2195'],
    ['another total', (w) => ({ ...w, macs: w.macs - 1 }), 'DF2195'],
    ['weights of one channel', (w) => withLayers(w, () => ({ weightBits: 8 })), 'DF2195'],
    [
      'weights that are doubled',
      (w) => withLayers(w, ({ weightBits: bits }) => ({ weightBits: 2 * bits })),
      'DF2195',
    ],
    ['too many elements', (w) => withSource(w, { elementsPerPixel: 5 }), 'DF2194'],
    [
      'a stride of 0',
      (w) => withSource(w, { x: { kind: 'window', stride: 0, dilation: 1, kernel: 3, before: 1, after: 1 } }),
      'DF2194',
    ],
    [
      'an empty region',
      (w) => withSource(w, { y: { kind: 'scale', mul: 1, div: 1, lo: 1, hi: 0 } }),
      'DF2194',
    ],
  ])('finds %s', async (_, spoil, code) => {
    const found = verifyWorkload(spoil(await SOUND()));
    expect(new Set(found.map((one) => one.code))).toEqual(new Set([code]));
  });

  const withLayers = (w: Workload, change: (layer: Layer) => Partial<Layer>): Workload => ({
    ...w,
    layers: w.layers.map((layer) => ({ ...layer, ...change(layer) })),
  });

  const withSource = (w: Workload, change: object): Workload => ({
    ...w,
    layers: w.layers.map((layer) => ({
      ...layer,
      inputs: layer.inputs.map((input) => ({
        ...input,
        sources: input.sources.map((source) => ({ ...source, ...change })),
      })),
    })),
  });
});

describe('the verifier of layers lets pass', () => {
  const made = (op: string, x: readonly number[], w: readonly number[], attrs = {}): ModelSpec => ({
    inputs: { x },
    outputs: ['y'],
    initializers: { w: { shape: w } },
    nodes: [{ op, name: 'y', in: ['x', 'w'], out: ['y'], attrs }],
  });

  test.each<[string, ModelSpec]>([
    ['one constant for several groups', made('MatMul', [2, 3, 4, 5], [2, 1, 5, 6])],
    ['a constant for every group', made('MatMul', [2, 3, 4, 5], [2, 3, 5, 6])],
    ['a constant with further groups', made('MatMul', [4, 5], [2, 3, 5, 6])],
    ['groups of channels', made('Conv', [1, 4, 8, 8], [6, 2, 3, 3], { group: 2 })],
    [
      'pads that cut off what was counted',
      made('ConvTranspose', [1, 4, 8, 8], [4, 2, 3, 3], { pads: [1, 1, 1, 1] }),
    ],
    ['phases of a stride', made('ConvTranspose', [1, 4, 8, 8], [4, 2, 3, 3], { strides: [2, 2] })],
    [
      'outputs behind the last input',
      made('ConvTranspose', [1, 4, 8, 8], [4, 2, 1, 1], { dilations: [2, 2], output_padding: [1, 1] }),
    ],
  ])('%s', async (_, spec) => {
    expect(verifyWorkload((await lowered(spec)).workload)).toEqual([]);
  });

  test('the total of the model where pads are ignored, and only there', async () => {
    const workload = sizesFromSinks((await lowered(NETWORK)).workload);
    expect(verifyWorkload(workload, true)).toEqual([]);
    expect(verifyWorkload(workload)).toMatchObject([{ code: 'DF2195' }]);
    expect(verifyWorkload({ ...(await lowered(NETWORK)).workload, macs: 1 }, true)).toMatchObject([
      { code: 'DF2195', message: 'the network has 1 MACs, its layers 55296' },
    ]);
  });
});
