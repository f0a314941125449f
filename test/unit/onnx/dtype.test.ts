import onnxProto from 'onnx-proto';
import { DTYPES, dtypeInfo, dtypeName, dtypeNumber, elementBits } from '../../../src/onnx/dtype.js';
import { codesThrown } from '../../support/codes.js';

describe('element types', () => {
  // onnx.proto3 of ONNX 1.20, TensorProto.DataType; sizes: the digits of each name, or the IEEE/ONNX definition.
  test.each([
    [1, 'float', 32],
    [2, 'uint8', 8],
    [3, 'int8', 8],
    [4, 'uint16', 16],
    [5, 'int16', 16],
    [6, 'int32', 32],
    [7, 'int64', 64],
    [8, 'string', undefined],
    [9, 'bool', 8],
    [10, 'float16', 16],
    [11, 'double', 64],
    [12, 'uint32', 32],
    [13, 'uint64', 64],
    [14, 'complex64', 64],
    [15, 'complex128', 128],
    [16, 'bfloat16', 16],
    [17, 'float8e4m3fn', 8],
    [18, 'float8e4m3fnuz', 8],
    [19, 'float8e5m2', 8],
    [20, 'float8e5m2fnuz', 8],
    [21, 'uint4', 4],
    [22, 'int4', 4],
    [23, 'float4e2m1', 4],
    [24, 'float8e8m0', 8],
    [25, 'uint2', 2],
    [26, 'int2', 2],
  ])('%i is %s, %s bit', (number, name, bits) => {
    expect(dtypeName(number)).toBe(name);
    expect(dtypeInfo(name)?.bits).toBe(bits);
    expect(dtypeNumber(name)).toBe(number);
  });

  test('agrees with onnx-proto where that has names', () => {
    const { DataType } = onnxProto.onnx.TensorProto;
    for (let number = 0; number <= 16; number++)
      expect(dtypeName(number)).toBe(DataType[number]?.toLowerCase());
  });

  test('an unknown number keeps its number and has no size', () => {
    expect(dtypeName(27)).toBe('type<27>');
    expect(dtypeInfo('type<27>')).toBeUndefined();
    expect(codesThrown(() => elementBits('type<27>'))).toEqual(['DF1013']);
    expect(codesThrown(() => elementBits('string'))).toEqual(['DF1013']);
    expect(elementBits('int4')).toBe(4);
  });

  test('the table is complete', () => expect(DTYPES).toHaveLength(27));
});
