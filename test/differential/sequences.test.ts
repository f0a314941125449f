/**
 * What is settled although it looks open. Sequences that are followed tensor by tensor do what the runtime does: the same
 * shapes, and no sequence is left. Results that only the data knows are as large as the runtime makes them at most.
 */
import type { DiagnosticError } from '../../src/diag/diagnostic.js';
import { inferTensors } from '../../src/onnx/infer.js';
import { normalized } from '../support/import-model.js';
import {
  int64,
  model,
  type GraphSpec,
  type ModelSpec,
  type NodeSpec,
  type TensorSpec,
} from '../support/onnx-model.js';
import { FLOAT } from './case.js';
import { execute } from './runtime.js';

const at = (value: number): TensorSpec => ({ ...int64(value), shape: [] });

async function both(spec: ModelSpec): Promise<readonly string[]> {
  const feeds = Object.fromEntries(
    Object.entries(spec.inputs ?? {}).map(([name, shape]) => [
      name,
      { shape: shape as readonly number[], type: FLOAT },
    ]),
  );
  const produced = await execute(model(spec), feeds);
  const { graph, codes } = await normalized(model(spec));
  expect(codes).toEqual([]);
  expect(graph.nodes.map(({ opType }) => opType).filter((op) => /Sequence|Optional/.test(op))).toEqual([]);
  const { tensors } = inferTensors(graph, {}, () => undefined);
  const expected = Object.entries(produced).map(([name, { shape }]) => `${name} [${shape.join()}]`);
  const found = Object.keys(produced).map(
    (name) => `${name} [${tensors.find((tensor) => tensor.name === name)?.shape.join() ?? ''}]`,
  );
  expect(found).toEqual(expected);
  return graph.nodes.map(({ opType }) => opType);
}

const spec = (nodes: readonly NodeSpec[], more: Partial<ModelSpec> = {}): ModelSpec => ({
  opset: 18,
  inputs: { x: [4, 6], y: [4, 3] },
  outputs: ['z'],
  untypedOutputs: true,
  initializers: { minus: at(-1), zero: at(0), one: at(1), two: at(2), parts: int64(1, 5) },
  nodes,
  ...more,
});

const picked = (position: string): NodeSpec => ({ op: 'SequenceAt', in: ['s', position], out: ['p'] });
const relu: NodeSpec = { op: 'Relu', in: ['p'], out: ['z'] };

test.each<[string, readonly NodeSpec[]]>([
  ['constructed', [{ op: 'SequenceConstruct', in: ['x', 'y'], out: ['s'] }, picked('minus'), relu]],
  [
    'inserted in front',
    [
      { op: 'SequenceEmpty', out: ['e'] },
      { op: 'SequenceInsert', in: ['e', 'x'], out: ['f'] },
      { op: 'SequenceInsert', in: ['f', 'y', 'zero'], out: ['s'] },
      picked('zero'),
      relu,
    ],
  ],
  [
    'erased',
    [
      { op: 'SequenceConstruct', in: ['x', 'y', 'x'], out: ['f'] },
      { op: 'SequenceErase', in: ['f', 'zero'], out: ['s'] },
      picked('zero'),
      relu,
    ],
  ],
  [
    'counted',
    [
      { op: 'SequenceConstruct', in: ['x', 'y', 'x'], out: ['s'] },
      { op: 'SequenceLength', in: ['s'], out: ['n'] },
      { op: 'Unsqueeze', in: ['n', 'zeros'], out: ['to'] },
      { op: 'Expand', in: ['thin', 'to'], out: ['p'] },
      relu,
    ],
  ],
  [
    'joined',
    [
      { op: 'SequenceConstruct', in: ['x', 'y'], out: ['s'] },
      { op: 'ConcatFromSequence', in: ['s'], out: ['p'], attrs: { axis: 1 } },
      relu,
    ],
  ],
  [
    'stacked',
    [
      { op: 'SequenceConstruct', in: ['x', 'x'], out: ['s'] },
      { op: 'ConcatFromSequence', in: ['s'], out: ['p'], attrs: { axis: -1, new_axis: 1 } },
      relu,
    ],
  ],
  [
    'split one by one',
    [{ op: 'SplitToSequence', in: ['x'], out: ['s'], attrs: { axis: -1, keepdims: 0 } }, picked('two'), relu],
  ],
  [
    'split one by one, keeping the axis',
    [{ op: 'SplitToSequence', in: ['x'], out: ['s'], attrs: { axis: 1 } }, picked('two'), relu],
  ],
  [
    'split in pieces, the last of them smaller',
    [{ op: 'SplitToSequence', in: ['y', 'two'], out: ['s'], attrs: { axis: 1 } }, picked('minus'), relu],
  ],
  [
    'split as listed',
    [{ op: 'SplitToSequence', in: ['x', 'parts'], out: ['s'], attrs: { axis: 1 } }, picked('one'), relu],
  ],
  [
    'mapped',
    [
      { op: 'SequenceConstruct', in: ['x', 'y'], out: ['f'] },
      {
        op: 'SequenceMap',
        name: 'map',
        in: ['f', 'y'],
        out: ['s'],
        attrs: {
          body: {
            graph: {
              inputs: { a: null, b: null },
              outputs: ['c'],
              nodes: [{ op: 'Concat', in: ['a', 'b'], out: ['c'], attrs: { axis: 1 } }],
            },
          },
        },
      },
      picked('zero'),
      relu,
    ],
  ],
])('%s', async (_, nodes) => {
  const more = { zeros: int64(0), thin: { shape: [1], fields: { floatData: [0] } } };
  const base = spec(nodes);
  await both({ ...base, initializers: { ...base.initializers, ...more } });
});

/** As exporters write a list that a loop appends to. */
test('appended to by a loop, then joined', async () => {
  const body: GraphSpec = {
    inputs: { i: [], go: [] },
    types: { i: 7, go: 9 },
    outputs: ['again', 'longer'],
    untypedOutputs: true,
    nodes: [
      { op: 'Identity', in: ['go'], out: ['again'] },
      { op: 'Gather', in: ['x', 'i'], out: ['row'] },
      { op: 'SequenceInsert', in: ['list', 'row'], out: ['longer'] },
    ],
  };
  // The list is handed to the body under its outer name here, since no declaration of a sequence is at hand.
  const { graph, codes } = await normalized(
    model(
      spec(
        [
          { op: 'SequenceEmpty', out: ['e'] },
          {
            op: 'Loop',
            name: 'loop',
            in: ['count', 'true', 'e'],
            out: ['all'],
            attrs: { body: { graph: { ...body, inputs: { ...body.inputs, list: null } } } },
          },
          { op: 'ConcatFromSequence', in: ['all'], out: ['z'], attrs: { axis: 0, new_axis: 1 } },
        ],
        {
          initializers: {
            count: at(3),
            true: { shape: [], type: 9, fields: { int32Data: [1] } },
          },
        },
      ),
    ),
  );
  expect(codes).toEqual([]);
  const { tensors } = inferTensors(graph, {}, () => undefined);
  expect(tensors.find(({ name }) => name === 'z')?.shape).toEqual([3, 6]);
});

test('an optional value with a content is that content', async () => {
  const ops = await both(
    spec([
      { op: 'OptionalHasElement', in: ['x'], out: ['has'] },
      { op: 'OptionalGetElement', in: ['x'], out: ['p'] },
      {
        op: 'If',
        in: ['has'],
        out: ['q'],
        attrs: {
          then_branch: {
            graph: { outputs: ['a'], untypedOutputs: true, nodes: [{ op: 'Relu', in: ['p'], out: ['a'] }] },
          },
          else_branch: {
            graph: { outputs: ['b'], untypedOutputs: true, nodes: [{ op: 'Exp', in: ['y'], out: ['b'] }] },
          },
        },
      },
      { op: 'Neg', in: ['q'], out: ['z'] },
    ]),
  );
  expect(ops).toEqual(['Relu', 'Neg']);
});

test('what only the run decides is named', async () => {
  const unknown = normalized(
    model(
      spec([
        { op: 'SequenceConstruct', in: ['x', 'y'], out: ['s'] },
        { op: 'ReduceMax', in: ['x'], out: ['m'], attrs: { keepdims: 0 } },
        { op: 'Cast', in: ['m'], out: ['i'], attrs: { to: 7 } },
        { op: 'SequenceAt', name: 'pick', in: ['s', 'i'], out: ['z'] },
      ]),
    ),
  );
  await expect(unknown).rejects.toMatchObject({
    diagnostics: [
      {
        code: 'DF1053',
        message: expect.stringMatching(/^SequenceAt pick stays as it is: its position/) as string,
      },
      { code: 'DF1055', message: 'SequenceAt pick reads "s", a sequence' },
    ],
  });
});

test.each([
  ['nothing', ['x', '', 'y']],
  ['a sequence', ['x', 's']],
])('a sequence of %s is left as it is', async (_, inputs) => {
  const nested = normalized(
    model(
      spec([
        { op: 'SequenceConstruct', in: ['x', 'y'], out: ['s'] },
        { op: 'SequenceConstruct', name: 'outer', in: inputs, out: ['z'] },
      ]),
    ),
  );
  const codes = await nested.then(
    (result) => result.codes,
    (error: unknown) => (error as DiagnosticError).diagnostics.map(({ code }) => code),
  );
  expect(codes[0]).toBe('DF1053');
});

test('a sequence that leaves the network leaves as its tensors', async () => {
  const { graph } = await normalized(
    model(
      spec(
        [
          { op: 'Relu', in: ['x'], out: ['a'] },
          { op: 'Exp', in: ['y'], out: ['b'] },
          { op: 'SequenceConstruct', in: ['a', 'b'], out: ['s'] },
        ],
        { outputs: ['s'] },
      ),
    ),
  );
  expect(graph.outputs.map(({ name }) => name)).toEqual(['a', 'b']);
});

test('the largest results there can be are those of data that gives all', async () => {
  const numbers = (shape: readonly number[], value: (i: number) => number): TensorSpec => ({
    shape,
    fields: { floatData: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i)) },
  });
  const all: ModelSpec = {
    opset: 18,
    inputs: { x: [2, 3] },
    outputs: ['kept', 'places', 'some', 'rows', 'once'],
    untypedOutputs: true,
    initializers: {
      one: numbers([], () => 1),
      // Side by side, none touching another.
      boxes: numbers([1, 5, 4], (i) => Math.floor(i / 4) + (i % 4 >= 2 ? 0.5 : 0)),
      scores: numbers([1, 2, 5], (i) => 1 + i),
      most: at(3),
      true: { shape: [2], type: 9, fields: { int32Data: [1, 1] } },
      six: { shape: [6], type: 9, fields: { int32Data: [1, 1, 1, 1, 1, 1] } },
      steps: numbers([2, 3], (i) => i),
    },
    nodes: [
      { op: 'Add', in: ['x', 'one'], out: ['ones'] },
      { op: 'Add', in: ['x', 'steps'], out: ['different'] },
      { op: 'NonMaxSuppression', in: ['boxes', 'scores', 'most'], out: ['kept'] },
      { op: 'NonZero', in: ['ones'], out: ['places'] },
      { op: 'Compress', in: ['ones', 'six'], out: ['some'] },
      { op: 'Compress', in: ['ones', 'true'], out: ['rows'], attrs: { axis: 0 } },
      { op: 'Unique', in: ['different'], out: ['once'] },
    ],
  };
  await both(all);
});
