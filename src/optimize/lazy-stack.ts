/**
 * What a stack between two nodes may cost, worked out as far as the search asks: a bound of the stack, bounds of its
 * candidates, then look by look one candidate: bounds of its tiles, the cost of its most frequent tiles, its cost.
 */
import { stackGraph, type StackGraph } from '../analysis/stack-graph.js';
import { known } from '../base/assert.js';
import { stackId } from '../base/ids.js';
import type { Stack } from '../ir/stack.js';
import type { TiledStack } from '../ir/tile.js';
import { evaluateTiled } from '../schedule/evaluate-stack.js';
import type { HandOver } from '../schedule/hand-over.js';
import type { Hierarchy } from '../schedule/hierarchy.js';
import { tileStack } from '../schedule/tile-stack.js';
import type { Places } from './bounds.js';
import type { Point } from './layer-bound.js';
import { LazyEdge, type Candidate, type CostedPoint, type Known } from './lazy-edge.js';
import type { SpaceRequest } from './space.js';
import type { Stretch } from './stretches.js';
import { candidatesOf } from './tile-candidates.js';

/** What all candidates of a stack have in common. */
interface Setting {
  readonly request: SpaceRequest;
  readonly hierarchy: Hierarchy;
  readonly stretch: Stretch;
  readonly handOver: HandOver;
  readonly places: Places;
}

export function lazyStack(
  request: SpaceRequest,
  hierarchy: Hierarchy,
  stretch: Stretch,
  handOver: HandOver,
): LazyEdge {
  const { bounds, settings, unroll } = request;
  const places = {
    inputs: (map: Parameters<Places['inputs']>[0]) => handOver.maps.get(map) ?? hierarchy.top,
    output: handOver.output,
  };
  const setting = { request, hierarchy, stretch, handOver, places };
  const bound = bounds.stretch(stretch, places);
  const expand = (): readonly Known[] => {
    const graph = graphOf(setting);
    const candidates = candidatesOf(graph, hierarchy, unroll, settings);
    request.listed(candidates.length);
    return candidates.map((candidate) => ({
      candidate,
      bound: sum(bound, bounds.candidate(stretch, graph, candidate)),
      points: undefined,
      looks: 0,
    }));
  };
  return new LazyEdge(bound, expand, (entry) => lookCloser(setting, entry));
}

const graphOf = ({ request, stretch }: Setting): StackGraph =>
  stackGraph(
    request.workload,
    stretch.layers.map(({ id }) => id),
  );

export function stackOf(
  hierarchy: Hierarchy,
  { layers }: Stretch,
  output: number,
  candidate: Candidate,
): Stack {
  const handOver = hierarchy.memory(output).id;
  return { id: stackId(0), layers: layers.map(({ id }) => id), ...candidate, handOver };
}

function lookCloser(setting: Setting, entry: Known): Known {
  const { request, hierarchy, stretch, handOver } = setting;
  const { workload, profile } = request;
  const looked = { ...entry, looks: entry.looks + 1 };
  const tiled = tileStack(workload, stackOf(hierarchy, stretch, handOver.output, entry.candidate), profile);
  const bounds = request.bounds.tiles(graphOf(setting), tiled, setting.places);
  const counts = tiled.types.map(({ count }) => count);
  if (looked.looks === 1) return raised(looked, total(bounds, counts));
  const most = counts.indexOf(Math.max(...counts));
  if (looked.looks === 2 && counts.length > 1) {
    const costs = costsOf(setting, { ...tiled, types: [known(tiled.types[most], 'tile type')] });
    const rest = total(bounds, counts.with(most, 0));
    return costs.length === 0 ? { ...looked, points: [] } : raised(looked, sum(least(costs), rest));
  }
  request.evaluated();
  return { ...looked, points: undominated(costsOf(setting, tiled)) };
}

const raised = (entry: Known, { energyPj, latencyCycles }: Point): Known => ({
  ...entry,
  bound: {
    energyPj: Math.max(entry.bound.energyPj, energyPj),
    latencyCycles: Math.max(entry.bound.latencyCycles, latencyCycles),
  },
});

const sum = (one: Point, other: Point): Point => ({
  energyPj: one.energyPj + other.energyPj,
  latencyCycles: one.latencyCycles + other.latencyCycles,
});

const total = (points: readonly Point[], counts: readonly number[]): Point => ({
  energyPj: points.reduce((all, { energyPj }, t) => all + energyPj * counts[t]!, 0),
  latencyCycles: points.reduce((all, { latencyCycles }, t) => all + latencyCycles * counts[t]!, 0),
});

const least = (points: readonly Point[]): Point => ({
  energyPj: Math.min(...points.map(({ energyPj }) => energyPj)),
  latencyCycles: Math.min(...points.map(({ latencyCycles }) => latencyCycles)),
});

/** What the tiles cost, with each mapper for which they are feasible. */
function costsOf({ request, handOver }: Setting, tiled: TiledStack): readonly CostedPoint[] {
  const { workload, hw, profile, mappers } = request;
  return mappers.flatMap(({ name, mapper }): CostedPoint[] => {
    const result = evaluateTiled(workload, tiled, hw, profile, mapper, handOver);
    if (result.kind === 'infeasible') return [];
    const { energyPj, latencyCycles } = result.cost.totals;
    return [{ mapper: name, energyPj, latencyCycles }];
  });
}

/** The points of a candidate: one per mapper, those that are worse than another left out. */
const undominated = (points: readonly CostedPoint[]): readonly CostedPoint[] =>
  points.filter((point, i) => !points.some((other, j) => isBetter(other, point, j < i)));

/** No worse in both, and better in one or (`first`) named before. */
const isBetter = (one: CostedPoint, other: CostedPoint, first: boolean): boolean =>
  one.energyPj <= other.energyPj &&
  one.latencyCycles <= other.latencyCycles &&
  (first || one.energyPj < other.energyPj || one.latencyCycles < other.latencyCycles);
