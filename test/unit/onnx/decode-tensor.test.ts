import Long from 'long';
import onnxProto from 'onnx-proto';
import type { Constant } from '../../../src/ir/tensor.js';
import { decodeModel } from '../../../src/onnx/decode.js';
import { codesThrown } from '../../support/codes.js';
import { int64, model, type ModelSpec, type TensorSpec } from '../../support/onnx-model.js';

const { TensorProto } = onnxProto.onnx;
const decode = (bytes: Uint8Array) => decodeModel({ file: 'm.onnx', bytes });
const RELU: ModelSpec = {
  inputs: { x: [1, 4] },
  outputs: { y: [1, 4] },
  nodes: [{ op: 'Relu', in: ['x'], out: ['y'] }],
};

const constantOf = (spec: TensorSpec): Constant | undefined =>
  decode(model({ ...RELU, initializers: { c: spec } })).graph.initializers[0];

describe('constants', () => {
  const raw = (...bytes: number[]): { rawData: Uint8Array } => ({ rawData: Uint8Array.from(bytes) });

  test.each<[string, TensorSpec, number[] | undefined]>([
    ['int64 in int64_data', int64(1, -1), [1, -1]],
    // Two's complement, little-endian: -2 = fe ff .. ff.
    ['int64 in raw_data', { shape: [1], type: 7, fields: raw(254, 255, 255, 255, 255, 255, 255, 255) }, [-2]],
    ['int32 in int32_data', { shape: [2], type: 6, fields: { int32Data: [7, -7] } }, [7, -7]],
    ['int8 in raw_data', { shape: [2], type: 3, fields: raw(1, 255) }, [1, -1]],
    ['bool in int32_data', { shape: [2], type: 9, fields: { int32Data: [1, 0] } }, [1, 0]],
    ['uint16 in raw_data', { shape: [1], type: 4, fields: raw(0x34, 0x12) }, [0x1234]],
    ['uint64 in uint64_data', { shape: [1], type: 13, fields: { uint64Data: [5] } }, [5]],
    ['float in float_data', { shape: [2], fields: { floatData: [0.5, -0] } }, [0.5, 0]],
    ['float in raw_data', { shape: [1], fields: raw(0, 0, 0x80, 0x3f) }, [1]],
    ['double in double_data', { shape: [1], type: 11, fields: { doubleData: [0.1] } }, [0.1]],
    // binary16 0x3e00: exponent 15 -> 2^0, fraction 0x200/0x400 -> 1.5; 0x0001 -> 2^-24; 0xc000 -> -2.
    [
      'float16 in int32_data',
      { shape: [3], type: 10, fields: { int32Data: [0x3e00, 1, 0xc000] } },
      [1.5, 2 ** -24, -2],
    ],
    ['float16 in raw_data', { shape: [1], type: 10, fields: raw(0x00, 0x3e) }, [1.5]],
    // bfloat16 is the upper half of a float: 0x3fc0 -> 1.5.
    ['bfloat16 in raw_data', { shape: [1], type: 16, fields: raw(0xc0, 0x3f) }, [1.5]],
    // Low half of the byte first: 0xf1 -> 1, -1 (int4) or 1, 15 (uint4); the last byte of an odd count is half empty.
    ['int4 in raw_data', { shape: [3], type: 22, fields: raw(0xf1, 0x07) }, [1, -1, 7]],
    ['uint4 in int32_data', { shape: [2], type: 21, fields: { int32Data: [0xf1] } }, [1, 15]],
    ['int2 in raw_data', { shape: [4], type: 26, fields: raw(0b11_10_01_00) }, [0, 1, -2, -1]],
    ['a scalar', { shape: [], fields: { floatData: [3] } }, [3]],
    ['an empty tensor', { shape: [0], type: 7 }, []],
    ['no payload', { shape: [2] }, undefined],
    ['not finite', { shape: [1], fields: { floatData: [Infinity] } }, undefined],
    ['float8', { shape: [1], type: 17, fields: raw(1) }, undefined],
    [
      'external data',
      { shape: [1], fields: { floatData: [1], dataLocation: TensorProto.DataLocation.EXTERNAL } },
      undefined,
    ],
  ])('%s', (_name, spec, values) => {
    const constant = constantOf(spec);
    expect(constant?.shape).toEqual(spec.shape);
    expect(constant?.values).toEqual(values);
    expect(constant && 'values' in constant).toBe(values !== undefined);
  });

  test.each([
    ['9223372036854775807', Number.MAX_SAFE_INTEGER],
    ['-9223372036854775808', Number.MIN_SAFE_INTEGER],
    ['-1152921504606846976', Number.MIN_SAFE_INTEGER],
    ['9007199254740997', Number.MAX_SAFE_INTEGER],
    ['9007199254740991', 2 ** 53 - 1],
    ['4', 4],
  ])('int64 %s, as exporters write for "to the end", stays within the exact range', (written, read) => {
    const spec = { shape: [1], type: 7, fields: { int64Data: [Long.fromString(written)] } };
    expect(constantOf(spec)?.values).toEqual([read]);
  });

  test('inexact uint64 and payloads of another size are ignored with a warning', () => {
    const inexact = {
      shape: [1],
      type: 13,
      fields: { uint64Data: [Long.fromString('9007199254740993', true)] },
    };
    for (const [dtype, spec] of [
      ['uint64', inexact] as const,
      ['int64', { ...int64(1, 2), shape: [3] }] as const,
    ]) {
      const { graph, diagnostics } = decode(model({ ...RELU, initializers: { c: spec } }));
      expect(diagnostics.map(({ code }) => code)).toEqual(['DF1011']);
      expect(graph.initializers[0]).toEqual({ name: 'c', dtype, shape: spec.shape });
    }
  });

  test('numbers are kept up to 4096 elements', () => {
    // -1 takes ten bytes, 1 takes one: neither the longest payload that is kept nor the shortest that is not is lost.
    const numbers = (count: number, value: number): TensorSpec =>
      int64(...Array.from({ length: count }, () => value));
    expect(constantOf(numbers(4096, -1))?.values).toHaveLength(4096);
    expect(constantOf(numbers(4097, 1))).toEqual({ name: 'c', dtype: 'int64', shape: [4097] });
  });

  test('a sparse initializer has its dense shape and is no network input', () => {
    const { graph } = decode(
      model({ ...RELU, inputs: { x: [1, 4], s: [9, 9] }, sparseInitializers: { s: { shape: [9, 9] } } }),
    );
    expect(graph.initializers).toEqual([{ name: 's', dtype: 'float', shape: [9, 9] }]);
    expect(graph.inputs).toHaveLength(1);
  });

  test('a negative dimension is refused', () => {
    expect(codesThrown(() => constantOf({ shape: [-1] }))).toEqual(['DF1010']);
  });

  test('newer element types have their names; unknown ones are reported once', () => {
    const initializers = {
      a: { shape: [2], type: 22 },
      b: { shape: [2], type: 99 },
      c: { shape: [2], type: 99 },
    };
    const { graph, diagnostics } = decode(model({ ...RELU, initializers }));
    expect(graph.initializers.map(({ dtype }) => dtype)).toEqual(['int4', 'type<99>', 'type<99>']);
    expect(diagnostics.map(({ code }) => code)).toEqual(['DF1012']);
  });
});
