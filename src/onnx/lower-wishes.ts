/**
 * Wishes: in which layout a tensor is best made, asked of who reads it. Operators whose windows move along columns or
 * that stream rows have a wish of their own, and scores that leave the network lie in rows; others pass on what is wished
 * of their result, as far as its axes are found again in what they read. Decides how network inputs are stored, and
 * results that may lie in any way.
 */
import type { GraphNode, TensorInfo } from '../ir/tensor.js';
import type { Layout } from './lower-plan.js';
import { callOf, type Call, type Operator } from './ops/operator.js';
import { operatorOf } from './ops/registry.js';

interface Wish {
  readonly layout: Layout;
  /** Operators between the tensor and the one whose wish it is. */
  readonly distance: number;
}

/** The wish of the nearest reader that has one, of those equally near the first, by tensor; `live` as they run. */
export function layoutWishes(
  live: readonly GraphNode[],
  tensor: (name: string) => TensorInfo,
): ReadonlyMap<string, Layout> {
  const wishes = new Map<string, Wish>();
  for (const node of live.toReversed()) {
    const operator = operatorOf(node);
    const [result] = node.outputs.flatMap((name) => wishes.get(name) ?? []);
    if (operator?.wants === undefined && operator?.prefers === undefined && result === undefined) continue;
    const call = callOf(node, tensor);
    call.inputs.forEach((info, i) => {
      if (info === undefined || info.constant) return;
      const wish = wishOf(operator, call, i, result);
      const other = wishes.get(info.name);
      // From the end: of two equally near, this one is the first.
      if (wish && (other === undefined || wish.distance <= other.distance)) wishes.set(info.name, wish);
    });
  }
  return new Map([...wishes].map(([name, { layout }]) => [name, layout]));

  function wishOf(
    operator: Operator | undefined,
    call: Call,
    input: number,
    result: Wish | undefined,
  ): Wish | undefined {
    const own = operator?.wants?.(call, input);
    if (own) return { layout: own, distance: 0 };
    if (result === undefined) {
      const preferred = operator?.prefers?.(call, input);
      return preferred && { layout: preferred, distance: 0 };
    }
    const passed = operator?.passes
      ? operator.passes(call, input, result.layout)
      : isShapedAs(call, input)
        ? result.layout
        : undefined;
    return passed && { layout: passed, distance: result.distance + 1 };
  }

  /** Axes correspond, whatever the operator. */
  function isShapedAs({ node, inputs }: Call, input: number): boolean {
    const [output = ''] = node.outputs;
    return output !== '' && tensor(output).shape.join() === inputs[input]?.shape.join();
  }
}
