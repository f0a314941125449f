/**
 * ONNX element types: number in the file -> name and size. Our own table, because the generated decoder's stops
 * at 16 while models use up to 26 (`TensorProto.DataType` of ONNX 1.20); an unknown number survives as `type<N>`.
 * Sizes are bits: int4 is 4, not "half a byte".
 */
import { fail, type Location } from '../diag/diagnostic.js';
import type { DType } from '../ir/tensor.js';

export type DTypeKind = 'float' | 'int' | 'uint' | 'bool' | 'string' | 'complex' | 'none';

export interface DTypeInfo {
  readonly name: DType;
  /** Bits per element as stored densely; undefined for `string` and `undefined`, which have no fixed size. */
  readonly bits: number | undefined;
  readonly kind: DTypeKind;
}

const row = (name: DType, bits: number | undefined, kind: DTypeKind): DTypeInfo => ({ name, bits, kind });

/** Indexed by the ONNX number. */
export const DTYPES: readonly DTypeInfo[] = [
  row('undefined', undefined, 'none'),
  row('float', 32, 'float'),
  row('uint8', 8, 'uint'),
  row('int8', 8, 'int'),
  row('uint16', 16, 'uint'),
  row('int16', 16, 'int'),
  row('int32', 32, 'int'),
  row('int64', 64, 'int'),
  row('string', undefined, 'string'),
  row('bool', 8, 'bool'),
  row('float16', 16, 'float'),
  row('double', 64, 'float'),
  row('uint32', 32, 'uint'),
  row('uint64', 64, 'uint'),
  row('complex64', 64, 'complex'),
  row('complex128', 128, 'complex'),
  row('bfloat16', 16, 'float'),
  row('float8e4m3fn', 8, 'float'),
  row('float8e4m3fnuz', 8, 'float'),
  row('float8e5m2', 8, 'float'),
  row('float8e5m2fnuz', 8, 'float'),
  row('uint4', 4, 'uint'),
  row('int4', 4, 'int'),
  row('float4e2m1', 4, 'float'),
  row('float8e8m0', 8, 'float'),
  row('uint2', 2, 'uint'),
  row('int2', 2, 'int'),
];

const BY_NAME: ReadonlyMap<DType, DTypeInfo> = new Map(DTYPES.map((type) => [type.name, type]));

export const dtypeName = (number: number): DType => DTYPES[number]?.name ?? `type<${number}>`;

/** The inverse of `dtypeName`, for the names in the table. */
export const dtypeNumber = (name: DType): number => DTYPES.findIndex((type) => type.name === name);

export const dtypeInfo = (name: DType): DTypeInfo | undefined => BY_NAME.get(name);

/** Bits per element; DF1013 for a type without a known size. */
export function elementBits(dtype: DType, at: readonly Location[] = []): number {
  const bits = dtypeInfo(dtype)?.bits;
  if (bits !== undefined) return bits;
  return fail('DF1013', `elements of type ${dtype} have no known size in bits`, at, {
    help: 'store the tensor as one of the element types 1 to 26 of ONNX, strings excepted',
  });
}
