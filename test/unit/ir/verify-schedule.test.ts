/** Every invariant of the facets behind layers, broken on purpose in a schedule that is sound. */
import { PROFILES, type Profile } from '../../../src/base/profile.js';
import type { Diagnostic } from '../../../src/diag/diagnostic.js';
import type { TypeAllocation } from '../../../src/ir/alloc.js';
import type { Facet, PartialIR } from '../../../src/ir/facets.js';
import { verifyFacet } from '../../../src/pass/instrument/verify.js';
import { verifiersFor } from '../../../src/verifiers.js';
import { edited } from '../../support/edited.js';
import { PIPELINE, scheduled, SMALL_HW } from '../../support/scheduled.js';

const found = (ir: PartialIR, facet: Facet, profile: Profile = PROFILES.default): readonly Diagnostic[] =>
  verifyFacet(verifiersFor(SMALL_HW, profile), ir, facet);

const sound = scheduled();
const published = scheduled(PROFILES['reference-2023']);

test('the schedule is sound, in either profile', async () => {
  for (const [profile, compilation] of [
    [PROFILES.default, await sound],
    [PROFILES['reference-2023'], await published],
  ] as const) {
    expect(compilation.finished).toBe(true);
    for (const facet of ['shapes', 'stacks', 'tiles', 'allocs', 'costs'] as const)
      expect(found(compilation.ir, facet, profile).filter(({ severity }) => severity === 'error')).toEqual(
        [],
      );
  }
});

type Case = readonly [what: string, path: string, change: Parameters<typeof edited>[2]];

/** Each edit must be found as a breach of this invariant; others may follow from it. */
function invariant(facet: Facet, code: string, cases: readonly Case[]): void {
  test.each(cases)(`${code}: %s`, async (_, path, change) => {
    const spoilt = found(edited((await sound).ir, `${facet}/${path}`, change), facet);
    expect(spoilt.filter((d) => d.severity === 'error').map((d) => d.code)).toContain(code);
  });
}

const more = (n: number): number => n + 1;
const reversed = (list: readonly unknown[]): readonly unknown[] => [...list].reverse();
/** Stacks of these layers, else like the first. */
const cut =
  (...stacks: readonly (readonly string[])[]) =>
  ([first]: readonly object[]): readonly object[] =>
    stacks.map((layers, i) => ({ ...first, id: `$${i}`, layers }));
const infeasible = {
  stack: '$1',
  type: 'origin',
  layer: '@e',
  memory: 'mem:lb_io',
  demandBits: 8,
  boundBits: 7,
  terms: [],
  levers: [],
};
const twice = (list: readonly unknown[]): readonly unknown[] => [list[0], ...list];

describe('shapes', () => {
  invariant('shapes', 'DF2090', [
    ['a tensor without a shape', 'tensors/0', undefined],
    ['a tensor listed twice', 'tensors', twice],
    ['a tensor of no graph', 'tensors/0/name', 'nowhere'],
    ['a negative size', 'tensors/0/shape', [1, -4]],
    ['a fractional size', 'tensors/0/shape', [1, 0.5]],
    ['more elements than can be counted', 'tensors/0/shape', [2 ** 30, 2 ** 30]],
    ['values of another count', 'tensors/0', (tensor: object) => ({ ...tensor, values: [1, 2, 3] })],
  ]);
});

describe('stacks', () => {
  invariant('stacks', 'DF3090', [
    ['a layer left out', 'stacks/0/layers/0', undefined],
    ['a layer twice', 'stacks/0/layers', twice],
    ['layers out of order', 'stacks/0/layers', reversed],
    ['a layer that does not exist', 'stacks/0/layers/0', '@nowhere'],
    ['a stack left out', 'stacks/1', undefined],
    ['stacks out of order', 'stacks', reversed],
  ]);
  invariant('stacks', 'DF3091', [
    ['a map read outside', 'stacks', cut(['@s', '@a'], ['@c', '@d', '@e', '@f'])],
    ['a second sink', 'stacks', cut(['@s', '@a', '@c', '@d', '@f', '@e'])],
  ]);
  invariant('stacks', 'DF3092', [
    ['an id out of order', 'stacks/0/id', '$7'],
    ['no layers', 'stacks/0/layers', () => []],
    ['a tile of 0', 'stacks/0/tile/x', 0],
    ['a fractional tile', 'stacks/0/tile/y', 1.5],
    ['an unknown mode', 'stacks/0/mode', 'v-cached'],
    ['a hand-over that does not exist', 'stacks/0/handOver', 'mem:nowhere'],
    ['a hand-over for weights only', 'stacks/0/handOver', 'mem:lb_w'],
  ]);
  invariant('stacks', 'DF3093', [
    ['a pool fused with its producer', 'stacks', cut(['@s', '@a', '@c', '@d', '@e', '@f'])],
  ]);

  test('DF3093 is not asked where barriers are ignored, DF3090 is a note where a cut is lost', async () => {
    const { ir } = await sound;
    const fused = edited(ir, 'stacks/stacks', cut(['@s', '@a', '@c', '@d', '@e', '@f']));
    expect(found(fused, 'stacks', PROFILES['reference-2023'])).toEqual([]);
    const lost = edited(ir, 'stacks/stacks', cut(['@s'], ['@s', '@a', '@c', '@d', '@e', '@f']));
    expect(found(lost, 'stacks', PROFILES['reference-2023'])).toMatchObject([
      { code: 'DF3090', severity: 'note', message: expect.stringContaining('(Q1)') as string },
    ]);
    const repeated = edited(ir, 'stacks/stacks', cut(['@s', '@a'], ['@a', '@c', '@d', '@e', '@f']));
    expect(found(repeated, 'stacks', PROFILES['reference-2023'])).toContainEqual(
      expect.objectContaining({ code: 'DF3090', severity: 'error' }),
    );
  });
});

describe('tiles', () => {
  const first = 'stacks/0';
  invariant('tiles', 'DF4093', [
    ['a stack that is not tiled', 'stacks/1', undefined],
    ['a stack that is tiled twice', 'stacks', (list: unknown[]) => [...list, list[0]]],
    ['stacks out of order', 'stacks', reversed],
    ['another mode', `${first}/mode`, 'fully-recompute'],
    ['another tile', `${first}/tile/x`, 7],
    ['a layer that does not exist', `${first}/layers/0`, '@nowhere'],
    ['layers in another order', `${first}/layers`, reversed],
    ['no layers', `${first}/layers`, () => []],
    ['a map from outside that nobody reads', `${first}/inputs`, () => ['%x', '%f']],
    ['a type of a column there is not', `${first}/types/0/column`, 9],
    ['a class without a layer', `${first}/columns/0/actual/layers/0`, undefined],
    ['a class with other maps', `${first}/rows/0/actual/maps/0/map`, '%nowhere'],
    ['an operand without its source', `${first}/rows/0/actual/layers/0/inputs`, () => []],
    ['a cache view of other layers', `${first}/columns/0/cacheView/layers`, reversed],
  ]);
  invariant('tiles', 'DF4090', [
    ['a class that counts once more', `${first}/columns/0/count`, more],
    ['a larger grid', `${first}/grid/x`, more],
    ['another size of a class', `${first}/rows/0/tile`, more],
    ['a type that counts once more', `${first}/types/1/count`, more],
    ['a type left out', `${first}/types/1`, undefined],
    ['two types of one pair', `${first}/types/1/column`, 0],
    ['two origins', `${first}/types/1/origin`, true],
    ['no origin', `${first}/types/0/origin`, false],
    ['an origin elsewhere', `${first}/types`, reversed],
    ['two types of one name', `${first}/types/1/name`, 'origin'],
  ]);
  invariant('tiles', 'DF4091', [
    ['an operand that needs more', `${first}/columns/0/actual/layers/1/inputs/1/0/needed`, more],
    [
      'more overlap than is held',
      `${first}/columns/1/actual/layers/1/inputs/1/0/overlap`,
      (n: number) => n + 9,
    ],
    ['less held than is needed', `${first}/columns/1/actual/maps/1/held`, 0],
    ['a layer that computes another size', `${first}/rows/0/actual/layers/0/out`, more],
    ['a map of which more is fresh', `${first}/rows/0/actual/maps/1/fresh`, more],
    [
      'a sink that computes less than the tile',
      `${first}/columns/0/actual/layers/3/out`,
      (n: number) => n - 1,
    ],
    ['an input fetched twice', `${first}/columns/1/actual/maps/0/fresh`, (n: number) => n + 9],
  ]);
  invariant('tiles', 'DF4092', [
    ['MACs of other tiles', `${first}/macs`, more],
    ['recomputation where all is kept', `${first}/recomputedMacs`, 4],
    ['less than no recomputation', `${first}/recomputedMacs`, -4],
  ]);

  test('DF4091: data kept along an axis on which the mode keeps none', async () => {
    const { ir } = await scheduled(PROFILES.default, {
      pipeline: PIPELINE.replace('tile=8x8', 'tile=8x8 mode=h-cached-v-recompute'),
    });
    const rows = found(edited(ir, 'tiles/stacks/0/rows/0/actual/maps/1/kept', 2), 'tiles');
    expect(rows.map(({ code }) => code)).toEqual(['DF4091']);
    const columns = found(edited(ir, 'tiles/stacks/0/columns/0/actual/maps/0/kept', 2), 'tiles');
    expect(columns).toEqual([]);
  });

  test('what the published model does itself is a note that names the quirk', async () => {
    const { ir } = await published;
    const profile = PROFILES['reference-2023'];
    const needs = edited(
      ir,
      'tiles/stacks/0/columns/0/actual/layers/1/inputs/1/0/needed',
      (n: number) => n + 5,
    );
    expect(found(needs, 'tiles', profile)).toMatchObject([
      { code: 'DF4091', severity: 'note', message: expect.stringContaining('(Q16, Q17)') as string },
    ]);
    const recomputed = edited(ir, 'tiles/stacks/0/recomputedMacs', -4);
    expect(found(recomputed, 'tiles', profile)).toMatchObject([
      { code: 'DF4092', severity: 'note', message: expect.stringContaining('(Q16)') as string },
    ]);
    expect(found(edited(ir, 'tiles/stacks/0/grid/x', 9), 'tiles', profile)[0]?.severity).toBe('error');
  });
});

describe('allocs', () => {
  const type = 'stacks/0/types/1';
  invariant('allocs', 'DF5090', [
    ['a stack left out', 'stacks/0', undefined],
    ['stacks out of order', 'stacks', reversed],
    ['a type left out', type, undefined],
    ['a type of another name', `${type}/type`, 'nowhere'],
    ['a layer left out', `${type}/layers/0`, undefined],
    ['layers out of order', `${type}/layers`, reversed],
    ['copies before a layer there is not', `${type}/copySteps/0/before`, '%nowhere'],
    ['a patch of a map from inside', `${type}/inputLevels/0/map`, '%a'],
    ['a stack that is both', 'infeasible', () => [infeasible]],
    ['a demand that fits', 'infeasible', () => [{ ...infeasible, stack: '$0', demandBits: 7 }]],
    ['an infeasible layer elsewhere', 'infeasible', () => [{ ...infeasible, layer: '@f' }]],
    ['an infeasible type there is not', 'infeasible', () => [{ ...infeasible, type: 'nowhere' }]],
  ]);
  invariant('allocs', 'DF5091', [
    ['weights among activations', 'stacks/0/weightLevel', 'mem:lb_io'],
    ['inputs among weights', `${type}/layers/0/top/I`, 'mem:lb_w'],
    ['an output nowhere', `${type}/layers/0/top/O`, 'mem:nowhere'],
    ['a patch among weights', `${type}/inputLevels/0/memory`, 'mem:lb_w'],
    ['a cache among weights', `${type}/hCache/read`, 'mem:lb_w'],
    ['rows nowhere', `${type}/vCache/write`, 'mem:nowhere'],
    ['a copy from nowhere', `${type}/copySteps/0/copies/0/from/memory`, 'mem:nowhere'],
    ['a copy off its path', `${type}/copySteps/0/copies/0/to/memory`, 'mem:lb_w'],
  ]);
  invariant('allocs', 'DF5092', [
    [
      'rows below the columns',
      'stacks/0/types',
      (types: TypeAllocation[]) =>
        types.map((one) => ({
          ...one,
          hCache: { read: 'mem:dram', write: 'mem:dram' },
          vCache: { read: 'mem:lb_io', write: 'mem:lb_io' },
        })),
    ],
  ]);
  invariant('allocs', 'DF5093', [
    ['more weights than fit', 'stacks/0/weightBits', 1e9],
    ['more columns than fit', `${type}/hCacheBits`, 1e9],
    ['more rows than fit', `${type}/vCacheBits`, 1e9],
    ['a layer that needs more', `${type}/layers/0/bits/I`, 1e9],
  ]);
  invariant('allocs', 'DF5094', [
    ['weights of other layers', 'stacks/0/weightBits', more],
    ['inputs of another tile', `${type}/layers/1/bits/I`, more],
    ['an output of another tile', `${type}/layers/1/bits/O`, more],
    ['weights of another layer', `${type}/layers/1/bits/W`, more],
    ['nothing beside it where weights lie', `${type}/layers/0/beside`, undefined],
    ['a level for weights it has not', `${type}/layers/3/top/W`, 'mem:lb_w'],
    ['no level for its output', `${type}/layers/3/top/O`, null],
  ]);

  describe('maps handed over below the top', () => {
    const cuts = PIPELINE.replace('by=one', 'by=single-layer');
    const [decisions = '', consequences = ''] = cuts.split(/,(?=tile-stacks)/);
    // @s leaves its map in the buffer, where @a and @d read it and @c runs beside it.
    const handing = scheduled(PROFILES.default, { pipeline: decisions }).then(({ ir }) =>
      scheduled(PROFILES.default, {
        from: edited(ir, 'stacks/stacks/0/handOver', 'mem:lb_io'),
        pipeline: consequences,
      }),
    );
    const [maker, beside, reader] = ['stacks/0', 'stacks/2', 'stacks/3/types/1/layers/0'];

    test('are sound', async () => {
      const { ir } = await handing;
      expect(found(ir, 'allocs')).toEqual([]);
      expect(ir.allocs?.stacks.map(({ handOver }) => handOver?.maps.length)).toEqual([
        ...[0, 1, 1, 1],
        ...[undefined, undefined],
      ]);
    });

    test.each<[string, ...Case]>([
      ['DF5095', 'an output left elsewhere', `${maker}/handOver/output`, 'mem:dram'],
      ['DF5095', 'a map that is dropped too early', `${beside}/handOver`, undefined],
      ['DF5095', 'a map of nobody', `${beside}/handOver/maps/0/map`, '%x'],
      ['DF5095', 'a map somewhere else', `${beside}/handOver/maps/0/memory`, 'mem:dram'],
      ['DF5093', 'more room taken than there is', `${beside}/handOver/taken/0/bits`, 1e9],
      ['DF5094', 'less room taken than the map has', `${beside}/handOver/taken/0/bits`, 8],
      ['DF5094', 'no room taken', `${maker}/handOver/taken/0`, undefined],
      ['DF5094', 'more read in place than lies there', `${reader}/handedOver/I`, more],
      ['DF5094', 'written in place, and not said', `${maker}/types/0/layers/0/handedOver`, undefined],
    ])('%s: %s', async (code, _, path, change) => {
      const spoilt = found(edited((await handing).ir, `allocs/${path}`, change), 'allocs');
      expect(spoilt.map((d) => d.code)).toContain(code);
    });
  });

  test('what the published model does itself is a note that names the quirk', async () => {
    const { ir } = await published;
    const profile = PROFILES['reference-2023'];
    const full = edited(ir, 'allocs/stacks/0/types/0', (one: TypeAllocation) => ({
      ...one,
      hCacheBits: 1e9,
      hCache: { read: 'mem:lb_io', write: 'mem:lb_io' },
    }));
    expect(found(full, 'allocs', profile)).toContainEqual(
      expect.objectContaining({
        code: 'DF5093',
        severity: 'note',
        message: expect.stringContaining('(Q5, Q29)') as string,
      }),
    );
    const below = edited(ir, 'allocs/stacks/0/types/0', (one: TypeAllocation) => ({
      ...one,
      hCache: { read: 'mem:dram', write: 'mem:dram' },
      vCache: { read: 'mem:lb_io', write: 'mem:lb_io' },
    }));
    expect(found(below, 'allocs', profile)).toContainEqual(
      expect.objectContaining({
        code: 'DF5092',
        severity: 'note',
        message: expect.stringContaining('(Q5)') as string,
      }),
    );
  });
});

describe('costs', () => {
  const type = 'stacks/0/types/1';
  const layer = `${type}/layers/0`;
  invariant('costs', 'DF6093', [
    ['a stack left out', 'stacks/0', undefined],
    ['stacks out of order', 'stacks', reversed],
    ['a type left out', type, undefined],
    ['another count', `${type}/count`, more],
    ['another layer', `${layer}/layer`, '@nowhere'],
    ['a layer left out', layer, undefined],
    ['a copy left out', `${type}/copySteps/0/copies/0`, undefined],
    ['a copy of another size', `${type}/copySteps/0/copies/0/bits`, more],
    ['a copy from elsewhere', `${type}/copySteps/0/copies/0/from`, 'mem:lb_io'],
  ]);
  invariant('costs', 'DF6090', [
    ['energy of a tile', `${type}/energyPj`, more],
    ['latency of a tile', `${type}/latencyCycles`, more],
    ['energy of a stack', 'stacks/0/totals/energyPj', more],
    ['stalls of a stack', 'stacks/0/totals/latency/stall', more],
    ['copies of a stack', 'stacks/0/totals/latency/copy', more],
    ['energy of a memory', 'stacks/0/totals/memory/1/energyPj/I', more],
    ['operations of a stack', 'stacks/0/totals/operations', more],
    ['energy of all', 'totals/energyPj', more],
    ['MACs of all', 'totals/macs', more],
    ['a memory left out of all', 'totals/memory/1', undefined],
  ]);
  invariant('costs', 'DF6091', [
    ['energy of a layer', `${layer}/energyPj`, more],
    ['energy of an access', `${layer}/accesses/0/energyPj`, more],
    ['energy of a copy', `${type}/copySteps/0/copies/0/energyPj`, more],
    ['energy of the copies of a step', `${type}/copySteps/0/energyPj`, more],
    ['energy of a stack', 'stacks/0/totals/macEnergyPj', more],
    ['latency of all', 'totals/latencyCycles', more],
  ]);
  invariant('costs', 'DF6092', [
    ['a negative energy', 'totals/energyPj', -1],
    ['no number', 'stacks/0/totals/latencyCycles', NaN],
    ['an infinite energy', 'stacks/0/totals/macEnergyPj', Infinity],
    ['a gap that is no number', `${layer}/gap`, NaN],
    ['a negative gap', `${layer}/gap`, -0.1],
    ['MACs that were not tiled', 'stacks/0/totals/macs', 1e9],
  ]);
  invariant('costs', 'DF6094', [
    ['a loop left out', `${layer}/temporal/0`, undefined],
    ['a shorter loop', `${layer}/temporal/0/size`, 1],
    ['a loop over a dim there is not', `${layer}/temporal/0/dim`, 'FX'],
    ['an unrolling wider than the array', `${layer}/spatial/0/size`, 99],
    ['an array dimension there is not', `${layer}/spatial/0/array`, 'D9'],
    ['an operand off its path', `${layer}/temporal/0/level/W`, 'mem:lb_io'],
    ['an operand that falls', `${layer}/temporal/0/level/I`, 'mem:dram'],
  ]);

  describe('of a schedule that was searched for', () => {
    const searched = scheduled(PROFILES.default, {
      lpfLimit: 2,
      pipeline: PIPELINE.replace('choose-tiles{tile=8x8}', 'optimize-schedule{for=edp tiles=8x8}'),
    });

    test('what the search says is what it costs', async () => {
      expect(found((await searched).ir, 'costs')).toEqual([]);
    });

    test.each<Case>([
      ['another energy of a stack', 'reasons/0/cost/energyPj', more],
      ['another latency of a stack', 'reasons/1/cost/latencyCycles', more],
      ['reasons of other stacks', 'reasons', reversed],
      ['a bound above the schedule', 'bound/latencyCycles', 1e9],
      ['candidates above the schedule', 'leastOfCandidates', 1e30],
    ])('DF6095: %s', async (_, path, change) => {
      const spoilt = edited((await searched).ir, `stacks/search/${path}`, change);
      expect(found(spoilt, 'costs').map(({ code }) => code)).toEqual(['DF6095']);
    });

    test('DF6095: stacks that were changed after the search; choose-tiles drops what it said', async () => {
      const rest = 'tile-stacks,allocate-memory,annotate-cost';
      const { name, layers, stacks } = (await searched).ir;
      const plan = { name, ...(layers && { layers }), ...(stacks && { stacks }) };
      const from = edited(plan, 'stacks/stacks/0/tile', { x: 4, y: 4 });
      const changed = await scheduled(PROFILES.default, { lpfLimit: 2, from, trusted: true, pipeline: rest });
      expect(changed.diagnostics.map(({ code }) => code)).toContain('DF6095');
      const chosen = await scheduled(PROFILES.default, {
        lpfLimit: 2,
        from: (await searched).ir,
        pipeline: `choose-tiles{tile=4x4},${rest}`,
      });
      expect([chosen.ok, chosen.ir.stacks?.search]).toEqual([true, undefined]);
    });
  });
});
