/** Unrollings to choose from, against every assignment tried one by one; and the choice against every one searched. */
import fc from 'fast-check';
import { PROFILES } from '../../../src/base/profile.js';
import { countedCycles } from '../../../src/cost/latency.js';
import type { Accelerator } from '../../../src/hw/accelerator.js';
import type { Layer, LoopDim, Unrolling } from '../../../src/ir/layer.js';
import { legalUnrollings, unrollingsWorthSearching } from '../../../src/mapping/legal-unrollings.js';
import { createMapper } from '../../../src/mapping/mapper.js';
import { overUnrollings } from '../../../src/mapping/over-unrollings.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { tileSizes } from '../../../src/analysis/tile-sizes.js';
import { stackGraph } from '../../../src/analysis/stack-graph.js';
import { stackId } from '../../../src/base/ids.js';
import { hierarchyOf } from '../../../src/schedule/hierarchy.js';
import { layerTileProblem, unrollingsOf } from '../../../src/schedule/layer-problem.js';
import { tileStack } from '../../../src/schedule/tile-stack.js';
import { networkArb } from '../../support/random-networks.js';
import { networkOf } from '../../support/workloads.js';

const hw = loadAccelerator('meta-proto-df').accelerator;
const text = (unrolling: readonly Unrolling[]): string =>
  unrolling.map(({ array, dim, size }) => `${array}:${dim}${size}`).join(' ');

/** Written down for meta-proto-df: what each of D1 to D4 may unroll of a convolution, by its registers. */
const MAY: Readonly<Record<string, readonly LoopDim[]>> = {
  // Each unit has a weight and a sum of its own: anything but sums, which only D2 adds up.
  D1: ['B', 'K', 'OY', 'OX'],
  // One sum of 16 bit for both units: two finished outputs of 8 bit fit as well.
  D2: ['B', 'K', 'C', 'OY', 'OX', 'FY', 'FX'],
  // One weight of 8 bit for all four units: only what indexes no weight (below).
  D3: ['B', 'OY', 'OX'],
  D4: ['B', 'OY', 'OX'],
};

/** Of these, what indexes a weight that every pixel has for itself is not among them. */
const ONE_WEIGHT: readonly string[] = ['D3', 'D4'];

function everyAssignment({ array }: Accelerator, layer: Layer): readonly string[] {
  const choose = ([dim, ...rest]: typeof array.dims, used: readonly LoopDim[]): readonly string[] => {
    if (!dim) return [''];
    const idle = choose(rest, used);
    const busy = layer.loops.flatMap((loop) => {
      if (loop.size === 1 || used.includes(loop.dim) || !MAY[dim.name]!.includes(loop.dim)) return [];
      if (ONE_WEIGHT.includes(dim.name) && layer.inputs[0]!.dims.includes(loop.dim)) return [];
      const here = `${dim.name}:${loop.dim}${Math.min(dim.size, loop.size)}`;
      return choose(rest, [...used, loop.dim]).map((other) => `${here} ${other}`.trim());
    });
    return [...idle, ...busy];
  };
  return choose(array.dims, []);
}

test('legal unrollings are all assignments that the registers allow', () => {
  fc.assert(
    fc.property(networkArb, (spec) => {
      for (const layer of networkOf(spec).layers.filter(({ inputs }) => inputs[0]?.path === 'W'))
        expect(legalUnrollings(hw, layer).map(text).toSorted()).toEqual(
          everyAssignment(hw, layer).toSorted(),
        );
    }),
    { numRuns: 30, seed: 20230223 },
  );
});

test('the mapper takes the best unrolling, and says what the own one costs', () => {
  const profile = PROFILES.default;
  let gained = 0;
  fc.assert(
    fc.property(networkArb, fc.constantFrom('energy' as const, 'latency' as const), (spec, objective) => {
      const workload = networkOf(spec);
      const own = workload.layers[0]!;
      const [first = []] = unrollingsOf(own, hw);
      const layer = { ...own, otherUnrollings: unrollingsWorthSearching(hw, own, first, 6) };
      const graph = stackGraph(workload, [own.id]);
      const tiled = tileStack(
        workload,
        {
          id: stackId(0),
          layers: [own.id],
          tile: { x: 'full', y: 'full' },
          mode: 'fully-cached',
          handOver: hw.memories.at(-1)!.id,
        },
        profile,
      );
      const sizes = tileSizes(graph, tiled.columns[0]!.actual, tiled.rows[0]!.actual).layers[0]!;
      const hierarchy = hierarchyOf(hw);
      const open = { top: { W: hierarchy.top, I: hierarchy.top, O: hierarchy.top }, bypass: false };
      const problem = layerTileProblem(layer, sizes, open, hierarchy, profile);
      const search = createMapper(hw, profile, { lpfLimit: 3, objective });
      const value = (result: ReturnType<typeof search>): number => {
        if (result.kind !== 'mapped') return Infinity;
        const { energyPj, latency } = result.mapped;
        return objective === 'energy' ? energyPj : countedCycles(latency, profile);
      };
      const each = unrollingsOf(layer, hw).map((unrolling) => value(search({ ...problem, unrolling })));
      const chosen = overUnrollings(search, objective, profile)(problem) as ReturnType<typeof search>;
      expect(value(chosen)).toBeCloseTo(Math.min(...each), 3);
      if (layer.otherUnrollings.length > 0 && chosen.kind === 'mapped') {
        const { energyPj, latency } = chosen.own!;
        expect(objective === 'energy' ? energyPj : countedCycles(latency, profile)).toBe(each[0]);
      }
      if (Math.min(...each) < each[0]! * 0.99) gained++;
    }),
    { numRuns: 25, seed: 20230223 },
  );
  expect(gained).toBeGreaterThan(5);
});
