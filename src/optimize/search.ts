/** Chooses a schedule: the best way through the search space for an objective, within limits, and says why it is that. */
import { known } from '../base/assert.js';
import { stackId, type LayerId } from '../base/ids.js';
import type { Profile } from '../base/profile.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { Workload } from '../ir/layer.js';
import type { NamedMapper } from '../ir/layer-tile.js';
import type { Objective, ScheduleSearch } from '../ir/search.js';
import type { Stack } from '../ir/stack.js';
import { hierarchyOf } from '../schedule/hierarchy.js';
import { unrollingsOf } from '../schedule/layer-problem.js';
import { boundedBy, boundsOf, type Bounds } from './bounds.js';
import { chooseWay, type Anytime } from './choose-way.js';
import { evaluateFixed } from './fixed-schedules.js';
import { valueOf, weightsAt, wholeFront, type Limits } from './limited.js';
import { reasonsFor } from './reasons.js';
import { probes } from './probes.js';
import { cheapestKnownWay, type Way } from './shortest-path.js';
import { allocationOf, searchSpace, type Space, type StackEdge } from './space.js';
import { legalStretches, type Stretch } from './stretches.js';
import type { CandidateSettings } from './tile-candidates.js';
import { toldApart } from './ties.js';

export interface OptimizeRequest {
  readonly workload: Workload;
  readonly hw: Accelerator;
  readonly profile: Profile;
  readonly mappers: readonly NamedMapper[];
  readonly objective: Objective;
  /** Infinity: none. */
  readonly limits: Limits;
  /** Whether the whole front is wanted. */
  readonly front: boolean;
  readonly settings: CandidateSettings;
  /** Absent: all legal stacks. */
  readonly stretches?: readonly Stretch[];
  /** Last layers of the stacks that a rule cuts: schedules of these are known without a search. */
  readonly sinks: readonly LayerId[];
  /** Absent: the search runs to its end. Where it may be cut, schedules that are known without it come first. */
  readonly outOfTime?: () => boolean;
  readonly progress: (done: number, total: number, label: string) => void;
}

export interface Optimized {
  readonly stacks: readonly Stack[];
  readonly search: ScheduleSearch;
  /** False: no candidate schedule is within the limits; this one comes nearest. */
  readonly withinLimits: boolean;
}

/** Undefined: no way to schedule the network is feasible. */
export function optimizeSchedule(request: OptimizeRequest): Optimized | undefined {
  const mappers = mappersFor(request);
  const byEnergy = mappers.filter(({ name }) => name === 'energy');
  const mayEnd = request.outOfTime;
  const ground = groundOf(request, mappers);
  if (mayEnd === undefined || !isProduct(request) || byEnergy.length === mappers.length)
    return searchOver(request, ground, mappers)?.found;
  return energyFirst(request, ground, byEnergy, mappers, mayEnd);
}

/** Energy times latency and nothing else. */
const isProduct = ({ objective, limits, front }: OptimizeRequest): boolean =>
  objective === 'edp' && !front && Math.min(limits.energyPj, limits.latencyCycles) === Infinity;

/**
 * Mappings of least latency take many times as long to find as those of least energy, and these are mostly nearly as
 * fast. So where time may be up, what is known without a search comes first, then the search over mappings of least
 * energy, and the search over both with what time is left.
 */
function energyFirst(
  request: OptimizeRequest,
  ground: Ground,
  byEnergy: readonly NamedMapper[],
  mappers: readonly NamedMapper[],
  outOfTime: () => boolean,
): Optimized | undefined {
  const start = searchOver({ ...request, outOfTime: () => true }, ground, mappers);
  if (start === undefined || outOfTime()) return start?.found;
  const first = searchOver(request, ground, byEnergy);
  const both = outOfTime() ? undefined : searchOver(request, ground, mappers);
  const least = both?.found.search.leastOfCandidates ?? start.leastOfAll;
  const best = [both, first, start].reduce((a, b) => (b && (!a || b.value < a.value) ? b : a), undefined);
  if (best === undefined || best === both) return best?.found;
  return { ...best.found, search: { ...best.found.search, proven: false, leastOfCandidates: least } };
}

/** A schedule, its objective, and what the objective of every schedule is at least. */
interface Searched {
  readonly found: Optimized;
  readonly value: number;
  readonly leastOfAll: number;
}

/** What searches over any mappers have in common. */
interface Ground {
  readonly bounds: Bounds;
  readonly stretches: readonly Stretch[];
  /** Positions of the cuts there are, the two ends included. */
  readonly cuts: readonly number[];
}

function groundOf(
  { workload, hw, profile, stretches, sinks }: OptimizeRequest,
  mappers: readonly NamedMapper[],
): Ground {
  const cuts = cutsAfter(workload, sinks);
  return {
    bounds: boundsOf(workload, hw, profile, (layer) => unrollingsOf(layer, hw), boundedBy(mappers)),
    stretches: stretches ?? legalStretches(workload, profile.barriers, cuts),
    cuts,
  };
}

function searchOver(
  request: OptimizeRequest,
  { bounds, stretches, cuts }: Ground,
  mappers: readonly NamedMapper[],
): Searched | undefined {
  const { hw, profile, objective, limits } = request;
  const outOfTime = request.outOfTime ?? ((): boolean => false);
  let [evaluations, listed] = [0, 0];
  const spaceRequest = {
    ...request,
    mappers,
    bounds,
    stretches,
    cuts,
    unroll: unrolledPixels(hw),
    listed: (candidates: number): void => {
      listed += candidates;
    },
    evaluated: (): void => {
      evaluations++;
      request.progress(evaluations, listed, 'candidates evaluated, those left that may be better');
    },
  };
  const space = searchSpace(spaceRequest);
  const chosen = chooseWay(
    space,
    objective,
    limits,
    request.outOfTime && anytime(space, request, request.outOfTime),
  );
  if (chosen === undefined) return undefined;
  const stacksOf = (way: Way): readonly Stack[] => stacksOfWay(way, hw, request.mappers[0]?.name);
  const front = request.front ? wholeFront(space, outOfTime) : undefined;
  const stacks = stacksOf(chosen.way);
  const reasons = reasonsFor(
    {
      space,
      request: spaceRequest,
      hierarchy: hierarchyOf(hw),
      limits,
      weights: weightsAt(objective, chosen.way.total),
      outOfTime,
      allocationOf: (i) => allocationOf(spaceRequest, known(chosen.way.steps[i], 'step')),
    },
    chosen.way,
    stacks.map(({ id }) => id),
  );
  const orNull = (limit: number): number | null => (limit === Infinity ? null : limit);
  const found: Optimized = {
    stacks,
    withinLimits: chosen.withinLimits,
    search: {
      objective,
      limits: { energyPj: orNull(limits.energyPj), latencyCycles: orNull(limits.latencyCycles) },
      proven: chosen.proven,
      leastOfCandidates: chosen.least,
      bound: profile.fractions === 'real' ? bounds.network() : null,
      reasons,
      front:
        front === undefined
          ? null
          : {
              within: front.within ?? null,
              points: toldApart(front.ways).map((way) => ({
                ...way.total,
                stacks: stacksOf(way).map(({ id: _, ...decision }) => decision),
              })),
            },
      counts: { stacks: stretches.length, placedStacks: space.edges.length, evaluations },
    },
  };
  return {
    found,
    value: valueOf(objective, chosen.way.total),
    leastOfAll: valueOf(objective, bounds.network()),
  };
}

/**
 * Where only one of energy and latency matters, so does only the mapper that minimises it. Where both do, another
 * unrolling that is better in one may be worse in the other: then mappings with a layer's own are candidates as well.
 */
function mappersFor({
  workload,
  mappers,
  objective,
  limits,
  front,
}: OptimizeRequest): readonly NamedMapper[] {
  const all = mappers.filter(({ unrollings }) => unrollings === 'all');
  const both = front || objective === 'edp' || Math.min(limits.energyPj, limits.latencyCycles) < Infinity;
  if (both) return workload.layers.some(({ otherUnrollings }) => otherUnrollings) ? mappers : all;
  const named = all.filter(({ name }) => name === objective);
  return named.length > 0 ? named : all;
}

/** Positions after the given layers; with a rule that repeats layers, as if each were there once. */
function cutsAfter({ layers }: Workload, sinks: readonly LayerId[]): readonly number[] {
  const last = new Set(sinks);
  return [0, ...layers.flatMap(({ id }, i) => (last.has(id) ? [i + 1] : []))];
}

/** A search that may be cut begins with schedules that are soon known, and with what looks best. */
function anytime(
  space: Space,
  { workload, settings, objective, limits }: OptimizeRequest,
  outOfTime: () => boolean,
): Anytime {
  const probe = probes(space, space.fixed.edges, outOfTime);
  const lookAround = (way: Way): readonly Way[] => {
    const weights = weightsAt(objective, way.total);
    probe(weights);
    return [cheapestKnownWay(space, weights) ?? way];
  };
  const goal = { objective, limits };
  const fixed = evaluateFixed(workload, space.fixed, settings, goal, lookAround, outOfTime);
  return { outOfTime, fixed, probe };
}

/** `usual`: what mappings minimise unless a stack says otherwise. */
const stacksOfWay = ({ steps }: Way, hw: Accelerator, usual: string | undefined): readonly Stack[] =>
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
