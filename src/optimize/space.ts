/**
 * The search space as a graph: a node is a position between two layers with the memory of every map that is alive
 * there; an edge is a legal stack with the memory it leaves its output in. A way from the first node to the last one is
 * a schedule.
 */
import { workloadIndex } from '../analysis/workload-index.js';
import { assert, known } from '../base/assert.js';
import { BoundedMap } from '../base/bounded-map.js';
import type { TensorId } from '../base/ids.js';
import type { Profile } from '../base/profile.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { StackAllocation } from '../ir/alloc.js';
import type { Axis, Workload } from '../ir/layer.js';
import type { NamedMapper } from '../ir/layer-tile.js';
import type { TileSize } from '../ir/stack.js';
import { evaluateStack } from '../schedule/evaluate-stack.js';
import { wholeBits, type HandOver } from '../schedule/hand-over.js';
import { hierarchyOf, holds, type Hierarchy } from '../schedule/hierarchy.js';
import type { Bounds } from './bounds.js';
import { lazyStack, listingOf, stackOf, type Tilings } from './lazy-stack.js';
import type { SearchEdge, SearchGraph, Way } from './shortest-path.js';
import { mapsAcross, type Stretch } from './stretches.js';
import { fixedTiles, type CandidateSettings, type Size } from './tile-candidates.js';

export interface SpaceRequest {
  readonly workload: Workload;
  readonly hw: Accelerator;
  readonly profile: Profile;
  readonly mappers: readonly NamedMapper[];
  readonly bounds: Bounds;
  readonly stretches: readonly Stretch[];
  /** Positions, the two ends included, at which the network is cut without a search. */
  readonly cuts: readonly number[];
  readonly settings: CandidateSettings;
  /** Output columns and rows that the array computes at once: tiles are multiples of it where they can be. */
  readonly unroll: Readonly<Record<Axis, number>>;
  /** Told how many candidates are listed, and of every evaluation. */
  readonly listed: (candidates: number) => void;
  readonly evaluated: () => void;
}

export interface StackEdge extends SearchEdge {
  readonly stretch: Stretch;
  readonly handOver: HandOver;
}

export interface Space extends SearchGraph {
  readonly edges: readonly StackEdge[];
  /** Schedules known without a search. */
  readonly fixed: FixedSchedules;
}

/** The stacks that a rule cuts, through the top memory, one tile and one mode for all of them; no stacks: there are none. */
export interface FixedSchedules {
  readonly edges: readonly StackEdge[];
  readonly tiles: readonly TileSize[];
  /** Those between them. */
  readonly finer: readonly TileSize[];
}

/** Maps that lie below the top at one position, at most: what there are more of goes through the top. */
const MOST_BELOW_TOP = 3;

/** Candidates whose tiles are kept in mind, of all stacks together: those evaluated in part, until they are as a whole. */
const MOST_TILINGS = 2048;

interface Node {
  readonly position: number;
  readonly places: ReadonlyMap<TensorId, number>;
}

export function searchSpace(request: SpaceRequest): Space {
  const { workload, stretches } = request;
  const hierarchy = hierarchyOf(request.hw);
  const count = workload.layers.length;
  const from = new Map<number, Stretch[]>();
  for (const stretch of stretches) from.set(stretch.from, [...(from.get(stretch.from) ?? []), stretch]);
  /** By position, then by where maps are. */
  const nodesAt = Array.from({ length: count + 1 }, () => new Map<string, Node>());
  known(nodesAt[0], 'start').set('', { position: 0, places: new Map() });
  const across = mapsAcross(workload).map((maps) => new Set(maps));
  const links: { from: Node; to: Node; stretch: Stretch; handOver: HandOver }[] = [];
  for (let position = 0; position < count; position++) {
    for (const node of known(nodesAt[position], 'position').values()) {
      for (const stretch of from.get(position) ?? []) {
        for (const output of placesFor(workload, stretch, hierarchy, request.profile)) {
          const alive = known(across[stretch.to], 'position');
          const sink = known(stretch.layers.at(-1), 'sink').output.map;
          const places = new Map(
            [...node.places, ...(output < hierarchy.top ? [[sink, output] as const] : [])].filter(([map]) =>
              alive.has(map),
            ),
          );
          if (places.size > MOST_BELOW_TOP) continue;
          const there = known(nodesAt[stretch.to], 'position');
          const key = keyOf(places);
          const to = there.get(key) ?? { position: stretch.to, places };
          there.set(key, to);
          links.push({ from: node, to, stretch, handOver: { output, maps: node.places } });
        }
      }
    }
  }
  const order = nodesAt.flatMap((there) => [...there.values()]);
  const numbers = new Map(order.map((node, i) => [node, i]));
  const tilings: Tilings = new BoundedMap(MOST_TILINGS);
  const isCut = ({ from: start, to }: Stretch): boolean => {
    const at = request.cuts.indexOf(start);
    return at >= 0 && request.cuts[at + 1] === to;
  };
  const map = largestMap(workload, stretches.filter(isCut));
  const ladder = (rungs: 'halves' | 'eighths'): readonly TileSize[] =>
    fixedTiles(map, request.unroll, request.settings, rungs);
  const listings = new Map(
    stretches.map((stretch) => [
      stretch,
      listingOf(request, hierarchy, stretch, tilings, isCut(stretch) ? ladder('halves') : []),
    ]),
  );
  const edges = links.map(({ from: source, to, stretch, handOver }): StackEdge => ({
    from: known(numbers.get(source), 'node'),
    to: known(numbers.get(to), 'node'),
    stretch,
    handOver,
    span: stretch.layers.length,
    lazy: lazyStack(request, hierarchy, stretch, handOver, known(listings.get(stretch), 'listing')),
  }));
  const sorted = edges.toSorted((a, b) => a.from - b.from);
  const cutEdges = throughTop(sorted, isCut, hierarchy);
  return {
    nodes: order.length,
    edges: sorted,
    fixed: { edges: cutEdges, tiles: ladder('eighths'), finer: ladder('halves') },
  };
}

/** Edges of the first way that leads through the top memory over stretches of one kind; none if it ends before the last node. */
function throughTop(
  edges: readonly StackEdge[],
  isOne: (stretch: Stretch) => boolean,
  { top }: Hierarchy,
): readonly StackEdge[] {
  const path: StackEdge[] = [];
  let node = 0;
  for (const edge of edges) {
    if (edge.from !== node || !isOne(edge.stretch) || edge.handOver.output !== top) continue;
    path.push(edge);
    node = edge.to;
  }
  return node === edges.at(-1)?.to ? path : [];
}

/** As wide and as high as the largest output of a stack. */
function largestMap(workload: Workload, stretches: readonly Stretch[]): Size {
  const index = workloadIndex(workload);
  const maps = stretches.map(({ layers }) => index.map(known(layers.at(-1), 'sink').output.map));
  return {
    x: Math.max(1, ...maps.map(({ width }) => width)),
    y: Math.max(1, ...maps.map(({ height }) => height)),
  };
}

const keyOf = (places: ReadonlyMap<TensorId, number>): string =>
  [...places].map(([map, memory]) => `${map}@${memory}`).join(' ');

/**
 * Memories a stack may leave its output in: the top, and every one below that can hold it, unless the profile knows
 * nothing of what stays in a memory beside a stack.
 */
function placesFor(
  workload: Workload,
  { layers }: Stretch,
  { top, levels, memory, single }: Hierarchy,
  { residents }: Profile,
): readonly number[] {
  const { map } = known(layers.at(-1), 'sink').output;
  const index = workloadIndex(workload);
  const readers = index.readers(map);
  const stationary = readers.some(({ inputs }) =>
    inputs.some(({ path, sources }) => path === 'W' && sources.some((source) => source.map === map)),
  );
  if (residents === 'ignored' || stationary || readers.length === 0 || index.isOutput(map)) return [top];
  const bits = wholeBits(workload, map);
  const below = levels.O.filter(
    (m) => m < top && single(m) && holds(memory(m), 'I') && memory(m).sizeBits >= bits,
  );
  return [...below, top];
}

/** How a chosen candidate is allocated. */
export function allocationOf(
  { workload, hw, profile, mappers }: Pick<SpaceRequest, 'workload' | 'hw' | 'profile' | 'mappers'>,
  { edge, choice }: Way['steps'][number],
): StackAllocation {
  const { stretch, handOver } = edge as StackEdge;
  const stack = stackOf(hierarchyOf(hw), stretch, handOver.output, choice.candidate);
  const { mapper } = known(
    mappers.find(({ name }) => name === choice.point.mapper),
    'mapper',
  );
  const result = evaluateStack(workload, stack, hw, profile, mapper, handOver);
  assert(result.kind === 'costed', 'a chosen stack is feasible');
  return result.allocation;
}
