/**
 * The report as data: what `--format json` prints and the text report is drawn from. Plain values only; keys are
 * printed in the order of declaration. Energies are pJ, times cycles, sizes bits; per-tile numbers are those of one
 * tile, everything above the tile type is summed over tiles. Layers, maps and memories go by their bare names.
 * `schemas/report-v1.schema.json` describes the same.
 */
import type { Diagnostic } from '../diag/diagnostic.js';
import type { MemoryOperand } from '../hw/memory.js';
import type { CopyReason } from '../ir/alloc.js';
import type { MappingOrigin, OperandName } from '../ir/cost.js';
import type { HeadTile } from '../ir/heads.js';
import type { Coverage, LayerKind, LoopDim, PostOp, Unrolling } from '../ir/layer.js';
import type { GivenInputs } from '../ir/provenance.js';
import type { Objective } from '../ir/search.js';
import type { OverlapMode } from '../ir/stack.js';

/** Columns by rows. */
export interface Extent {
  readonly x: number;
  readonly y: number;
}

export type LoopDims = Readonly<Partial<Record<LoopDim, number>>>;

export const LATENCY_PARTS = ['compute', 'stall', 'onload', 'offload', 'copy'] as const;
export type LatencyPart = (typeof LATENCY_PARTS)[number];
export type LatencySplit = Readonly<Record<LatencyPart, number>>;

/** By memory name, all memories of the accelerator, low to high. */
export type MemoryEnergy = Readonly<Record<string, Readonly<Record<MemoryOperand | 'copy', number>>>>;

export interface EnergySplit {
  /** MACs and operations on the array. */
  readonly mac: number;
  readonly memory: MemoryEnergy;
}

/** What a part of the schedule costs. */
export interface Cost {
  readonly energyPj: number;
  readonly latencyCycles: number;
  readonly latency: LatencySplit;
  readonly energy: EnergySplit;
}

export interface OperatorCoverage {
  readonly op: string;
  readonly coverage: Coverage | 'post-operation' | 'alias';
  readonly count: number;
  readonly macs: number;
  /** Loop iterations: MACs, operations or moved elements. */
  readonly iterations: number;
}

export interface CoverageReport {
  readonly macsExactPct: number;
  readonly iterationsExactPct: number;
  /** Operators nobody knows: whatever MACs they have are not counted. */
  readonly uncounted: readonly string[];
  readonly operators: readonly OperatorCoverage[];
}

export interface ModelLayer {
  readonly layer: string;
  readonly op: string;
  readonly kind: LayerKind;
  readonly coverage: Coverage;
  readonly loopDims: LoopDims;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly weightBits: number;
  readonly macs: number;
  readonly passes: number;
  readonly postOps: readonly PostOp[];
}

export interface ModelReport {
  readonly name: string;
  /** Each output computed once. */
  readonly macs: number;
  readonly weightBits: number;
  readonly layers: readonly ModelLayer[];
  readonly aliases: readonly { readonly op: string; readonly name: string; readonly of: readonly string[] }[];
}

export interface AcceleratorReport {
  readonly name: string;
  readonly source: string;
  readonly array: Readonly<Record<string, number>>;
  readonly units: number;
  readonly memories: readonly {
    readonly name: string;
    readonly sizeBits: number;
    readonly instances: number;
    readonly operands: readonly MemoryOperand[];
  }[];
}

export interface Totals extends Cost {
  /** Multiply-accumulates as scheduled, recomputation included. */
  readonly macs: number;
  readonly operations: number;
  /** Energy times latency, pJ x cycles. */
  readonly edp: number;
  /** Parts of the latency that `latencyCycles` adds up; the profile decides. */
  readonly latencyCounted: readonly LatencyPart[];
  /** False: some stacks are infeasible, and the totals are those of the others. */
  readonly complete: boolean;
}

export interface CopyReport {
  readonly bits: number;
  readonly from: string;
  readonly to: string;
  readonly why: CopyReason;
  /** Of `weights`: the layer whose they are. */
  readonly map: string;
  /** The layer it precedes, or the stack input it brings. */
  readonly before: string;
  readonly energyPj: number;
}

/** Word accesses of one operand at one memory, all instances together; words may be fractions. */
export interface AccessReport {
  readonly operand: OperandName;
  readonly memory: string;
  readonly wordsToLow: number;
  readonly wordsFromLow: number;
  readonly wordsToHigh: number;
  readonly wordsFromHigh: number;
  readonly energyPj: number;
}

export interface TemporalLoopReport {
  readonly dim: LoopDim;
  readonly size: number;
  readonly level: Readonly<Partial<Record<OperandName, string>>>;
}

export interface InputTile {
  readonly operand: OperandName;
  readonly map: string;
  /** All that is read, and the part of it that comes from a cache. */
  readonly needed: Extent;
  readonly cached: Extent;
}

/** What a layer tile would cost without a choice of unrollings. */
export interface OwnSpatial {
  readonly spatialMapping: readonly Unrolling[];
  readonly energyPj: number;
  readonly latencyCycles: number;
  /** As of the layer tile. */
  readonly utilization: number;
}

/** One layer in one tile. Copies before it are in `copies` of the tile type. */
export interface LayerTileReport extends Cost {
  readonly layer: string;
  readonly loopDims: LoopDims;
  readonly output: Extent;
  readonly inputs: readonly InputTile[];
  readonly memoryTop: Readonly<Record<MemoryOperand, string | null>>;
  /** What lies there while the layer runs, bits: its weights, its inputs with overlaps, its output. */
  readonly operandBits: Readonly<Record<MemoryOperand, number>>;
  /** Levels added above the lowest that holds the data, because no loop order fitted. */
  readonly raised: { readonly I: number; readonly O: number };
  readonly spatialMapping: readonly Unrolling[];
  /** Laid over the array by the accelerator's own rule, between the same levels; present with --spatial search. */
  readonly ownSpatial?: OwnSpatial;
  /** Innermost first. */
  readonly temporalMapping: readonly TemporalLoopReport[];
  /** Found by search, given by the user, or found around the innermost loops that the user gave. */
  readonly mapping: MappingOrigin;
  /** How far, relatively, its objective may be above the best mapping's; 0: proven to be the best. */
  readonly gap: number;
  readonly accesses: readonly AccessReport[];
  readonly macs: number;
  readonly operations: number;
  /** Work done over work possible in the cycles of compute and stall, 0 to 1. */
  readonly utilization: number;
}

export interface CacheReport {
  /** Per map, columns kept for the next tile of the row and rows kept for the next row of tiles. */
  readonly columns: readonly { readonly map: string; readonly columns: number }[];
  readonly rows: readonly { readonly map: string; readonly rows: number }[];
  readonly levels: Readonly<
    Record<'columns' | 'rows', { readonly read: string | null; readonly write: string | null }>
  >;
  /** Demand of all caches this tile sees. */
  readonly columnBits: number;
  readonly rowBits: number;
  /** Counted in both: where kept columns and rows cross. */
  readonly cornerBits: number;
}

/** One tile of a type. */
export interface TileTypeReport extends Cost {
  readonly name: string;
  readonly count: number;
  /** Tile (0,0), which brings the weights. */
  readonly origin: boolean;
  /** Output of the stack's last layer. */
  readonly tile: Extent;
  /** Largest sum of live activation data, caches excluded, bits. */
  readonly aliveBits: number;
  /** New part of each stack input, and where it is put. */
  readonly inputs: readonly { readonly map: string; readonly fresh: Extent; readonly memory: string }[];
  readonly cache: CacheReport;
  readonly copies: readonly CopyReport[];
  readonly layers: readonly LayerTileReport[];
}

/** A layer with the copies before it, or the fetching of a stack input; summed over tiles. */
export interface PartReport extends Cost {
  readonly part: string;
  readonly kind: 'layer' | 'input';
}

export interface InfeasibleReport {
  readonly tileType: string;
  readonly layer: string;
  readonly memory: string;
  readonly demandBits: number;
  readonly boundBits: number;
  readonly gapBits: number;
  readonly terms: readonly string[];
  readonly levers: readonly string[];
}

interface StackDecision {
  readonly id: string;
  readonly layers: readonly string[];
  readonly tile: Extent;
  /** Tiles per row, rows of tiles; of one part, where heads are tiled. */
  readonly grid: Extent;
  /** Attention heads in parts of `tile`, one after the other; absent: all together. */
  readonly heads?: HeadTile;
  readonly mode: OverlapMode;
  /** Memory in which the stack leaves its output. */
  readonly handOver: string;
  readonly macs: number;
  /** MACs beyond computing everything needed once. */
  readonly recomputedMacs: number;
}

export interface FeasibleStack extends StackDecision, Cost {
  readonly feasible: true;
  readonly operations: number;
  /** What stays for the stack and where; `pickedBits`: tables in the top memory, of which every tile reads its own rows. */
  readonly weights: { readonly bits: number; readonly level: string; readonly pickedBits: number };
  readonly parts: readonly PartReport[];
  readonly tileTypes: readonly TileTypeReport[];
}

/** A legitimate answer: no choice of levels holds the stack. */
export interface InfeasibleStack extends StackDecision {
  readonly feasible: false;
  readonly energyPj: null;
  readonly latencyCycles: null;
  readonly tileTypes: readonly [];
  readonly infeasible: readonly InfeasibleReport[];
}

export type StackReport = FeasibleStack | InfeasibleStack;

/** What was not chosen, and what it costs. */
export interface NotChosenReport {
  readonly energyPj: number;
  readonly latencyCycles: number;
  /** The schedule with it would be beyond a limit; absent: within, as far as is known. */
  readonly beyondLimits?: true;
}

/** The best candidate of another cut; not `exact`: it costs at least this. */
export type RejectedCutReport =
  | (NotChosenReport & {
      readonly kind: 'costs-more';
      readonly exact: boolean;
      /** Last layers of the stacks there would be. */
      readonly sinks: readonly string[];
    })
  | { readonly kind: 'illegal'; readonly why: string };

/** Why a stack is as it is. Costs are those of its layers alone. */
export interface StackReasonReport {
  readonly stack: string;
  /** The lowest memory that does not hold all that is live; null: all fits. */
  readonly binding: {
    readonly memory: string;
    readonly holds: 'activations' | 'weights';
    readonly demandBits: number;
    readonly boundBits: number;
    readonly shortBits: number;
  } | null;
  readonly nextBest: (NotChosenReport & { readonly tile: string; readonly mode: OverlapMode }) | null;
  /** The best way to cut it up; null: one layer. */
  readonly cutUp: RejectedCutReport | null;
  /** As one with the next stack; null: it is the last. */
  readonly joined: RejectedCutReport | null;
}

export interface SearchReport {
  readonly objective: Objective;
  /** Of this schedule: pJ, cycles, or their product. */
  readonly value: number;
  readonly limits: { readonly energyPj: number | null; readonly latencyCycles: number | null };
  /** No candidate schedule is better. False: time was up. */
  readonly proven: boolean;
  /** Value that no candidate schedule is below. */
  readonly leastOfCandidates: number;
  /** What no schedule at all is below, and how far above this one is; null in profiles without such a bound. */
  readonly bound: {
    readonly energyPj: number;
    readonly latencyCycles: number;
    readonly value: number;
    readonly gapPct: number;
  } | null;
  readonly stacks: readonly StackReasonReport[];
  /** By rising energy; null: not asked for. */
  readonly front: {
    /** No candidate schedule is better than all points in both. */
    readonly complete: boolean;
    /** By how much at most one is, relatively; null: not known, time was up. */
    readonly within: number | null;
    readonly points: readonly {
      readonly energyPj: number;
      readonly latencyCycles: number;
      readonly chosen: boolean;
      readonly stacks: readonly {
        readonly layers: readonly string[];
        readonly tile: string;
        readonly mode: OverlapMode;
        readonly handOver: string;
      }[];
    }[];
  } | null;
  readonly counts: { readonly stacks: number; readonly placedStacks: number; readonly evaluations: number };
}

export interface PluginReport {
  readonly name: string;
  /** As the user named it; null: a program handed it over. */
  readonly file: string | null;
}

/** Given besides model, accelerator and pipeline; what is absent was not given. */
export interface ReportedInputs extends GivenInputs {
  /** Hexadecimal SHA-256 of the file of mappings. */
  readonly mappingsDigest?: string;
  /** For --max-memory; `accelerator` has the sizes that follow. */
  readonly memoryLimits?: readonly { readonly memory: string; readonly sizeBits: number }[];
}

export interface ScheduleReport extends ReportedInputs {
  readonly schema: 'defines-report/1';
  readonly model: ModelReport;
  readonly accelerator: AcceleratorReport;
  readonly profile: string;
  /** Passes with their options: what to give to --passes to get this again. */
  readonly pipeline: string;
  /** Loop-prime-factor limit of the mapper; null: none. */
  readonly lpfLimit: number | null;
  /** File of given mappings, for --mapping; null: all were searched. */
  readonly mappings: string | null;
  /** Plugins whose passes took part, for --plugin; absent: none did. */
  readonly plugins?: readonly PluginReport[];
  readonly totals: Totals;
  /** Present if the schedule was searched for. */
  readonly search?: SearchReport;
  readonly coverage: CoverageReport;
  readonly stacks: readonly StackReport[];
  /** Warnings and notes. */
  readonly diagnostics: readonly Diagnostic[];
}
