/** The costs facet: mapping, accesses, energy and latency of every layer tile and every copy. */
import type { LayerId, MemoryId, StackId, TensorId } from '../base/ids.js';
import type { MemoryOperand } from '../hw/memory.js';
import type { CopyReason } from './alloc.js';
import type { InputOperand, LoopDim, LoopSize, Unrolling } from './layer.js';
import type { OwnMapping } from './layer-tile.js';

/** Operand names of a layer's equation. */
export type OperandName = 'O' | InputOperand['name'];

/** One temporal loop; `level`: the memory that holds each operand's data of this loop. */
export interface TemporalLoop {
  readonly dim: LoopDim;
  readonly size: number;
  readonly level: Readonly<Partial<Record<OperandName, MemoryId>>>;
}

/** Where a temporal mapping comes from: a search, the user, or a search around the loops the user gave. */
export type MappingOrigin = 'found' | 'given' | 'completed';

/** Word accesses of one operand at one memory, all instances together (multiples of granularity/width). */
export interface AccessCount {
  readonly operand: OperandName;
  readonly memory: MemoryId;
  readonly readLow: number;
  readonly writeLow: number;
  readonly readHigh: number;
  readonly writeHigh: number;
  readonly energyPj: number;
}

/** Cycles of one layer tile. `onload` brings the first inputs in, `offload` the last outputs out. */
export interface LayerLatency {
  readonly compute: number;
  readonly stall: number;
  readonly onload: number;
  readonly offload: number;
}

export interface LayerTileCost {
  readonly layer: LayerId;
  readonly loops: readonly LoopSize[];
  readonly spatial: readonly Unrolling[];
  /** Innermost first. */
  readonly temporal: readonly TemporalLoop[];
  readonly mapping: MappingOrigin;
  /** How far, relatively, its objective may be above the best mapping's; 0: proven to be the best. */
  readonly gap: number;
  readonly accesses: readonly AccessCount[];
  readonly macEnergyPj: number;
  readonly energyPj: number;
  readonly latency: LayerLatency;
  readonly macs: number;
  readonly operations: number;
  /** With the accelerator's own unrolling; present if the mapper had others to choose from. */
  readonly own?: OwnMapping;
}

export interface CopyCost {
  readonly why: CopyReason;
  /** Of `weights`: the layer whose they are. */
  readonly map: TensorId | LayerId;
  readonly bits: number;
  readonly from: MemoryId;
  readonly to: MemoryId;
  readonly energyPj: number;
  /** The same energy by memory touched. */
  readonly energyByMemory: readonly { readonly memory: MemoryId; readonly energyPj: number }[];
}

export interface CopyStepCost {
  readonly before: LayerId | TensorId;
  readonly copies: readonly CopyCost[];
  readonly energyPj: number;
  readonly latencyCycles: number;
}

/** Cost of one tile of a type. */
export interface TypeCost {
  readonly type: string;
  readonly count: number;
  readonly layers: readonly LayerTileCost[];
  readonly copySteps: readonly CopyStepCost[];
  readonly energyPj: number;
  readonly latencyCycles: number;
}

/** Sums over tiles. */
export interface CostTotals {
  readonly energyPj: number;
  /** The sum the profile counts: compute + stall + onload + copy, and offload in `default`. */
  readonly latencyCycles: number;
  readonly latency: LayerLatency & { readonly copy: number };
  readonly macs: number;
  readonly operations: number;
  readonly macEnergyPj: number;
  /** Energy by memory: of the layers' own accesses per memory path, and of data copies. */
  readonly memory: readonly {
    readonly memory: MemoryId;
    readonly energyPj: Readonly<Record<MemoryOperand | 'copy', number>>;
  }[];
}

export interface StackCost {
  readonly stack: StackId;
  readonly types: readonly TypeCost[];
  readonly totals: CostTotals;
}

export interface CostSheet {
  readonly stacks: readonly StackCost[];
  readonly totals: CostTotals;
}
