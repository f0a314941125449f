/** The allocs facet: the memory level of every operand, cache and copy, per tile type. */
import type { LayerId, MemoryId, StackId, TensorId } from '../base/ids.js';
import type { MemoryOperand } from '../hw/memory.js';

export type CopyReason =
  /** The patch of a stack input, from where it lives to where its consumer reads. */
  | 'stack-input'
  /** An activation operand on the weight path, whole, once per stack. */
  | 'stationary-input'
  /** Weights of a layer that first runs in a later tile; others are brought by their layer's own loops. */
  | 'weights'
  /** A layer's output, from where it was left to where the next layer reads. */
  | 'operand'
  /** Kept columns or rows, read by the tile that needs them. */
  | 'h-cache-read'
  | 'v-cache-read'
  /** Columns or rows put aside for a later tile. */
  | 'h-cache-write'
  | 'v-cache-write';

/** Movement of data between levels outside a layer's own loops. */
export interface DataCopy {
  readonly why: CopyReason;
  /** Of `weights`: the layer whose they are. */
  readonly map: TensorId | LayerId;
  readonly bits: number;
  readonly from: { readonly operand: MemoryOperand; readonly memory: MemoryId };
  readonly to: { readonly operand: MemoryOperand; readonly memory: MemoryId };
}

/** Copies that run together, before a layer or at the start of the tile (`before` = the input map). */
export interface CopyStep {
  readonly before: LayerId | TensorId;
  readonly copies: readonly DataCopy[];
}

export interface BitsIn {
  readonly memory: MemoryId;
  readonly bits: number;
}

export interface LayerAllocation {
  readonly layer: LayerId;
  /** Top memory level per path; null where the layer has no such operand. */
  readonly top: Readonly<Record<MemoryOperand, MemoryId | null>>;
  /** What lies there while the layer runs: its weights, its inputs overlaps included, its output. */
  readonly bits: Readonly<Record<MemoryOperand, number>>;
  /** The part of these bits that lies there anyway, in a map handed over below the top; absent: none. */
  readonly handedOver?: { readonly I: number; readonly O: number };
  /** What else is in memories below the top while the layer runs, and leaves its mapping less room; absent: nothing. */
  readonly beside?: readonly BitsIn[];
  /** Levels added above the lowest that holds the data because no loop order fitted (cost-model.md 4.4). */
  readonly raised: { readonly I: number; readonly O: number };
  /** The second input of an elementwise layer passes by the lowest level, which cannot hold both. */
  readonly bypass: boolean;
}

/** A level a cache of this tile type uses; null: none is read or written. */
export interface CacheLevels {
  readonly read: MemoryId | null;
  readonly write: MemoryId | null;
}

export interface TypeAllocation {
  /** Name of the tile type. */
  readonly type: string;
  /** Largest sum of live activation data, caches excluded, bits. */
  readonly aliveBits: number;
  /** Column and row caches this tile type sees, all maps together, bits. */
  readonly hCacheBits: number;
  readonly vCacheBits: number;
  /** Counted in both: where kept columns and rows cross. */
  readonly cornerBits: number;
  readonly hCache: CacheLevels;
  readonly vCache: CacheLevels;
  /** Level in which each stack input's patch is placed. */
  readonly inputLevels: readonly { readonly map: TensorId; readonly memory: MemoryId }[];
  readonly layers: readonly LayerAllocation[];
  readonly copySteps: readonly CopyStep[];
}

/** A demand that no choice of levels meets: a legitimate answer, with what would change it. */
export interface Infeasibility {
  readonly stack: StackId;
  readonly type: string;
  readonly layer: LayerId;
  readonly memory: MemoryId;
  readonly demandBits: number;
  readonly boundBits: number;
  readonly terms: readonly string[];
  readonly levers: readonly string[];
}

/** Maps that stacks hand to one another in memories below the top. */
export interface HandOverAllocation {
  /** Where the stack leaves its output. */
  readonly output: MemoryId;
  /** Maps of other stacks that are there while this one runs. */
  readonly maps: readonly { readonly map: TensorId; readonly memory: MemoryId }[];
  /** What all of them, and the stack's output if it is left below the top, take up as a whole. */
  readonly taken: readonly BitsIn[];
}

export interface StackAllocation {
  readonly stack: StackId;
  /** What stays there for the whole stack: weights that all tiles use, and activations on the weight path. */
  readonly weightBits: number;
  readonly weightLevel: MemoryId;
  /** Absent: all maps go through the top memory. */
  readonly handOver?: HandOverAllocation;
  readonly types: readonly TypeAllocation[];
}

export interface AllocationPlan {
  /** Feasible stacks, in plan order. */
  readonly stacks: readonly StackAllocation[];
  readonly infeasible: readonly Infeasibility[];
}
