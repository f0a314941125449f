/** The network of the documentation: two padded 3x3 convolutions on 56x56, 3 -> 16 -> 16 channels, int8. */
import { model } from '../../support/onnx-model.js';

export const TINY_2CONV = model({
  name: 'tiny-2conv',
  type: 3,
  inputs: { x: [1, 3, 56, 56] },
  outputs: { y: [1, 16, 56, 56] },
  initializers: { w1: { shape: [16, 3, 3, 3], type: 3 }, w2: { shape: [16, 16, 3, 3], type: 3 } },
  nodes: [
    {
      op: 'Conv',
      name: 'conv1',
      in: ['x', 'w1'],
      out: ['a'],
      attrs: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
    },
    {
      op: 'Conv',
      name: 'conv2',
      in: ['a', 'w2'],
      out: ['y'],
      attrs: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
    },
  ],
});
