/**
 * The protobuf wire format, one level at a time: enough to leave weights out before decoding and to read fields
 * that the generated decoder does not know. Contents are views of the given bytes, never copies.
 */
import protobuf from 'protobufjs/minimal.js';

const LENGTH_DELIMITED = 2;

export interface WireField {
  readonly number: number;
  /** The field with its tag, as it stands in the file. */
  readonly whole: Uint8Array;
  /** What a length-delimited field holds: a message, string or packed list; undefined for scalars. */
  readonly content: Uint8Array | undefined;
}

/** The fields of one message in file order; throws protobufjs' errors on damaged bytes. */
export function* wireFields(bytes: Uint8Array): Generator<WireField> {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const tag = reader.uint32();
    const wireType = tag & 7;
    const content = wireType === LENGTH_DELIMITED ? reader.bytes() : undefined;
    if (content === undefined) reader.skipType(wireType);
    yield { number: tag >>> 3, whole: bytes.subarray(start, reader.pos), content };
  }
}

/** A length-delimited field: tag, length, content. */
export const lengthDelimited = (number: number, content: Uint8Array): Uint8Array =>
  protobuf.Writer.create()
    .uint32((number << 3) | LENGTH_DELIMITED)
    .bytes(content)
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
