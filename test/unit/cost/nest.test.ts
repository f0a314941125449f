/** Unrollings that absorb what does not divide (cost-model.md 1.3), and their place between levels (1.4). */
import { PROFILES } from '../../../src/base/profile.js';
import { fanOutOf, nestOf, valueOf } from '../../../src/cost/nest.js';
import type { LoopDim } from '../../../src/ir/layer.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { convolutionTile } from '../../support/layer-tile.js';

const HW = loadAccelerator('meta-proto-df').accelerator;
const REFERENCE = PROFILES['reference-2023'];

const nestFor = (loops: Partial<Record<LoopDim, number>>, profile = PROFILES.default) => {
  const problem = convolutionTile(HW, { loops, unrolling: { D1: 'K', D2: 'C', D3: 'OX', D4: 'OY' } });
  return { problem, nest: nestOf(HW, profile, problem) };
};

test('970 columns on 4 units are 243 steps of 3.99', () => {
  const { nest } = nestFor({ K: 1, C: 1, OY: 1, OX: 970, FY: 1, FX: 1 });
  expect(nest.spatial).toEqual([{ array: 'D3', dim: 'OX', unroll: { num: 970, den: 243 } }]);
  expect(nest.temporal.find(({ dim }) => dim === 'OX')).toEqual({ dim: 'OX', size: 243 });
});

test('loops smaller than the array leave no temporal loop', () => {
  const { nest } = nestFor({ K: 12, C: 2, OY: 4, OX: 3, FY: 3, FX: 3 });
  expect(nest.spatial.map(({ dim, unroll }) => [dim, valueOf(unroll)])).toEqual([
    ...[['K', 12], ['C', 2], ['OX', 3], ['OY', 4]], // prettier-ignore
  ]);
  expect(nest.temporal.filter(({ size }) => size > 1).map(({ dim }) => dim)).toEqual(['FY', 'FX']);
});

test('the published quotient of floats runs once too often where it rounds up (Q33)', () => {
  // 41 on 3 units: 14 steps of 41/14, but 41/(41/14) is 14.000000000000002.
  const threeUnits = { ...HW, array: { ...HW.array, dims: [{ name: 'D1', size: 3 }] } };
  const problem = convolutionTile(threeUnits, { loops: { K: 41 }, unrolling: { D1: 'K' } });
  expect(nestOf(threeUnits, REFERENCE, problem).temporal).toEqual([{ dim: 'K', size: 15 }]);
  expect(nestOf(threeUnits, PROFILES.default, problem).temporal).toEqual([{ dim: 'K', size: 14 }]);
});

test('an array dimension belongs to the lowest level that serves it', () => {
  const { problem, nest } = nestFor({ K: 32, C: 2, OY: 4, OX: 4, FY: 1, FX: 1 });
  const dims = problem.operands.map((operand) =>
    fanOutOf(HW, nest, operand).map((level) => level.map(({ dim }) => dim).join(' ')),
  );
  expect(dims).toEqual([
    ['C', 'K OX OY', '', '', ''], // O: a register serves D2, the 64 KB memory the rest
    ['OX OY', 'K C', '', '', ''], // W: a register serves D3 and D4
    ['K C OX OY', '', '', ''], // I: nothing below the 64 KB memory
  ]);
  // With the registers alone, what they do not serve lies above everything.
  const registers = { ...problem.operands[0]!, levels: [1] };
  expect(fanOutOf(HW, nest, registers).map((level) => level.length)).toEqual([1, 3]);
});
