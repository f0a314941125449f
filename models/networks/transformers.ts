/**
 * Transformer layers as exporters write them: heads split by Reshape and Transpose, GELU and SiLU as trees of
 * elementwise nodes, RMS normalization and rotary embeddings in single operators, grouped heads by Expand. Sizes are
 * those of ViT-tiny (Touvron et al. 2021), BERT-base (Devlin et al. 2019) and Llama 3.2 1B (Meta 2024).
 * Shapes are batch, tokens, features.
 */
import type { NetworkBuilder, Topology } from './topologies.js';

const WEIGHT = 0.01;

interface Sizes {
  readonly tokens: number;
  /** Tokens whose keys and values are looked at: more than `tokens` with a cache. */
  readonly keys: number;
  readonly width: number;
  readonly heads: number;
  /** Heads of keys and values. */
  readonly groups: number;
  readonly hidden: number;
}

const depthOf = ({ width, heads }: Sizes): number => width / heads;

function linear(
  net: NetworkBuilder,
  name: string,
  x: string,
  shape: { readonly from: number; readonly to: number; readonly bias: boolean },
): string {
  const { from, to, bias } = shape;
  const product = net.node('MatMul', name, [x, net.constant(`${name}.weight`, [from, to], WEIGHT)]);
  return bias ? net.node('Add', `${name}.add`, [product, net.constant(`${name}.bias`, [to], 0)]) : product;
}

const layerNorm = (net: NetworkBuilder, name: string, x: string, width: number): string =>
  net.node(
    'LayerNormalization',
    name,
    [x, net.constant(`${name}.weight`, [width], 1), net.constant(`${name}.bias`, [width], 0)],
    { axis: -1 },
  );

/** x / sqrt(mean(x^2) + epsilon) * weight */
function rmsNorm(net: NetworkBuilder, name: string, x: string, width: number): string {
  const square = net.node('Pow', `${name}.pow`, [x, net.number(`${name}.two`, 2)]);
  const mean = net.node('ReduceMean', `${name}.mean`, [square], { axes: [-1], keepdims: 1 });
  const shifted = net.node('Add', `${name}.shift`, [mean, net.number(`${name}.epsilon`, 1e-5)]);
  const root = net.node('Sqrt', `${name}.sqrt`, [shifted]);
  const scaled = net.node('Div', `${name}.div`, [x, root]);
  return net.node('Mul', name, [scaled, net.constant(`${name}.weight`, [width], 1)]);
}

/** x * (1 + erf(x / sqrt(2))) / 2 */
function gelu(net: NetworkBuilder, name: string, x: string): string {
  const scaled = net.node('Div', `${name}.div`, [x, net.number(`${name}.root`, Math.SQRT2)]);
  const erf = net.node('Erf', `${name}.erf`, [scaled]);
  const shifted = net.node('Add', `${name}.add`, [erf, net.number(`${name}.one`, 1)]);
  const product = net.node('Mul', `${name}.mul`, [x, shifted]);
  return net.node('Mul', name, [product, net.number(`${name}.half`, 0.5)]);
}

/** [1, tokens, heads * depth] -> [1, heads, tokens, depth] */
function splitHeads(net: NetworkBuilder, name: string, x: string, heads: number, sizes: Sizes): string {
  const shape = net.integers(`${name}.heads`, [1, sizes.tokens, heads, depthOf(sizes)]);
  const split = net.node('Reshape', `${name}.split`, [x, shape]);
  return net.node('Transpose', `${name}.transpose`, [split], { perm: [0, 2, 1, 3] });
}

/** Scores, mask, softmax, values, heads merged, output projection. */
function attend(
  net: NetworkBuilder,
  tensors: { readonly q: string; readonly k: string; readonly v: string; readonly mask?: string },
  sizes: Sizes,
  bias: boolean,
): string {
  const { q, k, v, mask } = tensors;
  const { tokens, width } = sizes;
  const turned = net.node('Transpose', 'attn.k_t', [k], { perm: [0, 1, 3, 2] });
  const scores = net.node('MatMul', 'attn.scores', [q, turned]);
  const scaled = net.node('Mul', 'attn.scale', [scores, net.number('attn.factor', depthOf(sizes) ** -0.5)]);
  const masked = mask === undefined ? scaled : net.node('Add', 'attn.mask', [scaled, mask]);
  const weights = net.node('Softmax', 'attn.softmax', [masked], { axis: -1 });
  const values = net.node('MatMul', 'attn.values', [weights, v]);
  const back = net.node('Transpose', 'attn.back', [values], { perm: [0, 2, 1, 3] });
  const merged = net.node('Reshape', 'attn.merge', [back, net.integers('attn.merged', [1, tokens, width])]);
  return linear(net, 'attn.out', merged, { from: width, to: width, bias });
}

function selfAttention(net: NetworkBuilder, x: string, sizes: Sizes, mask?: string): string {
  const { width, heads } = sizes;
  const project = (name: string): string =>
    splitHeads(net, name, linear(net, name, x, { from: width, to: width, bias: true }), heads, sizes);
  const tensors = { q: project('attn.q'), k: project('attn.k'), v: project('attn.v') };
  return attend(net, mask === undefined ? tensors : { ...tensors, mask }, sizes, true);
}

function feedForward(net: NetworkBuilder, x: string, { width, hidden }: Sizes): string {
  const up = linear(net, 'mlp.up', x, { from: width, to: hidden, bias: true });
  return linear(net, 'mlp.down', gelu(net, 'mlp.gelu', up), { from: hidden, to: width, bias: true });
}

function vitBlock(sizes: Sizes): Topology['build'] {
  return (net) => {
    const shape = [1, sizes.tokens, sizes.width];
    const x = net.input(shape);
    const attention = selfAttention(net, layerNorm(net, 'norm1', x, sizes.width), sizes);
    const middle = net.node('Add', 'residual1', [x, attention]);
    const mlp = feedForward(net, layerNorm(net, 'norm2', middle, sizes.width), sizes);
    net.output(net.node('Add', 'residual2', [middle, mlp]), shape);
  };
}

function bertLayer(sizes: Sizes): Topology['build'] {
  return (net) => {
    const shape = [1, sizes.tokens, sizes.width];
    const x = net.input(shape);
    const mask = net.input([1, 1, 1, sizes.keys], 'mask');
    const attention = selfAttention(net, x, sizes, mask);
    const middle = layerNorm(net, 'norm1', net.node('Add', 'residual1', [attention, x]), sizes.width);
    const mlp = feedForward(net, middle, sizes);
    net.output(layerNorm(net, 'norm2', net.node('Add', 'residual2', [mlp, middle]), sizes.width), shape);
  };
}

/** x * cos + (second half negated, first half) * sin */
function rotate(net: NetworkBuilder, name: string, x: string, sizes: Sizes): string {
  const depth = depthOf(sizes);
  const half = (part: string, from: number, to: number): string =>
    net.node('Slice', `${name}.${part}`, [
      x,
      net.integers(`${name}.${part}.from`, [from]),
      net.integers(`${name}.${part}.to`, [to]),
      net.integers(`${name}.${part}.axis`, [-1]),
    ]);
  const table = (part: string): string =>
    net.constant(`${name}.${part}.table`, [1, 1, sizes.tokens, depth], WEIGHT);
  const negated = net.node('Neg', `${name}.neg`, [half('second', depth / 2, depth)]);
  const turned = net.node('Concat', `${name}.turn`, [negated, half('first', 0, depth / 2)], { axis: -1 });
  const cosine = net.node('Mul', `${name}.cos`, [x, table('cos')]);
  const sine = net.node('Mul', `${name}.sin`, [turned, table('sin')]);
  return net.node('Add', `${name}.add`, [cosine, sine]);
}

/** Every head of keys or values serves several of queries. */
function repeatHeads(net: NetworkBuilder, name: string, x: string, sizes: Sizes): string {
  const { groups, heads, keys } = sizes;
  const depth = depthOf(sizes);
  const five = [1, groups, heads / groups, keys, depth];
  const thin = net.node('Unsqueeze', `${name}.unsqueeze`, [x, net.integers(`${name}.axis`, [2])]);
  const wide = net.node('Expand', `${name}.expand`, [thin, net.integers(`${name}.five`, five)]);
  return net.node('Reshape', `${name}.repeat`, [wide, net.integers(`${name}.four`, [1, heads, keys, depth])]);
}

function swiGlu(net: NetworkBuilder, x: string, { width, hidden }: Sizes): string {
  const gate = linear(net, 'mlp.gate', x, { from: width, to: hidden, bias: false });
  const up = linear(net, 'mlp.up', x, { from: width, to: hidden, bias: false });
  const silu = net.node('Mul', 'mlp.silu', [gate, net.node('Sigmoid', 'mlp.sigmoid', [gate])]);
  const product = net.node('Mul', 'mlp.mul', [silu, up]);
  return linear(net, 'mlp.down', product, { from: hidden, to: width, bias: false });
}

function llamaLayer(sizes: Sizes): Topology['build'] {
  return (net) => {
    const { tokens, keys, width, heads, groups } = sizes;
    const depth = depthOf(sizes);
    const shape = [1, tokens, width];
    const cached = [1, groups, keys, depth];
    const x = net.input(shape);
    const mask = net.input([1, 1, tokens, keys], 'mask');
    const normed = rmsNorm(net, 'norm1', x, width);
    const project = (name: string, count: number): string => {
      const projected = linear(net, name, normed, { from: width, to: count * depth, bias: false });
      return splitHeads(net, name, projected, count, sizes);
    };
    /** Behind the cached rows, if there are any. */
    const withPast = (name: string, fresh: string): string => {
      if (keys === tokens) return fresh;
      const past = net.input([1, groups, keys - tokens, depth], `past_${name}`);
      const all = net.node('Concat', `present_${name}`, [past, fresh], { axis: 2 });
      return net.output(all, cached, `present_${name}`);
    };
    const q = rotate(net, 'attn.rope_q', project('attn.q', heads), sizes);
    const k = withPast('key', rotate(net, 'attn.rope_k', project('attn.k', groups), sizes));
    const v = withPast('value', project('attn.v', groups));
    const tensors = {
      ...{ q, mask },
      ...{ k: repeatHeads(net, 'attn.keys', k, sizes), v: repeatHeads(net, 'attn.vals', v, sizes) },
    };
    const middle = net.node('Add', 'residual1', [x, attend(net, tensors, sizes, false)]);
    const mlp = swiGlu(net, rmsNorm(net, 'norm2', middle, width), sizes);
    net.output(net.node('Add', 'residual2', [middle, mlp]), shape);
  };
}

const LLAMA = { width: 2048, heads: 32, groups: 8, hidden: 8192 };

export const TRANSFORMERS: Readonly<Record<string, Topology>> = {
  'vit-tiny-block': {
    description: 'ViT-tiny, one block: 197 tokens of 192, 3 heads (Touvron et al. 2021)',
    build: vitBlock({ tokens: 197, keys: 197, width: 192, heads: 3, groups: 3, hidden: 768 }),
  },
  'bert-base-layer': {
    description: 'BERT-base, one encoder layer: 128 tokens of 768, 12 heads (Devlin et al. 2019)',
    build: bertLayer({ tokens: 128, keys: 128, width: 768, heads: 12, groups: 12, hidden: 3072 }),
  },
  'llama-prefill': {
    description: 'Llama 3.2 1B, one decoder layer: 512 tokens of 2048, 32 heads on 8 of keys (Meta 2024)',
    build: llamaLayer({ ...LLAMA, tokens: 512, keys: 512 }),
  },
  'llama-decode': {
    description: 'Llama 3.2 1B, one decoder layer: 1 token behind a cache of 511 (Meta 2024)',
    build: llamaLayer({ ...LLAMA, tokens: 1, keys: 512 }),
  },
};
