/** Operand bits that the user sets for single layers. */
import type { Location } from '../diag/diagnostic.js';

export type OperandBits = Readonly<Partial<Record<'W' | 'I' | 'O' | 'psum', number>>>;

/** One entry: the layers its pattern matches, and the place where it is written. */
export interface LayerPrecision {
  /** A layer's name; `*` stands for any text. */
  readonly pattern: string;
  readonly bits: OperandBits;
  readonly at: Location;
}
