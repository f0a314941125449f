/**
 * The ways a layer may be laid over an array whose dimensions could unroll other loops than those its description lists
 * (docs/spatial.md): at most one loop per array dimension, none on two; sums only where the array adds up; and every
 * memory that units share can hold what they need. Of these, the few that are worth a search.
 */
import type { Accelerator } from '../hw/accelerator.js';
import { LOOP_DIMS, type Layer, type LoopDim, type Unrolling } from '../ir/layer.js';
import { isFed, type UnrolledOperand } from './spatial.js';

/** Every legal unrolling; an array dimension unrolls a loop as far as it goes, or nothing. */
export function legalUnrollings(hw: Accelerator, layer: Layer): readonly (readonly Unrolling[])[] {
  const operands = operandsOf(layer);
  let partial: readonly (readonly Unrolling[])[] = [[]];
  for (const { name: array, size: units } of hw.array.dims) {
    partial = partial.flatMap((chosen) => {
      const more = layer.loops.flatMap(({ dim, size }): readonly Unrolling[] => {
        const isLegal =
          size > 1 &&
          !chosen.some((other) => other.dim === dim) &&
          addsUp(hw, array, layer, dim) &&
          isFed(hw, array, dim, Math.min(units, size), operands);
        return isLegal ? [{ array, dim, size: Math.min(units, size) }] : [];
      });
      return [chosen, ...more.map((one) => [...chosen, one])];
    });
  }
  return partial;
}

/** Unrollings to search, at most so many: fewest steps first, without those that are worse than another in every respect. */
export function unrollingsWorthSearching(
  hw: Accelerator,
  layer: Layer,
  own: readonly Unrolling[],
  most: number,
): readonly (readonly Unrolling[])[] {
  const key = (unrolling: readonly Unrolling[]): string =>
    unrolling.map(({ array, dim, size }) => `${array}${dim}${size}`).join(' ');
  const measured = legalUnrollings(hw, layer)
    .map((unrolling) => ({ unrolling, demands: demandsOf(layer, unrolling) }))
    .toSorted((a, b) => compare(a.demands, b.demands));
  const worth: (typeof measured)[number][] = [];
  for (const one of measured)
    if (!worth.some(({ demands }) => demands.every((demand, i) => demand <= one.demands[i]!)))
      worth.push(one);
  return worth
    .map(({ unrolling }) => unrolling)
    .filter((unrolling) => key(unrolling) !== key(own))
    .slice(0, most);
}

function compare(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((demand, i) => demand !== other[i]);
  return at < 0 ? 0 : one[at]! - other[at]!;
}

/** Steps of the array, and per operand the elements that the array takes or gives in all of them. */
function demandsOf(layer: Layer, unrolling: readonly Unrolling[]): readonly number[] {
  const unitsOf = (dim: LoopDim): number => unrolling.find((one) => one.dim === dim)?.size ?? 1;
  const steps = layer.loops.reduce((product, { dim, size }) => product * Math.ceil(size / unitsOf(dim)), 1);
  const operands = operandsOf(layer).map(({ dims }) =>
    unrolling.reduce((product, { dim, size }) => (dims.includes(dim) ? product * size : product), steps),
  );
  return [steps, ...operands];
}

/** Of a window, outputs and kernel positions index an input. */
const operandsOf = ({ output, inputs }: Layer): readonly UnrolledOperand[] => [
  { path: 'O', bits: output.bits, dims: output.dims },
  ...inputs.map(({ path, bits, dims, windows }) => ({
    path,
    bits,
    dims: [...dims, ...windows.flatMap(({ out, kernel }) => [out, kernel])],
  })),
];

/**
 * Whether units along an array dimension may work on one sum: the lowest memory of outputs collects from them, or the
 * description lists a loop there that sums.
 */
function addsUp(hw: Accelerator, array: string, { output }: Layer, dim: LoopDim): boolean {
  if (output.dims.includes(dim)) return true;
  const lowest = hw.memories.find(({ operands }) => operands.includes('O'));
  const listed = hw.spatial.find((entry) => entry.array === array)?.dims ?? [];
  return lowest?.serves.includes(array) === true || listed.some((one) => SUMMED.includes(one));
}

/** Loops that sum into one output, in convolutions and matrix products. */
const SUMMED: readonly LoopDim[] = LOOP_DIMS.filter((dim) => ['C', 'FX', 'FY'].includes(dim));
