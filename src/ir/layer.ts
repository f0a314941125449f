/**
 * Layers: what is left of an operator once ONNX is forgotten. A layer is a dense loop nest, its operands,
 * and for every activation the region of the source map that a region of the output needs.
 * X = columns = horizontal, Y = rows = vertical, everywhere.
 */
import type { LayerId, TensorId } from '../base/ids.js';

/** Loop dims: batch, group, output channel, input channel, output row and column, kernel row and column. */
export type LoopDim = 'B' | 'G' | 'K' | 'C' | 'OY' | 'OX' | 'FY' | 'FX';
export const LOOP_DIMS = ['B', 'G', 'K', 'C', 'OY', 'OX', 'FY', 'FX'] as const satisfies readonly LoopDim[];

export interface LoopSize {
  readonly dim: LoopDim;
  readonly size: number;
}

export type Axis = 'x' | 'y';

/**
 * Input indices that one output index `o` needs along an axis, before clipping to the source map:
 * - `same`: `o`;
 * - `window`: `o*stride - before + dilation*f` for f in 0..kernel-1 (`after`: the pad at the far border);
 * - `scale`: from `floor((o*mul + lo)/div)` to `floor((o*mul + hi)/div)`, both included (resizing, slicing,
 *   transposed convolution, depth to space). With `border`, outputs beyond a border of the source take what lies as far
 *   within it, as mirrored pads do, but no further than index `near`, and `far` indices before the last: of repeated
 *   pads both are 0;
 * - `full`: every index of the axis.
 */
export type Region =
  | { readonly kind: 'same' }
  | {
      readonly kind: 'window';
      readonly stride: number;
      readonly dilation: number;
      readonly kernel: number;
      readonly before: number;
      readonly after: number;
    }
  | {
      readonly kind: 'scale';
      readonly mul: number;
      readonly div: number;
      readonly lo: number;
      readonly hi: number;
      readonly border?: Border;
    }
  | { readonly kind: 'full' };

/** How far within the borders of a map outputs beyond them reach: 0 is the outermost index. */
export interface Border {
  readonly near: number;
  readonly far: number;
}

/** A feature map: what one layer produces, or a network input. */
export interface FeatureMap {
  readonly id: TensorId;
  /** null: a network input. */
  readonly producer: LayerId | null;
  /** Elements at one (x, y): batch times channels. */
  readonly elementsPerPixel: number;
  readonly width: number;
  readonly height: number;
  /** Bits of one element as stored. */
  readonly bits: number;
  /** Elements at one (x, y) that a stack right after its producer fetches, where profile choice `cutChannels` makes
   *  them more. */
  readonly elementsAfterCut?: number;
}

/** The part of a feature map that an operand reads. Views (reshape, channel concat or slice) are resolved here. */
export interface Source {
  readonly map: TensorId;
  /** Elements read at one (x, y) of that map; fewer than it has for a channel slice. */
  readonly elementsPerPixel: number;
  /** Position of the first of a slice that lies together; absent: all are read, or where they lie is not told. */
  readonly first?: number;
  readonly x: Region;
  readonly y: Region;
  /** Of an operand on the weight path: the share of all these elements that it reads; absent: all of them. */
  readonly share?: number;
}

/** A loop pair that indexes an input axis: `i = stride*out + dilation*kernel` (a partially relevant dim). */
export interface WindowIndex {
  readonly axis: Axis;
  readonly out: 'OX' | 'OY';
  readonly kernel: 'FX' | 'FY';
  readonly stride: number;
  readonly dilation: number;
}

/** Of `of` elements `exist` do. */
export interface Share {
  readonly exist: number;
  readonly of: number;
}

export interface InputOperand {
  /** Name in the layer's equation. */
  readonly name: 'W' | 'I' | 'X' | 'Y';
  /** Memory path it takes. An elementwise layer has X and Y, both on I. */
  readonly path: 'W' | 'I';
  /** Bits of one element; 0 for the dummy kernel of a pooling layer. */
  readonly bits: number;
  /** Loop dims that index it directly. */
  readonly dims: readonly LoopDim[];
  readonly windows: readonly WindowIndex[];
  /** How many of the elements that its loops index exist, in any part of them on average; absent: all. Taps that some
   *  phases of a transposed convolution lack do not. */
  readonly share?: Share;
  /** Feature maps it reads; none for constants. */
  readonly sources: readonly Source[];
}

export interface OutputOperand {
  readonly map: TensorId;
  readonly dims: readonly LoopDim[];
  /** Bits of one element while it is a partial sum. */
  readonly psumBits: number;
  /** Bits of one finished element. */
  readonly bits: number;
}

/** An operator that runs on a layer's output before it is stored, or with parameters on what it reads: listed, not charged. */
export interface PostOp {
  readonly op: string;
  readonly name: string;
  /** Per-channel parameters, bits; they count as weights of the layer. */
  readonly parameterBits: number;
}

/** Where a layer comes from. */
export interface Provenance {
  /** Index of the node in the model file (of the caller, for inlined functions). */
  readonly node: number;
  readonly name: string;
  readonly opType: string;
}

/** An unrolling that a layer table prescribes. */
export interface Unrolling {
  readonly array: string;
  readonly dim: LoopDim;
  readonly size: number;
}

/** `mac`: multiply-accumulates; `vector`: one operation per iteration; `move`: data movement, at most with operations on its output. */
export type LayerKind = 'mac' | 'vector' | 'move';

/** How faithfully the operator is modelled. */
export type Coverage = 'exact' | 'approximate' | 'generic';

export interface Layer {
  readonly id: LayerId;
  readonly op: string;
  readonly kind: LayerKind;
  readonly coverage: Coverage;
  readonly src: readonly Provenance[];
  /** The loop nest for the whole map; the order decides ties in factor limiting (cost-model.md 6.2). */
  readonly loops: readonly LoopSize[];
  readonly output: OutputOperand;
  /** In equation order; W before I, X before Y. */
  readonly inputs: readonly InputOperand[];
  /** Output columns (rows) per iteration of OX (OY): the stride of a transposed convolution, else 1. */
  readonly upsample: { readonly x: number; readonly y: number };
  /** Constant weights and per-channel parameters, bits. */
  readonly weightBits: number;
  /** Multiply-accumulates for the whole map, whole kernels at borders; 0 unless `kind` is `mac`. */
  readonly macs: number;
  /** How often the input is streamed (softmax 3, normalisation 2). */
  readonly passes: number;
  readonly postOps: readonly PostOp[];
  /** Neighbouring elements of a pixel whose statistics an output element takes; absent: unknown, or there are none. */
  readonly span?: number;
  /** Rows of one batch item, where items are rows and a whole operand changes with them: between items it is not exact. */
  readonly itemRows?: number;
  /** An operator nobody knows: whatever MACs it has, `macs` is without them. */
  readonly unknownMacs?: true;
  /** Present if a layer table prescribes it. */
  readonly unrolling?: readonly Unrolling[];
  /** Others the mapper may choose from; present if a pass has listed them. */
  readonly otherUnrollings?: readonly (readonly Unrolling[])[];
}

/** An operator that costs nothing because its result is a view of another map. */
export interface Alias {
  readonly op: string;
  readonly name: string;
  readonly of: readonly TensorId[];
}

/** The layers facet: a feed-forward network of layers in topological order. */
export interface Workload {
  readonly layers: readonly Layer[];
  readonly maps: readonly FeatureMap[];
  /** Maps that leave the network. */
  readonly outputs: readonly TensorId[];
  readonly aliases: readonly Alias[];
  /** Absent: lowered from a model. A table states sizes itself, and may contradict itself in channel counts. */
  readonly origin?: 'table';
  /** MACs of the model, each output computed once; equals the sum over layers unless pads are ignored. */
  readonly macs: number;
}
