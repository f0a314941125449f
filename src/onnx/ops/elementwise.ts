/**
 * Elementwise operators with broadcasting: arithmetic, comparison, logic, Where, and the variadic Sum, Max, Min,
 * Mean. Two feature maps: `B G OY OX`, both on the input path; more: a chain of binary layers. One map and
 * constants: a pointwise operation on the map.
 */
import { known } from '../../base/assert.js';
import type { DType, TensorInfo } from '../../ir/tensor.js';
import {
  oneLayer,
  type LayerPlan,
  type Layout,
  type LowerCall,
  type Plan,
  type WeightPlan,
} from '../lower-plan.js';
import { shifted } from '../lower-view.js';
import { withConstants } from './constants.js';
import { commonLayout, visitLayer, type VisitedOperand } from './nests.js';
import {
  likeFirst,
  mismatch,
  need,
  type Call,
  type Family,
  type Operator,
  type ShapeRule,
} from './operator.js';
import { pointwise } from './values.js';

/** The shape that operands are broadcast to (ONNX, multidirectional broadcasting). */
export function broadcastShape(call: Call, operands: readonly TensorInfo[]): readonly number[] {
  const rank = Math.max(...operands.map(({ shape }) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    let size = 1;
    for (const { name, shape } of operands) {
      const own = shape[axis - rank + shape.length] ?? 1;
      if (own !== 1 && size !== 1 && own !== size)
        mismatch(
          call,
          `"${name}" [${shape.join(', ')}] does not broadcast: axis ${axis} of the result is ${size}, here ${own}`,
        );
      if (own !== 1) size = own;
    }
    return size;
  });
}

const operandsOf = (call: Call): readonly TensorInfo[] =>
  call.inputs.flatMap((input) => (input ? [input] : []));

/** What is wished of the result, in the axes of an operand that is broadcast to it. */
export function passesBroadcast(call: Call, input: number, wished: Layout): Layout {
  const rank = Math.max(...operandsOf(call).map(({ shape }) => shape.length));
  return shifted(wished, need(call, input, 'operand').shape.length - rank);
}

const isInteger = (dtype: DType): boolean => /^u?int/.test(dtype);

/** Integer division truncates, as in C. */
const divide = (dtype: DType, a: number, b: number): number => (isInteger(dtype) ? Math.trunc(a / b) : a / b);

type Compute = (dtype: DType) => (...operands: number[]) => number;

const fold =
  (step: (a: number, b: number) => number): Compute =>
  () =>
  (...operands) =>
    operands.reduce(step);

const ARITHMETIC: Readonly<Record<string, Compute | undefined>> = {
  Add: fold((a, b) => a + b),
  Sub: fold((a, b) => a - b),
  Mul: fold((a, b) => a * b),
  Div: (dtype) => (a, b) => divide(dtype, a, b),
  Pow: fold((a, b) => a ** b),
  Mod: fold((a, b) => a - b * Math.floor(a / b)),
  Sum: fold((a, b) => a + b),
  Max: fold((a, b) => Math.max(a, b)),
  Min: fold((a, b) => Math.min(a, b)),
  Mean:
    () =>
    (...operands) =>
      operands.reduce((a, b) => a + b, 0) / operands.length,
  BitShift: undefined,
  BitwiseAnd: undefined,
  BitwiseOr: undefined,
  BitwiseXor: undefined,
};

const COMPARISON: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  Equal: (a, b) => a === b,
  Greater: (a, b) => a > b,
  Less: (a, b) => a < b,
  GreaterOrEqual: (a, b) => a >= b,
  LessOrEqual: (a, b) => a <= b,
  And: (a, b) => a !== 0 && b !== 0,
  Or: (a, b) => a !== 0 || b !== 0,
  Xor: (a, b) => (a !== 0) !== (b !== 0),
};

const infer =
  (dtypeOf: (call: Call) => DType, compute: Compute | undefined): ShapeRule =>
  (call) => {
    const first = need(call, 0, 'first operand');
    const operands = operandsOf(call);
    const shape = broadcastShape(call, operands);
    const values = compute && pointwise(operands, shape, compute(first.dtype));
    return [{ dtype: dtypeOf(call), shape, values }];
  };

/** Reads a tensor more than once counts once: `x * x` is a function of one map. */
function distinctActivations(call: LowerCall): readonly number[] {
  const names = call.node.inputs;
  return names.flatMap((name, i) => (call.isActivation(i) && names.indexOf(name) === i ? [i] : []));
}

const TRAITS = { kind: 'vector', coverage: 'exact' } as const;

/** One map as an operand of a layer. */
const operandOf = (call: LowerCall, name: VisitedOperand['name'], input: number) => ({
  name,
  bits: call.bits(input, 'I'),
  view: call.view(input),
  shape: need(call, input, 'operand').shape,
});

/** Two maps, or more in a chain; constants join the last layer. */
function chain(
  call: LowerCall,
  maps: readonly number[],
  weights: readonly WeightPlan[],
): readonly LayerPlan[] {
  const [first, ...others] = maps.map((input, i) => operandOf(call, i === 0 ? 'X' : 'Y', input));
  let left: VisitedOperand = known(first, 'first map');
  const views = [known(first, 'first map').view];
  const output = known(call.outputs[0], 'output').shape;
  const wished = call.wished(0);
  return others.map((right, step) => {
    const last = step === others.length - 1;
    const operands = [left.shape, right.shape].map((shape) => ({ ...need(call, 0, 'operand'), shape }));
    const shape = last ? output : broadcastShape(call, operands);
    views.push(right.view);
    const layout = commonLayout(shape, views, wished && shifted(wished, shape.length - output.length));
    const layer = visitLayer(shape, layout, [left, right], last ? { ...TRAITS, weights } : TRAITS);
    left = { ...left, view: 'previous', shape };
    return layer;
  });
}

/** Pointwise where one map has the shape of the result; a layer, or a chain of them, otherwise. */
export function lowerElementwise(call: LowerCall): Plan {
  const maps = distinctActivations(call);
  const constants = call.inputs.flatMap((input, i) => (input && !call.isActivation(i) ? [{ input: i }] : []));
  const { shape } = known(call.outputs[0], 'output');
  const [first] = maps;
  const only = maps.length === 1 && first !== undefined ? operandOf(call, 'I', first) : undefined;
  if (first !== undefined && only?.shape.join() === shape.join())
    return { kind: 'pointwise', input: first, parameters: constants, broadcast: true };
  const weights = constants.map(({ input }) => ({ input, postOp: call.node.opType }));
  if (only === undefined) return { kind: 'layers', layers: chain(call, maps, weights) };
  const layer = visitLayer(shape, commonLayout(shape, [only.view], call.wished(0)), [only], TRAITS);
  return oneLayer(withConstants(call, layer, constants));
}

const binary = (dtypeOf: (call: Call) => DType, compute: Compute | undefined): Operator => ({
  infer: infer(dtypeOf, compute),
  lower: lowerElementwise,
  passes: passesBroadcast,
});

const firstType = (call: Call): DType => need(call, 0, 'first operand').dtype;

const family = <T>(table: Readonly<Record<string, T>>, make: (row: T) => Operator): Family =>
  Object.fromEntries(Object.entries(table).map(([name, row]) => [name, make(row)]));

export const ELEMENTWISE: Family = {
  ...family(ARITHMETIC, (compute) => binary(firstType, compute)),
  ...family(COMPARISON, (test) =>
    binary(
      () => 'bool',
      () => (a, b) => Number(test(a, b)),
    ),
  ),
  // A swish of one, times the other.
  SwiGLU: binary(firstType, undefined),
  // The slope is broadcast to X, and one per channel may come without the axes behind.
  PRelu: { infer: likeFirst, lower: lowerElementwise },
  Where: binary(
    (call) => need(call, 1, 'X').dtype,
    () => (condition, a, b) => (condition === 0 ? b : a),
  ),
};
