/**
 * Why a schedule is as it is, stack by stack: the memory that is too small to hold everything, the next-best tile or
 * mode, and what another cut would cost. Alternatives are looked at as far as a few evaluations take.
 */
import { faultText } from '../analysis/fault-text.js';
import { stackFault } from '../analysis/legal-stacks.js';
import { known } from '../base/assert.js';
import { firstPosition } from '../base/first-position.js';
import type { StackId } from '../base/ids.js';
import type { Alternative, BindingMemory, RejectedCut, StackReason } from '../ir/search.js';
import type { StackAllocation } from '../ir/alloc.js';
import { holds, type Hierarchy } from '../schedule/hierarchy.js';
import { evaluatedCost, openCost, weigh, type Choice, type LazyEdge, type Weights } from './lazy-edge.js';
import { distances } from './distances.js';
import type { Point } from './layer-bound.js';
import { within, type Limits } from './limited.js';
import { cheapestWay, totalOf, type Way } from './shortest-path.js';
import type { Space, SpaceRequest, StackEdge } from './space.js';
import { TOLERANCE } from './ties.js';

/** Of stacks that cuts given by the user leave out, legal or not. */
const NOT_LOOKED_AT = 'not among the stacks that were to be looked at';

/** Steps of refinement that a comparison with what was not chosen may take. */
const PATIENCE = 12;

/** An edge between the two ends of a stack. */
type PartEdge = Pick<StackEdge, 'from' | 'to' | 'span' | 'lazy' | 'stretch'>;

export interface ReasonContext {
  readonly space: Space;
  readonly request: Pick<SpaceRequest, 'workload' | 'profile' | 'stretches'>;
  readonly hierarchy: Hierarchy;
  readonly limits: Limits;
  /** How much of the objective energy and latency are worth where the schedule is. */
  readonly weights: Weights;
  /** The chosen stack as it is allocated. */
  readonly allocationOf: (index: number) => StackAllocation;
  /** From then on only what is known already is told. */
  readonly outOfTime: () => boolean;
}

export function reasonsFor(
  context: ReasonContext,
  way: Way,
  ids: readonly StackId[],
): readonly StackReason[] {
  return way.steps.map(({ edge, choice }, i): StackReason => {
    const next = way.steps[i + 1];
    const room = roomFor([choice.point], way, context.limits);
    const roomOfBoth = roomFor([choice.point, ...(next ? [next.choice.point] : [])], way, context.limits);
    return {
      stack: known(ids[i], 'stack'),
      cost: { energyPj: choice.point.energyPj, latencyCycles: choice.point.latencyCycles },
      binding: bindingMemory(context.allocationOf(i), context.hierarchy),
      nextBest: marked(nextBest(edge.lazy, choice, context), room),
      cutUp:
        (edge as StackEdge).stretch.layers.length > 1
          ? marked(cutUp(context, edge as StackEdge), room)
          : null,
      joined: next ? marked(joined(context, edge as StackEdge, next.edge as StackEdge), roomOfBoth) : null,
    };
  });
}

/** What the limits leave for other stacks in place of some of a way; no less for sums in another order. */
function roomFor(own: readonly Point[], { total }: Way, limits: Limits): Limits {
  const left = (of: keyof Point): number =>
    own.reduce((sum, point) => sum + point[of], limits[of] * (1 + TOLERANCE) - total[of]);
  return { energyPj: left('energyPj'), latencyCycles: left('latencyCycles') };
}

const marked = <T extends Alternative | RejectedCut | null>(other: T, room: Limits): T =>
  other === null || !('energyPj' in other) || within(other, room) ? other : { ...other, beyondLimits: true };

/** The lowest memory for inputs and outputs, or else for weights, that does not hold all there is in the stack. */
function bindingMemory(
  { types, weightBits, handOver }: StackAllocation,
  { levels, memory, single, top }: Hierarchy,
): BindingMemory | null {
  const live = Math.max(
    ...types.map(
      ({ aliveBits, hCacheBits, vCacheBits, cornerBits }) => aliveBits + hCacheBits + vCacheBits - cornerBits,
    ),
  );
  const takenIn = (index: number): number =>
    handOver?.taken.find((taken) => taken.memory === memory(index).id)?.bits ?? 0;
  const shared = levels.O.find((index) => index < top && single(index) && holds(memory(index), 'I'));
  if (shared !== undefined) {
    const demandBits = live + takenIn(shared) + (holds(memory(shared), 'W') ? weightBits : 0);
    const { id, sizeBits } = memory(shared);
    if (demandBits > sizeBits) return { memory: id, holds: 'activations', demandBits, boundBits: sizeBits };
  }
  const weights = levels.W.find((index) => index < top && single(index));
  if (weights === undefined) return null;
  const { id, sizeBits } = memory(weights);
  return weightBits > sizeBits
    ? { memory: id, holds: 'weights', demandBits: weightBits, boundBits: sizeBits }
    : null;
}

/** The best other tile or mode, all mappers considered. */
function nextBest(
  lazy: LazyEdge,
  { candidate }: Choice,
  { weights, outOfTime }: ReasonContext,
): Alternative | null {
  for (;;) {
    const others = lazy.all().flatMap((entry, at) => (entry.candidate === candidate ? [] : [{ entry, at }]));
    const [evaluated, open] = [
      leastBy(others, ({ entry }) => evaluatedCost(entry, weights)),
      outOfTime() ? undefined : leastBy(others, ({ entry }) => openCost(entry, weights)),
    ];
    if (open && !(evaluated && evaluated.cost <= open.cost)) {
      lazy.learn(open.one.at);
      continue;
    }
    if (evaluated === undefined) return null;
    const { entry } = evaluated.one;
    const point = leastBy(entry.points, (one) => weigh(one, weights))?.one;
    return point
      ? { ...entry.candidate, energyPj: point.energyPj, latencyCycles: point.latencyCycles }
      : null;
  }
}

/** The first of those that cost least; undefined: all cost infinitely much. */
function leastBy<T>(
  some: readonly T[],
  costOf: (one: T) => number,
): { readonly one: T; readonly cost: number } | undefined {
  let least: { readonly one: T; readonly cost: number } | undefined;
  for (const one of some) {
    const cost = costOf(one);
    if (cost < (least?.cost ?? Infinity)) least = { one, cost };
  }
  return least;
}

/** The best way from one end of a stack to the other that is not this stack. */
function cutUp({ space, weights, outOfTime }: ReasonContext, { from, to }: StackEdge): RejectedCut {
  const edges = space.edges
    .slice(firstFrom(space, from), firstFrom(space, to))
    .filter((edge) => edge.to <= to && !(edge.from === from && edge.to === to))
    .map(({ from: a, to: b, lazy, stretch, span }) => ({
      from: a - from,
      to: b - from,
      lazy,
      stretch,
      span,
    }));
  const part = { nodes: to - from + 1, edges };
  if (!hasWay(part)) return { kind: 'illegal', why: NOT_LOOKED_AT };
  let steps = 0;
  const solution = cheapestWay(part, weights, () => steps++ >= PATIENCE || outOfTime());
  if (solution.kind === 'infeasible')
    return { kind: 'illegal', why: 'no cut inside it leaves stacks that are legal and fit' };
  const path =
    solution.kind === 'optimal' ? solution.way.steps.map(({ edge }) => edge) : cheapestBound(part, weights);
  const total =
    solution.kind === 'optimal' ? solution.way.total : totalOf(path.map(({ lazy }) => lazy.lowest()));
  const sinks = path.map((edge) => known((edge as StackEdge).stretch.layers.at(-1), 'sink').id);
  return { kind: 'costs-more', exact: solution.kind === 'optimal', sinks, ...total };
}

/** Where the cuts are given there is no other way, whatever would be legal. */
const hasWay = (part: { readonly nodes: number; readonly edges: readonly PartEdge[] }): boolean =>
  known(distances(part, () => 1).cost.at(-1), 'end') < Infinity;

/** Position of the first edge that begins at a node or behind it: edges are in that order. */
const firstFrom = ({ edges }: Space, node: number): number =>
  firstPosition(edges.length, (e) => known(edges[e], 'edge').from >= node);

function cheapestBound(
  part: {
    readonly nodes: number;
    readonly edges: readonly PartEdge[];
  },
  weights: Weights,
): readonly PartEdge[] {
  const { via } = distances(part, ({ lazy }) => lazy.least(weights));
  const path: PartEdge[] = [];
  for (let node = part.nodes - 1; node > 0;) {
    const edge = known(part.edges[known(via[node], 'edge')], 'edge');
    path.push(edge);
    node = edge.from;
  }
  return path.reverse();
}

/** A stack and the next one as a single one. */
function joined(
  { space, request, weights, outOfTime }: ReasonContext,
  first: StackEdge,
  second: StackEdge,
): RejectedCut {
  const edge = space.edges
    .slice(firstFrom(space, first.from), firstFrom(space, first.from + 1))
    .find(({ to }) => to === second.to);
  if (edge === undefined) return { kind: 'illegal', why: whyNot(request, first, second) };
  for (let steps = 0; steps < PATIENCE && !edge.lazy.settled(weights) && !outOfTime(); steps++)
    edge.lazy.refine(weights);
  if (edge.lazy.least(weights) === Infinity)
    return { kind: 'illegal', why: 'together they fit no choice of memory levels' };
  const exact = edge.lazy.settled(weights);
  const best = exact ? edge.lazy.best(weights)?.point : undefined;
  const { energyPj, latencyCycles } = best ?? edge.lazy.lowest();
  const sink = known(second.stretch.layers.at(-1), 'sink').id;
  return { kind: 'costs-more', exact, sinks: [sink], energyPj, latencyCycles };
}

function whyNot(
  { workload, profile }: ReasonContext['request'],
  first: StackEdge,
  second: StackEdge,
): string {
  const layers = [...first.stretch.layers, ...second.stretch.layers];
  const fault = stackFault(workload, layers, profile.barriers);
  return fault === undefined ? NOT_LOOKED_AT : faultText(fault);
}
