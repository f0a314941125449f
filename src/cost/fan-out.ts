/**
 * Numbers that depend on the spatial mapping alone (cost-model.md 6.5). Index `a` counts architecture levels of one
 * operand: `a` = 0 is the array, `a` > 0 its memory `a-1`.
 */
import type { TileOperand, TileWindow } from '../ir/layer-tile.js';
import { Footprint } from './footprint.js';
import { valueOf, type SpatialLoop } from './nest.js';
import type { Rounding } from './rounding.js';

export interface FanOut {
  /** Different data items at level `a` over all its instances: the others hold copies. */
  readonly distinct: Float64Array;
  /** Active instances of level `a`. */
  readonly instances: Float64Array;
  /** Different items that one instance of memory `a` delivers to the instances below it at once. */
  readonly perCycle: Float64Array;
}

export function fanOutNumbers(
  operand: TileOperand,
  loops: readonly (readonly SpatialLoop[])[],
  rounding: Rounding,
): FanOut {
  const levels = loops.length;
  const relevant = relevantUnrolling(operand, loops, rounding);
  const total = new Float64Array(levels).fill(1);
  for (let a = 0; a < levels; a++) for (const { unroll } of loops[a]!) total[a]! *= valueOf(unroll);
  const distinct = new Float64Array(levels);
  const instances = new Float64Array(levels);
  const perCycle = new Float64Array(levels);
  for (let a = 0; a < levels; a++) {
    distinct[a] = productFrom(relevant, a);
    instances[a] = rounding.instances(productFrom(total, a));
  }
  for (let a = 0; a < levels; a++)
    perCycle[a] = a + 1 < levels ? rounding.perCycle(distinct[a]! / distinct[a + 1]!) : 1;
  return { distinct, instances, perCycle };
}

/** Multiplied upwards: the last bit of float unrollings depends on it. */
function productFrom(factors: Float64Array, a: number): number {
  let product = 1;
  for (let i = a; i < factors.length; i++) product *= factors[i]!;
  return product;
}

/** Per level, by how much its fan-out multiplies the distinct elements; windows overlap, hence the ratio. */
function relevantUnrolling(
  { relevant, windows }: TileOperand,
  loops: readonly (readonly SpatialLoop[])[],
  rounding: Rounding,
): Float64Array {
  const growth = windows.length > 0 ? windowGrowth(windows, loops, rounding) : undefined;
  const factors = new Float64Array(loops.length).fill(1);
  for (let a = 0; a < loops.length; a++) {
    for (const { dim, unroll } of loops[a]!) if (relevant.includes(dim)) factors[a]! *= valueOf(unroll);
    if (growth) factors[a]! *= growth[a]!;
  }
  return factors;
}

function windowGrowth(
  windows: readonly TileWindow[],
  loops: readonly (readonly SpatialLoop[])[],
  rounding: Rounding,
): Float64Array {
  const footprint = new Footprint({ relevant: [], windows }, rounding.extent);
  const iterations = new Float64Array(footprint.dims.length).fill(1);
  const growth = new Float64Array(loops.length);
  let before = footprint.elements(iterations);
  for (let a = 0; a < loops.length; a++) {
    for (const { dim, unroll } of loops[a]!) {
      const at = footprint.dims.indexOf(dim);
      if (at >= 0) iterations[at]! *= valueOf(unroll);
    }
    const after = footprint.elements(iterations);
    // A tile that lies in the padding as a whole touches nothing, wherever it is laid over the array.
    growth[a] = before === 0 ? 1 : after / before;
    before = after;
  }
  return growth;
}
