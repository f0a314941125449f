/**
 * Operators that read an image where the data says, or write it there: sampling grids, regions of interest, deformable
 * convolution, the inverses of pooling and of cutting into blocks. Any part of the image may be needed for any part of
 * the result.
 */
import { intAttr, intsAttr } from '../attrs.js';
import { FULL, SAME, type LowerCall, type Plan, type Read } from '../lower-plan.js';
import { convolution, convolutionShape } from './conv.js';
import { lowerGeneric, lowerUnknown } from './generic.js';
import {
  elementCount,
  has,
  illegal,
  imageWanted,
  mismatch,
  need,
  needRank,
  numbersOf,
  type Call,
  type Family,
  type Operator,
  type ShapeRule,
} from './operator.js';
import { padsOf, perAxis } from './window.js';

const generic = (infer: ShapeRule): Operator => ({ infer, lower: lowerGeneric });

const gridSample: ShapeRule = (call) => {
  const [{ dtype, shape }, grid] = [need(call, 0, 'X'), need(call, 1, 'grid')];
  needRank(call, { ...grid, name: 'grid' }, shape.length, shape.length);
  return [{ dtype, shape: [...shape.slice(0, 2), ...grid.shape.slice(1, -1)] }];
};

/** One result per region of interest, of a size that the node states. */
const regions =
  (size: (call: Call) => readonly number[]): ShapeRule =>
  (call) => {
    const { dtype, shape } = need(call, 0, 'X');
    const rois = need(call, 1, 'rois');
    needRank(call, rois, 2, 2);
    return [{ dtype, shape: [rois.shape[0]!, shape[1]!, ...size(call)] }];
  };

const alignedSize = ({ node }: Call): readonly number[] => [
  intAttr(node, 'output_height', 1),
  intAttr(node, 'output_width', 1),
];

const required = (call: Call, name: string): readonly number[] =>
  intsAttr(call.node, name) ?? illegal(call, `attribute ${name} is missing`);

/** A grid of positions, one row of coordinates each. */
const affineGrid: ShapeRule = (call) => {
  const { dtype } = need(call, 0, 'theta');
  const size = numbersOf(call, 1, 'size');
  const [batch = 0, , ...spatial] = size;
  if (spatial.length < 2 || spatial.length > 3)
    illegal(call, `size [${size.join(', ')}] is that of no image`, 'give [N, C, H, W] or [N, C, D, H, W]');
  return [{ dtype, shape: [batch, ...spatial, spatial.length] }];
};

/** What MaxPool has made smaller; an input states the size where several would do. */
const maxUnpool: ShapeRule = (call) => {
  const { dtype, shape } = need(call, 0, 'X');
  needRank(call, need(call, 0, 'X'), 3);
  if (has(call, 2)) return [{ dtype, shape: numbersOf(call, 2, 'output_shape') }];
  const kernel = required(call, 'kernel_shape');
  const count = shape.length - 2;
  if (kernel.length !== count)
    mismatch(call, `kernel of ${kernel.length} axes over an input with ${count} spatial axes`);
  const [strides, pads] = [perAxis(call, 'strides', count), padsOf(call, count)];
  const spatial = kernel.map(
    (size, i) => (shape[i + 2]! - 1) * strides[i]! + size - pads[i]! - pads[i + count]!,
  );
  if (spatial.some((size) => size < 1)) mismatch(call, `pads leave nothing: [${spatial.join(', ')}]`);
  return [{ dtype, shape: [...shape.slice(0, 2), ...spatial] }];
};

/** Blocks, each a column, added up where they overlap. */
const col2Im: ShapeRule = (call) => {
  const input = need(call, 0, 'input');
  needRank(call, input, 3, 3);
  const [batch, rows] = input.shape as [number, number];
  const [image, block] = [numbersOf(call, 1, 'image_shape'), numbersOf(call, 2, 'block_shape')];
  const channels = rows / elementCount(block);
  if (!Number.isInteger(channels))
    mismatch(call, `${rows} rows are no whole number of blocks [${block.join(', ')}]`);
  return [{ dtype: input.dtype, shape: [batch, channels, ...image] }];
};

const PLAIN = { image: 0, kernel: 1, bias: 3 } as const;
const OFFSET = 2;
const MASK = 4;

/** Two offsets per element of the kernel (and one factor, in the mask) at every place of the result. */
function deformShape(call: Call): readonly number[] {
  const shape = convolutionShape(call, PLAIN);
  const kernel = elementCount(need(call, 1, 'W').shape.slice(2));
  const groups = intAttr(call.node, 'offset_group', 1);
  const expect = (input: number, name: string, perElement: number): void => {
    const found = need(call, input, name).shape;
    const wanted = [shape[0]!, groups * kernel * perElement, ...shape.slice(2)];
    if (found.join() !== wanted.join())
      mismatch(call, `${name} is [${found.join(', ')}], expected [${wanted.join(', ')}]`);
  };
  expect(OFFSET, 'offset', shape.length - 2);
  if (has(call, MASK)) expect(MASK, 'mask', 1);
  return shape;
}

/** The loops of a convolution; the image is needed whole, offsets and mask at the place of the result. */
function lowerDeformable(call: LowerCall): Plan {
  const plan = convolution(PLAIN, firstType).lower(call);
  if (plan.kind !== 'layers') return plan;
  const beside = [OFFSET, MASK].filter((input) => call.isActivation(input));
  const layers = plan.layers.map((layer) => {
    const { layout } = layer.output;
    const places = beside.map((input): Read => ({ view: call.view(input), layout, x: SAME, y: SAME }));
    const inputs = layer.inputs.map((operand) => {
      if (operand.path !== 'I') return operand;
      const image = operand.reads.map((read): Read => ({ ...read, x: FULL, y: FULL }));
      return { ...operand, reads: [...image, ...places] };
    });
    return { ...layer, inputs, coverage: 'approximate' as const };
  });
  return { ...plan, layers };
}

const firstType = (call: Call): string => need(call, 0, 'X').dtype;

export const SAMPLINGS: Family = {
  GridSample: generic(gridSample),
  'com.microsoft:GridSample': generic(gridSample),
  RoiAlign: generic(regions(alignedSize)),
  MaxRoiPool: generic(regions((call) => required(call, 'pooled_shape'))),
  'com.microsoft:CropAndResize': generic(regions((call) => numbersOf(call, 3, 'crop_size'))),
  MaxUnpool: generic(maxUnpool),
  Col2Im: generic(col2Im),
  AffineGrid: { infer: affineGrid, lower: lowerUnknown },
  DeformConv: {
    infer: (call) => [{ dtype: firstType(call), shape: deformShape(call) }],
    lower: lowerDeformable,
    wants: imageWanted,
  },
};
