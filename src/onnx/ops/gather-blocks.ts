/**
 * GatherBlockQuantized of com.microsoft: rows of a constant table of a few bits per element, as models of language look
 * up their tokens. Only what is read counts as weights, the scales beside it included.
 */
import { intAttr } from '../attrs.js';
import type { LowerCall, Plan } from '../lower-plan.js';
import { lowerLookup, wantsRows, type Pick } from './gather.js';
import { axisOf, elementCount, has, need, type Call, type Family } from './operator.js';

/** A table of a few bits, packed into bytes along its last axis, with a scale (and zero point) per block. */
function unpacked<C extends Call>(call: C): C {
  const data = need(call, 0, 'data');
  const last = data.shape.length - 1;
  const perElement = data.dtype === 'uint8' ? 8 / intAttr(call.node, 'bits', 4) : 1;
  const shape = data.shape.map((size, axis) => (axis === last ? size * perElement : size));
  return { ...call, inputs: call.inputs.map((tensor, i) => (i === 0 ? { ...data, shape } : tensor)) };
}

/** As Gather, along `gather_axis`. */
function blockPick(call: Call): Pick {
  const [data, indices] = [need(call, 0, 'data'), need(call, 1, 'indices')];
  const axis = axisOf(call, intAttr(call.node, 'gather_axis', 0), data.shape.length, 'gather_axis');
  axisOf(call, intAttr(call.node, 'quantize_axis', 1), data.shape.length, 'quantize_axis');
  return { axis, shape: [...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)] };
}

function lowerBlocks(call: LowerCall): Plan {
  const bits = intAttr(call.node, 'bits', 4);
  const plan = lowerLookup(
    { ...unpacked(call), bits: (input, path) => (input === 0 ? bits : call.bits(input, path)) },
    blockPick(unpacked(call)),
  );
  if (plan.kind !== 'layers') return plan;
  const [all, packed] = [need(unpacked(call), 0, 'data').shape, need(call, 0, 'data').shape].map(
    elementCount,
  ) as [number, number];
  const scales = [2, 3].filter((input) => has(call, input) && !call.isActivation(input));
  return {
    ...plan,
    layers: plan.layers.map((layer) => {
      // Of what lies packed, and of the scales beside it, the share that is read.
      const share = Math.min(1, elementCount(layer.output.shape) / all);
      const used = (input: number, elements: number) => ({ input, elements: Math.ceil(elements * share) });
      return {
        ...layer,
        weights: [
          used(0, packed),
          ...scales.map((input) => ({
            ...used(input, elementCount(need(call, input, 'scales').shape)),
            postOp: 'scale',
          })),
        ],
      };
    }),
  };
}

export const BLOCK_PICKS: Family = {
  'com.microsoft:GatherBlockQuantized': {
    infer: (call) => [{ dtype: need(call, 2, 'scales').dtype, shape: blockPick(unpacked(call)).shape }],
    lower: lowerBlocks,
    wants: wantsRows,
  },
};
