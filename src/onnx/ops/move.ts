/**
 * The loop nest of pure data movement: `B G OY OX` over the output, one read of what is needed, one write, no
 * arithmetic. Families of rearranging operators state only their regions.
 */
import type { Region } from '../../ir/layer.js';
import {
  FULL,
  oneLayer,
  SAME,
  type Layout,
  type LowerCall,
  type OperandPlan,
  type Plan,
  type Read,
  type View,
  type WeightPlan,
} from '../lower-plan.js';
import { PIXEL_DIMS, pixelLoops } from './nests.js';

export interface Movement {
  readonly shape: readonly number[];
  readonly layout: Layout;
  readonly reads: readonly Read[];
  /** Bits of one element; absent: of the first activation. */
  readonly bits?: number;
  /** Constants that are moved too. */
  readonly weights?: readonly WeightPlan[];
}

export function moveLayer(call: LowerCall, { shape, layout, reads, weights = [], ...rest }: Movement): Plan {
  const input = call.inputs.findIndex((_, i) => call.isActivation(i));
  const operand: OperandPlan = {
    name: 'I',
    path: 'I',
    bits: rest.bits ?? call.bits(input, 'I'),
    dims: PIXEL_DIMS,
    windows: [],
    reads,
  };
  return oneLayer({
    kind: 'move',
    coverage: 'exact',
    loops: pixelLoops(shape, layout),
    output: { shape, layout, dims: PIXEL_DIMS },
    inputs: [operand],
    weights,
  });
}

/** Regions per tensor axis, as rows and columns of a layout; several rearranged axes in one fold need it whole. */
export function readAlong(view: View, layout: Layout, regions: ReadonlyMap<number, Region>): Read {
  const along = (axes: readonly number[]): Region => {
    const moved = axes.flatMap((axis) => regions.get(axis) ?? []).filter((region) => region.kind !== 'same');
    const [first] = moved;
    if (first === undefined) return SAME;
    // The other axes of the fold must be trivial for the region of one axis to be that of the fold.
    return axes.filter((axis) => view.shape[axis] !== 1).length <= 1 && moved.length === 1 ? first : FULL;
  };
  return { view, layout, x: along(layout.x), y: along(layout.y) };
}
