/** What passes work out once for stacks that are alike is what comes out stack by stack. */
import { firstAlike } from '../../../src/ir/alike-stacks.js';
import { known } from '../../../src/base/assert.js';
import { PROFILES, type Profile } from '../../../src/base/profile.js';
import { compile } from '../../../src/compile.js';
import type { PartialIR } from '../../../src/ir/facets.js';
import type { IR } from '../../../src/kit.js';
import { THOROUGH } from '../../../src/mapping/budget.js';
import { createMapper } from '../../../src/mapping/mapper.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { allocateStack } from '../../../src/schedule/allocate-stack.js';
import { costStack } from '../../../src/schedule/cost-stack.js';
import { handOversOf } from '../../../src/schedule/hand-over.js';
import { hierarchyOf } from '../../../src/schedule/hierarchy.js';
import { tileStack } from '../../../src/schedule/tile-stack.js';
import { edited } from '../../support/edited.js';
import { encoder } from '../../support/encoder.js';

const { accelerator: hw } = loadAccelerator('tpu-like-df');
type Full = IR<'layers' | 'stacks' | 'tiles' | 'allocs' | 'costs'>;

const CONSEQUENCES = 'tile-stacks,allocate-memory,annotate-cost';
const pipeline = (tile: string): string =>
  `import-onnx,normalize-graph,infer-shapes,lower-layers,partition-stacks,choose-tiles{tile=${tile}},${CONSEQUENCES}`;

async function run(bytes: Uint8Array, tile: string, profile: Profile = PROFILES.default): Promise<Full> {
  const source = { file: 'encoder.onnx', bytes };
  const { ir, diagnostics } = await compile({ source, hw, profile, pipeline: pipeline(tile) });
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return ir as Full;
}

/** As in a dump: no part is one with another. */
const unshared = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Consequences from a start that has them already, or some of them. */
async function again(from: PartialIR, passes: string): Promise<Full> {
  const { ir } = await compile({ from, hw, pipeline: passes, verify: 'off' });
  return ir as Full;
}

const mapperIn = (profile: Profile) =>
  createMapper(hw, profile, { lpfLimit: profile.lpfLimit, objective: 'energy', budget: THOROUGH });

function expectEach({ layers, stacks: plan, tiles, allocs, costs }: Full, profile = PROFILES.default): void {
  const mapper = mapperIn(profile);
  const handOvers = handOversOf(layers, plan, hierarchyOf(hw));
  plan.stacks.forEach((stack, s) => {
    const [tiled, allocation] = [known(tiles.stacks[s], 'tiles'), known(allocs.stacks[s], 'allocation')];
    expect(tiled).toEqual(tileStack(layers, stack, profile));
    expect(allocateStack(layers, tiled, hw, profile, mapper, handOvers[s])).toEqual({
      kind: 'allocated',
      allocation,
    });
    expect(costs.stacks[s]).toEqual(costStack(layers, tiled, allocation, hw, profile, mapper));
  });
}

test.each([
  ['rows in tiles', encoder(4), 'fullx8', PROFILES.default],
  ['one of them is wider', encoder(4, 1), 'full', PROFILES.default],
  ['as published', encoder(3), 'fullx8', PROFILES['reference-2023']],
])('layers of an encoder: %s', async (_what, bytes, tile, profile) => {
  const ir = await run(bytes, tile, profile);
  expectEach(ir, profile);
  // Keys of the first layer and of the last: what has no names in it is one object.
  const [first, last] = [ir.costs.stacks[0]!, ir.costs.stacks.at(-3)!];
  expect(last.stack).not.toBe(first.stack);
  expect(last.totals).toBe(first.totals);
});

test('maps handed over below the top, by some of them', async () => {
  const ir = await run(encoder(3), 'fullx8');
  const lower = hw.memories.findLast(
    ({ id, operands }) => id !== hw.memories.at(-1)?.id && operands.includes('O'),
  )!;
  const outputs = [2, 5].map((s) => known(ir.stacks.stacks[s], 'stack'));
  const stacks = ir.stacks.stacks.map((stack) =>
    outputs.includes(stack) ? { ...stack, handOver: lower.id } : stack,
  );
  const { name, layers } = ir;
  const handed = await again({ name, layers, stacks: { ...ir.stacks, stacks } }, CONSEQUENCES);
  expect(handed.allocs.stacks.filter(({ handOver }) => handOver).length).toBeGreaterThan(2);
  expectEach(handed);
});

test('levels or tiles that an edited dump has otherwise for one of them', async () => {
  const ir = await run(encoder(3), 'fullx8');
  const at = ir.stacks.stacks.length - 2;
  expect(firstAlike(ir.layers, ir.stacks.stacks)).toEqual([0, 0, 2, 0, 0, 2, 0, 0, 2]);
  const top = hw.memories.at(-1)!.id;
  const allocs = edited(unshared(ir.allocs), `stacks/${at}/types/0/layers/0/top/I`, top);
  const { costs: _costs, ...before } = ir;
  const recosted = await again({ ...before, allocs }, 'annotate-cost');
  expect(recosted.costs.stacks[at]!.totals).not.toEqual(ir.costs.stacks[at]!.totals);
  const mapper = mapperIn(PROFILES.default);
  ir.stacks.stacks.forEach((_, s) => {
    const [tiled, allocation] = [ir.tiles.stacks[s]!, allocs.stacks[s]!];
    expect(recosted.costs.stacks[s]).toEqual(
      costStack(ir.layers, tiled, allocation, hw, PROFILES.default, mapper),
    );
  });
});

/** Places of all numbers, texts and flags. */
const leaves = (value: unknown, path: string): readonly string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, part]) => leaves(part, `${path}/${key}`))
    : [path];

test('whatever is another in a layer, a map or a decision, stacks are not alike', async () => {
  const { layers, stacks } = unshared(await run(encoder(2), 'fullx8'));
  expect(firstAlike(layers, stacks.stacks)).toEqual([0, 0, 2, 0, 0, 2]);
  const own = new Set<string>(stacks.stacks[5]!.layers);
  const other = (old: unknown): unknown => (typeof old === 'number' ? old + 1 : `other ${String(old)}`);
  const places = [
    ...layers.layers.flatMap(({ id }, l) => (own.has(id) ? leaves(layers.layers[l], `layers/${l}`) : [])),
    ...layers.maps.flatMap(({ producer }, m) =>
      own.has(producer ?? '') ? leaves(layers.maps[m], `maps/${m}`) : [],
    ),
  ].filter((place) => !/\/(src|postOps|producer|id)(\/|$)|\/sources\/\d+\/map$|output\/map$/.test(place));
  expect(places.length).toBeGreaterThan(200);
  const unseen = places.filter((place) => {
    const changed = edited(layers, place, other as (old: never) => unknown);
    return firstAlike(changed, stacks.stacks)[5] === 2;
  });
  expect(unseen).toEqual([]);
  const decisions = leaves(stacks.stacks[5], 'stacks/5').filter(
    (place) => !/\/(id|layers\/\d+)$/.test(place),
  );
  for (const place of decisions) expect(firstAlike(layers, edited(stacks, place, 'other').stacks)[5]).toBe(5);
  // Wired in another way: values where keys are read.
  const [scores = -1] = layers.layers.flatMap(({ id }, l) => (id === '@layer1.scores' ? [l] : []));
  const rewired = edited(layers, `layers/${scores}/inputs/0/sources/0/map`, '%layer1.v');
  expect(firstAlike(rewired, stacks.stacks)[5]).toBe(5);
});
