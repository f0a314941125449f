/**
 * Leaves the weights out of a model before it is decoded. The generated decoder spends seconds and a gigabyte on
 * packed `float_data` and `int64_data` (one object per element), and a schedule depends on shapes alone. Names,
 * types and shapes stay; so does every payload small enough to be a shape, an axis list or a scale.
 *
 * Works on the wire format, so that fields unknown here pass through untouched. A writer that stores lists
 * unpacked (one field per element) is passed through too: slower, never wrong.
 */
import { concatenated, lengthDelimited, wireFields } from './wire.js';

/** Constants of up to this many elements keep their numbers. */
export const MAX_VALUES = 4096;

/** A packed int64 takes at most 10 bytes, so that a longer payload has more elements than are kept. */
const MAX_PAYLOAD_BYTES = 10 * MAX_VALUES;

/** Messages nested deeper than this are left alone; the decoder refuses them. */
const MAX_DEPTH = 100;

type Message = 'model' | 'graph' | 'node' | 'attribute' | 'function' | 'tensor' | 'sparse';

/**
 * Field numbers of onnx.proto3 that lead to payloads. Training graphs and attributes that list tensors or graphs are
 * never read: payload as a whole.
 */
const FIELDS: Readonly<Record<Message, Readonly<Record<number, Message | 'payload'>>>> = {
  model: { 7: 'graph', 20: 'payload', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'payload', 11: 'payload', 22: 'sparse', 23: 'payload' },
  function: { 7: 'node', 11: 'attribute' },
  // float_data, int32_data, int64_data, raw_data, double_data, uint64_data
  tensor: { 4: 'payload', 5: 'payload', 7: 'payload', 9: 'payload', 10: 'payload', 11: 'payload' },
  sparse: { 1: 'tensor', 2: 'tensor' },
};

function strip(bytes: Uint8Array, message: Message, depth: number): Uint8Array {
  if (bytes.length <= MAX_PAYLOAD_BYTES || depth > MAX_DEPTH) return bytes;
  const kept: Uint8Array[] = [];
  for (const { number, whole, content } of wireFields(bytes)) {
    const inner = FIELDS[message][number];
    if (content === undefined || content.length <= MAX_PAYLOAD_BYTES || inner === undefined) kept.push(whole);
    else if (inner !== 'payload') kept.push(lengthDelimited(number, strip(content, inner, depth + 1)));
  }
  return concatenated(kept);
}

/** The model without large tensor payloads; throws protobufjs' errors on damaged bytes. */
export const stripPayloads = (model: Uint8Array): Uint8Array => strip(model, 'model', 0);
