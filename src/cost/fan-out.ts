/**
 * Numbers that depend on the spatial mapping alone (cost-model.md 6.5). Index `a` counts architecture levels of one
 * operand: `a` = 0 is the array, `a` > 0 its memory `a-1`.
 */
import type { TileOperand } from '../ir/layer-tile.js';
import { Footprint } from './footprint.js';
import { valueOf, type SpatialLoop } from './nest.js';
import type { Rounding } from './rounding.js';

export interface FanOut {
  /** Different data items at level `a` over all its instances: the others hold copies. */
  readonly distinct: readonly number[];
  /** Active instances of level `a`. */
  readonly instances: readonly number[];
  /** Different items that one instance of memory `a` delivers to the instances below it at once. */
  readonly perCycle: readonly number[];
}

export function fanOutNumbers(
  operand: TileOperand,
  loops: readonly (readonly SpatialLoop[])[],
  rounding: Rounding,
): FanOut {
  const relevant = relevantUnrolling(operand, loops, rounding);
  const total = loops.map((level) => level.reduce((product, { unroll }) => product * valueOf(unroll), 1));
  const from = (factors: readonly number[], a: number): number => factors.slice(a).reduce((p, x) => p * x, 1);
  const distinct = loops.map((_, a) => from(relevant, a));
  return {
    distinct,
    instances: loops.map((_, a) => rounding.instances(from(total, a))),
    perCycle: loops.map((_, a) =>
      a + 1 < loops.length ? rounding.perCycle(distinct[a]! / distinct[a + 1]!) : 1,
    ),
  };
}

/** Per level, by how much its fan-out multiplies the distinct elements; windows overlap, hence the ratio. */
function relevantUnrolling(
  operand: TileOperand,
  loops: readonly (readonly SpatialLoop[])[],
  rounding: Rounding,
): readonly number[] {
  const footprint = new Footprint({ relevant: [], windows: operand.windows }, rounding.extent);
  const { dims } = footprint;
  const iterations = dims.map(() => 1);
  let before = footprint.elements(iterations);
  return loops.map((level) => {
    let direct = 1;
    for (const { dim, unroll } of level) {
      if (operand.relevant.includes(dim)) direct *= valueOf(unroll);
      const at = dims.indexOf(dim);
      if (at >= 0) iterations[at]! *= valueOf(unroll);
    }
    const after = footprint.elements(iterations);
    const ratio = after / before;
    before = after;
    return direct * ratio;
  });
}
