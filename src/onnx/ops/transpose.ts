/** Transpose: moves every element; rows and columns follow their axes. Free where only axes of size 1 move. */
import { intsAttr } from '../attrs.js';
import { SAME, type Layout, type LowerCall, type Plan, type View } from '../lower-plan.js';
import { isSpatial, reshapeView, unplaced } from '../lower-view.js';
import { moveLayer } from './move.js';
import { axesOf, illegal, need, type Call, type Family } from './operator.js';
import { select } from './values.js';

function permutation(call: Call): readonly number[] {
  const rank = need(call, 0, 'data').shape.length;
  const perm = intsAttr(call.node, 'perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  return perm.length === rank
    ? axesOf(call, perm, rank, 'perm')
    : illegal(call, `perm [${perm.join(', ')}] on a tensor of rank ${rank}`);
}

const permuted = (call: Call): readonly number[] =>
  permutation(call).map((axis) => need(call, 0, 'data').shape[axis]!);

function lower(call: LowerCall): Plan {
  const view = call.view(0);
  const perm = permutation(call);
  const shape = permuted(call);
  const moving = perm.filter((axis) => view.shape[axis] !== 1);
  if (moving.every((axis, i) => i === 0 || axis > moving[i - 1]!))
    return { kind: 'views', views: [reshapeView(view, shape)] };
  const follow = (axes: readonly number[]): readonly number[] => axes.map((axis) => perm.indexOf(axis));
  const layout: Layout = { x: follow(view.layout.x), y: follow(view.layout.y) };
  if (call.whole(0) !== 'no' || isReordering(view, perm)) {
    const joined = view.joined === null ? null : perm.indexOf(view.joined);
    return { kind: 'views', views: [{ ...unplaced(view), shape, layout, joined }] };
  }
  return moveLayer(call, { shape, layout, reads: [{ view, layout: view.layout, x: SAME, y: SAME }] });
}

/**
 * Rows of features stay rows of the same features, or columns columns: only which loop comes first changes, as where
 * heads are split or merged, and that is no matter to a layout of rows alone, or of columns alone.
 */
function isReordering({ shape, layout, parts }: View, perm: readonly number[]): boolean {
  const thick = perm.filter((axis) => shape[axis] !== 1);
  const ascending = (axes: readonly number[]): boolean =>
    axes.every((axis, i) => i === 0 || axis > axes[i - 1]!);
  const rows = thick.filter((axis) => layout.y.includes(axis));
  const columns = thick.filter((axis) => layout.x.includes(axis));
  const features = thick.filter((axis) => !isSpatial(layout, axis));
  const isLine = (rows.length === 0 || columns.length === 0) && parts.every((part) => part.x && part.y);
  return isLine && [rows, columns, features].every(ascending);
}

export const TRANSPOSES: Family = {
  Transpose: {
    infer: (call) => {
      const data = need(call, 0, 'data');
      const [perm, shape] = [permutation(call), permuted(call)];
      const values = select(data, shape, (index) => data.shape.map((_, axis) => index[perm.indexOf(axis)]!));
      return [{ dtype: data.dtype, shape, values }];
    },
    lower,
    passes: (call, _input, { x, y }) => {
      const perm = permutation(call);
      const before = (axes: readonly number[]): readonly number[] => axes.map((axis) => perm[axis]!);
      return { x: before(x), y: before(y) };
    },
  },
};
