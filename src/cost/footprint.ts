/**
 * How many elements of an operand some loops touch (cost-model.md 1.1): the product over the dims that index it
 * directly, times the extent of each window, of which on average a share exists. Iterations may be fractional averages.
 *
 * Hot core: evaluated for every content a memory could have, hence a class that has looked up its dims once.
 */
import { gcd } from '../base/gcd.js';
import type { LoopDim } from '../ir/layer.js';
import type { TileOperand, TileWindow } from '../ir/layer-tile.js';

/** A window with its dims as positions, and its stride and dilation by their common divisor. */
interface PlacedWindow {
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly limit: number;
}

export class Footprint {
  /** Dims whose loops change what the operand holds; those that index it directly come first. */
  readonly dims: readonly LoopDim[];
  private readonly direct: number;
  private readonly windows: readonly PlacedWindow[];
  /** Whether elements are whole where iterations are. */
  readonly isWhole: boolean;
  private readonly exist: number;
  private readonly of: number;

  constructor(
    { relevant, windows, share }: Pick<TileOperand, 'relevant' | 'windows' | 'share'>,
    private readonly roundExtent: (x: number) => number,
  ) {
    this.direct = relevant.length;
    this.dims = [...new Set([...relevant, ...windows.flatMap(({ out, kernel }) => [out, kernel])])];
    this.windows = windows.map((window) => this.place(window));
    this.isWhole = share === undefined;
    this.exist = share?.exist ?? 1;
    this.of = share?.of ?? 1;
  }

  /** Elements touched by `iterations[i]` iterations of `dims[i]`. */
  elements(iterations: ArrayLike<number>): number {
    let product = 1;
    for (let i = 0; i < this.direct; i++) product *= iterations[i]!;
    const { windows } = this;
    for (let w = 0; w < windows.length; w++) {
      const window = windows[w]!;
      product *= this.extent(window, iterations[window.out]!, iterations[window.kernel]!);
    }
    return this.isWhole ? product : (product * this.exist) / this.of;
  }

  /**
   * Distinct input indices of `outs` outputs with `taps` kernel positions each, at most those that exist. Distinct
   * also where a strided window skips elements: this counts what is stored and moved (Q16 concerns tile sizes).
   */
  private extent({ stride, dilation, limit }: PlacedWindow, outs: number, taps: number): number {
    const repeated = Math.max(0, taps - stride) * (outs - dilation);
    return Math.min(this.roundExtent(outs * taps - repeated), limit);
  }

  private place({ out, kernel, stride, dilation, limit }: TileWindow): PlacedWindow {
    const common = gcd(stride, dilation);
    return {
      out: this.dims.indexOf(out),
      kernel: this.dims.indexOf(kernel),
      stride: stride / common,
      dilation: dilation / common,
      limit: limit ?? Infinity,
    };
  }
}
