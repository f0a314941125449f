/**
 * Second consequence of a stack decision: the memory level of every operand, cache and copy, per tile type.
 * Levels are consistent between neighbouring tiles.
 */
import { stackGraph } from '../analysis/stack-graph.js';
import { tileSizes, type TileSizes } from '../analysis/tile-sizes.js';
import { known } from '../base/assert.js';
import type { MemoryId } from '../base/ids.js';
import type { Profile } from '../base/profile.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { Accelerator } from '../hw/accelerator.js';
import type {
  CopyStep,
  DataCopy,
  Infeasibility,
  LayerAllocation,
  StackAllocation,
  TypeAllocation,
} from '../ir/alloc.js';
import { workloadOfPart } from '../ir/heads.js';
import type { Workload } from '../ir/layer.js';
import type { LayerTileMapper } from '../ir/layer-tile.js';
import type { AxisClass, TiledStack, TileType } from '../ir/tile.js';
import { passingBits, planCaches, type CachePlan } from './cache-levels.js';
import { overfullMemory, takenBits, throughTop, type HandOver } from './hand-over.js';
import { beside, hierarchyOf, type Hierarchy } from './hierarchy.js';
import { infeasibility } from './infeasible.js';
import { placeLayer, type StackContext, type Unfit } from './place-layer.js';
import {
  cacheWrites,
  inputCopies,
  layerCopies,
  stationaryCopies,
  weightCopies,
  type CacheUse,
  type CopyContext,
} from './plan-copies.js';
import { patchLevel, type TopsContext } from './tops.js';
import { waitingRoom } from './waiting-room.js';

export interface InfeasibleAllocation {
  readonly kind: 'infeasible';
  readonly reason: Infeasibility;
  /** What there is to say, if it is a mapping given by the user that does not fit. */
  readonly diagnostics: readonly Diagnostic[];
}

export type AllocationResult =
  { readonly kind: 'allocated'; readonly allocation: StackAllocation } | InfeasibleAllocation;

/** Throws a DiagnosticError for a given mapping that contradicts its layer tile. */
export function allocateStack(
  network: Workload,
  tiled: TiledStack,
  hw: Accelerator,
  profile: Profile,
  mapper: LayerTileMapper,
  handOver: HandOver = throughTop(hierarchyOf(hw)),
): AllocationResult {
  const workload = workloadOfPart(network, tiled);
  const graph = stackGraph(workload, tiled.layers);
  // Maps lie there as a whole, whatever part of the heads is at work.
  const taken = takenBits(network, graph, handOver, hierarchyOf(hw));
  const stack = { workload, handOver, graph, tiled, profile, mapper };
  const crowded = overfullMemory(taken, passingBits(graph), hierarchyOf(hw));
  if (crowded !== undefined)
    return infeasibleAt(stack, hw, { reason: crowded, diagnostics: [], layer: graph.sink, t: 0 });
  const spared = new Map<number, number>();
  let first: Unplaced | undefined;
  for (;;) {
    const hierarchy = beside(hierarchyOf(hw), taken, spared);
    const placed = placeStack(stack, hierarchy);
    if (!('reason' in placed)) {
      const { caches, types } = placed;
      const weightLevel = hierarchy.memory(caches.weights).id;
      const { weightBits } = graph;
      const handedOver = handedOverTo(handOver, taken, hierarchy);
      const allocation = { stack: tiled.stack, weightBits, weightLevel, ...handedOver, types };
      return { kind: 'allocated', allocation };
    }
    first ??= placed;
    const more = missingBits(hierarchy, profile, placed);
    if (more === 0) return infeasibleAt(stack, hw, first);
    const { memory } = placed.reason;
    const before = spared.get(memory) ?? 0;
    // A bit more may move nothing; twice as much soon does.
    spared.set(memory, before + Math.max(before, more));
  }
}

/** A layer of a tile type for which no levels were found. */
interface Unplaced extends Unfit {
  /** Position of the tile type. */
  readonly t: number;
}

type Stack = Omit<StackContext, 'hierarchy' | 'caches'>;

function placeStack(
  stack: Stack,
  hierarchy: Hierarchy,
): { readonly caches: CachePlan; readonly types: readonly TypeAllocation[] } | Unplaced {
  const { graph, tiled, profile } = stack;
  const caches = planCaches(graph, tiled, graph.weightBits, hierarchy, profile);
  const types: TypeAllocation[] = [];
  for (const [t, type] of tiled.types.entries()) {
    const result = allocateType({ ...stack, hierarchy, caches }, type);
    if ('reason' in result) return { ...result, t };
    types.push(result);
  }
  return { caches, types };
}

/**
 * What data that passes a memory lacks there, if caches, weights and waiting maps have it: they have to make room, by
 * going higher. 0: they do not have it, or have left already.
 */
function missingBits(hierarchy: Hierarchy, { residents }: Profile, { reason, diagnostics }: Unfit): number {
  const { memory: index, demandBits, boundBits } = reason;
  if (residents === 'ignored' || diagnostics.length > 0 || hierarchy.roomBits(index) <= 0) return 0;
  const mostBits = hierarchy.memory(index).sizeBits - hierarchy.takenBits(index);
  return boundBits < mostBits && demandBits <= mostBits ? demandBits - boundBits : 0;
}

function infeasibleAt(
  { graph, tiled }: Stack,
  hw: Accelerator,
  { reason, layer: l, t, diagnostics }: Unplaced,
): InfeasibleAllocation {
  const layer = known(graph.layers[l], 'layer');
  const type = known(tiled.types[t], 'tile type').name;
  const levers = diagnostics.flatMap(({ help }) => help ?? []);
  const told = infeasibility(hierarchyOf(hw), tiled.stack, type, layer, reason);
  return { kind: 'infeasible', reason: levers.length > 0 ? { ...told, levers } : told, diagnostics };
}

/** What maps of other stacks and the map to be handed over take up, beside which the stack has to do. */
function handedOverTo(
  { output, maps }: HandOver,
  taken: ReadonlyMap<number, number>,
  { memory }: Hierarchy,
): Pick<StackAllocation, 'handOver'> {
  if (taken.size === 0) return {};
  return {
    handOver: {
      output: memory(output).id,
      maps: [...maps].map(([map, index]) => ({ map, memory: memory(index).id })),
      taken: [...taken].map(([index, bits]) => ({ memory: memory(index).id, bits })),
    },
  };
}

function allocateType(context: StackContext, type: TileType): TypeAllocation | Unfit {
  const { graph, tiled, hierarchy, caches } = context;
  const column = known(tiled.columns[type.column], 'column');
  const row = known(tiled.rows[type.row], 'row');
  const sizes = tileSizes(graph, column.actual, row.actual);
  const use = cacheUse(caches, type, column, row);
  const copies: CopyContext = {
    graph,
    sizes,
    cacheSizes: tileSizes(graph, column.cacheView, row.cacheView),
    caches: use,
    hierarchy,
    profile: context.profile,
  };
  const walk = walkTile(context, type, sizes, copies);
  if ('reason' in walk) return walk;
  const demand = known(caches.demands[type.row]?.[type.column], 'demand');
  const id = (index: number | null): MemoryId | null => (index === null ? null : hierarchy.memory(index).id);
  return {
    type: type.name,
    aliveBits: demand.aliveBits,
    hCacheBits: demand.hCacheBits,
    vCacheBits: demand.vCacheBits,
    cornerBits: demand.cornerBits,
    hCache: { read: id(use.readH), write: id(use.writeH) },
    vCache: { read: id(use.readV), write: id(use.writeV) },
    ...walk,
  };
}

function cacheUse(
  { h, v }: CachePlan,
  type: TileType,
  column: TiledStack['columns'][number],
  row: TiledStack['rows'][number],
): CacheUse {
  const rowH = h[type.row] ?? null;
  return {
    readH: column.first ? null : rowH,
    writeH: column.last ? null : rowH,
    readV: row.first ? null : v,
    writeV: row.last ? null : v,
  };
}

/** Bits of caches and weights that stay in each memory while the tile runs. */
function residentBits(context: StackContext, type: TileType, use: CacheUse): ReadonlyMap<number, number> {
  const { graph, caches } = context;
  const { hCacheBits, vCacheBits, cornerBits } = known(caches.demands[type.row]?.[type.column], 'demand');
  const bits = new Map<number, number>();
  const add = (index: number | null, more: number): void => {
    if (index !== null) bits.set(index, (bits.get(index) ?? 0) + more);
  };
  const h = use.readH ?? use.writeH;
  const v = use.readV ?? use.writeV;
  add(caches.weights, graph.weightBits);
  add(h, hCacheBits);
  add(v, vCacheBits - (h === v ? cornerBits : 0));
  return bits;
}

type Walk = Pick<TypeAllocation, 'inputLevels' | 'layers' | 'copySteps'>;

/** Places every map of the tile, in topological order, and collects the copies on the way. */
function walkTile(
  context: StackContext,
  type: TileType,
  sizes: TileSizes,
  copies: CopyContext,
): Walk | Unfit {
  const { graph, hierarchy, profile } = context;
  const residents = { bits: residentBits(context, type, copies.caches) };
  const handedOver = graph.maps.map(({ map }) => context.handOver.maps.get(map.id) ?? null);
  const waiting = waitingRoom(graph, sizes, handedOver);
  const { output } = context.handOver;
  const inPlace = context.handOver.maps.size > 0;
  const placing = { hierarchy, profile, residents, handedOver, inPlace, waiting, output };
  const tops: TopsContext = { graph, sizes, ...placing };
  const places: (number | null)[] = graph.maps.map(() => null);
  const copySteps: CopyStep[] = [];
  const put = (m: number, level: number): void => {
    places[m] = level;
    waiting.put(m, level);
  };
  let pending: DataCopy[] = [];
  const inputLevels = graph.maps.flatMap(({ map, producer }, m) => {
    if (producer !== null) return [];
    const level = patchLevel(tops, m);
    put(m, level);
    const whole = tops.handedOver[m] ?? hierarchy.top;
    copySteps.push({ before: map.id, copies: inputCopies(copies, m, { whole, level }) });
    if (profile.inputHalo === 'charged')
      pending.push(...cacheWrites(copies, m, { operand: 'I', index: level }));
    return [{ map: map.id, memory: hierarchy.memory(level).id }];
  });
  const layers: LayerAllocation[] = [];
  for (let l = 0; l < graph.layers.length; l++) {
    const layer = known(graph.layers[l], 'layer');
    if (!known(sizes.layers[l], 'layer').present) {
      if (type.origin) pending.push(...lateWeights(context, l));
      continue;
    }
    const placed = placeLayer(context, tops, type, l);
    if ('reason' in placed) return placed;
    const made = known(graph.outputOf[l], 'output');
    const stationary = type.origin
      ? stationaryCopies(context.workload, layer, context.caches.weights, hierarchy)
      : [];
    copySteps.push({
      before: layer.id,
      copies: together([...pending, ...stationary, ...layerCopies(copies, l, placed.inputs, places)]),
    });
    put(made, placed.output);
    pending = [...cacheWrites(copies, made, { operand: 'O', index: placed.output })];
    layers.push(placed.allocation);
  }
  return { inputLevels, layers, copySteps };
}

/** What the first tile brings for a layer that does not run in it, but in a later one. */
function lateWeights({ graph, tiled, ...context }: StackContext, l: number): readonly DataCopy[] {
  const { workload, caches, hierarchy, profile } = context;
  const runs = ({ actual }: AxisClass): boolean => known(actual.layers[l], 'extent').out > 0;
  if (profile.lateWeights === 'free' || !tiled.columns.some(runs) || !tiled.rows.some(runs)) return [];
  const layer = known(graph.layers[l], 'layer');
  return [
    ...stationaryCopies(workload, layer, caches.weights, hierarchy),
    ...weightCopies(layer, caches.weights, hierarchy),
  ];
}

const NO_COPIES: readonly DataCopy[] = [];

/** Most layers have nothing to copy, and share the list that says so. */
const together = (copies: readonly DataCopy[]): readonly DataCopy[] =>
  copies.length === 0 ? NO_COPIES : copies;
