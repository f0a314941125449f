/**
 * What a family's lowering says about one node: it is a loop nest of its own (or a chain of them), a pointwise
 * operation that the producer of its input may take over, or a mere view of data that is already there.
 * Plans speak of tensors and their axes; `lower.ts` turns them into layers, maps and ids.
 */
import type { TensorId } from '../base/ids.js';
import type { Coverage, InputOperand, LayerKind, LoopDim, LoopSize, Region } from '../ir/layer.js';
import type { GraphNode, TensorInfo } from '../ir/tensor.js';
import type { Call } from './ops/operator.js';
import type { Grid } from './stored.js';

/**
 * Axes of a tensor that run along the rows (y) and columns (x) of its map, outermost first; several axes are
 * folded into one. All other axes lie within a pixel. Axes of size 1 may be listed or not.
 */
export interface Layout {
  readonly y: readonly number[];
  readonly x: readonly number[];
}

/** A feature map (or a slice of its pixels) as one piece of a tensor. */
export interface Part {
  readonly map: TensorId;
  /** Elements of one pixel that belong to the tensor. */
  readonly elementsPerPixel: number;
  /** Position of the first of them, which lie together; null: they do not, or where is not followed. */
  readonly first: number | null;
  /** Size along the axis on which the pieces are joined. */
  readonly extent: number;
  /** Columns (rows) of the tensor are columns (rows) of the map; otherwise the whole axis must be read. */
  readonly x: boolean;
  readonly y: boolean;
  /** Of a tensor that is needed whole: the share of those elements that are read; absent: all. */
  readonly share?: number;
  /** Functions by constants that whoever reads them applies, first to last; absent: none. */
  readonly onRead?: readonly ReadFunction[];
}

/** A node whose result nobody makes: its readers compute it from what they read. */
export interface ReadFunction {
  readonly op: string;
  readonly name: string;
  /** Its constants. */
  readonly parameters: readonly string[];
}

/** Where the elements of an activation lie. */
export interface View {
  readonly shape: readonly number[];
  readonly layout: Layout;
  readonly parts: readonly Part[];
  /** Axis along which several parts are joined; null: there is one part, or the axis is lost. */
  readonly joined: number | null;
  /** Nothing else sees the map, so its producer may still change it. */
  readonly exclusive: boolean;
  /** How often each element stands in the tensor (a head that serves several queries); absent: once. */
  readonly copies?: number;
}

/** The output of a layer of the same plan, by position; maybe in another shape. */
export interface StepView {
  readonly step: number;
  /** Part of the elements of every pixel; absent: all. */
  readonly share?: number;
}

/** An operand's view with the region of it that an output region needs, in the axes of `layout`. */
export interface Read {
  /** `previous`: the output of the layer before in a chain; or what one of the layers before made, as it is seen. */
  readonly view: View | 'previous' | StepView;
  readonly layout: Layout;
  readonly x: Region;
  readonly y: Region;
}

export interface OperandPlan extends Pick<
  InputOperand,
  'name' | 'path' | 'bits' | 'dims' | 'windows' | 'share'
> {
  readonly reads: readonly Read[];
}

/** Constants of the node that its layer keeps as weights. */
export interface WeightPlan {
  readonly input: number;
  /** Elements that are used, if not all. */
  readonly elements?: number;
  /** Listed as an operation on the output (`bias`, `scale`) rather than as an operand. */
  readonly postOp?: string;
}

export interface LayerPlan {
  readonly kind: LayerKind;
  readonly coverage: Coverage;
  readonly loops: readonly LoopSize[];
  readonly output: {
    readonly shape: readonly number[];
    readonly layout: Layout;
    readonly dims: readonly LoopDim[];
  };
  readonly inputs: readonly OperandPlan[];
  readonly weights?: readonly WeightPlan[];
  readonly upsample?: { readonly x: number; readonly y: number };
  readonly macs?: number;
  readonly passes?: number;
  /** Neighbouring elements of a pixel over which statistics run (`Layer.span`). */
  readonly span?: number;
  /** Rows of one batch item (`Layer.itemRows`). */
  readonly itemRows?: number;
  /** Its arithmetic is not known (`Layer.unknownMacs`). */
  readonly unknownMacs?: true;
}

export interface PointwisePlan {
  readonly kind: 'pointwise';
  readonly input: number;
  readonly parameters: readonly WeightPlan[];
  /** Parameters are broadcast to the map, as elementwise operators do; absent: a number per channel, or for all. */
  readonly broadcast?: true;
  /** It may also be done where the data is read: the map keeps the type it has (DequantizeLinear). */
  readonly onRead?: boolean;
}

export type Plan =
  /** One layer, or a chain in which each reads the one before; the last makes output `output` of the node. */
  | {
      readonly kind: 'layers';
      readonly layers: readonly LayerPlan[];
      readonly output?: number;
      /** Where the elements of further outputs lie, by position. */
      readonly also?: Readonly<Record<number, View | StepView>>;
    }
  /** Element by element on input `input`; the constants among the other inputs are its parameters. */
  | PointwisePlan
  /** A layer or a view per output, each on its own. */
  | { readonly kind: 'each'; readonly outputs: readonly (LayerPlan | View)[] }
  /** One view per output. */
  | { readonly kind: 'views'; readonly views: readonly View[] };

export interface LowerCall extends Call {
  readonly outputs: readonly TensorInfo[];
  /** Where the elements of an activation input lie. */
  readonly view: (input: number) => View;
  /** The input is there and only known when the network runs. */
  readonly isActivation: (input: number) => boolean;
  /** Bits of one element of an input on a memory path, and of an output as stored. */
  readonly bits: (input: number, path: 'W' | 'I') => number;
  readonly outputBits: (output: number) => number;
  /** The numbers that elements of an input can be, where a dequantization says so. */
  readonly grid: (input: number) => Grid | undefined;
  /** Bits in which sums are kept: what the accelerator adds up in, whatever the type of the finished element. */
  readonly psumBits: number;
  /** The layout in which readers wish an output to lie, if any does. */
  readonly wished: (output: number) => Layout | undefined;
  /** The layout of an output that may lie in any way: as its readers wish, else as its shape suggests. */
  readonly freeLayout: (output: number) => Layout;
  /** Whoever reads an output needs all of it; `and-leaves`: and it leaves the network. */
  readonly whole: (output: number) => 'no' | 'only' | 'and-leaves';
  /** Activations that subgraphs of the node read besides its inputs. */
  readonly captured: readonly View[];
  /** The nodes behind it: several for a compound. */
  readonly parts: readonly GraphNode[];
}

export type Lowering = (call: LowerCall) => Plan;

export const oneLayer = (layer: LayerPlan): Plan => ({ kind: 'layers', layers: [layer] });

export const SAME: Region = { kind: 'same' };
export const FULL: Region = { kind: 'full' };
