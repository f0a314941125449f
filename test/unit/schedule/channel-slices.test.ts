/** Elements of a pixel that a stack fetches where its layers read slices of it: counted one by one. */
import fc from 'fast-check';
import { stackGraph } from '../../../src/analysis/stack-graph.js';
import { networkOf, square } from '../../support/workloads.js';

const CHANNELS = 12;

/** Where a slice begins, and how many elements it has. */
const sliceArb = fc
  .tuple(fc.nat({ max: CHANNELS - 1 }), fc.nat({ max: CHANNELS - 1 }))
  .map(([a, b]) => ({ first: Math.min(a, b), elementsPerPixel: Math.abs(a - b) + 1 }));

test('elements that several layers read are fetched once', () => {
  fc.assert(
    fc.property(fc.array(sliceArb, { minLength: 1, maxLength: 5 }), (slices) => {
      const { layers, ...rest } = networkOf({
        input: { width: 2, height: 2, channels: CHANNELS },
        nodes: slices.map((_, i) => [`c${i}`, { op: 'conv', from: 'in', ...square(1) }]),
      });
      const reading = layers.map((layer, l) => ({
        ...layer,
        inputs: layer.inputs.map((input) => ({
          ...input,
          sources: input.sources.map((source) => ({ ...source, ...slices[l] })),
        })),
      }));
      const graph = stackGraph(
        { ...rest, layers: reading },
        layers.map(({ id }) => id),
      );
      const read = new Set(
        slices.flatMap(({ first, elementsPerPixel }) =>
          Array.from({ length: elementsPerPixel }, (_, i) => first + i),
        ),
      );
      expect(graph.maps.find(({ producer }) => producer === null)?.elementsPerPixel).toBe(read.size);
    }),
    { numRuns: 300, seed: 20230223 },
  );
});
