/** DepthToSpace and SpaceToDepth: blocks of pixels become channels, or the other way round. */
import type { Region } from '../../ir/layer.js';
import { intAttr } from '../attrs.js';
import type { LowerCall } from '../lower-plan.js';
import { imageLayout } from '../lower-view.js';
import { moveLayer } from './move.js';
import {
  illegal,
  imageWanted,
  mismatch,
  need,
  needRank,
  type Call,
  type Family,
  type Operator,
} from './operator.js';

function blockOf(call: Call): number {
  const block = intAttr(call.node, 'blocksize') ?? illegal(call, 'attribute blocksize is missing');
  return block >= 1 ? block : illegal(call, `blocksize is ${block}, must be at least 1`);
}

function spread(call: Call): readonly number[] {
  const input = need(call, 0, 'input');
  needRank(call, input, 4, 4);
  const [n, c, h, w] = input.shape as [number, number, number, number];
  const block = blockOf(call);
  if (c % (block * block) !== 0)
    mismatch(call, `${c} channels cannot be spread over blocks of ${block} x ${block}`);
  return [n, c / (block * block), h * block, w * block];
}

function gathered(call: Call): readonly number[] {
  const input = need(call, 0, 'input');
  needRank(call, input, 4, 4);
  const [n, c, h, w] = input.shape as [number, number, number, number];
  const block = blockOf(call);
  if (h % block !== 0 || w % block !== 0)
    mismatch(call, `${w} x ${h} pixels cannot be gathered in blocks of ${block} x ${block}`);
  return [n, c * block * block, h / block, w / block];
}

const rearranging = (
  shapeOf: (call: Call) => readonly number[],
  regionOf: (block: number) => Region,
): Operator => ({
  infer: (call) => [{ dtype: need(call, 0, 'input').dtype, shape: shapeOf(call) }],
  lower: (call: LowerCall) => {
    const [layout, region] = [imageLayout(4), regionOf(blockOf(call))];
    return moveLayer(call, {
      shape: shapeOf(call),
      layout,
      reads: [{ view: call.view(0), layout, x: region, y: region }],
    });
  },
  wants: imageWanted,
});

export const BLOCKS: Family = {
  DepthToSpace: rearranging(spread, (block) => ({ kind: 'scale', mul: 1, div: block, lo: 0, hi: 0 })),
  SpaceToDepth: rearranging(gathered, (block) => ({
    kind: 'scale',
    mul: block,
    div: 1,
    lo: 0,
    hi: block - 1,
  })),
};
