/** The key under which results are shared: equal for the same problem written differently, else different. */
import type { LayerTileProblem } from '../../../src/ir/layer-tile.js';
import { problemKey } from '../../../src/mapping/problem-key.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { convolutionTile } from '../../support/layer-tile.js';

const HW = loadAccelerator('meta-proto-df').accelerator;
const BASE = convolutionTile(HW, {
  loops: { B: 1, K: 12, C: 12, OY: 72, OX: 60, FY: 3, FX: 3 },
  unrolling: { D1: 'K', D2: 'C', D3: 'OX', D4: 'OY' },
});
const [O, W, I] = BASE.operands as [
  (typeof BASE.operands)[0],
  (typeof BASE.operands)[0],
  (typeof BASE.operands)[0],
];

test('a readable key', () => {
  expect(problemKey(BASE)).toBe(
    'K12 C12 OY72 OX60 FY3 FX3 ; D1=K32 D2=C2 D3=OX4 D4=OY4; ' +
      'O@O 8/16 K,OY,OX, C,FY,FX,.1.4.5.6; W@W 8/8 K,C,FY,FX, OY,OX,.0.2.3.6; ' +
      'I@I 8/8 C, K, 1OX+1FX< 1OY+1FY<.4.5.6; x1 0.04pJ',
  );
});

test('loops of one iteration and the order of relevance lists do not count', () => {
  const written: LayerTileProblem = {
    ...BASE,
    loops: [...BASE.loops.filter(({ dim }) => dim !== 'B'), { dim: 'G', size: 1 }],
    operands: [{ ...O, relevant: O.relevant.toReversed(), irrelevant: [...O.irrelevant, 'G'] }, W, I],
  };
  expect(problemKey(written)).toBe(problemKey(BASE));
});

test.each<[string, LayerTileProblem]>([
  ['a loop size', { ...BASE, loops: BASE.loops.map((l) => (l.dim === 'OX' ? { ...l, size: 61 } : l)) }],
  ['the order of loops', { ...BASE, loops: BASE.loops.toReversed() }],
  ['the unrolling', { ...BASE, unrolling: BASE.unrolling.slice(1) }],
  ['the top of the output', { ...BASE, operands: [{ ...O, levels: O.levels.slice(0, -1) }, W, I] }],
  ['a precision', { ...BASE, operands: [O, { ...W, bits: 4 }, I] }],
  ['the width of sums', { ...BASE, operands: [{ ...O, psumBits: 32 }, W, I] }],
  [
    'what exists of a window',
    { ...BASE, operands: [O, W, { ...I, windows: I.windows.map((w) => ({ ...w, limit: 60 })) }] },
  ],
  ['a stride', { ...BASE, operands: [O, W, { ...I, windows: I.windows.map((w) => ({ ...w, stride: 2 })) }] }],
  ['a path', { ...BASE, operands: [O, W, { ...I, path: 'W' }] }],
  ['passes', { ...BASE, passes: 2 }],
  ['the energy of an operation', { ...BASE, operationEnergyPj: 0 }],
])('%s does', (_, changed) => expect(problemKey(changed)).not.toBe(problemKey(BASE)));

test('whether a window touches anything does, even where no loop moves it', () => {
  const loops = BASE.loops.map((l) => (l.dim === 'K' || l.dim === 'C' ? l : { ...l, size: 1 }));
  const within = (limit: number): LayerTileProblem => ({
    ...BASE,
    loops,
    operands: [O, W, { ...I, windows: I.windows.map((w) => ({ ...w, limit })) }],
  });
  expect(problemKey(within(0))).not.toBe(problemKey(within(1)));
  expect(problemKey(within(1))).toBe(problemKey({ ...BASE, loops }));
});
