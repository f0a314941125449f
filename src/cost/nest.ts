/**
 * The loop nest of a layer tile on the array (cost-model.md 1.3, 1.4, 6.1): unrollings shrunk until the temporal
 * remainder is an integer, and their place between the memory levels of each operand.
 * Invariant: unrolling times loop count covers every loop of the tile.
 */
import { assert, known } from '../base/assert.js';
import type { Profile } from '../base/profile.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { LoopDim, LoopSize } from '../ir/layer.js';
import type { LayerTileProblem, TileOperand } from '../ir/layer-tile.js';

/** `num/den`: a factor that products can be formed of without losing the last bit. */
export interface Ratio {
  readonly num: number;
  readonly den: number;
}

export const valueOf = ({ num, den }: Ratio): number => num / den;

export interface SpatialLoop {
  readonly array: string;
  readonly dim: LoopDim;
  /** Average unrolling, possibly fractional: 970 columns on 4 units are 243 steps of 3.99. */
  readonly unroll: Ratio;
}

export interface Nest {
  /** In array order; array dimensions that the tile leaves idle are absent. */
  readonly spatial: readonly SpatialLoop[];
  /** Loop counts in the layer's order, 1 included. */
  readonly temporal: readonly LoopSize[];
}

export function nestOf(
  hw: Accelerator,
  profile: Profile,
  problem: Pick<LayerTileProblem, 'loops' | 'unrolling'>,
): Nest {
  const rest = new Map(problem.loops.map(({ dim, size }) => [dim, size]));
  const spatial: SpatialLoop[] = [];
  for (const { array, dim, size } of problem.unrolling) {
    const units = known(hw.array.dims.find(({ name }) => name === array)?.size, `array dimension ${array}`);
    const total = rest.get(dim) ?? 1;
    const { unroll, count } = spread(total, Math.min(size, units), profile.loopCounts);
    rest.set(dim, count);
    if (valueOf(unroll) > 1) spatial.push({ array, dim, unroll });
  }
  const temporal = problem.loops.map(({ dim }) => ({ dim, size: known(rest.get(dim), dim) }));
  assert(
    Number.isSafeInteger(temporal.reduce((product, { size }) => product * size, 1)),
    'iterations overflow',
  );
  return { spatial, temporal };
}

/**
 * `total` iterations on `units`: equal steps, each using a little less than `units` where they do not divide.
 * The published quotient of floats can exceed the number of steps by one (Q33), and its noise stays in all later
 * products (Q15); as a ratio of integers the unrolling is exact.
 */
function spread(
  total: number,
  units: number,
  counts: Profile['loopCounts'],
): { unroll: Ratio; count: number } {
  const steps = Math.ceil(total / Math.min(units, total));
  if (counts === 'integer') return { unroll: { num: total, den: steps }, count: steps };
  const quotient = total / steps;
  return { unroll: { num: quotient, den: 1 }, count: Math.ceil(total / quotient) };
}

/**
 * Spatial loops between the levels of an operand: entry `a` lies right below its memory `a` (0: at the array), the
 * last holds what no level serves. An array dimension belongs to the lowest level that serves it.
 */
export function fanOutOf(
  hw: Accelerator,
  nest: Nest,
  operand: TileOperand,
): readonly (readonly SpatialLoop[])[] {
  const { levels } = operand;
  const fanOut: SpatialLoop[][] = [];
  for (let a = 0; a <= levels.length; a++) fanOut.push([]);
  for (const loop of nest.spatial) {
    let a = 0;
    while (a < levels.length && !known(hw.memories[levels[a]!], 'memory').serves.includes(loop.array)) a++;
    fanOut[a]!.push(loop);
  }
  return fanOut;
}

/** The same loops with every unrolling rounded up: what the busiest cycle moves, used for latency (1.5). */
export const wholeUnrolls = (loops: readonly SpatialLoop[]): readonly SpatialLoop[] =>
  loops.map((loop) => ({ ...loop, unroll: { num: Math.ceil(valueOf(loop.unroll)), den: 1 } }));

/** Whether that changes nothing. */
export const areWhole = (loops: readonly SpatialLoop[]): boolean =>
  loops.every(({ unroll: { num, den } }) => den === 1 && Number.isInteger(num));
