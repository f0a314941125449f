/**
 * One layer tile as the mapper sees it: loop sizes, operands with the memory levels open to them, and the
 * unrolling. Nothing else influences its cost, so this is also the key under which results are shared
 * between layers, tile types, modes and stacks.
 */
import type { LayerId, StackId } from '../base/ids.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { MemoryOperand } from '../hw/memory.js';
import type { AccessCount, LayerLatency, MappingOrigin, OperandName, TemporalLoop } from './cost.js';
import type { LoopDim, LoopSize, Share, Unrolling } from './layer.js';

/** A partially relevant input axis: `i = stride*out + dilation*kernel`. */
export interface TileWindow {
  readonly out: LoopDim;
  readonly kernel: LoopDim;
  readonly stride: number;
  readonly dilation: number;
  /** Elements that really exist along the axis in this tile (padding is not stored); absent: no limit. */
  readonly limit?: number;
}

export interface TileOperand {
  readonly name: OperandName;
  /** Memory path; the two inputs of an elementwise layer are both on I. */
  readonly path: MemoryOperand;
  /** Bits of one element (of one finished element, for O). */
  readonly bits: number;
  /** O only: bits of one partial sum. */
  readonly psumBits: number;
  /** Loop dims that index it directly, that do not index it, and loop pairs that index it as a window.
   *  Dims of size 1 in the whole layer are in neither list (cost-model.md 1.1). */
  readonly relevant: readonly LoopDim[];
  readonly irrelevant: readonly LoopDim[];
  readonly windows: readonly TileWindow[];
  /** How many of the elements so indexed exist, on average; absent: all, or averages are truncated (Q14). */
  readonly share?: Share;
  /** Open memory levels, bottom up, as indices into the accelerator's memories; the last is the top. */
  readonly levels: readonly number[];
}

export interface LayerTileProblem {
  /** Sizes of this tile, in the layer's order. */
  readonly loops: readonly LoopSize[];
  /** Requested unrolling, one entry per used array dimension, in array order. */
  readonly unrolling: readonly Unrolling[];
  /** Others that may be used instead; absent: none. */
  readonly otherUnrollings?: readonly (readonly Unrolling[])[];
  /** In equation order: O first, then W before I, X before Y. */
  readonly operands: readonly TileOperand[];
  /** How often the inputs are streamed: input accesses, operations and compute cycles are multiplied by it. */
  readonly passes: number;
  /** Energy of one loop iteration on the array, pJ: the MAC energy, or 0 for pure data movement. */
  readonly operationEnergyPj: number;
  /** By memory of the accelerator, bits of an instance that other data takes up meanwhile; absent: none. */
  readonly takenBits?: readonly number[];
}

export interface MappedLayerTile {
  /** The unrolling as used: at most the loop size, so that the temporal remainder is an integer. */
  readonly spatial: readonly Unrolling[];
  /** Innermost first. */
  readonly temporal: readonly TemporalLoop[];
  /** Operands in equation order, levels bottom up. */
  readonly accesses: readonly AccessCount[];
  readonly macEnergyPj: number;
  readonly energyPj: number;
  readonly latency: LayerLatency;
  /**
   * By memory of the accelerator, bits that other data may take up as well, with all the same cost; absent: in this
   * profile nothing else counts.
   */
  readonly spareBits?: readonly number[];
}

/** Why no loop order fits: the tightest memory found, with its demand. */
export interface Unmappable {
  readonly memory: number;
  readonly operand: OperandName;
  readonly demandBits: number;
  readonly boundBits: number;
}

/** What a layer tile would cost with the unrolling of the accelerator's own rule. */
export interface OwnMapping {
  readonly spatial: readonly Unrolling[];
  readonly energyPj: number;
  readonly latency: LayerLatency;
}

/** What a search did, the same on every machine. */
export interface SearchWork {
  /** Sub-multisets of loops, partial mappings looked at, and complete ones scored. */
  readonly states: number;
  readonly nodes: number;
  readonly scored: number;
}

/** Between the open levels: the best mapping, or why there is none. */
export type SearchResult =
  /** Origin absent: found by the search. */
  | {
      readonly kind: 'mapped';
      readonly mapped: MappedLayerTile;
      /** The same that some mapping leaves at most, with the unrolling of the accelerator's own rule. */
      readonly mostSpareBits: readonly number[];
      readonly origin?: MappingOrigin;
      /** How far, relatively, the objective may be above the optimum; 0: it is the optimum. */
      readonly gap: number;
      readonly work: SearchWork;
      /** Between the same levels with the accelerator's own unrolling; absent: there was no other to choose. */
      readonly own?: OwnMapping;
    }
  | { readonly kind: 'unmappable'; readonly reason: Unmappable };

/** A mapping given by the user that cannot be used between the open levels, though others can. */
export interface Refusal {
  readonly kind: 'refused';
  readonly diagnostics: readonly Diagnostic[];
  /** The memory it overfills; undefined: it contradicts the tile. */
  readonly shortage: Unmappable | undefined;
}

export type MapResult = SearchResult | Refusal;

/** Which layer tile a problem is about: no matter to a search, but mappings are given by name. */
export interface LayerTileName {
  readonly stack: StackId;
  readonly layer: LayerId;
  /** Name of the tile type. */
  readonly type: string;
}

/** The mapper as passes see it: memoised for the whole run. */
export type LayerTileMapper = (problem: LayerTileProblem, tile?: LayerTileName) => MapResult;

/** A mapper by what it minimises. */
export interface NamedMapper {
  readonly name: string;
  /** Which unrollings it considers: only matters where a layer has others than its own. */
  readonly unrollings: 'own' | 'all';
  readonly mapper: LayerTileMapper;
  /**
   * Answers with bounds in place of a mapping, long before there is one: nothing that any mapper of the run answers with
   * has less energy or latency. Absent: there are none as good.
   */
  readonly floor?: (of: Bounded) => LayerTileMapper;
  /** Answers as `mapper` does to what it has been asked before, and as `floor` to all else. Absent: there is no floor. */
  readonly known?: (of: Bounded) => LayerTileMapper;
}

/** What bounds are worth being worked out; of the other there is a weak one. */
export type Bounded = 'energy' | 'latency' | 'both';
