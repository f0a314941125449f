/**
 * Bytes of a model file -> decoded protobuf, or a diagnostic that says what the bytes are instead.
 * Protobuf does not describe itself: an empty file, a ZIP or a text can decode without error, so a model is
 * accepted only with `ir_version`, `graph` and `opset_import`.
 */
import onnxProto, { type onnx as Onnx } from 'onnx-proto';
import { asSource, type ByteSource } from '../base/byte-source.js';
import { grouped } from '../base/units.js';
import { fail, type Location } from '../diag/diagnostic.js';
import type { ModelFile } from './model-file.js';
import { readNewerFields, type NewerFields } from './newer-fields.js';
import { MAX_STRUCTURE_BYTES, StructureTooLarge, stripPayloads } from './strip-payloads.js';

const { onnx } = onnxProto;

/** Weights are left out (`stripPayloads`). */
export interface ReadModel {
  readonly proto: Onnx.ModelProto;
  readonly newer: NewerFields;
}

const EXPORT_AGAIN = 'export the model again as ONNX (protobuf), operator set 7 to 26';

export function readModel({ file, bytes }: ModelFile): ReadModel {
  const at: Location[] = [{ kind: 'file', file }];
  const source = asSource(bytes);
  if (source.size === 0)
    fail('DF1002', 'the model file has 0 B', at, { help: 'fetch or export the model again' });
  try {
    const stripped = stripPayloads(source);
    const proto = onnx.ModelProto.decode(stripped);
    requireParts(proto, source, at);
    return { proto, newer: readNewerFields(proto, stripped) };
  } catch (error) {
    if (error instanceof StructureTooLarge) return tooLarge(at);
    if (!isDecodeError(error)) throw error;
    return unreadable(source, at);
  }
}

/** protobufjs throws bare `Error` and `RangeError`; diagnostics and internal errors have names of their own. */
const isDecodeError = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'Error' || error.name === 'RangeError');

function requireParts(proto: Onnx.ModelProto, source: ByteSource, at: readonly Location[]): void {
  const foreign = foreignFormat(source);
  const isModel = String(proto.irVersion) !== '0' && proto.graph;
  if (!isModel && foreign !== undefined) notOnnx(foreign, at);
  if (String(proto.irVersion) === '0')
    fail('DF1005', 'the file decodes, but ir_version is missing: it is not an ONNX model', at, {
      help: EXPORT_AGAIN,
    });
  if (!proto.graph) fail('DF1006', 'the model has no graph', at, { help: EXPORT_AGAIN });
  if (proto.opsetImport.length === 0)
    fail('DF1007', 'the model does not say which operator set it uses (opset_import is empty)', at, {
      help: EXPORT_AGAIN,
    });
}

function unreadable(source: ByteSource, at: readonly Location[]): never {
  const foreign = foreignFormat(source);
  if (foreign === undefined && beginsLikeModel(source))
    fail('DF1004', `the model ends in the middle of a message, after ${grouped(source.size)} B`, at, {
      help: 'download or export the model again and compare the size',
    });
  return notOnnx(foreign ?? { is: 'no protobuf message', help: EXPORT_AGAIN }, at);
}

const tooLarge = (at: readonly Location[]): never =>
  fail('DF1040', `the model holds more than ${grouped(MAX_STRUCTURE_BYTES)} B besides its weights`, at, {
    help: 'store large lists packed, as every ONNX exporter does, or as external data',
  });

interface Foreign {
  readonly is: string;
  readonly help: string;
}

const notOnnx = ({ is, help }: Foreign, at: readonly Location[]): never =>
  fail('DF1003', `not an ONNX model: ${is}`, at, { help });

/** Its first field is `ir_version`, as every known writer puts it: a small number in field 1. */
function beginsLikeModel(source: ByteSource): boolean {
  const [tag, version] = source.read(0, 2);
  return tag === 0x08 && version !== undefined && version > 0 && version < 0x80;
}

const SIGNATURES: readonly { readonly begins: string; readonly foreign: Foreign }[] = [
  {
    begins: 'PK\x03\x04',
    foreign: {
      is: 'a ZIP archive',
      help: 'unpack it and name the .onnx file inside (a .pt file must be exported first)',
    },
  },
  { begins: '\x1f\x8b', foreign: { is: 'a gzip archive', help: 'unpack it first, e.g. gunzip' } },
  {
    begins: '\x89HDF',
    foreign: { is: 'an HDF5 file', help: 'export the Keras model as ONNX, e.g. with tf2onnx' },
  },
  {
    begins: 'version https://git-lfs',
    foreign: {
      is: 'a Git LFS pointer, not the model it points to',
      help: 'run git lfs pull in its repository',
    },
  },
];

/** What the bytes look like if they are no protobuf; undefined if nothing is recognised. */
function foreignFormat(source: ByteSource): Foreign | undefined {
  const head = String.fromCharCode(...source.read(0, 512));
  const signature = SIGNATURES.find(({ begins }) => head.startsWith(begins));
  if (signature) return signature.foreign;
  // Control characters tell a message from a text.
  if (!/[\x00-\x08\x0e-\x1f\x7f]/.test(head))
    return { is: 'a text file', help: 'name the .onnx file itself' };
  return undefined;
}
