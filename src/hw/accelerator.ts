/** An accelerator: one array of multiply-accumulate units and its memories, low to high. */
import type { LoopDim } from '../ir/layer.js';
import type { Memory, MemoryOperand } from './memory.js';

export interface ArrayDim {
  readonly name: string;
  readonly size: number;
}

/** Operand precisions in bits, used where the model's own types do not say. */
export interface Precision {
  readonly W: number;
  readonly I: number;
  readonly O: number;
  readonly psum: number;
}

export interface Accelerator {
  readonly name: string;
  readonly source: string;
  readonly array: { readonly dims: readonly ArrayDim[]; readonly macEnergyPj: number };
  readonly precision: Precision;
  /** Per array dimension, the loop dims it may unroll, in order of preference. */
  readonly spatial: readonly { readonly array: string; readonly dims: readonly LoopDim[] }[];
  /** Low to high; the position is the identity of a level inside the cost model. */
  readonly memories: readonly Memory[];
}

/** Indices into `memories` of the levels an operand path has, bottom up. */
export const levelsOf = (hw: Accelerator, operand: MemoryOperand): readonly number[] =>
  hw.memories.flatMap((memory, index) => (memory.operands.includes(operand) ? [index] : []));

/** Multiply-accumulate units of the whole array. */
export const arrayUnits = (hw: Accelerator): number =>
  hw.array.dims.reduce((product, dim) => product * dim.size, 1);

/** Number of physical instances of a memory: the product of the array dims it does not serve. */
export const instancesOf = (hw: Accelerator, memory: Memory): number =>
  hw.array.dims.reduce(
    (product, dim) => (memory.serves.includes(dim.name) ? product : product * dim.size),
    1,
  );
