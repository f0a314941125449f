/** One function of one tensor, as exporters write it: the same layers as the single operator. */
import type { Layer } from '../../../src/ir/layer.js';
import { lowered, nest } from '../../support/lowered.js';
import { floats, int64, type ModelSpec, type NodeSpec, type TensorSpec } from '../../support/onnx-model.js';

const CONSTANTS: Readonly<Record<string, TensorSpec>> = {
  w: { shape: [8, 8] },
  gamma: { shape: [8] },
  beta: { shape: [8] },
  ...Object.fromEntries(
    Object.entries({
      half: 0.5,
      one: 1,
      two: 2,
      three: 3,
      six: 6,
      root: 1.414,
      c: 0.0447,
      p: 0.797,
      eps: 1e-5,
    }).map(([name, value]) => [name, { ...floats(value), shape: [] }]),
  ),
  last: int64(-1),
};

/** `y = Op(a, b)` per line. */
function nodes(text: string, attrs: NodeSpec['attrs'] = {}): readonly NodeSpec[] {
  return text
    .trim()
    .split('\n')
    .map((line): NodeSpec => {
      const [, out = '', op = '', inputs = ''] = /(\w+) = (\w+)\(([^)]*)\)/.exec(line) ?? [];
      const own = op.startsWith('Reduce') ? { keepdims: 1, ...attrs } : {};
      return { op, name: out, in: inputs.split(', '), out: [out], attrs: own };
    });
}

const network = (body: string, rest: Partial<ModelSpec> = {}): ModelSpec => ({
  opset: 18,
  inputs: { x: [1, 6, 8] },
  outputs: ['y'],
  initializers: CONSTANTS,
  nodes: nodes(body),
  ...rest,
});

/** What an activation or normalization behind a product leaves: the layers, and what runs on their outputs. */
const summary = (layers: readonly Layer[]): readonly string[] =>
  layers.map((layer) =>
    [layer.op, nest(layer), `x${layer.passes}`, ...layer.postOps.map(({ op }) => op)].join(' '),
  );

describe('activations become operations on the output of their producer', () => {
  test.each([
    [
      'GELU with erf',
      'Gelu Mul',
      'd = Div(a, root)\ne = Erf(d)\nf = Add(e, one)\ng = Mul(a, f)\ny = Mul(g, half)',
    ],
    [
      'GELU with erf, halved first',
      'Gelu',
      'h = Mul(a, half)\nd = Div(a, root)\ne = Erf(d)\nf = Add(e, one)\ny = Mul(h, f)',
    ],
    [
      'GELU with tanh',
      'Gelu',
      'q = Pow(a, three)\nr = Mul(q, c)\ns = Add(a, r)\nt = Mul(s, p)\nu = Tanh(t)\nv = Add(u, one)\nh = Mul(a, half)\ny = Mul(h, v)',
    ],
    ['SiLU', 'Swish', 's = Sigmoid(a)\ny = Mul(a, s)'],
    ['Mish', 'Mish', 's = Softplus(a)\nt = Tanh(s)\ny = Mul(a, t)'],
    [
      'HardSwish',
      'HardSwish Div',
      'b = Add(a, three)\nr = Relu(b)\nm = Min(r, six)\nq = Mul(a, m)\ny = Div(q, six)',
    ],
  ])('%s', async (_, ops, body) => {
    const { workload } = await lowered(network(`a = MatMul(x, w)\n${body}`));
    expect(summary(workload.layers)).toEqual([`MatMul B1 K8 C8 OY6 x1 ${ops}`]);
  });
});

describe('normalizations become one layer', () => {
  const single = async (node: NodeSpec): Promise<readonly string[]> => {
    const { workload } = await lowered({
      ...network('a = MatMul(x, w)'),
      nodes: [...nodes('a = MatMul(x, w)'), node],
    });
    return workload.layers.map((layer) => `${nest(layer)} x${layer.passes}`);
  };
  const written = async (body: string): Promise<readonly Layer[]> =>
    (await lowered(network(`a = MatMul(x, w)\n${body}`))).workload.layers;

  test('layer normalization', async () => {
    const layers = await written(
      'm = ReduceMean(a, last)\nd = Sub(a, m)\nq = Pow(d, two)\nv = ReduceMean(q, last)\ne = Add(v, eps)\ns = Sqrt(e)\nn = Div(d, s)\ng = Mul(n, gamma)\ny = Add(g, beta)',
    );
    expect(layers.map((layer) => `${nest(layer)} x${layer.passes}`)).toEqual(
      await single({ op: 'LayerNormalization', in: ['a', 'gamma', 'beta'], out: ['y'], attrs: { axis: -1 } }),
    );
    expect(layers[1]).toMatchObject({ op: 'LayerNormalization', weightBits: 2 * 8 * 8 });
    expect(layers[1]!.src.map(({ opType }) => opType)).toContain('ReduceMean');
  });

  test('RMS normalization', async () => {
    const layers = await written(
      'q = Pow(a, two)\nv = ReduceMean(q, last)\ne = Add(v, eps)\ns = Sqrt(e)\nr = Reciprocal(s)\nn = Mul(a, r)\ny = Mul(gamma, n)',
    );
    expect(layers.map(({ op, passes }) => `${op} x${passes}`)).toEqual(['MatMul x1', 'RMSNormalization x2']);
  });

  test('softmax', async () => {
    const layers = await written(
      'm = ReduceMax(a, last)\nd = Sub(a, m)\ne = Exp(d)\ns = ReduceSum(e, last)\ny = Div(e, s)',
    );
    expect(layers.map((layer) => `${nest(layer)} x${layer.passes}`)).toEqual(
      await single({ op: 'Softmax', in: ['a'], out: ['y'], attrs: { axis: -1 } }),
    );
  });
});

test.each([
  [
    'squares by Mul, a root by Pow',
    'RMSNormalization',
    'q = Mul(a, a)\nv = ReduceMean(q, last)\ns = Pow(v, minus)\ny = Mul(a, s)',
  ],
  ['L2', 'LpNormalization', 'v = ReduceL2(a, last)\ny = Div(a, v)'],
  ['a gate of the mean', 'ReduceMean+Mul', 'm = ReduceMean(a, last)\ny = Mul(a, m)'],
  ['less the mean', 'ReduceMean+Sub', 'm = ReduceMean(a, last)\ny = Sub(a, m)'],
  ['less the largest', 'ReduceMax+Sub', 'm = ReduceMax(a, last)\ny = Sub(a, m)'],
  [
    'a gate of mean and largest',
    'ReduceMean+ReduceMax+Mul',
    'm = ReduceMean(a, last)\nl = ReduceMax(a, last)\nt = Add(m, l)\ns = Sigmoid(t)\ny = Mul(a, s)',
  ],
])('statistics are called a normalization only where they are one: %s', async (_, op, body) => {
  const { workload } = await lowered(
    network(`a = MatMul(x, w)\n${body}`, {
      initializers: { ...CONSTANTS, minus: { ...floats(-0.5), shape: [] } },
    }),
  );
  expect(workload.layers.map((layer) => layer.op)).toEqual(['MatMul', op]);
});

describe('what is no compound', () => {
  test('an inner tensor that is read elsewhere too', async () => {
    const { workload } = await lowered(
      network('a = MatMul(x, w)\ns = Sigmoid(a)\ny = Mul(a, s)\nz = MatMul(s, w)', { outputs: ['y', 'z'] }),
    );
    expect(workload.layers.map(({ op }) => op)).toEqual(['MatMul', 'Sigmoid', 'Mul', 'MatMul']);
  });

  test('a residual around a layer', async () => {
    const { workload } = await lowered(network('a = Relu(x)\nb = MatMul(a, w)\ny = Add(a, b)'));
    expect(workload.layers.map(({ op }) => op)).toEqual(['Relu', 'MatMul', 'Add']);
  });

  test('statistics along two different axes', async () => {
    const { workload } = await lowered(
      network('m = ReduceMean(x, last)\nd = Sub(x, m)\nv = ReduceMax(d, first)\ny = Sub(d, v)', {
        initializers: { ...CONSTANTS, first: int64(1) },
      }),
    );
    expect(workload.layers).toHaveLength(2);
  });
});

describe('group normalization by way of an instance normalization', () => {
  const image = (body: string, groups: TensorSpec): ModelSpec => ({
    opset: 21,
    inputs: { x: [2, 8, 6, 5] },
    outputs: ['y'],
    initializers: {
      w: { shape: [8, 8, 1, 1] },
      gamma: { shape: [8, 1, 1] },
      scale: { shape: [4] },
      per: { shape: [8] },
      groups,
      back: int64(2, 8, 6, 5),
    },
    nodes: nodes(body).map((node) =>
      node.op === 'GroupNormalization' ? { ...node, attrs: { num_groups: 4 } } : node,
    ),
  });
  const written = (groups: TensorSpec) =>
    image(
      `a = Conv(x, w)
       b = Reshape(a, groups)
       c = InstanceNormalization(b, scale, scale)
       d = Reshape(c, back)
       e = Mul(d, gamma)
       y = Conv(e, w)`,
      groups,
    );

  test('is what the one operator is: rows and columns stay', async () => {
    const { layer, workload } = await lowered(written(int64(0, 4, -1)));
    expect(summary(workload.layers)).toEqual([
      'Conv B2 K8 C8 OY6 OX5 x1',
      'GroupNormalization B2 G8 OY6 OX5 x2 parameter Mul',
      'Conv B2 K8 C8 OY6 OX5 x1',
    ]);
    const norm = layer('d').inputs[0]!.sources[0]!;
    expect([norm.x.kind, norm.y.kind]).toEqual(['full', 'full']);
    const behind = layer('y').inputs[1]!.sources[0]!;
    expect([behind.x.kind, behind.y.kind]).toEqual(['same', 'same']);
    const single = await lowered(
      image('a = Conv(x, w)\nd = GroupNormalization(a, per, per)\ny = Conv(d, w)', int64(0)),
    );
    expect(nest(single.layer('d'))).toBe(nest(layer('d')));
    expect(single.layer('d').inputs[0]!.sources).toEqual([norm]);
  });

  test('items that are mixed are no groups of channels', async () => {
    const { workload } = await lowered(written(int64(4, 4, -1)));
    expect(workload.layers.map(({ op }) => op)).toEqual(['Conv', 'InstanceNormalization', 'Conv']);
  });
});
