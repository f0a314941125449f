/**
 * What one tile moves of an operand, as latency counts it: in the busiest instance and the busiest cycle, unrollings
 * rounded up (reference model, 1.5; docs/lower-bound.md, formulas 11 and 12).
 */
import { Footprint } from '../cost/footprint.js';
import { valueOf, type Ratio, type SpatialLoop } from '../cost/nest.js';
import type { Rounding } from '../cost/rounding.js';
import type { LoopDim } from '../ir/layer.js';
import type { TileWindow } from '../ir/layer-tile.js';
import type { Indexed } from './bound-layer.js';

/** Elements, at least. */
export interface Traffic {
  /** Between the array and an instance of the lowest memory, in every step. */
  readonly inStep: number;
  /** Per hop between neighbouring memories, bottom up. */
  readonly hops: readonly HopTraffic[];
}

/** Of all transfers together: what leaves or enters one instance below, and one above. */
export interface HopTraffic {
  readonly below: number;
  readonly above: number;
  /** Of an instance below; on average over the steps. */
  readonly average: number;
}

/**
 * `loops`: by level, and what no level serves; `countOf`: steps along a dim; `limits`: by window, elements along it that
 * there are, at least.
 */
export function trafficOf(
  operand: Indexed,
  loops: readonly (readonly SpatialLoop[])[],
  countOf: (dim: LoopDim) => number,
  limits: readonly number[],
  { extent }: Rounding,
): Traffic {
  const windows = operand.windows.map((window, w): TileWindow => ({ ...window, limit: limits[w]! }));
  const footprint = new Footprint({ relevant: operand.relevant, windows }, extent);
  const { dims } = footprint;
  const units = dims.map(() => 1);
  const below = dims.map(countOf);
  const average = below.slice();
  const hops: HopTraffic[] = [];
  let [inStep, held] = [1, 1];
  for (let a = 0; a < loops.length - 1; a++) {
    const elements = footprint.elements(below);
    const averageElements = footprint.elements(average);
    spread(units, loops[a]!, dims, wholeUnits);
    spread(below, loops[a]!, dims, wholeUnits);
    spread(average, loops[a]!, dims, valueOf);
    // What an instance gives to those below it at once: what is different in as many units as it serves.
    const wider = footprint.elements(units);
    const perCycle = wider / held;
    held = wider;
    if (a === 0) inStep = perCycle;
    else hops.push({ below: elements, above: elements * perCycle, average: averageElements });
  }
  return { inStep, hops };
}

/** Of two groups of loops together that index nothing in common. */
export const trafficOfBoth = (one: Traffic, other: Traffic): Traffic => ({
  inStep: one.inStep * other.inStep,
  hops: one.hops.map((hop, a): HopTraffic => {
    const { below, above, average } = other.hops[a]!;
    return { below: hop.below * below, above: hop.above * above, average: hop.average * average };
  }),
});

/** Elements of some loops with all unrollings rounded up, in one instance above them. */
export function mostElements(
  operand: Indexed,
  loops: readonly (readonly SpatialLoop[])[],
  countOf: (dim: LoopDim) => number,
  { extent }: Rounding,
): number {
  const footprint = new Footprint(operand, extent);
  const iterations = footprint.dims.map(countOf);
  for (const level of loops) spread(iterations, level, footprint.dims, wholeUnits);
  return footprint.elements(iterations);
}

/** Units in the busiest cycle. */
const wholeUnits = (unroll: Ratio): number => Math.ceil(valueOf(unroll));

/** Iterations by dim, times those of loops over the array. */
function spread(
  iterations: number[],
  loops: readonly SpatialLoop[],
  dims: readonly LoopDim[],
  unitsOf: (unroll: Ratio) => number,
): void {
  for (const { dim, unroll } of loops) {
    const at = dims.indexOf(dim);
    if (at >= 0) iterations[at]! *= unitsOf(unroll);
  }
}
