/**
 * The protobuf wire format, one level at a time and by position: enough to leave weights out before decoding, without
 * reading them, and to read fields that the generated decoder does not know. Lengths may exceed 2 GiB.
 */
import protobuf from 'protobufjs/minimal.js';
import type { ByteSource } from '../base/byte-source.js';

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/** Bytes of the longest varint. */
const MAX_VARINT = 10;

export interface WireField {
  readonly number: number;
  /** From the tag on. */
  readonly start: number;
  /** Where a length-delimited field has its message, string or packed list; undefined for scalars. */
  readonly content: number | undefined;
  readonly end: number;
}

/** Thrown on damaged bytes, as the generated decoder throws it. */
const damaged = (what: string, at: number): never => {
  throw new RangeError(`${what} at byte ${at}`);
};

/** The fields of the message between two positions, in file order; throws a RangeError on damaged bytes. */
export function* wireFields(source: ByteSource, start = 0, end = source.size): Generator<WireField> {
  for (let at = start; at < end;) {
    const tag = readVarint(source, at, end);
    const field = { number: Math.floor(tag.value / 8), start: at, ...extent(source, tag, end) };
    if (field.end > end) damaged('a field reaches beyond its message', at);
    yield field;
    at = field.end;
  }
}

interface Varint {
  readonly value: number;
  /** Position behind it. */
  readonly next: number;
}

function extent(
  source: ByteSource,
  { value, next }: Varint,
  end: number,
): Pick<WireField, 'content' | 'end'> {
  switch (value % 8) {
    case VARINT:
      return { content: undefined, end: readVarint(source, next, end).next };
    case FIXED64:
      return { content: undefined, end: next + 8 };
    case LENGTH_DELIMITED: {
      const length = readVarint(source, next, end);
      return { content: length.next, end: length.next + length.value };
    }
    case FIXED32:
      return { content: undefined, end: next + 4 };
    default:
      return damaged(`wire type ${value % 8}, which ONNX does not use,`, next);
  }
}

/** Seven bits per byte, least significant first. Above 2^53 a value is no longer exact: no length is that long. */
function readVarint(source: ByteSource, start: number, end: number): Varint {
  const bytes = source.read(start, Math.min(MAX_VARINT, end - start));
  let value = 0;
  for (let k = 0; k < bytes.length; k++) {
    const byte = bytes[k]!;
    value += (byte & 0x7f) * 2 ** (7 * k);
    if (byte < 0x80) return { value, next: start + k + 1 };
  }
  return damaged('a number does not end', start);
}

/** Tag and length of a length-delimited field, its content being `length` bytes. */
export const delimiter = (number: number, length: number): Uint8Array =>
  protobuf.Writer.create()
    .uint32((number << 3) | LENGTH_DELIMITED)
    .uint32(length)
    .finish();

export function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
