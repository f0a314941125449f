import Long from 'long';
import onnxProto, { type onnx as Onnx } from 'onnx-proto';
import { bytesInMemory } from '../../../src/base/byte-source.js';
import { stripPayloads } from '../../../src/onnx/strip-payloads.js';
import { concatenated, delimiter } from '../../../src/onnx/wire.js';
import {
  floats,
  int64,
  model,
  tensorProto,
  type GraphSpec,
  type TensorSpec,
} from '../../support/onnx-model.js';

const { onnx } = onnxProto;
const large = (type: number, fields: Partial<Onnx.ITensorProto>): TensorSpec => ({
  shape: [50_000],
  type,
  fields,
});
const stripped = (bytes: Uint8Array): Uint8Array => stripPayloads(bytesInMemory(bytes));
const lengthDelimited = (number: number, content: Uint8Array): Uint8Array =>
  concatenated([delimiter(number, content.length), content]);
const zeros = (count: number): number[] => Array.from({ length: count }, () => 0.5);

describe('payloads left out', () => {
  const inner: GraphSpec = {
    outputs: ['z'],
    initializers: { deep: large(1, { floatData: zeros(50_000) }) },
    nodes: [{ op: 'Add', in: ['x', 'deep'], out: ['z'] }],
  };
  const bytes = model({
    inputs: { x: [1] },
    outputs: ['y'],
    initializers: {
      floats: large(1, { floatData: zeros(50_000) }),
      longs: large(7, { int64Data: zeros(50_000).map(() => Long.fromNumber(-1)) }),
      raw: large(2, { rawData: new Uint8Array(50_000) }),
      small: int64(1, 2, 3),
    },
    nodes: [
      { op: 'If', name: 'if', in: ['c'], out: ['y'], attrs: { then_branch: { graph: inner } } },
      {
        op: 'Custom',
        out: ['u'],
        attrs: { list: { proto: { tensors: [tensorProto('t', large(1, { floatData: zeros(50_000) }))] } } },
      },
      { op: 'Constant', out: ['k'], attrs: { value: { tensor: large(1, { floatData: zeros(50_000) }) } } },
    ],
    functions: [
      {
        name: 'F',
        domain: 'd',
        inputs: [],
        outputs: ['o'],
        nodes: [
          {
            op: 'Constant',
            out: ['o'],
            attrs: { value: { tensor: large(1, { floatData: zeros(50_000) }) } },
          },
        ],
      },
    ],
  });

  test('only they: all else decodes the same', () => {
    const rest = stripped(bytes);
    // 5 x 200 kB of floats, 500 kB of integers, 50 kB raw; what is left is names and shapes.
    expect(bytes.length).toBeGreaterThan(1_500_000);
    expect(rest.length).toBeLessThan(1000);
    const without = (tensor: Onnx.ITensorProto): void => {
      if (tensor.name === 'small') return;
      tensor.floatData = [];
      tensor.int64Data = [];
      delete tensor.rawData;
    };
    const expected = onnx.ModelProto.decode(bytes);
    const then = expected.graph?.node?.[0]?.attribute?.[0]?.g?.initializer ?? [];
    // No operator has a list of tensors as attribute: it goes whole.
    const list = expected.graph?.node?.[1]?.attribute?.[0];
    if (list) list.tensors = [];
    const constants = [expected.graph?.node?.[2], expected.functions[0]?.node?.[0]].flatMap(
      (n) => n?.attribute?.[0]?.t ?? [],
    );
    [...(expected.graph?.initializer ?? []), ...then, ...constants].forEach(without);
    expect(onnx.ModelProto.toObject(onnx.ModelProto.decode(rest), { bytes: Array })).toEqual(
      onnx.ModelProto.toObject(expected, { bytes: Array }),
    );
  });

  test('small files pass untouched', () => {
    const small = model({ inputs: { x: [1] }, outputs: ['x'], nodes: [], initializers: { c: floats(1) } });
    expect(stripped(small)).toEqual(small);
  });

  test('lists stored unpacked, one field per element, pass through', () => {
    // TensorProto: field 1 dims, 2 type, 8 name, then field 7 (int64_data) with wire type 0: tag 0x38, value, 50,000 times.
    const tensor = [
      0x08,
      0xd0,
      0x86,
      0x03,
      0x10,
      7,
      0x42,
      1,
      0x75,
      ...zeros(50_000).flatMap(() => [0x38, 1]),
    ];
    const graph = lengthDelimited(5, Uint8Array.from(tensor));
    const whole = concatenated([Uint8Array.of(0x08, 8), lengthDelimited(7, graph)]);
    expect(stripped(whole)).toEqual(whole);
    expect(onnx.ModelProto.decode(stripped(whole)).graph?.initializer?.[0]?.int64Data).toHaveLength(50_000);
  });
});
