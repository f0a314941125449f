import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import onnxProto from 'onnx-proto';
import type { Attribute, Graph } from '../../../src/ir/tensor.js';
import { decodeModel } from '../../../src/onnx/decode.js';
import { int64, model, type ModelSpec, type AttrSpec } from '../../support/onnx-model.js';
import { describeWithReference } from '../../support/reference.js';

const { AttributeType } = onnxProto.onnx.AttributeProto;
const decode = (bytes: Uint8Array) => decodeModel({ file: 'm.onnx', bytes });
const RELU: ModelSpec = {
  inputs: { x: [1, 4] },
  outputs: { y: [1, 4] },
  nodes: [{ op: 'Relu', in: ['x'], out: ['y'] }],
};

const attributeOf = (spec: AttrSpec): Attribute | undefined =>
  decode(model({ ...RELU, nodes: [{ op: 'Relu', in: ['x'], out: ['y'], attrs: { a: spec } }] })).graph
    .nodes[0]?.attributes['a'];

describe('a small model', () => {
  test('is decoded to plain data', () => {
    const { graph, diagnostics } = decode(
      model({
        name: 'net',
        inputs: { x: ['batch', 3, null, 0] },
        outputs: { y: [1, 4] },
        valueInfo: { v: null },
        nodes: [{ op: 'Conv', name: 'c', domain: 'ai.onnx', in: ['x', '', 'b'], out: ['y'] }],
      }),
    );
    const expected: Graph = {
      name: 'net',
      irVersion: 8,
      opsets: { '': 17 },
      nodes: [
        {
          index: 0,
          name: 'c',
          opType: 'Conv',
          domain: '',
          inputs: ['x', '', 'b'],
          outputs: ['y'],
          attributes: {},
        },
      ],
      inputs: [
        {
          name: 'x',
          dtype: 'float',
          shape: [
            { kind: 'symbol', name: 'batch' },
            { kind: 'fixed', size: 3 },
            { kind: 'unknown' },
            { kind: 'unknown', stated: 0 },
          ],
        },
      ],
      outputs: [
        {
          name: 'y',
          dtype: 'float',
          shape: [
            { kind: 'fixed', size: 1 },
            { kind: 'fixed', size: 4 },
          ],
        },
      ],
      initializers: [],
      valueInfo: [{ name: 'v', dtype: 'float' }],
      functions: [],
    };
    expect(graph).toEqual(expected);
    expect(JSON.parse(JSON.stringify(graph))).toEqual(expected);
    expect(diagnostics).toEqual([]);
  });

  test('weights that are graph inputs too are no inputs', () => {
    const { graph } = decode(
      model({ ...RELU, inputs: { x: [1, 4], w: [4] }, initializers: { w: { shape: [4] } }, irVersion: 3 }),
    );
    expect(graph.inputs.map(({ name }) => name)).toEqual(['x']);
    expect(graph.initializers).toEqual([{ name: 'w', dtype: 'float', shape: [4] }]);
  });
});

describe('attributes', () => {
  test.each<[AttrSpec, Attribute]>([
    [3, { kind: 'int', value: 3 }],
    [[1, -2], { kind: 'ints', value: [1, -2] }],
    [{ float: 0.25 }, { kind: 'float', value: 0.25 }],
    [{ floats: [1, 2] }, { kind: 'floats', value: [1, 2] }],
    ['SAME_UPPER', { kind: 'string', value: 'SAME_UPPER' }],
    [{ ref: 'alpha' }, { kind: 'reference', value: 'alpha' }],
    [{ tensor: int64(5) }, { kind: 'tensor', value: { name: '', dtype: 'int64', shape: [1], values: [5] } }],
    [{ float: Infinity }, { kind: 'other', value: 'Infinity' }],
    // Old writers leave the type out.
    [{ proto: { ints: [4, 5] } }, { kind: 'ints', value: [4, 5] }],
    [{ proto: { f: 0.5 } }, { kind: 'float', value: 0.5 }],
    [{ proto: { s: new TextEncoder().encode('a') } }, { kind: 'string', value: 'a' }],
    [{ proto: { i: 6 } }, { kind: 'int', value: 6 }],
    [
      { proto: { type: AttributeType.SPARSE_TENSOR, sparseTensor: { values: { dataType: 1 }, dims: [7] } } },
      { kind: 'tensor', value: { name: '', dtype: 'float', shape: [7] } },
    ],
    [{ proto: { type: AttributeType.TENSORS } }, { kind: 'other', value: 'tensors' }],
  ])('%j', (spec, expected) => expect(attributeOf(spec)).toEqual(expected));

  test('a subgraph is a graph', () => {
    const body = { outputs: ['z'], nodes: [{ op: 'Neg', in: ['x'], out: ['z'] }] };
    const attribute = attributeOf({ graph: body });
    expect(attribute?.kind === 'graph' && attribute.value.nodes[0]?.opType).toBe('Neg');
    expect(attribute?.kind === 'graph' && attribute.value.opsets).toEqual({ '': 17 });
  });
});

describe('local functions', () => {
  test('come with overloads, defaults and their own operator sets', () => {
    const { graph } = decode(
      model({
        ...RELU,
        opset: { '': 18, my: 1 },
        nodes: [{ op: 'F', domain: 'my', overload: 'wide', in: ['x'], out: ['y'] }],
        functions: [
          {
            name: 'F',
            domain: 'my',
            overload: 'wide',
            opset: 13,
            inputs: ['a'],
            outputs: ['b'],
            attributes: ['k'],
            defaults: { alpha: { float: 0.5 } },
            nodes: [{ op: 'G', domain: 'my', overload: 'inner', in: ['a'], out: ['b'] }],
          },
        ],
      }),
    );
    expect(graph.nodes[0]?.overload).toBe('wide');
    expect(graph.functions).toEqual([
      {
        domain: 'my',
        name: 'F',
        overload: 'wide',
        opsets: { '': 13, my: 1 },
        inputs: ['a'],
        outputs: ['b'],
        attributeDefaults: { alpha: { kind: 'float', value: 0.5 } },
        nodes: [
          {
            index: 0,
            name: '',
            opType: 'G',
            domain: 'my',
            overload: 'inner',
            inputs: ['a'],
            outputs: ['b'],
            attributes: {},
          },
        ],
      },
    ]);
  });
});

describe('operator sets', () => {
  test.each([
    [6, ['DF1008']],
    [7, []],
    [26, []],
    [27, ['DF1009']],
  ])('%i', (opset, codes) =>
    expect(decode(model({ ...RELU, opset })).diagnostics.map(({ code }) => code)).toEqual(codes),
  );
});

describeWithReference('public models', (folder) => {
  const facts = JSON.parse(readFileSync(join(folder, 'models/facts.json'), 'utf8')) as Record<
    string,
    { nodes: number; outputs: Record<string, unknown> }
  >;

  test('every model of the folder is in the facts', () => {
    expect(
      readdirSync(join(folder, 'models'))
        .filter((file) => file.endsWith('.onnx'))
        .sort(),
    ).toEqual(Object.keys(facts).sort());
  });

  test.each(Object.keys(facts))('%s', (file) => {
    const { graph, diagnostics } = decode(readFileSync(join(folder, 'models', file)));
    expect(graph.nodes).toHaveLength(facts[file]?.nodes ?? -1);
    expect(graph.outputs.map(({ name }) => name)).toEqual(Object.keys(facts[file]?.outputs ?? {}));
    expect(diagnostics).toEqual([]);
  });
});
