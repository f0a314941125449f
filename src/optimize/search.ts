/** Chooses a schedule: the cheapest way through the search space, for one objective. */
import { stackId } from '../base/ids.js';
import type { Profile } from '../base/profile.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { Workload } from '../ir/layer.js';
import type { NamedMapper } from '../ir/layer-tile.js';
import type { Objective, ScheduleSearch } from '../ir/search.js';
import type { Stack } from '../ir/stack.js';
import { hierarchyOf } from '../schedule/hierarchy.js';
import { chooseUnrolling } from '../mapping/spatial.js';
import { boundsOf } from './bounds.js';
import { edpOf, ENERGY, LATENCY, leastProduct } from './hull.js';
import type { Point } from './layer-bound.js';
import type { Weights } from './lazy-edge.js';
import { cheapestKnownWay, cheapestWay, type Way } from './shortest-path.js';
import { searchSpace, type Space, type StackEdge } from './space.js';
import { legalStretches, type Stretch } from './stretches.js';
import type { CandidateSettings } from './tile-candidates.js';

export interface OptimizeRequest {
  readonly workload: Workload;
  readonly hw: Accelerator;
  readonly profile: Profile;
  readonly mappers: readonly NamedMapper[];
  readonly objective: Objective;
  readonly settings: CandidateSettings;
  /** Absent: all legal stacks. */
  readonly stretches?: readonly Stretch[];
  readonly outOfTime: () => boolean;
  readonly progress: (done: number, total: number, label: string) => void;
}

export interface Optimized {
  readonly stacks: readonly Stack[];
  readonly search: ScheduleSearch;
}

export const valueOf = (objective: Objective, point: Point): number =>
  objective === 'energy' ? point.energyPj : objective === 'latency' ? point.latencyCycles : edpOf(point);

/** Undefined: no way to schedule the network is feasible. */
export function optimizeSchedule(request: OptimizeRequest): Optimized | undefined {
  const { workload, hw, profile, objective } = request;
  let [evaluations, listed] = [0, 0];
  const bounds = boundsOf(workload, hw, profile, ({ loops, unrolling, output, inputs }) => [
    chooseUnrolling(hw, loops, unrolling, [{ path: 'O', bits: output.bits, dims: output.dims }, ...inputs]),
  ]);
  const stretches = request.stretches ?? legalStretches(workload, profile.barriers);
  const space = searchSpace({
    ...request,
    bounds,
    stretches,
    unroll: unrolledPixels(hw),
    listed: (candidates) => {
      listed += candidates;
    },
    evaluated: () => {
      evaluations++;
      request.progress(evaluations, listed, 'candidates evaluated, those left that may be better');
    },
  });
  const found = solve(space, objective, request.outOfTime);
  if (found === undefined) return undefined;
  const { way, least } = found;
  const proven = least >= valueOf(objective, way.total) * (1 - 1e-9);
  return {
    stacks: stacksOf(way, hw, request.mappers[0]?.name),
    search: {
      objective,
      proven,
      leastOfCandidates: least,
      bound: profile.fractions === 'real' ? bounds.network() : null,
      counts: { stacks: stretches.length, placedStacks: space.edges.length, evaluations },
    },
  };
}

interface Found {
  readonly way: Way;
  readonly least: number;
}

function solve(space: Space, objective: Objective, outOfTime: () => boolean): Found | undefined {
  if (objective === 'edp') return solveProduct(space, outOfTime);
  const weights = objective === 'energy' ? ENERGY : LATENCY;
  const solution = cheapestWay(space, weights, () => outOfTime());
  if (solution.kind === 'optimal') return { way: solution.way, least: solution.cost };
  if (solution.kind === 'infeasible') return undefined;
  const way = anyWay(space, [weights], objective);
  return way && { way, least: solution.bound };
}

function solveProduct(space: Space, outOfTime: () => boolean): Found | undefined {
  const asked: Weights[] = [];
  const result = leastProduct((weights, stop) => {
    asked.push(weights);
    return cheapestWay(space, weights, (bound) => stop(bound) || outOfTime());
  });
  if (result === 'infeasible') return undefined;
  const way = anyWay(space, asked, 'edp', result.ways);
  return way && { way, least: result.bound };
}

/** The best way known; where none is complete, the search goes on until one is. */
function anyWay(
  space: Space,
  weights: readonly Weights[],
  objective: Objective,
  ways: readonly Way[] = [],
): Way | undefined {
  const known = [...ways, ...weights.flatMap((w) => cheapestKnownWay(space, w) ?? [])];
  const best = known.toSorted((a, b) => valueOf(objective, a.total) - valueOf(objective, b.total))[0];
  if (best) return best;
  const [first = ENERGY] = weights;
  const solution = cheapestWay(space, first, () => cheapestKnownWay(space, first) !== undefined);
  if (solution.kind === 'optimal') return solution.way;
  return solution.kind === 'infeasible' ? undefined : cheapestKnownWay(space, first);
}

/** `usual`: what mappings minimise unless a stack says otherwise. */
const stacksOf = ({ steps }: Way, hw: Accelerator, usual: string | undefined): readonly Stack[] =>
  steps.map(({ edge, choice }, i): Stack => {
    const { stretch, handOver } = edge as StackEdge;
    return {
      id: stackId(i),
      layers: stretch.layers.map(({ id }) => id),
      ...choice.candidate,
      handOver: hierarchyOf(hw).memory(handOver.output).id,
      ...(choice.point.mapper === usual ? {} : { mappedFor: choice.point.mapper }),
    };
  });

/** Output columns and rows that the array may compute at once. */
function unrolledPixels({ array, spatial }: Accelerator): { readonly x: number; readonly y: number } {
  const along = (dim: 'OX' | 'OY'): number =>
    spatial.reduce((units, entry) => {
      const size = array.dims.find(({ name }) => name === entry.array)?.size ?? 1;
      return entry.dims[0] === dim ? units * size : units;
    }, 1);
  return { x: along('OX'), y: along('OY') };
}
