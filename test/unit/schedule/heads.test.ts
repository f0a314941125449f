/**
 * Tiles of heads, by their law: attention with H heads, h at a time, is H/h times attention with h heads, in energy,
 * latency, MACs and in what every part brings. And by a simulator that walks parts and tiles element by element.
 */
import fc from 'fast-check';
import { compile, type Compilation } from '../../../src/compile.js';
import { PROFILES } from '../../../src/base/profile.js';
import { readIr, writeIr } from '../../../src/ir/json.js';
import { printIr } from '../../../src/ir/print.js';
import { verifyFacet } from '../../../src/pass/instrument/verify.js';
import { renderText } from '../../../src/report/text.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { verifiersFor } from '../../../src/verifiers.js';
import { edited } from '../../support/edited.js';
import { model } from '../../support/onnx-model.js';

const hw = loadAccelerator('tpu-like-df').accelerator;

interface Attention {
  readonly heads: number;
  /** Heads of keys and values. */
  readonly groups: number;
  readonly rows: number;
  readonly keys: number;
  readonly depth: number;
  readonly mask: boolean;
}

const bytesOf = ({ heads, groups, rows, keys, depth, mask }: Attention, projected = false): Uint8Array =>
  model({
    opset: 23,
    inputs: {
      q: [1, rows, heads * depth],
      k: [1, keys, groups * depth],
      v: [1, keys, groups * depth],
      ...(mask ? { m: [rows, keys] } : {}),
    },
    outputs: [projected ? 'z' : 'y'],
    initializers: { w: { shape: [heads * depth, 8] } },
    nodes: [
      {
        op: 'Attention',
        name: 'att',
        in: ['q', 'k', 'v', ...(mask ? ['m'] : [])],
        out: ['y'],
        attrs: { q_num_heads: heads, kv_num_heads: groups },
      },
      ...(projected ? [{ op: 'MatMul', name: 'proj', in: ['y', 'w'], out: ['z'] }] : []),
    ],
  });

const run = (
  bytes: Uint8Array,
  tile: string,
  profile = PROFILES.default,
  stacks = 'by=one',
): Promise<Compilation> =>
  compile({
    source: { file: 'att.onnx', bytes },
    hw,
    profile,
    lpfLimit: 4,
    pipeline: `import-onnx,normalize-graph,infer-shapes,lower-layers,partition-stacks{${stacks}},choose-tiles{tile=${tile}},tile-stacks,allocate-memory,annotate-cost`,
  });

const errors = ({ diagnostics }: Compilation): readonly string[] =>
  diagnostics.flatMap(({ severity, code, message }) => (severity === 'error' ? [`${code} ${message}`] : []));

/** The same attention with the heads of one part. */
const partOf = (attention: Attention, tile: number): Attention => ({
  ...attention,
  heads: tile,
  groups: Math.max(1, (tile * attention.groups) / attention.heads),
});

const attentionArb = fc
  .record({
    groups: fc.constantFrom(1, 2, 3, 4),
    shared: fc.constantFrom(1, 2, 4),
    rows: fc.integer({ min: 1, max: 24 }),
    keys: fc.integer({ min: 1, max: 40 }),
    depth: fc.constantFrom(1, 4, 16),
    mask: fc.boolean(),
    tileRows: fc.integer({ min: 1, max: 24 }),
    pick: fc.nat(),
  })
  .map(({ shared, pick, ...rest }) => {
    const heads = rest.groups * shared;
    const tiles = Array.from({ length: heads }, (_, i) => i + 1).filter(
      (h) => heads % h === 0 && (h % shared === 0 || shared % h === 0),
    );
    return { ...rest, heads, tile: tiles[pick % tiles.length]! };
  });

test('H heads, h at a time, are H/h times h heads', async () => {
  await fc.assert(
    fc.asyncProperty(attentionArb, fc.constantFrom('default', 'reference-2023'), async (c, name) => {
      const profile = PROFILES[name];
      const whole = await run(bytesOf(c), `fullx${c.tileRows}xh${c.tile}`, profile);
      const part = await run(bytesOf(partOf(c, c.tile)), `fullx${c.tileRows}`, profile);
      expect([errors(whole), errors(part)]).toEqual([[], []]);
      const parts = c.heads / c.tile;
      const [all, one] = [whole.report!.totals, part.report!.totals];
      expect(all.macs).toBe(parts * one.macs);
      expect(all.latencyCycles).toBeCloseTo(parts * one.latencyCycles, 6);
      expect(Math.abs(all.energyPj / (parts * one.energyPj) - 1)).toBeLessThan(1e-12);
      const [stack, single] = [whole.report!.stacks[0]!, part.report!.stacks[0]!];
      // Tile by tile to the last bit: every part is that very schedule.
      expect(
        stack.tileTypes.map(({ name: type, count, energyPj, layers }) => ({ type, count, energyPj, layers })),
      ).toEqual(
        single.tileTypes.map(({ name: type, count, energyPj, layers }) => ({
          type,
          count: parts * count,
          energyPj,
          layers,
        })),
      );
      expect(stack.heads).toEqual(parts === 1 ? undefined : { tile: c.tile, of: c.heads });
    }),
    { numRuns: 40 },
  );
});

/** Every multiply-accumulate of the scores by part and tile: (head, row, key, depth), and every key that is needed. */
function simulated({ heads, groups, rows, keys, depth }: Attention, tile: number, tileRows: number) {
  const shared = heads / groups;
  const tiles: { macs: Set<string>; keyElements: Set<string>; scores: Set<string> }[] = [];
  for (let first = 0; first < heads; first += tile)
    for (let top = 0; top < rows; top += tileRows) {
      const now = { macs: new Set<string>(), keyElements: new Set<string>(), scores: new Set<string>() };
      for (let head = first; head < first + tile; head++)
        for (let row = top; row < Math.min(rows, top + tileRows); row++)
          for (let key = 0; key < keys; key++) {
            now.scores.add(`${head} ${row} ${key}`);
            for (let d = 0; d < depth; d++) {
              now.macs.add(`${head} ${row} ${key} ${d}`);
              now.keyElements.add(`${Math.floor(head / shared)} ${key} ${d}`);
            }
          }
      tiles.push(now);
    }
  return tiles;
}

test.each([
  { heads: 6, groups: 3, tile: 2, tileRows: 3 },
  { heads: 6, groups: 3, tile: 1, tileRows: 7 },
  { heads: 4, groups: 4, tile: 2, tileRows: 2 },
  { heads: 8, groups: 2, tile: 8, tileRows: 5 },
])(
  '$heads heads on $groups of keys, $tile at a time, tiles of $tileRows rows: element by element',
  async (c) => {
    const attention = { ...c, rows: 7, keys: 5, depth: 3, mask: true };
    const { ir } = await run(bytesOf(attention), `fullx${c.tileRows}xh${c.tile}`);
    const tiles = simulated(attention, c.tile, c.tileRows);
    const types = ir.tiles!.stacks[0]!.types;
    expect(types.reduce((sum, { count }) => sum + count, 0)).toBe(tiles.length);
    const macs = types.flatMap(({ count }, t) =>
      Array.from({ length: count }, () => ir.costs!.stacks[0]!.types[t]!.layers[0]!.macs),
    );
    expect(macs.sort()).toEqual(tiles.map((tile) => tile.macs.size).sort());
    expect(macs.reduce((a, b) => a + b)).toBe(new Set(tiles.flatMap((tile) => [...tile.macs])).size);
    const scores = types.flatMap(({ count }, t) =>
      Array.from({ length: count }, () => ir.allocs!.stacks[0]!.types[t]!.layers[0]!.bits),
    );
    expect(scores.map(({ O }) => O / 8).sort()).toEqual(tiles.map((tile) => tile.scores.size).sort());
    for (const { W } of scores) expect(W / 8).toBe(tiles[0]!.keyElements.size);
    // Each part brings its keys once, with its first tile.
    const brought = types.flatMap(({ count }, t) =>
      ir.allocs!.stacks[0]!.types[t]!.copySteps.flatMap(({ copies }) =>
        copies.filter(({ map }) => map === '%k').map(({ bits }) => count * bits),
      ),
    );
    expect(brought.reduce((a, b) => a + b) / 8).toBe((c.heads / c.tile) * tiles[0]!.keyElements.size);
  },
);

const SIX: Attention = { heads: 6, groups: 3, rows: 6, keys: 8, depth: 4, mask: false };

test('a layer that mixes heads is named, with what to do', async () => {
  const mixed = await run(bytesOf(SIX, true), 'fullx2xh2');
  expect(errors(mixed)).toEqual([
    'DF4002 @proj computes with several heads at once, so that $0 cannot be tiled by heads',
  ]);
  expect(mixed.diagnostics.find(({ code }) => code === 'DF4002')?.help).toContain('--stacks');
  const cut = await run(bytesOf(SIX, true), 'fullx2xh2', PROFILES.default, 'cuts=att');
  expect(errors(cut)).toEqual([]);
  // The projection has no heads: its stack is tiled by rows alone.
  expect(cut.report!.stacks.map(({ heads }) => heads)).toEqual([{ tile: 2, of: 6 }, undefined]);
});

test.each([4, 5])('%i of 6 heads in pairs do not come out even', async (tile) => {
  expect(errors(await run(bytesOf(SIX), `fullx2xh${tile}`))).toEqual([
    `DF4002 $0 cannot be tiled ${tile} of 6 heads at a time at @att.1`,
  ]);
});

test('as many heads as there are, or more, are all of them', async () => {
  const all = await run(bytesOf(SIX), 'fullx2');
  for (const tile of ['fullx2xh6', 'fullx2xh99'])
    expect((await run(bytesOf(SIX), tile)).report!.totals).toEqual(all.report!.totals);
});

test('dumps and reports carry the heads, and a run resumes from them', async () => {
  const { ir, report } = await run(bytesOf(SIX), 'fullx2xh2');
  expect(printIr(ir)).toContain('tile fullx2xh2');
  expect(printIr(ir)).toContain('heads 2 of 6');
  expect(renderText(report!)).toContain('grid 1x3 for 2 of 6 heads x 3 = 9 tiles');
  const from = readIr(writeIr(ir), 'dump.json');
  for (const pipeline of ['tile-stacks,allocate-memory,annotate-cost', 'allocate-memory,annotate-cost'])
    expect((await compile({ from, hw, lpfLimit: 4, pipeline })).ir.costs).toEqual(ir.costs);
});

test.each([
  ['tiles', 'stacks/0/heads/of', 12, 'DF4093'],
  ['tiles', 'stacks/0/heads/tile', 1, 'DF4093'],
  ['tiles', 'stacks/0/types/0/count', 1, 'DF4090'],
  ['tiles', 'stacks/0/heads', undefined, 'DF4090'],
  ['allocs', 'stacks/0/weightBits', 3 * 2 * 8 * 4 * 8 * 2, 'DF5094'],
] as const)('the verifier of %s finds a wrong %s', async (facet, path, value, code) => {
  const { ir } = await run(bytesOf(SIX), 'fullx2xh2');
  const spoilt = edited(ir, `${facet}/${path}`, () => value);
  const found = verifyFacet(verifiersFor(hw, PROFILES.default), spoilt, facet);
  expect(found.map((d) => d.code)).toContain(code);
});
