/** The tiles of a stack, sizes and numbers, against those that the pixel simulator walked through. */
import { bareName } from '../../src/base/ids.js';
import type { Workload } from '../../src/ir/layer.js';
import type { OverlapMode } from '../../src/ir/stack.js';
import type { TiledStack } from '../../src/ir/tile.js';
import { areaOf, heightOf, pixelsOf, widthOf, type Simulation } from './tile-simulator.js';

export function expectTilesOf(
  tiled: TiledStack,
  workload: Workload,
  simulated: Simulation,
  mode: OverlapMode,
): void {
  expect(countedTiles(tiled)).toEqual(simulatedTiles(simulated));
  expect({ macs: tiled.macs, recomputedMacs: tiled.recomputedMacs }).toEqual(
    simulatedMacs(simulated, workload),
  );
  const kept = (classes: TiledStack['columns']): string[] =>
    classes.flatMap((one) => one.actual.maps.map((map) => `${map.map} ${map.kept} x${one.count}`));
  expect(sumUp(kept(tiled.columns))).toEqual(
    sumUp(simulatedKept(simulated.keptColumns, mode !== 'fully-recompute')),
  );
  expect(sumUp(kept(tiled.rows))).toEqual(sumUp(simulatedKept(simulated.keptRows, mode === 'fully-cached')));
}

/** Nothing is nothing, however wide. */
const sizeText = (x: number, y: number): string => (x * y === 0 ? 'nothing' : `${x}x${y}`);

/** How many tiles have which sizes: fresh extents of every map, pixels read and read from a cache per operand. */
function countedTiles(tiled: TiledStack): Record<string, number> {
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

function simulatedTiles(simulation: Simulation): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const tile of simulation.tiles) {
    const fresh = [...tile.fresh]
      .map(([name, size]) => `${name} ${sizeText(widthOf(size), heightOf(size))}`)
      .toSorted();
    const reads = simulation.nodes.map(([name]) =>
      tile.reads
        .get(name)!
        .map(({ box, old }) => `${areaOf(box)}-${old}`)
        .join(),
    );
    const key = [...fresh, ...reads].join(' ');
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** MACs of every pixel computed, and of those computed before. */
function simulatedMacs(simulation: Simulation, workload: Workload): { macs: number; recomputedMacs: number } {
  let [macs, recomputedMacs] = [0, 0];
  for (const [name] of simulation.nodes) {
    const layer = workload.layers.find(({ id }) => bareName(id) === name)!;
    const map = workload.maps.find(({ id }) => id === layer.output.map)!;
    const perPixel = layer.macs / (map.width * map.height);
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
