/** What is dequantized, only moved, and quantized again in the same way is what it was. */
import { lowered } from '../../support/lowered.js';
import { floats, int64, type ModelSpec, type NodeSpec, type TensorSpec } from '../../support/onnx-model.js';

/** Type numbers of ONNX. */
const UINT8 = 2;
const INT8 = 3;

const byte = (value: number, type = UINT8): TensorSpec => ({
  shape: [],
  type,
  fields: { int32Data: [value] },
});

/** A scale and a zero point: `s` 0.5 and `z` 3 everywhere, or others. */
const CONSTANTS: Readonly<Record<string, TensorSpec>> = {
  ...{ s: floats(0.5), sAgain: { shape: [], fields: { floatData: [0.5] } }, other: floats(0.25) },
  ...{ unread: { shape: [] }, unreadToo: { shape: [] }, many: floats(0.5, 0.5, 0.5, 0.5) },
  ...{ z: byte(3), zAgain: byte(3), zero: byte(0), signed: byte(3, INT8) },
};

/** A quantized network input `q`, dequantized by `s` and `z`, then the nodes from `d` to `m`, then quantized and read. */
const requantized = (
  between: readonly NodeSpec[],
  before: readonly string[] = ['s', 'z'],
  behind: readonly string[] = ['s', 'z'],
  initializers: ModelSpec['initializers'] = {},
): ModelSpec => ({
  inputs: { q: [1, 4, 6, 8], p: [1, 4, 6, 8] },
  types: { q: UINT8, p: UINT8 },
  outputs: ['y'],
  opset: 21,
  initializers: { ...CONSTANTS, ...initializers },
  nodes: [
    { op: 'DequantizeLinear', name: 'dq', in: ['q', ...before], out: ['d'] },
    ...between,
    { op: 'QuantizeLinear', name: 'again', in: ['m', ...behind], out: ['n'] },
    { op: 'Transpose', name: 'read', in: ['n'], out: ['y'] },
  ],
});

const NOTHING: readonly NodeSpec[] = [{ op: 'Identity', name: 'same', in: ['d'], out: ['m'] }];

/** Whether the second quantization is a layer, a post-operation or nothing but a view. */
async function madeOf(spec: ModelSpec): Promise<'view' | 'work'> {
  const { workload } = await lowered(spec);
  const isWork = workload.layers.some(({ src }) => src.some(({ name }) => name === 'again'));
  const isView = workload.aliases.some(({ name }) => name === 'again');
  expect(isWork).toBe(!isView);
  return isWork ? 'work' : 'view';
}

describe('constants of both', () => {
  test.each<[string, 'view' | 'work', readonly string[], readonly string[]]>([
    ['the same', 'view', ['s', 'z'], ['s', 'z']],
    ['of the same values', 'view', ['s', 'z'], ['sAgain', 'zAgain']],
    ['of which the values are not read, the same', 'view', ['unread', 'z'], ['unread', 'z']],
    ['of which the values are not read, others', 'work', ['unread', 'z'], ['unreadToo', 'z']],
    ['another scale', 'work', ['s', 'z'], ['other', 'z']],
    ['another zero point', 'work', ['s', 'z'], ['s', 'zero']],
    ['another type', 'work', ['s', 'z'], ['s', 'signed']],
    ['none, which is zero', 'view', ['s', 'zero'], ['s']],
    ['none before, which is zero', 'view', ['s'], ['s', 'zero']],
    ['none, which is not three', 'work', ['s', 'z'], ['s']],
    ['none at all', 'view', ['s'], ['s']],
    ['one per row, which rows may leave', 'work', ['many'], ['many']],
  ])('%s: %s', async (_name, expected, before, behind) => {
    expect(await madeOf(requantized(NOTHING, before, behind))).toBe(expected);
  });
});

describe('what is between', () => {
  const dequantized = (...constants: string[]): NodeSpec => ({
    ...{ op: 'DequantizeLinear', name: 'dp', in: ['p', ...constants], out: ['e'] },
  });
  const joined: NodeSpec = {
    ...{ op: 'Concat', name: 'join', in: ['d', 'e'], out: ['m'], attrs: { axis: 1 } },
  };
  const cut: NodeSpec = { op: 'Slice', name: 'cut', in: ['d', 'from', 'to', 'axis'], out: ['m'] };
  const padded = (value: string): NodeSpec => ({
    ...{ op: 'Pad', name: 'pad', in: ['d', 'pads', ...(value === '' ? [] : [value])], out: ['m'] },
  });
  const resized = (mode: string): NodeSpec => ({
    ...{ op: 'Resize', name: 'up', in: ['d', '', 'twice'], out: ['m'], attrs: { mode } },
  });
  const NUMBERS = {
    ...{ from: int64(1), to: int64(3), axis: int64(1), pads: int64(0, 0, 1, 1, 0, 0, 1, 1) },
    ...{ twice: floats(1, 1, 2, 2), nil: floats(0), one: floats(1) },
  };

  test.each<[string, 'view' | 'work', readonly NodeSpec[]]>([
    ['channels of it', 'view', [cut]],
    ['its transpose', 'view', [{ op: 'Transpose', name: 'tr', in: ['d'], out: ['m'] }]],
    ['two of one scale, joined', 'view', [dequantized('sAgain', 'z'), joined]],
    ['two of different scales, joined', 'work', [dequantized('other', 'z'), joined]],
    ['one and a product, joined', 'work', [{ op: 'Exp', name: 'exp', in: ['p'], out: ['e'] }, joined]],
    ['larger, its elements repeated', 'view', [resized('nearest')]],
    ['larger, with means of elements', 'work', [resized('linear')]],
    ['with pads', 'view', [padded('')]],
    ['with pads of zero', 'view', [padded('nil')]],
    ['with pads of a number that may not be there', 'work', [padded('one')]],
    ['the square', 'work', [{ op: 'Mul', name: 'mul', in: ['d', 'd'], out: ['m'] }]],
  ])('%s: %s', async (_name, expected, between) => {
    expect(await madeOf(requantized(between, ['s', 'z'], ['s', 'z'], NUMBERS))).toBe(expected);
  });
});

/** A network with a quantization and its inverse behind every operator, or without them. */
function network(isQuantized: boolean): ModelSpec {
  const ops: readonly (Omit<NodeSpec, 'out'> & { readonly out: readonly string[] })[] = [
    { op: 'Conv', name: 'c', in: ['x', 'w'], out: ['c'], attrs: { pads: [1, 1, 1, 1] } },
    { op: 'Split', name: 'split', in: ['c'], out: ['l', 'r'], attrs: { axis: 1, num_outputs: 2 } },
    { op: 'Resize', name: 'up', in: ['l', '', 'twice'], out: ['up'], attrs: { mode: 'nearest' } },
    { op: 'Resize', name: 'wider', in: ['r', '', 'twice'], out: ['wider'], attrs: { mode: 'nearest' } },
    { op: 'Concat', name: 'join', in: ['up', 'wider'], out: ['join'], attrs: { axis: 1 } },
    { op: 'Transpose', name: 'tr', in: ['join'], out: ['tr'], attrs: { perm: [0, 1, 3, 2] } },
    { op: 'Conv', name: 'e', in: ['tr', 'w'], out: ['y'], attrs: { pads: [1, 1, 1, 1] } },
  ];
  const values = (name: string): string =>
    isQuantized && !['x', 'w', 'twice', ''].includes(name) ? `${name}.d` : name;
  const around = (name: string): readonly NodeSpec[] =>
    isQuantized && name !== 'y'
      ? [
          { op: 'QuantizeLinear', name: `${name}.quantize`, in: [name, 's', 'z'], out: [`${name}.q`] },
          {
            op: 'DequantizeLinear',
            name: `${name}.dequantize`,
            in: [`${name}.q`, 's', 'z'],
            out: [`${name}.d`],
          },
        ]
      : [];
  return {
    inputs: { x: [1, 4, 6, 8] },
    outputs: ['y'],
    opset: 21,
    initializers: { ...CONSTANTS, twice: floats(1, 1, 2, 2), w: { shape: [4, 4, 3, 3] } },
    nodes: ops.flatMap((op) => [{ ...op, in: (op.in ?? []).map(values) }, ...op.out.flatMap(around)]),
  };
}

test('a quantized network has the layers of the same network that is not', async () => {
  const [plain, quantized] = [await lowered(network(false)), await lowered(network(true))];
  const told = ({ workload }: typeof plain): unknown =>
    workload.layers.map(({ id, kind, loops, macs, weightBits }) => ({ id, kind, loops, macs, weightBits }));
  expect(told(quantized)).toEqual(told(plain));
});
