/** Closed-form tiling against the pixel simulator, on random small networks. The seed is printed on failure. */
import fc from 'fast-check';
import { PROFILES } from '../../src/base/profile.js';
import { bareName, memoryId, stackId } from '../../src/base/ids.js';
import { OVERLAP_MODES } from '../../src/ir/stack.js';
import { tileStack } from '../../src/schedule/tile-stack.js';
import { verifyTiles } from '../../src/ir/verify/tiles.js';
import { paddedNetworkArb, tileArb } from '../support/random-networks.js';
import { simulate, usesAllMaps } from '../support/tile-simulator.js';
import { expectTilesOf } from '../support/tiles-compared.js';
import { networkOf } from '../support/workloads.js';

const caseArb = fc.record({ spec: paddedNetworkArb, tile: tileArb, mode: fc.constantFrom(...OVERLAP_MODES) });

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 2000);

test(`closed-form tiling equals the pixel simulator on ${RUNS} random networks`, () => {
  fc.assert(
    fc.property(caseArb, ({ spec, tile, mode }) => {
      const workload = networkOf(spec);
      const sizes = new Map(workload.maps.map((map) => [bareName(map.id), map]));
      const stack = {
        id: stackId(0),
        layers: workload.layers.map((l) => l.id),
        tile,
        mode,
        handOver: memoryId('dram'),
      };
      const tiled = tileStack(workload, stack, PROFILES.default);
      expect(verifyTiles(workload, undefined, { stacks: [tiled] }, PROFILES.default)).toEqual([]);
      const simulated = simulate(spec.nodes, sizes, tiled.tile, mode);
      fc.pre(usesAllMaps(simulated));
      expectTilesOf(tiled, workload, simulated, mode);
    }),
    { numRuns: RUNS, seed: 20230223 },
  );
});
