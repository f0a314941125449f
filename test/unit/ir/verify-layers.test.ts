/** Every invariant of the layers facet, broken on purpose. */
import { layerId, tensorId } from '../../../src/base/ids.js';
import type { Workload } from '../../../src/ir/layer.js';
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
      (w) => ({ ...w, layers: w.layers.map((layer) => ({ ...layer, macs: -1 })) }),
      'DF2193',
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
