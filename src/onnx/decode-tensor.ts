/**
 * TensorProto -> Constant: name, type and shape always; numbers only where they are few, present, exact and
 * finite (facets are JSON). External data is never opened: shapes suffice.
 */
import onnxProto, { type onnx as Onnx } from 'onnx-proto';
import Long from 'long';
import { grouped } from '../base/units.js';
import { diagnostic } from '../diag/diagnostic.js';
import type { Constant } from '../ir/tensor.js';
import type { Decoding } from './decoding.js';
import { dtypeInfo } from './dtype.js';
import { outsideLocation } from './external-data.js';
import { saturatedInteger } from './int64.js';
import { MAX_VALUES } from './strip-payloads.js';

const { onnx } = onnxProto;

export function decodeTensor(tensor: Onnx.ITensorProto, decoding: Decoding): Constant {
  const name = tensor.name ?? '';
  const shape = decoding.shape(tensor.dims ?? [], `constant ${name}`, { tensor: name });
  const constant: Constant = { name, dtype: decoding.dtype(tensor.dataType ?? 0, name), shape };
  const outside = outsideLocation(tensor);
  if (outside !== undefined)
    decoding.report(
      diagnostic(
        'DF1042',
        `the numbers of constant ${name} are said to lie outside the model's folder, in ${outside}`,
        decoding.at({ tensor: name }),
        { help: 'they are not opened; distrust the model if it is not your own' },
      ),
    );
  const count = shape.reduce((product, size) => product * size, 1);
  if (count > MAX_VALUES || tensor.dataLocation === onnx.TensorProto.DataLocation.EXTERNAL) return constant;
  const stored = storedValues(tensor, constant.dtype, count);
  if (stored === undefined) return constant;
  const values = stored.map((value) => (typeof value === 'number' ? value : saturatedInteger(value)));
  if (values.length !== count) {
    decoding.ignoreValues(name, `it stores ${grouped(values.length)} numbers for ${grouped(count)} elements`);
    return constant;
  }
  if (!values.every((value) => value !== undefined)) {
    decoding.ignoreValues(name, 'one of its integers is above 2^53 - 1');
    return constant;
  }
  // Facets are JSON, which knows neither infinities nor -0.
  return values.every(Number.isFinite) ? { ...constant, values: values.map((value) => value + 0) } : constant;
}

/** A sparse tensor by its shape alone: no schedule depends on where the zeros are. */
export function decodeSparse(sparse: Onnx.ISparseTensorProto, decoding: Decoding): Constant {
  const name = sparse.values?.name ?? '';
  const shape = decoding.shape(sparse.dims ?? [], `constant ${name}`, { tensor: name });
  return { name, dtype: decoding.dtype(sparse.values?.dataType ?? 0, name), shape };
}

/** The numbers in whichever field holds them; undefined: no payload, or a type whose numbers nobody needs. */
function storedValues(
  tensor: Onnx.ITensorProto,
  dtype: string,
  count: number,
): readonly (number | Long)[] | undefined {
  const lists = [tensor.floatData, tensor.int64Data, tensor.doubleData, tensor.uint64Data];
  const list = lists.find((values) => values?.length);
  if (list) return dtypeInfo(dtype)?.kind === 'complex' ? undefined : list;
  if (tensor.int32Data?.length) return fromInt32(tensor.int32Data, dtype, count);
  if (!tensor.rawData?.length) return count === 0 ? [] : undefined;
  const { buffer, byteOffset, byteLength } = tensor.rawData;
  return fromRaw(new DataView(buffer, byteOffset, byteLength), dtype, count);
}

/** `int32_data` holds small integers as they are, 16-bit floats by their bits and sub-byte types packed by byte. */
function fromInt32(data: readonly number[], dtype: string, count: number): readonly number[] | undefined {
  const info = dtypeInfo(dtype);
  if (info?.kind === 'int' || info?.kind === 'uint' || info?.kind === 'bool') {
    if (info.bits === undefined || info.bits >= 8) return data;
    return unpacked(data, info.bits, info.kind === 'int', count);
  }
  const bits = new DataView(new ArrayBuffer(2));
  const read = RAW[dtype]?.read;
  if (info?.bits !== 16 || read === undefined) return undefined;
  return data.map((value) => {
    bits.setUint16(0, value, true);
    return Number(read(bits, 0));
  });
}

interface RawType {
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number | Long;
}

/** Raw payloads are little-endian and usually misaligned, hence a DataView. */
const RAW: Readonly<Record<string, RawType>> = {
  float: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  double: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  float16: { bytes: 2, read: (view, at) => halfFloat(view.getUint16(at, true)) },
  bfloat16: { bytes: 2, read: (view, at) => floatOfBits(view.getUint16(at, true) * 0x10000) },
  uint8: { bytes: 1, read: (view, at) => view.getUint8(at) },
  bool: { bytes: 1, read: (view, at) => view.getUint8(at) },
  int8: { bytes: 1, read: (view, at) => view.getInt8(at) },
  uint16: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  int16: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  uint32: { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  int32: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  int64: { bytes: 8, read: (view, at) => new Long(view.getInt32(at, true), view.getInt32(at + 4, true)) },
  uint64: {
    bytes: 8,
    read: (view, at) => new Long(view.getInt32(at, true), view.getInt32(at + 4, true), true),
  },
};

function fromRaw(view: DataView, dtype: string, count: number): readonly (number | Long)[] | undefined {
  const info = dtypeInfo(dtype);
  if (info?.bits !== undefined && info.bits < 8 && (info.kind === 'int' || info.kind === 'uint')) {
    const packed = Array.from({ length: view.byteLength }, (_, at) => view.getUint8(at));
    return unpacked(packed, info.bits, info.kind === 'int', count);
  }
  const type = RAW[dtype];
  if (type === undefined) return undefined;
  return Array.from({ length: Math.floor(view.byteLength / type.bytes) }, (_, k) =>
    type.read(view, k * type.bytes),
  );
}

/** Sub-byte elements, the first in the lowest bits; the last byte may be part empty. */
function unpacked(bytes: readonly number[], bits: number, signed: boolean, count: number): readonly number[] {
  const perByte = 8 / bits;
  const held = bytes.length === Math.ceil(count / perByte) ? count : bytes.length * perByte;
  return Array.from({ length: held }, (_, k) => {
    const value = ((bytes[Math.floor(k / perByte)] ?? 0) >> (bits * (k % perByte))) & (2 ** bits - 1);
    return signed && value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
  });
}

/** IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function floatOfBits(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits);
  return view.getFloat32(0);
}
