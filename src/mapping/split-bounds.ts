/** How a given mapping limits the split of an operand. */

/** Per level of an operand, bottom up: how many loops it and those below hold at least and at most (Infinity: all). */
export interface SplitBounds {
  readonly least: readonly number[];
  readonly most: readonly number[];
}

/** Loops that a search does not move, and how every operand's levels may divide the order. */
export interface FixedLoops {
  /** Letters, innermost first. */
  readonly letters: readonly number[];
  /** Per operand. */
  readonly bounds: readonly SplitBounds[];
}
