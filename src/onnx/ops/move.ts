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
import { elementCount } from './operator.js';

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

/** Regions per tensor axis, as rows and columns of a layout; what is rearranged within a fold of axes needs it whole. */
export function readAlong(view: View, layout: Layout, regions: ReadonlyMap<number, Region>): Read {
  const isMoved = (axis: number): boolean => (regions.get(axis) ?? SAME).kind !== 'same';
  const along = (axes: readonly number[]): Region => {
    // An axis of size 1 may get another size where it is moved.
    const [outermost, ...inner] = axes.filter((axis) => isMoved(axis) || view.shape[axis] !== 1);
    if (inner.some(isMoved)) return FULL;
    const region = outermost === undefined ? undefined : regions.get(outermost);
    return region ? inBlocks(region, elementCount(inner.map((axis) => view.shape[axis]!))) : SAME;
  };
  return { view, layout, x: along(layout.x), y: along(layout.y) };
}

/** The region of a fold whose outermost axis has the given one, each of its indices being a block of the fold. */
function inBlocks(region: Region, block: number): Region {
  if (block === 1) return region;
  switch (region.kind) {
    case 'scale':
      // Shifted as a whole; whatever else becomes of an axis leaves gaps between the blocks.
      return region.mul === region.div && region.lo === region.hi && !region.border
        ? { ...region, lo: region.lo * block, hi: region.hi * block }
        : FULL;
    case 'window':
      return region.stride === 1 && region.kernel === 1
        ? { ...region, before: region.before * block, after: region.after * block }
        : FULL;
    default:
      return region;
  }
}
