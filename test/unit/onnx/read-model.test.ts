import onnxProto from 'onnx-proto';
import { decodeModel } from '../../../src/onnx/decode.js';
import { diagnosticsThrown, codesThrown } from '../../support/codes.js';
import { int64, model, type ModelSpec } from '../../support/onnx-model.js';

const decode = (bytes: Uint8Array) => decodeModel({ file: 'm.onnx', bytes });
const RELU: ModelSpec = {
  inputs: { x: [1, 4] },
  outputs: { y: [1, 4] },
  nodes: [{ op: 'Relu', in: ['x'], out: ['y'] }],
};

describe('what is no model', () => {
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);
  const { ModelProto } = onnxProto.onnx;
  const whole = model({ ...RELU, initializers: { c: int64(...Array.from({ length: 50 }, (_, k) => k)) } });

  test.each<[string, Uint8Array, string, RegExp]>([
    ['empty', new Uint8Array(), 'DF1002', /0 B/],
    ['text', text('model: fsrcnn\nlayers: 8\n'), 'DF1003', /text file/],
    [
      'a Git LFS pointer',
      text('version https://git-lfs.github.com/spec/v1\noid sha256:00\n'),
      'DF1003',
      /Git LFS/,
    ],
    ['a ZIP', text('PK\x03\x04\x14\x00\x00\x00\x08\x00'), 'DF1003', /ZIP/],
    ['gzip', Uint8Array.of(0x1f, 0x8b, 8, 0, 0), 'DF1003', /gzip/],
    ['HDF5', Uint8Array.of(0x89, 0x48, 0x44, 0x46, 13, 10), 'DF1003', /HDF5/],
    ['random bytes', Uint8Array.of(0xff, 0xfe, 0xfd, 0x00, 0x01), 'DF1003', /no protobuf/],
    ['truncated', whole.subarray(0, whole.length - 20), 'DF1004', new RegExp(`${whole.length - 20} B`)],
    [
      'without ir_version',
      ModelProto.encode({ graph: {}, opsetImport: [{ version: 17 }] }).finish(),
      'DF1005',
      /ir_version/,
    ],
    [
      'without graph',
      ModelProto.encode({ irVersion: 8, opsetImport: [{ version: 17 }] }).finish(),
      'DF1006',
      /graph/,
    ],
    [
      'without opset_import',
      ModelProto.encode({ irVersion: 8, graph: {} }).finish(),
      'DF1007',
      /opset_import/,
    ],
  ])('%s', (_name, bytes, code, message) => {
    const [found, ...more] = diagnosticsThrown(() => decode(bytes));
    expect(found?.code).toBe(code);
    expect(found?.message).toMatch(message);
    expect(found?.help).toBeTruthy();
    expect(found?.at).toEqual([{ kind: 'file', file: 'm.onnx' }]);
    expect(more).toEqual([]);
  });

  test('cut anywhere, it is a diagnostic and never another error', () => {
    for (let length = 0; length < whole.length; length++)
      expect(codesThrown(() => decode(whole.subarray(0, length)))[0]).toMatch(/^DF10/);
  });

  test('with any byte changed, it is a model or a diagnostic', () => {
    for (let at = 0; at < whole.length; at++)
      for (const value of [0x00, 0x7f, 0xff]) {
        const damaged = Uint8Array.from(whole);
        damaged[at] = value;
        expect(() => codesThrown(() => decode(damaged))).not.toThrow();
      }
  });
});
