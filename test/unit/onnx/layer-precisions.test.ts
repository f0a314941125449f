/** Bits of single layers: from the file to sizes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, parsePrecisions } from '../../../src/compile.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { PRECISION_SCHEMA } from '../../../src/onnx/layer-precisions.js';
import { codesThrown } from '../../support/codes.js';
import { expectFresh } from '../../support/generated.js';
import { model } from '../../support/onnx-model.js';
import { projectFolder } from '../../support/reference.js';

const { accelerator: hw } = loadAccelerator('meta-proto-df');

const SOURCE = {
  file: 'three.onnx',
  bytes: model({
    inputs: { x: [1, 4, 8, 8] },
    outputs: ['y'],
    initializers: { w1: { shape: [4, 4, 3, 3] }, w2: { shape: [4, 4, 1, 1] }, w3: { shape: [4, 4, 1, 1] } },
    nodes: [
      { op: 'Conv', name: 'conv1', in: ['x', 'w1'], out: ['a'], attrs: { pads: [1, 1, 1, 1] } },
      { op: 'Relu', name: 'relu', in: ['a'], out: ['b'] },
      { op: 'Conv', name: 'conv2', in: ['b', 'w2'], out: ['c'] },
      { op: 'Conv', name: 'conv3', in: ['c', 'w3'], out: ['y'] },
    ],
  }),
};

const file = (...entries: readonly string[]): string =>
  ['schema: defines-precision/1', 'layers:', ...entries.map((entry) => `  - ${entry}`), ''].join('\n');

const run = (text: string | undefined) =>
  compile({
    source: SOURCE,
    hw,
    ...(text === undefined ? {} : { precisions: parsePrecisions(text, 'bits.yaml') }),
  });

test('schemas/precision-v1.schema.json', () => {
  expectFresh('schemas/precision-v1.schema.json', `${JSON.stringify(PRECISION_SCHEMA, null, 2)}\n`);
});

test('weights, maps, sums and readers of single layers', async () => {
  const text = file(
    "{ layer: '*', W: 4 }",
    '{ layer: conv1, W: 7, O: 12, psum: 40 }',
    '{ layer: conv3, I: 2 }',
  );
  const { ir, diagnostics } = await run(text);
  expect(diagnostics.filter(({ code }) => code === 'DF1052')).toEqual([]);
  const [conv1, conv2, conv3] = ir.layers!.layers;
  expect([conv1!.weightBits, conv2!.weightBits]).toEqual([4 * 4 * 9 * 7, 4 * 4 * 4]);
  expect([conv1!.output.bits, conv1!.output.psumBits]).toEqual([12, 40]);
  expect([conv2!.output.bits, conv2!.output.psumBits]).toEqual([8, 16]);
  const bits = (layer: typeof conv1): readonly number[] => layer!.inputs.map((input) => input.bits);
  // [W, I]: conv2 reads what conv1 stores, behind the activation too
  expect([bits(conv1), bits(conv2), bits(conv3)]).toEqual([
    [7, 8],
    [4, 12],
    [4, 2],
  ]);
  expect(ir.layers!.maps.find(({ id }) => id === '%b')!.bits).toBe(12);
});

test('energy and capacity follow the bits', async () => {
  const energy = async (bits: number): Promise<number> => {
    const { ir, ok } = await run(file(`{ layer: '*', W: ${bits}, I: ${bits}, O: ${bits} }`));
    expect(ok).toBe(true);
    return ir.costs!.totals.energyPj;
  };
  const [two, four, eight] = [await energy(2), await energy(4), await energy(8)];
  expect(two).toBeLessThan(four);
  expect(four).toBeLessThan(eight);
  // The weight register of this accelerator holds 8 bit.
  const wide = await run(file('{ layer: conv2, W: 16 }'));
  expect(wide.diagnostics.map(({ code, message }) => `${code} ${message}`)).toContainEqual(
    expect.stringMatching(/^DF5001 @conv2 .*rf_1B holds 1 B, at least 2 B/),
  );
  expect(eight).toBe((await run(undefined)).ir.costs!.totals.energyPj);
});

test('a name that no layer has, a wrong key, a wrong number', async () => {
  const { diagnostics } = await run(file('{ layer: conv11, W: 4 }'));
  const warning = diagnostics.find(({ code }) => code === 'DF1052')!;
  expect(warning.message).toContain('conv11');
  expect(warning.help).toContain('conv1');
  expect(warning.at[0]).toMatchObject({ file: 'bits.yaml', line: 3 });
  const codes = (text: string): readonly string[] => codesThrown(() => parsePrecisions(text, 'bits.yaml'));
  expect(codes('a: [')).toEqual(['DF1050']);
  expect(codes(file('{ layer: a, w: 4 }'))).toContain('DF1051');
  expect(codes(file('{ layer: a, W: 0 }'))).toEqual(['DF1051']);
  expect(codes(file('{ layer: a }'))).toEqual(['DF1051']);
});

test('the example of the documentation is a precision file', () => {
  const page = readFileSync(join(projectFolder(), 'docs/precision.md'), 'utf8');
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  expect(parsePrecisions(example, 'docs/precision.md')).toHaveLength(3);
});
