/**
 * What one tile moves of an operand, as latency counts it: in the busiest instance and the busiest cycle, unrollings
 * rounded up (reference model, 1.5; docs/lower-bound.md, formulas 11 and 12).
 */
import { fanOutNumbers } from '../cost/fan-out.js';
import { Footprint } from '../cost/footprint.js';
import { valueOf, wholeUnrolls, type SpatialLoop } from '../cost/nest.js';
import type { Rounding } from '../cost/rounding.js';
import type { LoopDim } from '../ir/layer.js';
import type { TileOperand, TileWindow } from '../ir/layer-tile.js';

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

/** `loops`: by level; `countOf`: steps along a dim; `limits`: by window, elements along it that there are, at least. */
export function trafficOf(
  operand: TileOperand,
  loops: readonly (readonly SpatialLoop[])[],
  countOf: (dim: LoopDim) => number,
  limits: readonly number[],
  rounding: Rounding,
): Traffic {
  const windows = operand.windows.map((window, w): TileWindow => ({ ...window, limit: limits[w]! }));
  const there = { ...operand, windows };
  const whole = loops.map(wholeUnrolls);
  const { perCycle } = fanOutNumbers(there, whole, rounding);
  const footprint = new Footprint(there, rounding.extent);
  const below = footprint.dims.map(countOf);
  const average = below.slice();
  const hops: HopTraffic[] = [];
  for (let a = 1; a < operand.levels.length; a++) {
    spread(below, whole[a - 1]!, footprint);
    spread(average, loops[a - 1]!, footprint);
    const elements = footprint.elements(below);
    hops.push({
      below: elements,
      above: elements * perCycle[a]!,
      average: footprint.elements(average),
    });
  }
  return { inStep: perCycle[0]!, hops };
}

/** Iterations by dim, with those of loops over the array. */
function spread(iterations: number[], loops: readonly SpatialLoop[], { dims }: Footprint): void {
  for (const { dim, unroll } of loops) {
    const at = dims.indexOf(dim);
    if (at >= 0) iterations[at]! *= valueOf(unroll);
  }
}

/** Elements of some loops with all unrollings rounded up, in one instance above them. */
export function mostElements(
  operand: TileOperand,
  loops: readonly (readonly SpatialLoop[])[],
  countOf: (dim: LoopDim) => number,
  { extent }: Rounding,
): number {
  const footprint = new Footprint(operand, extent);
  const iterations = footprint.dims.map(countOf);
  for (const level of loops) spread(iterations, wholeUnrolls(level), footprint);
  return footprint.elements(iterations);
}
