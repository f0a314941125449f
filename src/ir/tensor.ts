/** The graph and shapes facets: ONNX as read, and what is known about every tensor. Plain data only. */

/** Element types: ONNX names in lower case; sizes in `onnx/dtype.ts`. */
export type DType = string;

export type Dim =
  | { readonly kind: 'fixed'; readonly size: number }
  | { readonly kind: 'symbol'; readonly name: string }
  /** `stated`: what the model says all the same, 0 or less. */
  | { readonly kind: 'unknown'; readonly stated?: number };

/** A declared tensor: a graph input or output, or a `value_info` entry. */
export interface ValueInfo {
  readonly name: string;
  readonly dtype: DType;
  /** Absent: the model declares no shape. */
  readonly shape?: readonly Dim[];
}

/** A constant tensor: its type and shape, and its numbers only where they are few (shapes, axes, scales). */
export interface Constant {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly values?: readonly number[];
}

export type Attribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: Constant }
  | { readonly kind: 'graph'; readonly value: Graph }
  /** A function body's reference to an attribute of its caller. */
  | { readonly kind: 'reference'; readonly value: string }
  | { readonly kind: 'other'; readonly value: string };

export interface GraphNode {
  /** Position in the model file; nodes of inlined functions carry their caller's. */
  readonly index: number;
  /** Unique in its graph: the importer names the nameless and tells namesakes apart. */
  readonly name: string;
  readonly opType: string;
  /** '' is the ONNX domain. */
  readonly domain: string;
  /** Picks among local functions of one name; absent: the one without an overload name. */
  readonly overload?: string;
  /** '' is an absent optional input. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A local function of the model; gone after normalize-graph. */
export interface LocalFunction {
  readonly domain: string;
  readonly name: string;
  readonly overload: string;
  /** Operator-set versions its body is written in; they may differ from the model's. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributeDefaults: Readonly<Record<string, Attribute>>;
  readonly nodes: readonly GraphNode[];
}

export interface Graph {
  readonly name: string;
  readonly irVersion: number;
  /** Operator-set version per domain; '' is the ONNX domain. */
  readonly opsets: Readonly<Record<string, number>>;
  /** In topological order (the importer sorts, preferring the order of the file). */
  readonly nodes: readonly GraphNode[];
  /** Inputs to be fed: graph inputs that are not initializers. */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers: readonly Constant[];
  readonly valueInfo: readonly ValueInfo[];
  readonly functions: readonly LocalFunction[];
}

/** What is known of one tensor. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Known before the network runs: an initializer, or computed from shapes and constants alone. */
  readonly constant: boolean;
  /** Its numbers, row-major, where known and few. */
  readonly values?: readonly number[];
}

/** The shapes facet. */
export interface Shapes {
  /** In order of definition: inputs, initializers, then node outputs. */
  readonly tensors: readonly TensorInfo[];
}
