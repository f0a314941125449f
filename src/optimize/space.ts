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
import { evaluateStack } from '../schedule/evaluate-stack.js';
import { wholeBits, type HandOver } from '../schedule/hand-over.js';
import { hierarchyOf, holds, type Hierarchy } from '../schedule/hierarchy.js';
import type { Bounds } from './bounds.js';
import { lazyStack, listingOf, stackOf, type Tilings } from './lazy-stack.js';
import type { SearchEdge, SearchGraph, Way } from './shortest-path.js';
import { mapsAcross, type Stretch } from './stretches.js';
import type { CandidateSettings } from './tile-candidates.js';

export interface SpaceRequest {
  readonly workload: Workload;
  readonly hw: Accelerator;
  readonly profile: Profile;
  readonly mappers: readonly NamedMapper[];
  readonly bounds: Bounds;
  readonly stretches: readonly Stretch[];
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
}

/** Maps that lie below the top at one position, at most: what there are more of goes through the top. */
const MOST_BELOW_TOP = 3;

/** Candidates whose tiles are kept in mind, of all stacks together: most are looked at closer at once, or not at all. */
const MOST_TILINGS = 256;

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
  const nodes = new Map<string, Node>([[keyOf(0, new Map()), { position: 0, places: new Map() }]]);
  const across = Array.from({ length: count + 1 }, (_, p) => new Set(mapsAcross(workload, p)));
  const links: { from: Node; to: Node; stretch: Stretch; handOver: HandOver }[] = [];
  for (let position = 0; position < count; position++) {
    for (const node of [...nodes.values()].filter((candidate) => candidate.position === position)) {
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
          const key = keyOf(stretch.to, places);
          const to = nodes.get(key) ?? { position: stretch.to, places };
          nodes.set(key, to);
          links.push({ from: node, to, stretch, handOver: { output, maps: node.places } });
        }
      }
    }
  }
  const order = [...nodes.values()].toSorted((a, b) => a.position - b.position);
  const numbers = new Map(order.map((node, i) => [node, i]));
  const tilings: Tilings = new BoundedMap(MOST_TILINGS);
  const listings = new Map(
    stretches.map((stretch) => [stretch, listingOf(request, hierarchy, stretch, tilings)]),
  );
  const edges = links.map(({ from: source, to, stretch, handOver }): StackEdge => ({
    from: known(numbers.get(source), 'node'),
    to: known(numbers.get(to), 'node'),
    stretch,
    handOver,
    span: stretch.layers.length,
    lazy: lazyStack(request, hierarchy, stretch, handOver, known(listings.get(stretch), 'listing')),
  }));
  return { nodes: order.length, edges: edges.toSorted((a, b) => a.from - b.from) };
}

const keyOf = (position: number, places: ReadonlyMap<TensorId, number>): string =>
  `${position} ${[...places].map(([map, memory]) => `${map}@${memory}`).join(' ')}`;

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
