/**
 * How many elements of an operand some loops touch (cost-model.md 1.1): the product over the dims that index it
 * directly, times the extent of each window. Iterations may be fractional averages.
 */
import type { LoopDim } from '../ir/layer.js';
import type { TileOperand, TileWindow } from '../ir/layer-tile.js';

export interface Footprint {
  /** Dims whose loops change what the operand holds. */
  readonly dims: readonly LoopDim[];
  /** Elements touched by `iterations[i]` iterations of `dims[i]`. */
  readonly elements: (iterations: readonly number[]) => number;
}

export function footprintOf(
  { relevant, windows }: Pick<TileOperand, 'relevant' | 'windows'>,
  roundExtent: (x: number) => number,
): Footprint {
  const dims = [...new Set([...relevant, ...windows.flatMap(({ out, kernel }) => [out, kernel])])];
  return {
    dims,
    elements: (iterations) => {
      const of = (dim: LoopDim): number => iterations[dims.indexOf(dim)]!;
      const direct = relevant.reduce((product, dim) => product * of(dim), 1);
      return windows.reduce(
        (product, window) => product * extent(window, of(window.out), of(window.kernel), roundExtent),
        direct,
      );
    },
  };
}

/**
 * Distinct input indices of `outs` outputs with `taps` kernel positions each, at most those that exist. Distinct
 * also where a strided window skips elements: this counts what is stored and moved (Q16 concerns tile sizes).
 */
function extent(window: TileWindow, outs: number, taps: number, round: (x: number) => number): number {
  const g = gcd(window.stride, window.dilation);
  const repeated = Math.max(0, taps - window.stride / g) * (outs - window.dilation / g);
  return Math.min(round(outs * taps - repeated), window.limit ?? Infinity);
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
