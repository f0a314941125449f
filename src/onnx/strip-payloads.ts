/**
 * Leaves the weights out of a model before it is decoded, and does not read them: the file is walked by seeking over
 * length-delimited payloads. The generated decoder would spend seconds and a gigabyte on packed `float_data` and
 * `int64_data` (one object per element), and a schedule depends on shapes alone. Names, types and shapes stay; so does
 * every payload small enough to be a shape, an axis list or a scale.
 *
 * Works on the wire format, so that fields unknown here pass through untouched. A writer that stores lists
 * unpacked (one field per element) is passed through too: slower, never wrong.
 */
import type { ByteSource } from '../base/byte-source.js';
import { concatenated, delimiter, wireFields } from './wire.js';

/** Constants of up to this many elements keep their numbers. */
export const MAX_VALUES = 4096;

/** A packed int64 takes at most 10 bytes, so that a longer payload has more elements than are kept. */
const MAX_PAYLOAD_BYTES = 10 * MAX_VALUES;

/** Messages nested deeper than this are left alone; the decoder refuses them. */
const MAX_DEPTH = 100;

type Message = 'model' | 'graph' | 'node' | 'attribute' | 'function' | 'tensor' | 'sparse';

/**
 * Field numbers of onnx.proto3 that lead to payloads: numbers, documentation, and texts of attributes, which no known
 * operator has that long. Training graphs and attributes that list tensors or graphs are never read: payload as a whole.
 */
const FIELDS: Readonly<Record<Message, Readonly<Record<number, Message | 'payload'>>>> = {
  model: { 6: 'payload', 7: 'graph', 20: 'payload', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 10: 'payload', 15: 'sparse' },
  node: { 5: 'attribute', 6: 'payload' },
  // s, t, g, tensors, graphs, strings, doc_string, sparse_tensor, sparse_tensors
  attribute: {
    4: 'payload',
    5: 'tensor',
    6: 'graph',
    10: 'payload',
    11: 'payload',
    13: 'payload',
    22: 'sparse',
    23: 'payload',
  },
  function: { 7: 'node', 8: 'payload', 11: 'attribute' },
  // float_data, int32_data, string_data, int64_data, raw_data, double_data, uint64_data, doc_string
  tensor: {
    4: 'payload',
    5: 'payload',
    6: 'payload',
    7: 'payload',
    9: 'payload',
    10: 'payload',
    11: 'payload',
    12: 'payload',
  },
  sparse: { 1: 'tensor', 2: 'tensor' },
};

/** What is kept of the model: at most this, so that a hostile or absurd file ends in a diagnostic and not in memory. */
export const MAX_STRUCTURE_BYTES = 256 * 1024 * 1024;

/** Thrown where more than `MAX_STRUCTURE_BYTES` would be kept. */
export class StructureTooLarge extends Error {
  override readonly name = 'StructureTooLarge';
}

interface Walk {
  readonly source: ByteSource;
  keptBytes: number;
}

/** A copy of a stretch that is kept. */
function keep(walk: Walk, start: number, end: number): Uint8Array {
  walk.keptBytes += end - start;
  if (walk.keptBytes > MAX_STRUCTURE_BYTES) throw new StructureTooLarge();
  const bytes = walk.source.read(start, end - start).slice();
  if (bytes.length < end - start) throw new RangeError('the file has become shorter while it was read');
  return bytes;
}

/** Neighbouring fields that stay are copied as one stretch. */
function strip(
  walk: Walk,
  message: Message,
  start: number,
  end: number,
  depth: number,
): readonly Uint8Array[] {
  if (end - start <= MAX_PAYLOAD_BYTES || depth > MAX_DEPTH) return [keep(walk, start, end)];
  const kept: Uint8Array[] = [];
  let from = start;
  const keepUpTo = (position: number): void => {
    if (position > from) kept.push(keep(walk, from, position));
  };
  for (const field of wireFields(walk.source, start, end)) {
    const inner = FIELDS[message][field.number];
    const { content } = field;
    if (content === undefined || field.end - content <= MAX_PAYLOAD_BYTES || inner === undefined) continue;
    keepUpTo(field.start);
    from = field.end;
    if (inner === 'payload') continue;
    const parts = strip(walk, inner, content, field.end, depth + 1);
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    kept.push(delimiter(field.number, length), ...parts);
  }
  keepUpTo(end);
  return kept;
}

/** The model without large tensor payloads; throws a RangeError on damaged bytes. */
export const stripPayloads = (model: ByteSource): Uint8Array =>
  concatenated(strip({ source: model, keptBytes: 0 }, 'model', 0, model.size, 0));
