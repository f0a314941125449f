/** Other shapes for the same elements: Reshape, Flatten, Squeeze, Unsqueeze. Views, at no cost. */
import { intAttr } from '../attrs.js';
import type { LowerCall, Plan } from '../lower-plan.js';
import { reshapedLayout, reshapeView } from '../lower-view.js';
import {
  axesOf,
  elementCount,
  illegal,
  mismatch,
  need,
  numbersOf,
  optionalNumbers,
  type Call,
  type Family,
  type Operator,
} from './operator.js';

/** `shape` with its 0 (copy) and -1 (the rest) resolved. */
function reshaped(call: Call): readonly number[] {
  const { shape: old } = need(call, 0, 'data');
  const wanted = numbersOf(call, 1, 'shape');
  const zeroCopies = intAttr(call.node, 'allowzero', 0) === 0;
  const sizes = wanted.map((size, axis) => {
    if (size < -1 || !Number.isInteger(size))
      return illegal(call, `shape [${wanted.join(', ')}] contains ${size}`);
    if (size !== 0 || !zeroCopies) return size;
    return (
      old[axis] ??
      illegal(call, `shape [${wanted.join(', ')}] copies axis ${axis}, the input has rank ${old.length}`)
    );
  });
  if (sizes.filter((size) => size === -1).length > 1)
    illegal(call, `shape [${wanted.join(', ')}] contains -1 twice`);
  const known = elementCount(sizes.filter((size) => size !== -1));
  const total = elementCount(old);
  const shape = sizes.map((size) => (size === -1 ? total / known : size));
  if (elementCount(shape) !== total || shape.some((size) => !Number.isInteger(size)))
    mismatch(
      call,
      `[${old.join(', ')}] has ${total} elements, shape [${wanted.join(', ')}] does not hold them`,
    );
  return shape;
}

function flattened(call: Call): readonly number[] {
  const { shape } = need(call, 0, 'input');
  const axis = intAttr(call.node, 'axis', 1);
  const at = axis < 0 ? axis + shape.length : axis;
  if (at < 0 || at > shape.length) illegal(call, `axis ${axis} is outside a tensor of rank ${shape.length}`);
  return [elementCount(shape.slice(0, at)), elementCount(shape.slice(at))];
}

function squeezed(call: Call): readonly number[] {
  const { shape } = need(call, 0, 'data');
  const listed = optionalNumbers(call, 1, 'axes');
  if (listed === undefined) return shape.filter((size) => size !== 1);
  const axes = axesOf(call, listed, shape.length);
  const thick = axes.find((axis) => shape[axis] !== 1);
  if (thick !== undefined)
    mismatch(call, `axis ${thick} of [${shape.join(', ')}] has size ${shape[thick]}, only 1 can be squeezed`);
  return shape.filter((_, axis) => !axes.includes(axis));
}

function unsqueezed(call: Call): readonly number[] {
  const { shape } = need(call, 0, 'data');
  const listed = numbersOf(call, 1, 'axes');
  const axes = axesOf(call, listed, shape.length + listed.length);
  const rest = [...shape];
  return Array.from({ length: shape.length + axes.length }, (_, axis) =>
    axes.includes(axis) ? 1 : rest.shift()!,
  );
}

const view = (shapeOf: (call: Call) => readonly number[]): Operator => ({
  infer: (call) => {
    const { dtype, values } = need(call, 0, 'input');
    return [{ dtype, shape: shapeOf(call), values }];
  },
  lower: (call: LowerCall): Plan => ({
    kind: 'views',
    views: [reshapeView(call.view(0), call.outputs[0]!.shape, call.freeLayout(0))],
  }),
  passes: (call, _input, wished) => reshapedLayout(wished, shapeOf(call), need(call, 0, 'input').shape),
});

export const RESHAPES: Family = {
  Reshape: view(reshaped),
  Flatten: view(flattened),
  Squeeze: view(squeezed),
  Unsqueeze: view(unsqueezed),
  Identity: view((call) => need(call, 0, 'input').shape),
  Dropout: {
    ...view((call) => need(call, 0, 'data').shape),
    // The mask of a network that runs lets everything pass.
    infer: (call) => {
      const { dtype, shape } = need(call, 0, 'data');
      return [
        { dtype, shape },
        { dtype: intAttr(call.node, 'numeric_mask', 0) === 0 ? 'bool' : dtype, shape, constant: true },
      ];
    },
  },
};
