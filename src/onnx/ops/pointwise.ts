/**
 * Operators on one tensor, element by element: activations, Cast, quantization, BatchNormalization. They become
 * operations on their producer's output where it can take them, `B G OY OX` of their own otherwise.
 */
import { known } from '../../base/assert.js';
import type { DType } from '../../ir/tensor.js';
import { intAttr } from '../attrs.js';
import { dtypeName } from '../dtype.js';
import type { LowerCall, PointwisePlan } from '../lower-plan.js';
import { isSameGrid } from '../stored.js';
import {
  illegal,
  imageWanted,
  likeFirst,
  mismatch,
  need,
  needRank,
  type Call,
  type Family,
  type Operator,
  type ShapeRule,
} from './operator.js';
import { pointwise } from './values.js';

type Compute = (value: number) => number;

/** Constants among the inputs behind the first. */
const parameters = (call: LowerCall, inputs: readonly number[]): PointwisePlan => ({
  kind: 'pointwise',
  input: 0,
  parameters: inputs.flatMap((input) => (call.inputs[input] && !call.isActivation(input) ? [{ input }] : [])),
});

const withValues =
  (compute: Compute): ShapeRule =>
  (call) => {
    const input = need(call, 0, 'input');
    return [{ dtype: input.dtype, shape: input.shape, values: pointwise([input], input.shape, compute) }];
  };

const unary = (infer: ShapeRule = likeFirst): Operator => ({
  infer,
  lower: (call) => parameters(call, [1, 2]),
});

/** Element type in attribute `name`, if it is there. */
const typeAttribute = (call: Call, name: string): DType | undefined => {
  const number = intAttr(call.node, name);
  return number === undefined || number === 0 ? undefined : dtypeName(number);
};

const isIntegerType = (dtype: DType): boolean => /^u?int/.test(dtype);

const cast: ShapeRule = (call) => {
  const input = need(call, 0, 'input');
  const dtype = typeAttribute(call, 'to') ?? illegal(call, 'attribute to is missing');
  const compute =
    dtype === 'bool' ? (v: number) => Number(v !== 0) : isIntegerType(dtype) ? Math.trunc : (v: number) => v;
  return [{ dtype, shape: input.shape, values: pointwise([input], input.shape, compute) }];
};

const castLike: ShapeRule = (call) => [
  { dtype: need(call, 1, 'target_type').dtype, shape: need(call, 0, 'input').shape },
];

const typed =
  (dtypeOf: (call: Call) => DType): ShapeRule =>
  (call) => [{ dtype: dtypeOf(call), shape: need(call, 0, 'input').shape }];

const batchNormalization: ShapeRule = (call) => {
  const input = need(call, 0, 'X');
  needRank(call, input, 1);
  const channels = input.shape[1] ?? 1;
  for (const [i, name] of [
    [1, 'scale'],
    [2, 'B'],
    [3, 'input_mean'],
    [4, 'input_var'],
  ] as const) {
    const { shape } = need(call, i, name);
    if (shape.length !== 1 || shape[0] !== channels)
      mismatch(call, `${name} is [${shape.join(', ')}], the input has ${channels} channels`);
  }
  const statistics = call.node.outputs.slice(1).map((_, i) => {
    const { dtype, shape } = need(call, i % 2 === 0 ? 3 : 4, 'statistics');
    return { dtype, shape };
  });
  return [{ dtype: input.dtype, shape: input.shape }, ...statistics];
};

/** Activations, and functions of one number. */
const PLAIN = [
  ...[
    'Relu',
    'LeakyRelu',
    'Elu',
    'Celu',
    'Selu',
    'ThresholdedRelu',
    'Sigmoid',
    'HardSigmoid',
    'HardSwish',
    'Swish',
    'Mish',
  ],
  ...[
    'Gelu',
    'Tanh',
    'Softplus',
    'Softsign',
    'Erf',
    'Exp',
    'Log',
    'Sin',
    'Cos',
    'Tan',
    'Asin',
    'Acos',
    'Atan',
    'Sinh',
  ],
  ...['Cosh', 'Asinh', 'Acosh', 'Atanh', 'Clip', 'Shrink', 'Round', 'BitwiseNot', 'Trilu'],
  ...['com.microsoft:Gelu', 'com.microsoft:FastGelu', 'com.microsoft:QuickGelu', 'com.microsoft:BiasGelu'],
];

const WITH_VALUES: Readonly<Record<string, Compute>> = {
  Neg: (v) => -v,
  Abs: Math.abs,
  Floor: Math.floor,
  Ceil: Math.ceil,
  Sqrt: Math.sqrt,
  Reciprocal: (v) => 1 / v,
  Sign: Math.sign,
};

const all = (names: readonly string[], make: (name: string) => Operator): Family =>
  Object.fromEntries(names.map((name) => [name, make(name)]));

/** What was dequantized and then only moved is quantized again as it was. */
const isQuantizedAlready = (call: LowerCall): boolean => {
  const grid = call.grid(0);
  const { dtype } = known(call.outputs[0], 'output');
  return (
    grid !== undefined &&
    isSameGrid(grid, { dtype, scale: need(call, 1, 'y_scale'), zeroPoint: call.inputs[2] })
  );
};

const quantize: Operator = {
  infer: typed((call) => call.inputs[2]?.dtype ?? typeAttribute(call, 'output_dtype') ?? 'uint8'),
  lower: (call) =>
    isQuantizedAlready(call) ? { kind: 'views', views: [call.view(0)] } : parameters(call, [1, 2]),
};

const dequantize: Operator = {
  infer: typed((call) => typeAttribute(call, 'output_dtype') ?? need(call, 1, 'x_scale').dtype),
  lower: (call) => ({ ...parameters(call, [1, 2]), onRead: true }),
};

export const POINTWISE: Family = {
  ...all(PLAIN, () => unary()),
  ...all(Object.keys(WITH_VALUES), (name) => unary(withValues(WITH_VALUES[name]!))),
  Not: unary((call) => {
    const input = need(call, 0, 'X');
    return [
      { dtype: 'bool', shape: input.shape, values: pointwise([input], input.shape, (v) => Number(v === 0)) },
    ];
  }),
  IsNaN: unary(typed(() => 'bool')),
  IsInf: unary(typed(() => 'bool')),
  Cast: unary(cast),
  CastLike: unary(castLike),
  BitCast: unary((call) => [
    {
      dtype: typeAttribute(call, 'to') ?? illegal(call, 'attribute to is missing'),
      shape: need(call, 0, 'input').shape,
    },
  ]),
  QuantizeLinear: quantize,
  DequantizeLinear: dequantize,
  // With element types of 4 and 16 bits, before the standard had them.
  'com.microsoft:QuantizeLinear': quantize,
  'com.microsoft:DequantizeLinear': dequantize,
  BatchNormalization: {
    infer: batchNormalization,
    // Mean and variance are folded into scale and bias: two numbers per channel remain.
    lower: (call) => parameters(call, [1, 2]),
    wants: imageWanted,
  },
};
