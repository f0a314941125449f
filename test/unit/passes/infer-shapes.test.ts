/** The walk: values carried along, sizes bound by the user, declarations checked, errors collected. */
import { verifyShapes } from '../../../src/ir/verify/shapes.js';
import type { Graph } from '../../../src/ir/tensor.js';
import { DiagnosticError, type Diagnostic } from '../../../src/diag/diagnostic.js';
import { inferred, shapeOf } from '../../support/lowered.js';
import { floats, int64, type ModelSpec, type NodeSpec } from '../../support/onnx-model.js';

const failing = async (
  spec: ModelSpec,
  dims: Record<string, number> = {},
): Promise<readonly Diagnostic[]> => {
  try {
    await inferred(spec, dims);
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics;
    throw error;
  }
  throw new Error('no diagnostic');
};

describe('values known before the run', () => {
  const flatten: NodeSpec[] = [
    { op: 'Shape', in: ['x'], out: ['s'] },
    { op: 'Gather', in: ['s', 'zero'], out: ['n'] },
    { op: 'Unsqueeze', in: ['n', 'zeros'], out: ['n1'] },
    { op: 'Concat', in: ['n1', 'rest'], out: ['t'], attrs: { axis: 0 } },
    { op: 'Reshape', in: ['x', 't'], out: ['y'] },
  ];

  test('Shape, Gather, Unsqueeze, Concat lead to a Reshape', async () => {
    const { tensor } = await inferred({
      inputs: { x: [2, 3, 4, 5] },
      outputs: ['y'],
      initializers: {
        zero: { shape: [], type: 7, fields: { int64Data: [0] } },
        zeros: int64(0),
        rest: int64(-1),
      },
      nodes: flatten,
    });
    expect(tensor('t')).toMatchObject({ values: [2, -1], constant: true, dtype: 'int64' });
    expect(tensor('y')).toMatchObject({ shape: [2, 60], constant: false });
  });

  test.each<[string, NodeSpec[], readonly number[]]>([
    [
      'arithmetic',
      [
        { op: 'Add', in: ['a', 'b'], out: ['p'] },
        { op: 'Mul', in: ['p', 'b'], out: ['v'] },
      ],
      [32, 36],
    ], // (4 + 4) * 4, (5 + 4) * 4
    ['division truncates', [{ op: 'Div', in: ['a', 'b'], out: ['v'] }], [1, 1]],
    ['Slice', [{ op: 'Slice', in: ['a', 'lo', 'hi'], out: ['v'] }], [4]],
    [
      'Where',
      [
        { op: 'Greater', in: ['a', 'b'], out: ['c'] },
        { op: 'Where', in: ['c', 'a', 'b'], out: ['v'] },
      ],
      [4, 5],
    ],
    ['ReduceProd', [{ op: 'ReduceProd', in: ['a'], out: ['v'] }], [20]],
    ['Range', [{ op: 'Range', in: ['zero', 'four', 'one'], out: ['v'] }], [0, 1, 2, 3]],
    [
      'ConstantOfShape',
      [{ op: 'ConstantOfShape', in: ['one1'], out: ['v'], attrs: { value: { tensor: int64(7) } } }],
      [7],
    ],
    ['Expand', [{ op: 'Expand', in: ['one1', 'lo2'], out: ['v'] }], [1, 1]],
    ['Cast', [{ op: 'Cast', in: ['f'], out: ['v'], attrs: { to: 7 } }], [2, -2]],
    ['Split', [{ op: 'Split', in: ['a', 'ones'], out: ['v', 'w'] }], [4]],
    [
      'Transpose and Size',
      [
        { op: 'Transpose', in: ['a'], out: ['t'] },
        { op: 'Size', in: ['t'], out: ['v'] },
      ],
      [2],
    ],
  ])('%s', async (_, nodes, expected) => {
    const scalar = (value: number) => ({ shape: [], type: 7, fields: { int64Data: [value] } });
    const { tensor } = await inferred({
      inputs: { x: [1] },
      outputs: ['x2', 'v'],
      initializers: {
        a: int64(4, 5),
        b: int64(4, 4),
        lo: int64(0),
        hi: int64(1),
        lo2: int64(2),
        one1: int64(1),
        ones: int64(1, 1),
        f: floats(2.75, -2.75),
        zero: scalar(0),
        one: scalar(1),
        four: scalar(4),
      },
      nodes: [{ op: 'Relu', in: ['x'], out: ['x2'] }, ...nodes],
    });
    expect(tensor('v').values).toEqual(expected);
  });

  test('what a shape yields is constant though the tensor is not', async () => {
    const { tensor } = await inferred({
      inputs: { x: [2, 3] },
      outputs: ['x2'],
      nodes: [
        { op: 'Relu', in: ['x'], out: ['x2'] },
        { op: 'Shape', in: ['x2'], out: ['s'] },
        { op: 'ConstantOfShape', in: ['s'], out: ['z'] },
      ],
    });
    expect([tensor('x2').constant, tensor('s').constant, tensor('z').constant]).toEqual([false, true, true]);
    expect(tensor('s').values).toEqual([2, 3]);
  });
});

describe('open dimensions', () => {
  const open = (shape: readonly (number | string | null)[]): ModelSpec => ({
    inputs: { x: shape },
    outputs: ['y'],
    nodes: [{ op: 'Relu', in: ['x'], out: ['y'] }],
  });

  test('are never guessed, not even a batch', async () => {
    expect(await failing(open(['batch', 3]))).toMatchObject([
      {
        code: 'DF2001',
        message: 'axis 0 of input "x" is symbolic ("batch")',
        terms: ['"x" is [batch, 3]'],
        help: 'bind it with --dim batch=<size>',
      },
    ]);
    expect(await failing(open([null, 3, 'w']))).toMatchObject([
      {
        message: 'axis 0 of input "x" is unknown',
        help: 'bind all open dimensions: --dim x.0=<size> --dim w=<size>',
      },
      { message: 'axis 2 of input "x" is symbolic ("w")' },
    ]);
    expect(await failing(open([0, 3, -1]))).toMatchObject([
      {
        message: 'axis 0 of input "x" is 0 in the model, which stands for an unknown size',
        terms: ['"x" is [?, 3, ?]'],
      },
      { message: 'axis 2 of input "x" is -1 in the model, which stands for an unknown size' },
    ]);
  });

  test('are bound by name, or by tensor and axis', async () => {
    expect((await inferred(open(['batch', null]), { batch: 4, 'x.1': 5 })).tensor('y').shape).toEqual([4, 5]);
    expect((await inferred(open(['batch', 3]), { 'x.0': 2 })).tensor('y').shape).toEqual([2, 3]);
  });

  test('a binding of nothing is a warning with a suggestion; an impossible one is an error', async () => {
    const { diagnostics } = await inferred(open(['batch', 3]), { batch: 1, bacth: 2 });
    expect(diagnostics).toMatchObject([
      { code: 'DF2009', message: '--dim bacth binds no dimension of an input', help: 'did you mean batch?' },
    ]);
    expect(await failing(open(['batch', 3]), { batch: 0 })).toMatchObject([
      { code: 'DF2002', message: '--dim batch=0 leaves output "y" without elements' },
    ]);
  });

  test.each([-1, 1.5, 2 ** 60])('%d is no size', async (batch) => {
    expect(await failing(open(['batch', 3]), { batch })).toMatchObject([
      { code: 'DF2002', message: `--dim batch=${batch} is no whole number` },
    ]);
  });

  test('a size of 0 in the model is meant where the tensor is only joined along that axis', async () => {
    const joined = (axis: number, nodes: ModelSpec['nodes'] = []): ModelSpec => ({
      inputs: { past: [1, 0, 4], x: [1, 3, 4] },
      outputs: ['y'],
      nodes: [{ op: 'Concat', in: ['past', 'x'], out: ['y'], attrs: { axis } }, ...nodes],
    });
    expect((await inferred(joined(1))).tensor('y').shape).toEqual([1, 3, 4]);
    expect((await inferred(joined(-2))).tensor('y').shape).toEqual([1, 3, 4]);
    const unknown = [
      {
        code: 'DF2001',
        message: 'axis 1 of input "past" is 0 in the model, which stands for an unknown size',
      },
    ];
    expect(await failing(joined(2))).toMatchObject(unknown);
    expect(await failing(joined(1, [{ op: 'Relu', in: ['past'], out: ['z'] }]))).toMatchObject(unknown);
    expect((await inferred(joined(1), { 'past.1': 2 })).tensor('y').shape).toEqual([1, 5, 4]);
  });

  test('names in a declared shape bind what the data decides', async () => {
    const spec: ModelSpec = {
      inputs: { x: [2, 3] },
      outputs: ['z'],
      valueInfo: { y: [2, 'found'] },
      nodes: [
        { op: 'NonZero', in: ['x'], out: ['y'] },
        { op: 'Cast', in: ['y'], out: ['z'], attrs: { to: 1 } },
      ],
    };
    const most = await inferred(spec, { other: 1 });
    expect(most.tensor('z').shape).toEqual([2, 6]);
    expect(most.diagnostics).toContainEqual(
      expect.objectContaining({
        code: 'DF2151',
        message: 'NonZero is taken to give all it can: [2, 6]; how many it gives, the data decides',
        help: 'say how many: --dim found=<size>',
      }),
    );
    const { tensor, diagnostics } = await inferred(spec, { found: 5 });
    expect(tensor('z').shape).toEqual([2, 5]);
    expect(diagnostics.map(({ code }) => code)).toEqual(['DF2010']);
  });

  test('where only the data decides and no more than that is known, the name is to be bound', async () => {
    const spec: ModelSpec = {
      inputs: { x: [6], s: [2] },
      types: { s: 7 },
      outputs: ['z'],
      valueInfo: { y: [2, 'found'] },
      nodes: [
        { op: 'Reshape', in: ['x', 's'], out: ['y'] },
        { op: 'Relu', in: ['y'], out: ['z'] },
      ],
    };
    expect(await failing(spec)).toMatchObject([
      {
        code: 'DF2006',
        terms: ['"y" is [2, found]'],
        help: 'bind the most there can be: --dim found=<size>',
      },
    ]);
  });

  test('an input without a shape', async () => {
    expect(
      await failing({ inputs: { x: null }, outputs: ['y'], nodes: [{ op: 'Relu', in: ['x'], out: ['y'] }] }),
    ).toMatchObject([{ code: 'DF2001', message: 'input "x" declares no shape' }]);
  });
});

describe('declarations', () => {
  const declared = (shape: readonly (number | string)[], type = 1): ModelSpec => ({
    type,
    inputs: { x: [2, 3] },
    outputs: ['z'],
    valueInfo: { y: shape },
    nodes: [
      { op: 'Relu', in: ['x'], out: ['y'] },
      { op: 'Relu', in: ['y'], out: ['z'] },
    ],
  });

  test('agree, or leave sizes open', async () => {
    expect((await inferred(declared([2, 3]))).diagnostics).toEqual([]);
    expect((await inferred(declared(['n', 3]))).diagnostics).toEqual([]);
  });

  test.each<[readonly number[], string]>([
    [[2, 4], '"y": declared [2, 4], inferred [2, 3] (axis 1)'],
    [[6], '"y": declared [6] of rank 1, inferred [2, 3] of rank 2'],
  ])('%j contradicts inference, which stands', async (shape, message) => {
    const { diagnostics, tensor } = await inferred(declared(shape));
    expect(diagnostics).toMatchObject([{ code: 'DF2008', severity: 'warning', message }]);
    expect(tensor('z').shape).toEqual([2, 3]);
  });

  test('are used for operators without a shape rule, and for results that depend on data', async () => {
    const nodes: NodeSpec[] = [
      { op: 'Mystery', domain: 'acme', in: ['x'], out: ['y'] },
      { op: 'NonZero', in: ['y'], out: ['z'] },
    ];
    const spec: ModelSpec = {
      opset: { '': 17, acme: 1 },
      inputs: { x: [2, 3] },
      valueInfo: { y: [5] },
      outputs: { z: [1, 5] },
      nodes,
    };
    const { diagnostics, tensor } = await inferred(spec);
    expect(tensor('z').shape).toEqual([1, 5]);
    expect(diagnostics.map(({ code }) => code)).toEqual(['DF2010', 'DF2010']);
    expect((await failing({ ...spec, valueInfo: {} })).map(({ code }) => code)).toEqual(['DF2007']);
    const most = await inferred({ ...spec, outputs: ['z'] });
    expect(most.diagnostics.map(({ code }) => code)).toEqual(['DF2010', 'DF2151', 'DF2008']);
  });
});

describe('an If of which only the run tells the branch', () => {
  const branching = (then: NodeSpec, other: NodeSpec): ModelSpec => ({
    opset: 13,
    inputs: { x: [2, 3], flag: [] },
    types: { flag: 9 },
    outputs: ['z'],
    nodes: [
      { op: 'Neg', in: ['x'], out: ['n'] },
      {
        op: 'If',
        name: 'if',
        in: ['flag'],
        out: ['y'],
        attrs: {
          then_branch: { graph: { outputs: ['a'], nodes: [{ ...then, in: ['n'], out: ['a'] }] } },
          else_branch: { graph: { outputs: ['b'], nodes: [{ ...other, in: ['n'], out: ['b'] }] } },
        },
      },
      { op: 'Relu', in: ['y'], out: ['z'] },
    ],
  });

  test('has the shape that both make', async () => {
    const { tensor, diagnostics } = await inferred(branching({ op: 'Sigmoid' }, { op: 'Tanh' }));
    expect(tensor('y')).toMatchObject({ dtype: 'float', shape: [2, 3], constant: false });
    expect(diagnostics).toEqual([]);
  });

  test.each<[NodeSpec, string]>([
    [{ op: 'Transpose' }, 'else_branch: float [3, 2]'],
    [{ op: 'Cast', attrs: { to: 7 } }, 'else_branch: int64 [2, 3]'],
    [
      { op: 'Mystery' },
      'else_branch: not known (no shape rule for Mystery, and the model declares no fixed shape of its outputs)',
    ],
  ])('%j differs', async (other, term) => {
    const failed = await failing(branching({ op: 'Sigmoid' }, other));
    expect(failed).toMatchObject([
      {
        code: 'DF2007',
        terms: ['then_branch: float [2, 3]', term],
        help: 'store the shapes of its outputs in the model (value_info), or export the branch that is used',
      },
    ]);
  });
});

describe('errors', () => {
  test('missing operands are named', async () => {
    expect(
      await failing({
        inputs: { x: [1, 3, 4, 4] },
        outputs: ['y'],
        nodes: [{ op: 'Conv', name: 'c', in: ['x'], out: ['y'] }],
      }),
    ).toMatchObject([
      { code: 'DF2005', message: 'Conv has no input 1 (kernel)', at: [{ node: 0, name: 'c', op: 'Conv' }] },
    ]);
  });

  test('control flow with a declared result reads what its bodies capture', async () => {
    const body = (op: string) => ({ graph: { nodes: [{ op, in: ['a'], out: ['r'] }], outputs: ['r'] } });
    const { tensor } = await inferred({
      inputs: { x: [2, 3], c: [1] },
      outputs: { y: [2, 3] },
      nodes: [
        { op: 'Relu', in: ['x'], out: ['a'] },
        { op: 'Cast', in: ['c'], out: ['cond'], attrs: { to: 9 } },
        {
          op: 'If',
          in: ['cond'],
          out: ['y'],
          attrs: { then_branch: body('Relu'), else_branch: body('Exp') },
        },
      ],
    });
    expect(tensor('y')).toMatchObject({ shape: [2, 3], constant: false });
  });
});

test('the verifier finds missing, repeated, foreign and impossible tensors', async () => {
  const graph: Graph = {
    name: 'g',
    irVersion: 8,
    opsets: { '': 17 },
    nodes: [
      { index: 0, name: 'r', opType: 'Relu', domain: '', inputs: ['x'], outputs: ['y'], attributes: {} },
    ],
    inputs: [{ name: 'x', dtype: 'float', shape: [{ kind: 'fixed', size: 2 }] }],
    outputs: [{ name: 'y', dtype: 'float' }],
    initializers: [],
    valueInfo: [],
    functions: [],
  };
  const good = [
    { name: 'x', dtype: 'float', shape: [2], constant: false },
    { name: 'y', dtype: 'float', shape: [2], constant: false },
  ];
  expect(verifyShapes(graph, { tensors: good })).toEqual([]);
  const messages = (tensors: typeof good): string[] =>
    verifyShapes(graph, { tensors }).map(({ message }) => message);
  expect(messages(good.slice(0, 1))).toEqual(['tensor "y" has no shape']);
  expect(messages([...good, ...good.slice(1)])).toEqual(['tensor "y" is listed twice']);
  expect(messages([...good, { ...good[0]!, name: 'z' }])).toEqual(['tensor "z" is no tensor of the graph']);
  expect(messages([{ ...good[0]!, shape: [-1] }, good[1]!])).toEqual(['tensor "x" has shape [-1]']);
  expect(messages([{ ...good[0]!, values: [1] } as (typeof good)[0], good[1]!])).toEqual([
    'tensor "x" of shape [2] has 1 values',
  ]);
  expect(
    await shapeOf({ inputs: { x: [2] }, outputs: ['y'], nodes: [{ op: 'Relu', in: ['x'], out: ['y'] }] }),
  ).toEqual([2]);
});
