/** One tile type of the report: sizes, levels, copies and the cost of every layer, for one tile of the type. */
import { known } from '../base/assert.js';
import { perObject, sharing } from '../base/bounded-map.js';
import { finder } from '../base/finder.js';
import { bareName, memoryName, type MemoryId, type TensorId } from '../base/ids.js';
import type { Profile } from '../base/profile.js';
import { arrayUnits, type Accelerator } from '../hw/accelerator.js';
import type { CacheLevels, LayerAllocation, TypeAllocation } from '../ir/alloc.js';
import type { CopyStepCost, LayerTileCost, TypeCost } from '../ir/cost.js';
import type { Layer, LoopSize, Workload } from '../ir/layer.js';
import { lookupIn } from '../ir/lookup.js';
import type { AxisClass, LayerExtent, MapExtent, TiledStack, TileType } from '../ir/tile.js';
import { sumCosts } from './cost-sum.js';
import type {
  AccessReport,
  CacheReport,
  CopyReport,
  Cost,
  Extent,
  InputTile,
  LoopDims,
  LayerTileReport,
  TemporalLoopReport,
  TileTypeReport,
} from './report.js';
import type { ReportInput } from './input.js';

const levelsOfLayer = finder((levels: LayerAllocation) => levels.layer);
const extentOfMap = finder((extent: MapExtent) => extent.map);
const extentOfLayer = finder((extent: LayerExtent) => extent.layer);

const shared = sharing<Extent>(
  ({ x, y }) => x * 2 ** 26 + y,
  (one, other) => one.x === other.x && one.y === other.y,
);
const extent = (x: number, y: number): Extent => shared({ x, y });

const nameOf = (id: MemoryId | null): string | null => (id === null ? null : memoryName(id));

export function tileTypeReport(
  input: ReportInput,
  tiled: TiledStack,
  type: TileType,
  allocation: TypeAllocation,
  cost: TypeCost,
): TileTypeReport {
  const column = known(tiled.columns[type.column], 'column class');
  const row = known(tiled.rows[type.row], 'row class');
  return {
    name: type.name,
    count: type.count,
    origin: type.origin,
    tile: { x: column.tile, y: row.tile },
    ...sumCosts(input.hw, input.profile, [{ ...cost, times: 1 }]),
    aliveBits: allocation.aliveBits,
    inputs: allocation.inputLevels.map(({ map, memory }) => ({
      map: bareName(map),
      fresh: extent(mapExtent(column, map)?.fresh ?? 0, mapExtent(row, map)?.fresh ?? 0),
      memory: memoryName(memory),
    })),
    cache: cacheReport(allocation, column, row),
    copies: cost.copySteps.flatMap(copyReports),
    layers: cost.layers.map((layer) => {
      const levels = known(levelsOfLayer(allocation.layers, layer.layer), `levels of ${layer.layer}`);
      return layerTileReport(input, levels, layer, column, row);
    }),
  };
}

const mapExtent = (axis: AxisClass, map: TensorId) => extentOfMap(axis.actual.maps, map);

function cacheReport(allocation: TypeAllocation, column: AxisClass, row: AxisClass): CacheReport {
  const levels = ({ read, write }: CacheLevels) => ({ read: nameOf(read), write: nameOf(write) });
  const kept = (axis: AxisClass) => axis.actual.maps.filter((extent) => extent.kept > 0);
  return {
    columns: kept(column).map((extent) => ({ map: bareName(extent.map), columns: extent.kept })),
    rows: kept(row).map((extent) => ({ map: bareName(extent.map), rows: extent.kept })),
    levels: { columns: levels(allocation.hCache), rows: levels(allocation.vCache) },
    columnBits: allocation.hCacheBits,
    rowBits: allocation.vCacheBits,
    cornerBits: allocation.cornerBits,
  };
}

const copyReports = (step: CopyStepCost): readonly CopyReport[] =>
  step.copies.map((copy) => ({
    bits: copy.bits,
    from: memoryName(copy.from),
    to: memoryName(copy.to),
    why: copy.why,
    map: bareName(copy.map),
    before: bareName(step.before),
    energyPj: copy.energyPj,
  }));

function layerTileReport(
  input: ReportInput,
  levels: LayerAllocation,
  cost: LayerTileCost,
  column: AxisClass,
  row: AxisClass,
): LayerTileReport {
  const { workload, hw, profile } = input;
  const layer = known(lookupIn(workload).layer(cost.layer), cost.layer);
  const utilizationIn = ({ compute, stall }: LayerTileCost['latency']): number => {
    const possible = arrayUnits(hw) * (compute + stall);
    return possible > 0 ? (cost.macs + cost.operations) / possible : 0;
  };
  return {
    layer: bareName(cost.layer),
    loopDims: loopDimsOf(cost.loops),
    output: extent(layerExtent(column, cost).out, layerExtent(row, cost).out),
    inputs: inputTiles(workload, layer, column, row, cost),
    memoryTop: topReport(levels.top),
    operandBits: bitsReport(levels.bits),
    raised: raisedReport(levels.raised),
    spatialMapping: spatialReport(cost.spatial),
    ...(cost.own === undefined
      ? {}
      : {
          ownSpatial: {
            spatialMapping: cost.own.spatial,
            energyPj: cost.own.energyPj,
            latencyCycles: costOfTile(hw, profile, { ...cost, latency: cost.own.latency }).latencyCycles,
            utilization: utilizationIn(cost.own.latency),
          },
        }),
    temporalMapping: temporalReport(cost.temporal),
    mapping: cost.mapping,
    gap: cost.gap,
    ...costsIn(input)(cost),
    accesses: accessReport(cost.accesses),
    macs: cost.macs,
    operations: cost.operations,
    utilization: utilizationIn(cost.latency),
  };
}

// Layers that are alike share their levels.
const topReport = perObject((top: LayerAllocation['top']) => ({
  W: nameOf(top.W),
  I: nameOf(top.I),
  O: nameOf(top.O),
}));
const bitsReport = perObject((bits: LayerAllocation['bits']) => ({ W: bits.W, I: bits.I, O: bits.O }));
const raisedReport = perObject((raised: LayerAllocation['raised']) => ({ I: raised.I, O: raised.O }));

const costOfTile = (hw: Accelerator, profile: Profile, cost: LayerTileCost): Cost =>
  sumCosts(hw, profile, [{ layers: [cost], copySteps: [], times: 1 }]);

/** Layer tiles that share their accesses have one mapping: within a report their costs are summed once. */
export const costsIn = perObject(({ hw, profile }: ReportInput) => {
  const known = new Map<LayerTileCost['accesses'], Cost>();
  return (cost: LayerTileCost): Cost => {
    const found = known.get(cost.accesses) ?? costOfTile(hw, profile, cost);
    known.set(cost.accesses, found);
    return found;
  };
});

const spatialReport = perObject((spatial: LayerTileCost['spatial']) =>
  spatial.map(({ array, dim, size }) => ({ array, dim, size })),
);

/** Layer tiles of equal loops share their mapping. */
const temporalReport = perObject((temporal: LayerTileCost['temporal']) =>
  temporal.map(({ dim, size, level }): TemporalLoopReport => ({
    dim,
    size,
    level: Object.fromEntries(
      Object.entries(level).map(([operand, memory]) => [operand, memoryName(memory)]),
    ),
  })),
);

const accessReport = perObject((accesses: LayerTileCost['accesses']) =>
  accesses.map((access): AccessReport => ({
    operand: access.operand,
    memory: memoryName(access.memory),
    wordsToLow: access.readLow,
    wordsFromLow: access.writeLow,
    wordsToHigh: access.readHigh,
    wordsFromHigh: access.writeHigh,
    energyPj: access.energyPj,
  })),
);

const layerExtent = (axis: AxisClass, { layer }: LayerTileCost) =>
  known(extentOfLayer(axis.actual.layers, layer), `extent of ${layer}`);

/** What a tile reads of each map: a part that is streamed, or the whole of one that stays on the weight path. */
function inputTiles(
  workload: Workload,
  layer: Layer,
  column: AxisClass,
  row: AxisClass,
  cost: LayerTileCost,
): readonly InputTile[] {
  const [columns, rows] = [layerExtent(column, cost).inputs, layerExtent(row, cost).inputs];
  return layer.inputs.flatMap((operand, i) =>
    operand.sources.map(({ map }, s): InputTile => {
      const named = { operand: operand.name, map: bareName(map) };
      if (operand.path === 'W') {
        const { width, height } = known(lookupIn(workload).map(map), map);
        return { ...named, needed: extent(width, height), cached: extent(0, 0) };
      }
      const x = known(columns[i]?.[s], 'source columns');
      const y = known(rows[i]?.[s], 'source rows');
      return { ...named, needed: extent(x.needed, y.needed), cached: extent(x.overlap, y.overlap) };
    }),
  );
}

/** Loop sizes by dim, once per list of loops. */
export const loopDimsOf = perObject((loops: readonly LoopSize[]): LoopDims =>
  Object.fromEntries(loops.map(({ dim, size }) => [dim, size])),
);
