/** Closed-form tiling against the pixel simulator, on random small networks. The seed is printed on failure. */
import fc from 'fast-check';
import { PROFILES } from '../../src/base/profile.js';
import { bareName, memoryId, stackId } from '../../src/base/ids.js';
import { OVERLAP_MODES } from '../../src/ir/stack.js';
import { tileStack } from '../../src/schedule/tile-stack.js';
import { verifyTiles } from '../../src/ir/verify/tiles.js';
import { networkArb, tileArb } from '../support/random-networks.js';
import { areaOf, heightOf, pixelsOf, simulate, widthOf } from '../support/tile-simulator.js';
import { networkOf } from '../support/workloads.js';

const caseArb = fc.record({ spec: networkArb, tile: tileArb, mode: fc.constantFrom(...OVERLAP_MODES) });

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
      expect(countedTiles(tiled)).toEqual(simulatedTiles(simulated, workload));
      expect({ macs: tiled.macs, recomputedMacs: tiled.recomputedMacs }).toEqual(
        simulatedMacs(simulated, workload),
      );
      const kept = (classes: typeof tiled.columns): string[] =>
        classes.flatMap((one) => one.actual.maps.map((map) => `${map.map} ${map.kept} x${one.count}`));
      expect(sumUp(kept(tiled.columns))).toEqual(
        sumUp(simulatedKept(simulated.keptColumns, mode !== 'fully-recompute')),
      );
      expect(sumUp(kept(tiled.rows))).toEqual(
        sumUp(simulatedKept(simulated.keptRows, mode === 'fully-cached')),
      );
    }),
    { numRuns: RUNS, seed: 20230223 },
  );
});

/** Nothing is nothing, however wide. */
const sizeText = (x: number, y: number): string => (x * y === 0 ? 'nothing' : `${x}x${y}`);

type Tiled = ReturnType<typeof tileStack>;

/** How many tiles have which sizes: fresh extents of every map, pixels read and read from a cache per operand. */
function countedTiles(tiled: Tiled): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const type of tiled.types) {
    const [column, row] = [tiled.columns[type.column]!.actual, tiled.rows[type.row]!.actual];
    const fresh = column.maps.map(
      (map, m) => `${bareName(map.map)} ${sizeText(map.fresh, row.maps[m]!.fresh)}`,
    );
    const reads = column.layers.map((layer, l) =>
      layer.inputs
        .map((sources, i) =>
          sources
            .map((x, s) => {
              const y = row.layers[l]!.inputs[i]![s]!;
              const present = layer.out > 0 && row.layers[l]!.out > 0;
              const pixels = present ? x.needed * y.needed : 0;
              return `${pixels}-${present ? pixels - (x.needed - x.overlap) * (y.needed - y.overlap) : 0}`;
            })
            .join(),
        )
        .filter((text) => text !== '')
        .join(),
    );
    const key = [...fresh.toSorted(), ...reads].join(' ');
    counts[key] = (counts[key] ?? 0) + type.count;
  }
  return counts;
}

function simulatedTiles(
  simulation: ReturnType<typeof simulate>,
  workload: ReturnType<typeof networkOf>,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const tile of simulation.tiles) {
    const fresh = [...tile.fresh]
      .map(([name, size]) => `${name} ${sizeText(widthOf(size), heightOf(size))}`)
      .toSorted();
    const reads = workload.layers.map((layer) =>
      tile.reads
        .get(bareName(layer.id))!
        .map(({ box, old }) => `${areaOf(box)}-${old}`)
        .join(),
    );
    const key = [...fresh, ...reads].join(' ');
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** MACs of every pixel computed, and of those computed before. */
function simulatedMacs(
  simulation: ReturnType<typeof simulate>,
  workload: ReturnType<typeof networkOf>,
): { macs: number; recomputedMacs: number } {
  let [macs, recomputedMacs] = [0, 0];
  for (const layer of workload.layers) {
    const name = bareName(layer.id);
    const perPixel =
      layer.macs / layer.loops.reduce((n, { dim, size }) => (/^O[XY]$/.test(dim) ? n * size : n), 1);
    const pixels = simulation.tiles.flatMap((tile) => [...pixelsOf(tile.fresh.get(name)!)].map(String));
    macs += perPixel * pixels.length;
    recomputedMacs += perPixel * (pixels.length - new Set(pixels).size);
  }
  return { macs, recomputedMacs };
}

const simulatedKept = (kept: ReadonlyMap<string, readonly number[]>, cached: boolean): string[] =>
  [...kept].flatMap(([name, values]) => values.map((value) => `%${name} ${cached ? value : 0} x1`));

/** `%a 2 x3` twice -> `%a 2`: 6. */
function sumUp(lines: readonly string[]): Record<string, number> {
  const result: Record<string, number> = {};
  for (const line of lines) {
    const [, key = '', count = '0'] = /^(.*) x(\d+)$/.exec(line) ?? [];
    result[key] = (result[key] ?? 0) + Number(count);
  }
  return result;
}
