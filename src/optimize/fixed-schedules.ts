/**
 * Schedules known without a search, evaluated before it: the best of them is an answer at any time. They are made of
 * candidates of the search, so nothing is evaluated twice.
 */
import { workloadIndex } from '../analysis/workload-index.js';
import { known } from '../base/assert.js';
import type { Workload } from '../ir/layer.js';
import type { Objective } from '../ir/search.js';
import type { TileSize } from '../ir/stack.js';
import { ENERGY, LATENCY } from './hull.js';
import { evaluatedCost, openCost, weigh, type Choice, type Known, type Weights } from './lazy-edge.js';
import { lowestOf, type Point } from './layer-bound.js';
import { valueOf, within, type Limits } from './limited.js';
import { totalOf, type Way } from './shortest-path.js';
import type { FixedSchedules, StackEdge } from './space.js';
import { candidateKey, clamped, modesOf, type CandidateSettings } from './tile-candidates.js';

interface Goal {
  readonly objective: Objective;
  readonly limits: Limits;
}

/** One tile and mode for all stacks: per stack, the position of its candidate. */
type Strategy = readonly number[];

/**
 * The first tile there is, whatever it takes: unless tiles are given it is the full map, which is soon evaluated, for
 * it makes one tile type. Then `lookAround`, which may know something better. Then, as long as there is time, those that
 * may be the best, by a bound that rises look by look: of the coarse ladder, and of the finer one. Of the others no more
 * is known than that they are not.
 */
export function evaluateFixed(
  workload: Workload,
  { edges, tiles, finer }: FixedSchedules,
  settings: CandidateSettings,
  goal: Goal,
  lookAround: (best: Way) => readonly Way[],
  outOfTime: () => boolean,
): readonly Way[] {
  if (edges.length === 0) return [];
  const ways: Way[] = [];
  const stop = (): boolean => ways.length > 0 && outOfTime();
  evaluateAlike(workload, edges, tiles.slice(0, 1), settings, goal, stop, ways);
  const [first] = ways;
  if (first) ways.push(...lookAround(first));
  for (const some of [tiles, finer]) evaluateAlike(workload, edges, some, settings, goal, stop, ways);
  return ways;
}

/** Adds to the ways that are known. */
function evaluateAlike(
  workload: Workload,
  edges: readonly StackEdge[],
  tiles: readonly TileSize[],
  settings: CandidateSettings,
  goal: Goal,
  stop: () => boolean,
  ways: Way[],
): void {
  const strategies = modesOf(settings).flatMap((mode) =>
    tiles.map((tile) =>
      edges.map((edge): number => {
        const key = candidateKey(clamped(tile, mode, sinkMap(workload, edge)));
        const alike = edge.lazy
          .all()
          .map(({ candidate }) => candidateKey(candidate) === key && candidate.mode);
        return alike.includes(mode) ? alike.indexOf(mode) : alike.findIndex((other) => other !== false);
      }),
    ),
  );
  const bounded = strategies
    .map((strategy) => ({ strategy, bound: valueOf(goal.objective, leastOf(edges, strategy)) }))
    .toSorted((a, b) => a.bound - b.bound);
  const weights = weightsFor(goal);
  for (const { strategy } of bounded) {
    const mayBeBest = (bound: Point): boolean =>
      !stop() && bound.energyPj < Infinity && ways.every(({ total }) => mayBeat(goal, bound, total));
    if (evaluate(edges, strategy, weights, mayBeBest))
      ways.push(...weights.map((w) => wayOf(edges, strategy, w)));
  }
}

function sinkMap(workload: Workload, { stretch }: StackEdge): { readonly x: number; readonly y: number } {
  const { width, height } = workloadIndex(workload).map(known(stretch.layers.at(-1), 'sink').output.map);
  return { x: width, y: height };
}

/** Looks at all stacks in turn, closer and closer, as long as it is worth while. False: it is not, or nothing fits. */
function evaluate(
  edges: readonly StackEdge[],
  strategy: Strategy,
  weights: readonly Weights[],
  mayBeBest: (bound: Point) => boolean,
): boolean {
  const isOpen = (edge: StackEdge, i: number): boolean => {
    const entry = entryOf(edge, strategy[i]);
    return weights.some((w) => openCost(entry, w) < evaluatedCost(entry, w));
  };
  for (;;) {
    const open = edges.flatMap((edge, i) => (isOpen(edge, i) ? [{ edge, at: strategy[i] }] : []));
    let bound = leastOf(edges, strategy);
    if (open.length === 0) return mayBeBest(bound);
    for (const { edge, at } of open) {
      if (!mayBeBest(bound)) return false;
      const before = leastOfEntry(edge, at);
      edge.lazy.learn(known(at, 'position'));
      const after = leastOfEntry(edge, at);
      bound = {
        energyPj: bound.energyPj - before.energyPj + after.energyPj,
        latencyCycles: bound.latencyCycles - before.latencyCycles + after.latencyCycles,
      };
    }
  }
}

const entryOf = ({ lazy }: StackEdge, at: number | undefined): Known =>
  known(lazy.all()[known(at, 'position')], 'candidate');

/** What a schedule costs at least; infinite if a stack does not fit. */
const leastOf = (edges: readonly StackEdge[], strategy: Strategy): Point =>
  totalOf(edges.map((edge, i) => leastOfEntry(edge, strategy[i])));

function leastOfEntry(edge: StackEdge, at: number | undefined): Point {
  const { points, open } = entryOf(edge, at);
  return lowestOf([...points, ...(open ? [open] : [])]);
}

/** What is as good as the best, or unlike it within the limits, is worth a look. */
function mayBeat({ objective, limits }: Goal, bound: Point, best: Point): boolean {
  if (!within(best, limits)) return true;
  return within(bound, limits) && valueOf(objective, bound) < valueOf(objective, best);
}

/** By what the mappings of all stacks are chosen: where both count, each in turn. */
function weightsFor({ objective, limits }: Goal): readonly Weights[] {
  const limited = Math.min(limits.energyPj, limits.latencyCycles) < Infinity;
  if (objective === 'edp' || limited) return [ENERGY, LATENCY];
  return [objective === 'energy' ? ENERGY : LATENCY];
}

function wayOf(edges: readonly StackEdge[], strategy: Strategy, weights: Weights): Way {
  const steps = edges.map((edge, i) => {
    const { candidate, points } = entryOf(edge, strategy[i]);
    const point = known(points.toSorted((a, b) => weigh(a, weights) - weigh(b, weights))[0], 'point');
    return { edge, choice: { candidate, point } satisfies Choice };
  });
  return { steps, total: totalOf(steps.map(({ choice }) => choice.point)) };
}
