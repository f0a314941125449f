/** Element by element: unary functions, casts, quantization, arithmetic with broadcasting. */
import {
  attributes,
  BOOL,
  broadcasting,
  constants,
  DOUBLE,
  FLOAT,
  FLOAT16,
  INT32,
  INT64,
  INT8,
  scalar,
  shape,
  signed,
  since,
  UINT32,
  UINT8,
  type Case,
  type Generator,
  type Generators,
} from '../case.js';

const unary =
  (op: string, type = FLOAT): Generator =>
  (random) => ({ op, inputs: [{ shape: shape(random), type }] });

const UNARY: Readonly<Record<string, number>> = {
  ...{ Abs: 6, Neg: 6, Exp: 6, Log: 6, Sqrt: 6, Floor: 6, Ceil: 6, Reciprocal: 6, Sigmoid: 6, Tanh: 6 },
  ...{ Relu: 6, Softplus: 1, Softsign: 1, Erf: 9, Sign: 9, Sin: 7, Cos: 7, Tan: 7, Asin: 7, Acos: 7 },
  ...{ Atan: 7, Sinh: 9, Cosh: 9, Asinh: 9, Acosh: 9, Atanh: 9, Round: 11, HardSwish: 14, Mish: 18 },
  ...{ Selu: 6, Elu: 6, LeakyRelu: 6, ThresholdedRelu: 10, HardSigmoid: 6, Celu: 12, Gelu: 20 },
  ...{ IsNaN: 9, IsInf: 10, Shrink: 9, Identity: 1, Swish: 24 },
};

const binary =
  (op: string, type = FLOAT, attrs: Case['attrs'] = {}): Generator =>
  (random) => {
    const [a, b] = broadcasting(random, 2);
    return {
      op,
      inputs: [
        { shape: a!, type },
        { shape: b!, type },
      ],
      attrs,
    };
  };

const variadic =
  (op: string): Generator =>
  (random) => ({
    op,
    inputs: broadcasting(random, random.int(1, 4)).map((sizes) => ({ shape: sizes })),
  });

const cast: Generator = (random, opset) => ({
  op: 'Cast',
  inputs: [{ shape: shape(random), type: random.pick([FLOAT, INT32, BOOL]) }],
  attrs: { to: random.pick([FLOAT, UINT8, INT32, INT64, BOOL, ...(opset >= 9 ? [DOUBLE, FLOAT16] : [])]) },
});

const clip: Generator = (random, opset) => {
  const inputs = [{ shape: shape(random) }];
  if (opset < 11) return { op: 'Clip', inputs, attrs: { min: { float: 0 }, max: { float: 6 } } };
  return { op: 'Clip', inputs: [...inputs, random.pick([null, scalar(0, FLOAT)]), scalar(6, FLOAT)] };
};

/** Per tensor, per axis, or (operator set 21) per block. */
const quantization =
  (op: 'QuantizeLinear' | 'DequantizeLinear'): Generator =>
  (random, opset) => {
    const sizes = shape(random, 1, 4);
    const axis = random.int(0, sizes.length - 1);
    const perAxis = opset >= 13 && random.chance(0.4);
    const type = random.pick([UINT8, INT8]);
    const parameters = perAxis ? [sizes[axis]!] : [];
    return {
      op,
      inputs: [
        { shape: sizes, type: op === 'QuantizeLinear' ? FLOAT : type },
        constants(parameters, 1),
        constants(parameters, 0, type),
      ],
      attrs: attributes({ axis: perAxis && signed(random, axis, sizes.length) }),
    };
  };

const prelu: Generator = (random) => {
  const sizes = shape(random, 1, 4);
  const slope = sizes.slice(random.int(0, sizes.length)).map((size) => (random.chance(0.3) ? 1 : size));
  return { op: 'PRelu', inputs: [{ shape: sizes }, constants(slope, 0.1)] };
};

const where: Generator = (random) => {
  const [condition, x, y] = broadcasting(random, 3);
  return { op: 'Where', inputs: [{ shape: condition!, type: BOOL }, { shape: x! }, { shape: y! }] };
};

const batchNormalization: Generator = (random) => {
  const sizes = [random.int(1, 3), random.int(1, 5), ...random.ints(random.int(0, 3), 1, 5)];
  const parameter = constants([sizes[1]!], 1);
  return { op: 'BatchNormalization', inputs: [{ shape: sizes }, parameter, parameter, parameter, parameter] };
};

const dropout: Generator = (random, opset) => {
  const outputs = random.int(1, 2);
  const inputs = [{ shape: shape(random) }];
  return opset < 12
    ? { op: 'Dropout', inputs, attrs: { ratio: { float: 0.5 } }, outputs }
    : { op: 'Dropout', inputs: [...inputs, ...(random.chance(0.5) ? [scalar(0.5, FLOAT)] : [])], outputs };
};

const trilu: Generator = (random) => ({
  op: 'Trilu',
  inputs: [{ shape: shape(random, 2, 4) }, ...(random.chance(0.5) ? [scalar(random.int(-2, 2))] : [])],
  attrs: attributes({ upper: random.chance(0.5) && 0 }),
});

export const POINTWISE: Generators = {
  ...Object.fromEntries(Object.entries(UNARY).map(([op, first]) => [op, since(first, unary(op))])),
  Not: unary('Not', BOOL),
  BitwiseNot: since(18, unary('BitwiseNot', INT32)),
  Cast: cast,
  CastLike: since(15, (random) => ({
    op: 'CastLike',
    inputs: [{ shape: shape(random) }, { shape: shape(random), type: INT32 }],
  })),
  Clip: clip,
  QuantizeLinear: since(10, quantization('QuantizeLinear')),
  DequantizeLinear: since(10, quantization('DequantizeLinear')),
  DynamicQuantizeLinear: since(11, (random) => ({
    op: 'DynamicQuantizeLinear',
    inputs: [{ shape: shape(random, 1) }],
    outputs: 3,
  })),
  BatchNormalization: since(9, batchNormalization),
  Dropout: dropout,
  Trilu: since(14, trilu),
  ...Object.fromEntries(['Add', 'Sub', 'Mul', 'Div', 'Pow'].map((op) => [op, since(7, binary(op))])),
  ...Object.fromEntries(['Max', 'Min', 'Sum', 'Mean'].map((op) => [op, since(8, variadic(op))])),
  Mod: since(10, binary('Mod', FLOAT, { fmod: 1 })),
  Equal: since(11, binary('Equal')),
  Greater: since(9, binary('Greater')),
  Less: since(9, binary('Less')),
  GreaterOrEqual: since(12, binary('GreaterOrEqual')),
  LessOrEqual: since(12, binary('LessOrEqual')),
  And: since(7, binary('And', BOOL)),
  Or: since(7, binary('Or', BOOL)),
  Xor: since(7, binary('Xor', BOOL)),
  BitShift: since(11, binary('BitShift', UINT32, { direction: 'LEFT' })),
  BitwiseAnd: since(18, binary('BitwiseAnd', INT32)),
  BitwiseOr: since(18, binary('BitwiseOr', INT32)),
  BitwiseXor: since(18, binary('BitwiseXor', INT32)),
  Where: since(9, where),
  PRelu: since(7, prelu),
};
