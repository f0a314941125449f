/** Of ways that are equally good in one of energy and latency, the one that is best in the other respect. */
import type { Objective } from '../ir/search.js';
import { knownFront, learnWanted, type Wanted } from './front.js';
import type { Point } from './layer-bound.js';
import { within, type Limits } from './limited.js';
import type { SearchGraph, Way } from './shortest-path.js';

/** Sums of the same terms in another order. */
export const TOLERANCE = 1e-9;

/**
 * Energy and latency have each other; a product has both already. Exact for the candidates: all that could tie is
 * evaluated, unless it is told to `stop`.
 */
export function tieBroken(
  graph: SearchGraph,
  objective: Objective,
  limits: Limits,
  way: Way,
  stop: () => boolean,
): Way {
  if (objective === 'edp') return way;
  const [least, other] =
    objective === 'energy'
      ? (['energyPj', 'latencyCycles'] as const)
      : (['latencyCycles', 'energyPj'] as const);
  const most = { ...limits, [least]: Math.min(limits[least], way.total[least] * (1 + TOLERANCE)) };
  let best = way;
  const wanted: Wanted = (point) => within(point, most) && point[other] < best.total[other];
  const better = (point: Point): boolean => point[other] < best.total[other];
  const lookAround = (): void => {
    for (const found of knownFront(graph, wanted)) if (better(found.total)) best = found;
  };
  lookAround();
  while (!stop() && learnWanted(graph, [], wanted, stop)) lookAround();
  return best;
}

/** Of a front by rising energy: ways that are equal to another in energy, or in latency, and worse in the other left out. */
export function toldApart(front: readonly Way[]): readonly Way[] {
  const kept: Way[] = [];
  /** Where those of equal energy begin. */
  let leastPj = -Infinity;
  for (const way of front) {
    const { energyPj, latencyCycles } = way.total;
    const last = kept.at(-1);
    if (energyPj <= leastPj * (1 + TOLERANCE)) kept[kept.length - 1] = way;
    else if (!last || latencyCycles < last.total.latencyCycles * (1 - TOLERANCE)) {
      leastPj = energyPj;
      kept.push(way);
    }
  }
  return kept;
}
