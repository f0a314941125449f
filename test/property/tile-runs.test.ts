/**
 * Tiles by what they make and bring alone (what bounds of candidates rest on) against their geometry in full, along both
 * axes of random small networks, in both profiles.
 */
import fc from 'fast-check';
import { stackGraph, type StackGraph } from '../../src/analysis/stack-graph.js';
import { memoryId, stackId } from '../../src/base/ids.js';
import { PROFILES } from '../../src/base/profile.js';
import { OVERLAP_MODES } from '../../src/ir/stack.js';
import type { AxisClass } from '../../src/ir/tile.js';
import { tileRuns, tileStack } from '../../src/schedule/tile-stack.js';
import { paddedNetworkArb, tileArb } from '../support/random-networks.js';
import { networkOf } from '../support/workloads.js';

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 300);

const caseArb = fc.record({
  spec: paddedNetworkArb,
  tile: tileArb,
  mode: fc.constantFrom(...OVERLAP_MODES),
  name: fc.constantFrom('default' as const, 'reference-2023' as const),
});

const usesOf = ({ maps }: StackGraph) => maps.flatMap(({ uses }) => uses);

/** How many tiles make and bring what. */
function counted(
  tiles: readonly { readonly count: number; readonly sizes: readonly number[] }[],
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { count, sizes } of tiles)
    counts.set(sizes.join(' '), (counts.get(sizes.join(' ')) ?? 0) + count);
  return counts;
}

const sizesOfClass = (graph: StackGraph, { count, actual }: AxisClass) => ({
  count,
  sizes: [
    ...actual.maps.map(({ fresh }) => fresh),
    ...usesOf(graph).map(({ layer, input, source }) => {
      const { needed, overlap } = actual.layers[layer]!.inputs[input]![source]!;
      return needed - overlap;
    }),
  ],
});

test(`runs of tiles are the tiles of the stack on ${RUNS} random networks`, () => {
  fc.assert(
    fc.property(caseArb, ({ spec, tile, mode, name }) => {
      const workload = networkOf(spec);
      const layers = workload.layers.map(({ id }) => id);
      const stack = { id: stackId(0), layers, tile, mode, handOver: memoryId('dram') };
      const graph = stackGraph(workload, layers);
      const runs = tileRuns(graph, PROFILES[name], usesOf(graph))(stack);
      const tiled = tileStack(workload, stack, PROFILES[name]);
      for (const axis of ['columns', 'rows'] as const) {
        const [first] = runs[axis];
        const all = runs[axis].map(({ count, fresh, brought }) => ({ count, sizes: [...fresh, ...brought] }));
        expect(counted(all)).toEqual(counted(tiled[axis].map((one) => sizesOfClass(graph, one))));
        expect([...first!.fresh]).toEqual(tiled[axis][0]!.actual.maps.map(({ fresh }) => fresh));
      }
    }),
    { numRuns: RUNS, seed: 20230223 },
  );
});
