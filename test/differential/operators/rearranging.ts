/** The same elements elsewhere: reshaping, slicing, joining, picking, repeating. */
import {
  attributes,
  constants,
  INT64,
  list,
  scalar,
  shape,
  signed,
  since,
  FLOAT,
  type Generator,
  type Generators,
} from '../case.js';

/** A parameter that was an attribute until it became an input. */
const parameter = (
  opset: number,
  input: number,
  name: string,
  values: readonly number[],
): {
  readonly inputs: readonly ReturnType<typeof list>[];
  readonly attrs: Record<string, readonly number[]>;
} => (opset < input ? { inputs: [], attrs: { [name]: values } } : { inputs: [list(...values)], attrs: {} });

const reshape: Generator = (random, opset) => {
  const sizes = shape(random, 1, 4);
  const total = sizes.reduce((a, b) => a * b, 1);
  const wanted: number[] = random.pick([
    [-1],
    [total],
    [1, total],
    [...sizes].reverse(),
    [0, -1],
    [...sizes.slice(0, -1), -1],
    [-1, sizes.at(-1)!],
    [1, ...sizes, 1],
    sizes.map(() => 0),
  ]);
  return {
    op: 'Reshape',
    inputs: [{ shape: sizes }, list(...wanted)],
    attrs: attributes({ allowzero: opset >= 14 && random.chance(0.1) && 0 }),
  };
};

const flatten: Generator = (random, opset) => {
  const sizes = shape(random, 1, 4);
  const axis = random.int(0, sizes.length);
  const counted = opset >= 11 && axis < sizes.length ? signed(random, axis, sizes.length) : axis;
  return {
    op: 'Flatten',
    inputs: [{ shape: sizes }],
    attrs: attributes({ axis: random.chance(0.8) && counted }),
  };
};

const squeeze: Generator = (random, opset) => {
  const sizes = shape(random, 1, 4).map((size) => (random.chance(0.5) ? 1 : size));
  const thin = sizes.flatMap((size, axis) => (size === 1 ? [axis] : []));
  if (thin.length === 0 || random.chance(0.2)) return { op: 'Squeeze', inputs: [{ shape: sizes }] };
  const chosen = random.shuffled(thin).slice(0, random.int(1, thin.length)).sort();
  const axes = opset < 11 ? chosen : chosen.map((axis) => signed(random, axis, sizes.length));
  const { inputs, attrs } = parameter(opset, 13, 'axes', axes);
  return { op: 'Squeeze', inputs: [{ shape: sizes }, ...inputs], attrs };
};

const unsqueeze: Generator = (random, opset) => {
  const sizes = shape(random, 0, 3);
  const count = random.int(1, 2);
  const rank = sizes.length + count;
  const chosen = random
    .shuffled(Array.from({ length: rank }, (_, axis) => axis))
    .slice(0, count)
    .sort();
  const axes = opset < 11 ? chosen : chosen.map((axis) => signed(random, axis, rank));
  const { inputs, attrs } = parameter(opset, 13, 'axes', axes);
  return { op: 'Unsqueeze', inputs: [{ shape: sizes }, ...inputs], attrs };
};

const transpose: Generator = (random) => {
  const sizes = shape(random, 1, 5);
  const perm = random.chance(0.8) && random.shuffled(sizes.map((_, axis) => axis));
  return { op: 'Transpose', inputs: [{ shape: sizes }], attrs: attributes({ perm }) };
};

const concat: Generator = (random, opset) => {
  const sizes = shape(random, 1, 4);
  const axis = random.int(0, sizes.length - 1);
  const inputs = Array.from({ length: random.int(1, 4) }, () => ({
    shape: sizes.map((size, i) => (i === axis ? random.int(1, 4) : size)),
  }));
  return { op: 'Concat', inputs, attrs: { axis: opset < 11 ? axis : signed(random, axis, sizes.length) } };
};

const split: Generator = (random, opset) => {
  const parts = random.ints(random.int(1, 3), 1, 4);
  const even = random.chance(0.4);
  const total = even ? parts.length * parts[0]! : parts.reduce((a, b) => a + b, 0);
  const sizes = shape(random, 1, 4);
  const axis = random.int(0, sizes.length - 1);
  const inputs = [{ shape: sizes.map((size, i) => (i === axis ? total : size)) }];
  const base = { op: 'Split', outputs: parts.length };
  if (even && opset >= 18) {
    const uneven = parts.length > 1 && total > parts.length && random.chance(0.5) ? 1 : 0;
    const last = inputs.map((input) => ({
      shape: input.shape.map((size, i) => (i === axis ? size - uneven : size)),
    }));
    return { ...base, inputs: last, attrs: { axis, num_outputs: parts.length } };
  }
  if (even) return { ...base, inputs, attrs: { axis } };
  const { inputs: given, attrs } = parameter(opset, 13, 'split', parts);
  return { ...base, inputs: [...inputs, ...given], attrs: { ...attrs, axis } };
};

const slice: Generator = (random, opset) => {
  const sizes = shape(random, 1, 4);
  const axes = random.shuffled(sizes.map((_, axis) => axis)).slice(0, random.int(1, sizes.length));
  const starts = axes.map((axis) => random.int(-sizes[axis]! - 1, sizes[axis]!));
  const ends = axes.map((axis) => random.pick([random.int(-sizes[axis]!, sizes[axis]! + 1), 1_000_000]));
  if (opset < 10)
    return { op: 'Slice', inputs: [{ shape: sizes }], attrs: attributes({ starts, ends, axes }) };
  const steps = axes.map(() => random.pick([1, 1, 2, -1, -2]));
  const counted = opset < 11 ? axes : axes.map((axis) => signed(random, axis, sizes.length));
  const stepped = random.chance(0.5);
  const operands = [list(...starts), list(...ends), list(...counted), ...(stepped ? [list(...steps)] : [])];
  return { op: 'Slice', inputs: [{ shape: sizes }, ...operands] };
};

const pad: Generator = (random, opset) => {
  const sizes = shape(random, 1, 4).map((size) => size + 3);
  const mode = random.pick(['constant', 'reflect', 'edge', ...(opset >= 19 ? ['wrap'] : [])]);
  const most = mode === 'constant' ? -1 : 0;
  if (opset >= 18 && random.chance(0.4)) {
    const axes = random.shuffled(sizes.map((_, axis) => axis)).slice(0, random.int(1, sizes.length));
    const pads = random.ints(2 * axes.length, 0, 2);
    return {
      op: 'Pad',
      inputs: [
        { shape: sizes },
        list(...pads),
        null,
        list(...axes.map((axis) => signed(random, axis, sizes.length))),
      ],
      attrs: { mode },
    };
  }
  const { inputs, attrs } = parameter(opset, 11, 'pads', random.ints(2 * sizes.length, most, 2));
  return { op: 'Pad', inputs: [{ shape: sizes }, ...inputs], attrs: { ...attrs, mode } };
};

const expand: Generator = (random) => {
  const sizes = shape(random, 0, 4);
  const own = sizes.slice(random.int(0, sizes.length)).map((size) => (random.chance(0.5) ? 1 : size));
  const wanted = sizes.map((size) => (random.chance(0.2) && size !== 1 ? size : size));
  return { op: 'Expand', inputs: [{ shape: own }, list(...wanted)] };
};

const tile: Generator = (random) => {
  const sizes = shape(random, 1, 4);
  return { op: 'Tile', inputs: [{ shape: sizes }, list(...random.ints(sizes.length, 1, 3))] };
};

const gather: Generator = (random) => {
  const sizes = shape(random, 1, 3);
  const axis = random.int(0, sizes.length - 1);
  const places = shape(random, 0, 2);
  const count = places.reduce((a, b) => a * b, 1);
  const values = random.ints(count, 0, sizes[axis]! - 1);
  return {
    op: 'Gather',
    inputs: [{ shape: sizes }, { shape: places, type: INT64, ...(random.chance(0.5) ? { values } : {}) }],
    attrs: attributes({ axis: random.chance(0.8) && axis }),
  };
};

const elements =
  (op: 'GatherElements' | 'ScatterElements'): Generator =>
  (random) => {
    const sizes = shape(random, 1, 3);
    const axis = random.int(0, sizes.length - 1);
    const places = { shape: sizes.map((size) => random.int(1, size)), type: INT64 };
    const updates = op === 'ScatterElements' ? [{ shape: places.shape }] : [];
    return { op, inputs: [{ shape: sizes }, places, ...updates], attrs: { axis } };
  };

const gatherND: Generator = (random, opset) => {
  const sizes = shape(random, 2, 4);
  const batch = opset >= 12 ? random.int(0, 1) : 0;
  const depth = random.int(1, sizes.length - batch);
  const indices = { shape: [...sizes.slice(0, batch), random.int(1, 3), depth], type: INT64 };
  return {
    op: 'GatherND',
    inputs: [{ shape: sizes }, indices],
    attrs: attributes({ batch_dims: batch > 0 && batch }),
  };
};

const scatterND: Generator = (random) => {
  const sizes = shape(random, 1, 3);
  const depth = random.int(1, sizes.length);
  const count = random.int(1, 3);
  const updates = { shape: [count, ...sizes.slice(depth)] };
  return { op: 'ScatterND', inputs: [{ shape: sizes }, { shape: [count, depth], type: INT64 }, updates] };
};

const oneHot: Generator = (random) => {
  const sizes = shape(random, 1, 3);
  return {
    op: 'OneHot',
    inputs: [{ shape: sizes, type: INT64 }, scalar(random.int(1, 5)), constants([2], 0, FLOAT)],
    attrs: attributes({
      axis: random.chance(0.6) && signed(random, random.int(0, sizes.length), sizes.length + 1),
    }),
  };
};

const spaces =
  (op: 'DepthToSpace' | 'SpaceToDepth'): Generator =>
  (random, opset) => {
    const block = random.int(1, 3);
    const [h, w] = [random.int(1, 3), random.int(1, 3)];
    const sizes = op === 'DepthToSpace' ? [1, 2 * block * block, h, w] : [1, 2, h * block, w * block];
    const mode = op === 'DepthToSpace' && opset >= 11 && random.chance(0.5) && 'CRD';
    return { op, inputs: [{ shape: sizes }], attrs: attributes({ blocksize: block, mode }) };
  };

export const REARRANGING: Generators = {
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  Expand: since(8, expand),
  Tile: tile,
  Gather: gather,
  GatherElements: since(11, elements('GatherElements')),
  ScatterElements: since(11, elements('ScatterElements')),
  GatherND: since(11, gatherND),
  ScatterND: since(11, scatterND),
  OneHot: since(9, oneHot),
  DepthToSpace: spaces('DepthToSpace'),
  SpaceToDepth: spaces('SpaceToDepth'),
};
