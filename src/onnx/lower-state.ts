/**
 * What lowering has built so far: layers, maps and, for every activation, where its elements lie. The only
 * mutable state of the lowering, threaded through one walk over the nodes.
 */
import { bareName, layerId, tensorId, type LayerId, type TensorId } from '../base/ids.js';
import { known } from '../base/assert.js';
import { graphView, tensorsRead } from '../ir/graph-view.js';
import type { Alias, FeatureMap, Layer, LoopSize, PostOp, Provenance } from '../ir/layer.js';
import type { DType, Graph, GraphNode, Shapes, TensorInfo } from '../ir/tensor.js';
import { compoundNode, findCompounds, type Compound } from './compounds.js';
import { elementBits } from './dtype.js';
import type { Layout, Part, View } from './lower-plan.js';
import { defaultLayout, extents, viewOfMap } from './lower-view.js';
import { wholeTensors, type WholeTensors } from './lower-whole.js';
import { layoutWishes } from './lower-wishes.js';
import { isFloat, storedTensors, type Stored } from './stored.js';

/** Operand precisions, bits. */
export interface Bits {
  readonly W: number;
  readonly I: number;
  readonly O: number;
  readonly psum: number;
}

export interface LoweringOptions {
  /** Bits of float operands: the accelerator's. */
  readonly precision: Bits;
  /** Bits that the user sets, whatever the element type. */
  readonly override: Readonly<Partial<Bits>>;
  /** Bits that the user sets for a layer, by its name; they go before `override`. */
  readonly ofLayer: (name: string) => Readonly<Partial<Bits>>;
  /** Parameters of post-operations count as weights. */
  readonly countParameters: boolean;
}

export interface LoweringState {
  readonly graph: Graph;
  readonly options: LoweringOptions;
  readonly tensor: (name: string) => TensorInfo;
  readonly isTensor: (name: string) => boolean;
  /** Nodes that run and lead to an output; one for each compound. */
  readonly live: readonly GraphNode[];
  /** What the nodes that stand for compounds stand for. */
  readonly compounds: ReadonlyMap<GraphNode, Compound>;
  /** Nodes without effect on any output. */
  readonly dead: readonly GraphNode[];
  /** How often a tensor is read by live nodes, leaving the network included. */
  readonly readers: ReadonlyMap<string, number>;
  /** Tensors that nobody needs in part. */
  readonly whole: WholeTensors;
  /** How those who read a tensor wish it to lie. */
  readonly wishes: ReadonlyMap<string, Layout>;
  /** What a dequantization hides behind a tensor. */
  readonly stored: ReadonlyMap<string, Stored>;
  readonly views: Map<string, View>;
  readonly layers: Map<LayerId, Layer>;
  /** How many layers were asked for by each name. */
  readonly names: Map<string, number>;
  /** Lists of loops by their text. */
  readonly loops: Map<string, readonly LoopSize[]>;
  /** What layers have taken over so far, in order. Lists that grow: a layer may take over thousands of operations. */
  readonly takenOver: Map<LayerId, { readonly src: readonly Provenance[]; readonly postOp: PostOp }[]>;
  /** Constants that layers count among their weights, as far as each uses them. */
  readonly weights: { readonly layer: LayerId; readonly name: string; readonly bits: number }[];
  readonly maps: Map<TensorId, FeatureMap>;
  readonly aliases: Alias[];
  /** Maps whose producer took over a later operation, by their former id. */
  readonly renamed: Map<TensorId, TensorId>;
}

export function startLowering(graph: Graph, shapes: Shapes, options: LoweringOptions): LoweringState {
  const infos = new Map(shapes.tensors.map((tensor) => [tensor.name, tensor]));
  const tensor = (name: string): TensorInfo => known(infos.get(name), `shape of "${name}"`);
  const running = liveNodes(graph, tensor);
  const readers = readersOf(graph, running);
  const found = findCompounds({ nodes: running, tensor, readers });
  const absorbed = new Set([...found.values()].flatMap(({ nodes }) => nodes));
  const compounds = new Map<GraphNode, Compound>();
  const live =
    found.size === 0
      ? running
      : running.flatMap((node) => {
          const compound = found.get(node);
          if (compound === undefined) return absorbed.has(node) ? [] : [node];
          const whole = compoundNode(compound, tensor);
          compounds.set(whole, compound);
          return [whole];
        });
  return {
    graph,
    options,
    tensor,
    isTensor: (name) => infos.has(name),
    live,
    compounds,
    dead: deadNodes(graph, running, tensor),
    readers: live === running ? readers : readersOf(graph, live),
    whole: wholeTensors(graph, live, tensor),
    wishes: layoutWishes(live, tensor),
    stored: storedTensors(graph, tensor),
    views: new Map(),
    layers: new Map(),
    names: new Map(),
    loops: new Map(),
    takenOver: new Map(),
    weights: [],
    maps: new Map(),
    aliases: [],
    renamed: new Map(),
  };
}

function readersOf(graph: Graph, nodes: readonly GraphNode[]): ReadonlyMap<string, number> {
  const readers = new Map<string, number>();
  const read = (name: string): unknown => readers.set(name, (readers.get(name) ?? 0) + 1);
  for (const node of nodes) for (const name of tensorsRead(node)) read(name);
  graph.outputs.forEach(({ name }) => read(name));
  return readers;
}

function deadNodes(
  { nodes }: Graph,
  running: readonly GraphNode[],
  tensor: (name: string) => TensorInfo,
): readonly GraphNode[] {
  if (running.length === nodes.length) return [];
  const alive = new Set(running);
  return nodes.filter((node) => !alive.has(node) && isComputed(node, tensor));
}

/** Whether a node computes something that is not known before the run. */
const isComputed = (node: GraphNode, tensor: (name: string) => TensorInfo): boolean =>
  node.outputs.some((name) => name !== '' && !tensor(name).constant);

/** Nodes that compute something, and on which an output depends. */
function liveNodes(graph: Graph, tensor: (name: string) => TensorInfo): readonly GraphNode[] {
  const view = graphView(graph);
  const reached = new Set<number>();
  const open = graph.outputs.flatMap(({ name }) => view.producer(name) ?? []);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const node = known(graph.nodes[at], 'node');
    if (reached.has(at) || !isComputed(node, tensor)) continue;
    reached.add(at);
    for (const name of tensorsRead(node)) {
      const before = view.producer(name);
      if (before !== undefined) open.push(before);
    }
  }
  return graph.nodes.filter((_, at) => reached.has(at));
}

export const storedIn = (state: LoweringState, name: string): readonly DType[] =>
  state.stored.get(name)?.types ?? [state.tensor(name).dtype];

/** Bits of one element; where parts of a tensor differ, of the widest. */
export function bitsOf(state: LoweringState, name: string, path: 'W' | 'I' | 'O'): number {
  const { override, precision } = state.options;
  const ofType = (dtype: DType): number =>
    isFloat(dtype) ? precision[path] : elementBits(dtype, [{ kind: 'onnx', tensor: name }]);
  return override[path] ?? Math.max(...storedIn(state, name).map(ofType));
}

/** Bits of one element of an activation as a layer reads it: of several maps, those of the widest. */
export function readBits(state: LoweringState, name: string): number {
  const parts = state.views.get(name)?.parts ?? [];
  const bits = parts.map(
    (part) => setBits(state, part.map) ?? bitsOf(state, storedAs(state, name, part), 'I'),
  );
  return bits.length === 0 ? bitsOf(state, name, 'I') : Math.max(...bits);
}

/** Bits of a map whose producer's output the user has set; undefined: nobody has. */
function setBits(state: LoweringState, id: TensorId): number | undefined {
  const map = state.maps.get(id);
  const producer = map?.producer ? state.layers.get(map.producer) : undefined;
  const set = producer && state.options.ofLayer(bareName(producer.id)).O;
  return set === undefined ? undefined : map?.bits;
}

/** The tensor whose type a map behind another is stored in, where what is done on reading hides it; else that tensor. */
function storedAs(state: LoweringState, name: string, { map, onRead }: Part): string {
  const own = bareName(map);
  return (state.stored.has(name) || onRead !== undefined) && state.isTensor(own) ? own : name;
}

/** The layout of what may lie in any way: as its readers wish, else as its shape suggests. */
export const freeLayout = ({ wishes, tensor }: LoweringState, name: string): Layout =>
  wishes.get(name) ?? defaultLayout(tensor(name).shape);

/** Where an activation lies; a network input becomes a map when it is first asked for. */
export function viewOf(state: LoweringState, name: string): View {
  const found = state.views.get(name);
  if (found) return found;
  const { shape } = state.tensor(name);
  const layout = freeLayout(state, name);
  const { x, y, pixel } = extents(shape, layout);
  const map = {
    id: tensorId(name),
    producer: null,
    elementsPerPixel: pixel,
    width: x,
    height: y,
    bits: bitsOf(state, name, 'I'),
  };
  state.maps.set(map.id, map);
  const view = viewOfMap(map, shape, layout);
  state.views.set(name, view);
  return view;
}

/** A tensor that is read once and does not leave the network. */
export const isReadOnce = (state: LoweringState, name: string): boolean => state.readers.get(name) === 1;

/** The map of a step in a chain: `sum.1`, unless the model has a tensor of that name. */
export function freshMapId(state: LoweringState, output: string, step: number): TensorId {
  let name = `${output}.${step}`;
  while (state.isTensor(name)) name += '_';
  return tensorId(name);
}

/** A node's name without the characters that have a meaning in option and pipeline strings. */
export const plainName = (name: string): string =>
  PLAIN.test(name) ? name : name.replace(/[^A-Za-z0-9_.:/-]+/g, '_') || 'layer';

const PLAIN = /^[A-Za-z0-9_.:/-]+$/;

/** A layer id from a node name. */
export function freshLayerId(state: LoweringState, name: string): LayerId {
  const plain = plainName(name);
  // Names in another script may all come to the same one.
  for (let copy = (state.names.get(plain) ?? 0) + 1; ; copy++) {
    const id = layerId(copy === 1 ? plain : `${plain}_${copy}`);
    if (state.layers.has(id)) continue;
    state.names.set(plain, copy);
    return id;
  }
}
