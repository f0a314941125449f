/**
 * Shape inference against a runtime: random calls of every operator with a shape rule, in many operator sets,
 * executed by onnxruntime-web. Types, shapes, and values where they are known must agree.
 * DEFINES_SEED=<number> draws other cases.
 */
import { operatorNames } from '../../src/onnx/ops/registry.js';
import { randomFrom } from '../support/random.js';
import { compare, type Numbered } from './compare.js';
import type { Generators } from './case.js';
import { CONTRIB } from './operators/contrib.js';
import { FUSED } from './operators/fused.js';
import { OTHERS } from './operators/others.js';
import { PACKED } from './operators/packed.js';
import { POINTWISE } from './operators/pointwise.js';
import { REARRANGING } from './operators/rearranging.js';
import { SAMPLED } from './operators/sampled.js';
import { SUMS } from './operators/sums.js';
import { WINDOWS } from './operators/windows.js';

const SEED = Number(process.env['DEFINES_SEED'] ?? 20_260_101);
const OPSETS = [7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24];

const FAMILIES: Readonly<Record<string, Generators>> = {
  pointwise: POINTWISE,
  windows: WINDOWS,
  sums: SUMS,
  rearranging: REARRANGING,
  others: OTHERS,
  contrib: CONTRIB,
  fused: FUSED,
  packed: PACKED,
  sampled: SAMPLED,
};

/** Rounds over all generators of a family per operator set: families whose rules have more cases get more. */
const ROUNDS: Readonly<Record<string, number>> = {
  pointwise: 1,
  windows: 6,
  sums: 2,
  rearranging: 4,
  others: 3,
  contrib: 1,
  fused: 1,
  packed: 1,
  sampled: 1,
};

let total = 0;
/** Calls the runtime has no kernel for, in that operator set. */
let refusals = 0;
const seen = new Set<string>();

describe.each(Object.keys(FAMILIES))('%s', (family) => {
  test.each(OPSETS)(`operator set %d, seed ${SEED}`, async (opset) => {
    const random = randomFrom(SEED * 100 + opset);
    const calls: Numbered[] = [];
    for (let round = 0; round < ROUNDS[family]!; round++)
      for (const generate of Object.values(FAMILIES[family]!)) {
        const call = generate(random, opset);
        if (call) calls.push({ id: calls.length, call });
      }
    const { compared, refused, differences } = await compare(calls, opset);
    total += compared.length;
    compared.forEach(({ call }) => seen.add(call.domain ? `${call.domain}:${call.op}` : call.op));
    refusals += refused.length;
    expect(differences).toEqual([]);
  });
});

/** Of operator sets that the runtime does not have yet: their cases are unit tests. */
const NEWER = ['BitCast', 'CausalConvWithState', 'CumProd', 'LinearAttention', 'SwiGLU'];
/** Results whose size only the data knows have no shape to compare. */
const DATA_DEPENDENT = ['Compress', 'Unique', 'NonMaxSuppression', 'StringNormalizer'];
/** The runtime has them on other devices. */
const NO_KERNEL = [
  ...['FusedMatMulActivation', 'GemmFastGelu', 'MatMulBnb4', 'NhwcConv', 'BiasAdd', 'BiasSoftmax'],
  ...['GroupNorm', 'SkipGroupNorm', 'PackedAttention', 'PackedMultiHeadAttention', 'Rfft', 'Irfft'],
  ...['NhwcFusedConv', 'BiasSplitGelu'],
].map((op) => `com.microsoft:${op}`);

test('cases enough, and every operator among them', () => {
  expect(total).toBeGreaterThanOrEqual(3000);
  expect(refusals).toBeLessThan(0.05 * total);
  const missing = operatorNames().filter((name) => !seen.has(name));
  expect(missing.sort()).toEqual([...NEWER, ...DATA_DEPENDENT, ...NO_KERNEL].sort());
});
