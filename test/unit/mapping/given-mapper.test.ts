/** Mappings given by hand: what they score, how their open part is completed, and what contradicts a tile. */
import fc from 'fast-check';
import { known } from '../../../src/base/assert.js';
import { PROFILES } from '../../../src/base/profile.js';
import { countedCycles } from '../../../src/cost/latency.js';
import { costOfMapping } from '../../../src/cost/layer-tile-cost.js';
import { nestOf } from '../../../src/cost/nest.js';
import type { LoopDim, LoopSize } from '../../../src/ir/layer.js';
import type { LayerTileProblem, MappedLayerTile, MapResult } from '../../../src/ir/layer-tile.js';
import { floorOfGiven } from '../../../src/mapping/floor.js';
import { givenMapper } from '../../../src/mapping/given-mapper.js';
import type { GivenMapping } from '../../../src/mapping/given.js';
import { parseMappings } from '../../../src/mapping/load-mappings.js';
import type { LoopEntry } from '../../../src/mapping/mapping-file.js';
import { createMapper } from '../../../src/mapping/mapper.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { acceleratorByHand, additionTile, convolutionTile } from '../../support/layer-tile.js';

const HW = loadAccelerator('meta-proto-df').accelerator;
const PUBLISHED = PROFILES['reference-2023'];
const UNROLLING = { D1: 'K', D2: 'C', D3: 'OX', D4: 'OY' } as const;

/** FSRCNN's third layer in an inner tile of 60x72 (cost-model.md 9.1): temporal C6 OY18 OX15 FY3 FX3. */
const TILE = convolutionTile(HW, {
  loops: { B: 1, K: 12, C: 12, OY: 72, OX: 60, FY: 3, FX: 3 },
  unrolling: UNROLLING,
  tops: { O: 'sram_1MB_A', W: 'sram_32KB', I: 'sram_64KB' },
});
const WINNER = 'C6 FY3 FX3 OY18 OX5 OX3'.split(' ');

type Loops = readonly (string | LoopEntry)[];

function give(
  loops: Loops,
  profile = PUBLISHED,
  problem = TILE,
  limit: number | null = 6,
  hw = HW,
): MapResult {
  return givenMapper(hw, profile, { lpfLimit: limit }, mappingOf(loops))(problem);
}

const mappingOf = (loops: Loops): GivenMapping => {
  const text = JSON.stringify({ schema: 'defines-mapping/1', mappings: [{ layer: 'conv', loops }] });
  return known(parseMappings(text, 'm.json').mappings[0], 'mapping');
};

function score(...args: Parameters<typeof give>): MappedLayerTile {
  const result = give(...args);
  if (result.kind !== 'mapped') throw new Error(JSON.stringify(result));
  return result.mapped;
}

function complaints(...args: Parameters<typeof give>): readonly string[] {
  const result = give(...args);
  if (result.kind !== 'refused') throw new Error(`${result.kind}, not refused`);
  return result.diagnostics.map(
    ({ code, message, at: [place] }) => `${code} ${place?.kind === 'file' ? place.pointer : ''} ${message}`,
  );
}

const search = (profile = PUBLISHED, problem = TILE): MappedLayerTile => {
  const result = createMapper(HW, profile, { lpfLimit: 6 })(problem);
  if (result.kind !== 'mapped') throw new Error('nothing fits');
  return result.mapped;
};

const text = ({ temporal }: MappedLayerTile): string[] => temporal.map(({ dim, size }) => `${dim}${size}`);
const profiles = fc.constantFrom(PROFILES.default, PUBLISHED);
const rest = { seed: 2023, numRuns: 100 };

describe('a whole order', () => {
  test('the published winner scores what is published, and is split as published', () => {
    const mapped = score(WINNER);
    expect(mapped.energyPj).toBeCloseTo(754_709.4, 6);
    expect(countedCycles(mapped.latency, PUBLISHED)).toBe(15_336);
    // O: 3 loops in the register, the fourth in 64 KB, the rest in 1 MB; W all but none above the register.
    expect(mapped.temporal.map(({ level }) => level.O)).toEqual([
      ...['mem:rf_2B', 'mem:rf_2B', 'mem:rf_2B', 'mem:sram_64KB', 'mem:sram_1MB_A', 'mem:sram_1MB_A'],
    ]);
    expect(new Set(mapped.temporal.map(({ level }) => level.W))).toEqual(new Set(['mem:sram_32KB']));
    expect(mapped).toEqual(search());
  });

  test('any other order scores no less energy', () => {
    const least = search().energyPj;
    const scores = new Set<number>();
    fc.assert(
      fc.property(fc.shuffledSubarray(WINNER, { minLength: WINNER.length }), (order) => {
        const result = give(order);
        if (result.kind !== 'mapped') return;
        scores.add(Number(result.mapped.energyPj.toPrecision(10)));
        expect(text(result.mapped)).toEqual(order);
        expect(result.mapped.energyPj).toBeGreaterThanOrEqual(least * (1 - 1e-12));
      }),
      rest,
    );
    expect(scores.size).toBeGreaterThan(10);
  });

  test('factors need not be prime, sizes may be left out, and loops of one iteration do not count', () => {
    const mapped = score(WINNER);
    expect(score(['C', 'FY', 'B1', 'FX3', 'OY18', 'OX5', 'OX'])).toEqual(mapped);
    expect(score(['C', 'K', 'FY', 'FX', 'OY', 'OX5', { dim: 'OX', size: 3, level: {} }])).toEqual(mapped);
    // One loop of 15 columns cannot be divided between levels.
    expect(text(score(['C', 'FY', 'FX', 'OY', 'OX']))).toEqual(['C6', 'FY3', 'FX3', 'OY18', 'OX15']);
  });

  test('it is given, a beginning is completed', () => {
    expect(give(WINNER)).toMatchObject({ origin: 'given' });
    expect(give(WINNER.slice(0, 5))).toMatchObject({ origin: 'completed' });
  });
});

describe('the innermost loops', () => {
  test('those of the winner are completed to what the search finds', () => {
    for (const profile of [PROFILES.default, PUBLISHED]) {
      const best = search(profile);
      text(best).forEach((_, length) => {
        const completed = score(text(best).slice(0, length), profile);
        expect(text(completed).slice(0, length)).toEqual(text(best).slice(0, length));
        expect(completed.energyPj / best.energyPj).toBeCloseTo(1, 12);
        if (profile.boundaries === 'searched')
          expect(countedCycles(completed.latency, profile)).toBe(countedCycles(best.latency, profile));
      });
    }
  });

  test('any are completed as well as the best of all orders that begin so', () => {
    const permutations = (loops: readonly string[]): string[][] =>
      loops.length === 0
        ? [[]]
        : loops.flatMap((loop, i) => permutations(loops.toSpliced(i, 1)).map((others) => [loop, ...others]));
    const prefixes = fc.tuple(
      fc.shuffledSubarray(WINNER, { minLength: WINNER.length }),
      fc.integer({ min: 2, max: 5 }),
      profiles,
    );
    fc.assert(
      fc.property(prefixes, ([order, length, profile]) => {
        const all = permutations(order.slice(length)).flatMap((others) => {
          const result = give([...order.slice(0, length), ...others], profile);
          return result.kind === 'mapped' ? [result.mapped.energyPj] : [];
        });
        const completed = give(order.slice(0, length), profile);
        expect(completed.kind).toBe(all.length > 0 ? 'mapped' : 'refused');
        if (completed.kind !== 'mapped') return;
        expect(completed.mapped.energyPj / Math.min(...all)).toBeCloseTo(1, 12);
        expect(completed.mapped.energyPj).toBeGreaterThanOrEqual(search(profile).energyPj * (1 - 1e-12));
      }),
      { seed: 2023, numRuns: 30 },
    );
  });

  test('have a floor that no answer is below, whatever it minimises and they leave open', () => {
    const { default: profile } = PROFILES;
    const tile = convolutionTile(HW, {
      loops: { B: 1, K: 8, C: 8, OY: 56, OX: 56, FY: 3, FX: 3 },
      unrolling: UNROLLING,
    });
    const loops = 'C2 C2 FX3 FY3 OX2 OX7 OY2 OY7'.split(' ');
    let faster = 0;
    const given = fc.tuple(
      fc.shuffledSubarray(loops, { minLength: loops.length }),
      fc.integer({ min: 5, max: loops.length }),
      fc.constantFrom('energy', 'latency', 'both'),
    );
    fc.assert(
      fc.property(given, ([order, length, of]) => {
        const mapping = mappingOf(order.slice(0, length));
        const mapperFor = (objective: 'energy' | 'latency') =>
          givenMapper(HW, profile, { lpfLimit: 6, objective }, mapping);
        const [floor, ...answers] = [
          floorOfGiven(profile, mapperFor, of),
          mapperFor('energy'),
          mapperFor('latency'),
        ].map((mapper) => {
          const result = mapper(tile);
          if (result.kind !== 'mapped') throw new Error('nothing fits');
          const { energyPj, latency } = result.mapped;
          return { energyPj, cycles: countedCycles(latency, profile) };
        });
        for (const { energyPj, cycles } of answers) {
          expect(floor!.energyPj).toBeLessThanOrEqual(energyPj * (1 + 1e-12));
          expect(floor!.cycles).toBeLessThanOrEqual(cycles * (1 + 1e-12));
        }
        if (answers[1]!.cycles < answers[0]!.cycles) faster++;
      }),
      { seed: 2023, numRuns: 60 },
    );
    expect(faster).toBeGreaterThan(5);
  });

  test('what they leave keeps the factors of the search, or as many', () => {
    const sorted = (loops: Loops): string[] => text(score(loops)).toSorted();
    expect(sorted(['OX3'])).toEqual(WINNER.toSorted());
    // OX15 at once leaves no OX; OY9 is no factor of the search, so the 2 that are left are one.
    expect(sorted(['OX15'])).toEqual(['C6', 'FX3', 'FY3', 'OX15', 'OY18']);
    expect(sorted(['OY9'])).toEqual(['C6', 'FX3', 'FY3', 'OX3', 'OX5', 'OY2', 'OY9']);
  });
});

/** A random division of an order among the levels of each operand; the top takes the rest. */
const splits = (problem: LayerTileProblem, loops: number) =>
  fc.tuple(
    ...problem.operands.map(({ levels }) =>
      fc
        .array(fc.integer({ min: 0, max: loops }), {
          minLength: levels.length - 1,
          maxLength: levels.length - 1,
        })
        .map((cuts) => [...cuts.sort((a, b) => a - b), loops]),
    ),
  );

/** Loops with the levels that a split gives them. */
const withLevels = (
  problem: LayerTileProblem,
  loops: readonly LoopSize[],
  split: readonly (readonly number[])[],
) =>
  loops.map(({ dim, size }, position): LoopEntry => ({
    dim,
    size,
    level: Object.fromEntries(
      problem.operands.map(({ name, levels }, op) => {
        const level = levels[split[op]!.findIndex((count) => count > position)];
        return [name, HW.memories[level!]!.name];
      }),
    ),
  }));

const loopsOf = (order: readonly string[]): LoopSize[] =>
  order.map((loop) => {
    const [, dim, size] = /^([A-Z]+)(\d+)$/.exec(loop)!;
    return { dim: dim as LoopDim, size: Number(size) };
  });

describe('levels', () => {
  test('a given split is scored as it stands, and refused exactly where it overfills a memory', () => {
    const seen = { mapped: 0, refused: 0 };
    const cases = fc.tuple(
      fc.shuffledSubarray(WINNER, { minLength: WINNER.length }),
      splits(TILE, WINNER.length),
      profiles,
    );
    fc.assert(
      fc.property(cases, ([order, split, profile]) => {
        const loops = loopsOf(order);
        const result = give(withLevels(TILE, loops, split), profile);
        seen[result.kind === 'mapped' ? 'mapped' : 'refused']++;
        expect(result.kind === 'mapped').toBe(fits(TILE, loops, split));
        if (result.kind === 'mapped')
          expect(result.mapped).toEqual(costOfMapping(HW, profile, TILE, { loops, split }));
      }),
      { seed: 2023, numRuns: 1000 },
    );
    expect(seen.mapped).toBeGreaterThan(50);
    expect(seen.refused).toBeGreaterThan(50);
  });

  test('of some loops and operands only: the others follow the rule of allocation', () => {
    const inRegister = (size: number): LoopEntry => ({ dim: 'FY', size, level: { O: 'rf_2B' } });
    expect(score(['C6', inRegister(3), 'FX3', 'OY18', 'OX5', 'OX3'])).toEqual(search());
    // Rows kept out of the 64 KB: the rule would have taken them in.
    const higher = score([
      ...WINNER.slice(0, 3),
      { dim: 'OY', size: 18, level: { O: 'sram_1MB_A' } },
      'OX5',
      'OX3',
    ]);
    expect(higher.temporal.map(({ level }) => level.O).slice(2)).toEqual([
      ...['mem:rf_2B', 'mem:sram_1MB_A', 'mem:sram_1MB_A', 'mem:sram_1MB_A'],
    ]);
    // What lies above the register keeps all loops around it out, too.
    const nothing = score([{ dim: 'OX', size: 5, level: { O: 'sram_64KB' } }, 'OY18'], PROFILES.default);
    expect(nothing.temporal.filter(({ level }) => level.O === 'mem:rf_2B')).toEqual([]);
  });

  test('a loop that does not index an operand costs it nothing one level down, and is shown there', () => {
    const mapped = score([{ dim: 'C', size: 6, level: { O: 'sram_64KB' } }, ...WINNER.slice(1)]);
    expect(mapped.temporal[0]?.level.O).toBe('mem:rf_2B');
    expect(mapped).toEqual(search());
  });

  test('both inputs of an elementwise layer go by their own names', () => {
    const addition = additionTile(HW, {
      loops: { G: 32, OY: 8, OX: 8 },
      unrolling: { D1: 'G', D3: 'OX', D4: 'OY' },
    });
    const mapped = score(
      [{ dim: 'OX', size: 2, level: { X: 'dram', Y: 'sram_1MB_A' } }, 'OY'],
      PROFILES.default,
      addition,
    );
    expect(mapped.temporal.map(({ dim, level }) => [dim, level.X])).toEqual([
      ['OX', 'mem:dram'],
      ['OY', 'mem:dram'],
    ]);
    expect(mapped.temporal[0]?.level.Y).toBe('mem:sram_1MB_A');
  });
});

/**
 * Whether every memory holds what a split puts there, counted from the definition: 32 x 2 x 4 x 4 units divide the
 * tile evenly, so elements are products of whole loops.
 */
function fits(
  problem: LayerTileProblem,
  loops: readonly LoopSize[],
  split: readonly (readonly number[])[],
): boolean {
  const { spatial } = nestOf(HW, PUBLISHED, problem);
  return HW.memories.every((memory, m) => {
    const bits = problem.operands.map(
      ({ levels, relevant, irrelevant, windows, bits: width, psumBits }, op) => {
        const level = levels.indexOf(m);
        if (level < 0) return 0;
        const [count, before] = [split[op]![level]!, level === 0 ? 0 : split[op]![level - 1]!];
        const served = levels.slice(0, level + 1).flatMap((l) => HW.memories[l]!.serves);
        const of = (dim: LoopDim): number =>
          [...loops.slice(0, count), ...unrolledIn(spatial, served)].reduce(
            (product, loop) => (loop.dim === dim ? product * loop.size : product),
            1,
          );
        const elements =
          relevant.reduce((product, dim) => product * of(dim), 1) *
          windows.reduce((product, { out, kernel }) => product * (of(out) + of(kernel) - 1), 1);
        // Sums are unfinished on arrival at a memory if loops that it or a higher one holds add to them.
        return (
          elements * (loops.slice(before).some(({ dim }) => irrelevant.includes(dim)) ? psumBits : width)
        );
      },
    );
    return bits.reduce((sum, part) => sum + part, 0) <= memory.sizeBits;
  });
}

const unrolledIn = (spatial: ReturnType<typeof nestOf>['spatial'], served: readonly string[]): LoopSize[] =>
  spatial.flatMap(({ array, dim, unroll }) =>
    served.includes(array) ? [{ dim, size: unroll.num / unroll.den }] : [],
  );

describe('a lowest memory too small for its operands together (Q21)', () => {
  // Four weights of 8 bit at once and one input: 40 bit in 32.
  const hw = acceleratorByHand(`
  - name: lb
    size: 4 B
    operands: [W, I]
    serves: all
    read: { bits: 32, energyPj: 2 }
    write: { bits: 32, energyPj: 2 }
    ports: { r1: [W.toLow, I.toLow], w1: [W.fromHigh, I.fromHigh] }
`);
  const problem = convolutionTile(hw, { loops: { K: 8, OX: 6 }, unrolling: { D1: 'K' } });

  test('goes unnoticed in the published model, also where loops lie in it that add nothing', () => {
    const result = createMapper(hw, PUBLISHED, { lpfLimit: 6 })(problem);
    if (result.kind !== 'mapped') throw new Error('noticed');
    const loops = result.mapped.temporal.map(({ dim, size, level }) => ({
      dim,
      size,
      level: Object.fromEntries(Object.entries(level).map(([name, memory]) => [name, memory.slice(4)])),
    }));
    expect(loops.filter(({ level }) => level['W'] === 'lb' || level['I'] === 'lb')).not.toEqual([]);
    expect(give(loops, PUBLISHED, problem, 6, hw)).toMatchObject({ mapped: result.mapped, origin: 'given' });
  });

  test('is noticed where loops given to it add to what it holds, and in the corrected model', () => {
    const grows = give([{ dim: 'OX', size: 2, level: { I: 'lb' } }], PUBLISHED, problem, 6, hw);
    expect(grows).toMatchObject({ kind: 'refused', shortage: { operand: 'W', demandBits: 48 } });
    expect(give(['OX'], PROFILES.default, problem, 6, hw)).toMatchObject({ shortage: { demandBits: 40 } });
  });
});

describe('contradictions', () => {
  test.each<[string, Loops, string[]]>([
    [
      'loops that do not make up the tile',
      ['C6', 'FY3', 'FX3', 'OY9', 'OY9', 'OX15', 'K2'],
      [
        'DF6055 /mappings/0/loops the loops given for conv do not make up its tile: K 2 instead of 1, OY 81 instead of 18',
      ],
    ],
    [
      'two open sizes',
      ['OX', 'C', 'OX'],
      ['DF6055 /mappings/0/loops/2 conv has two loops of OX without a size'],
    ],
    [
      'a memory that does not exist',
      [{ dim: 'C', level: { W: 'rf_1' } }],
      ['DF6056 /mappings/0/loops/0/level/W there is no memory "rf_1" for W of conv'],
    ],
    [
      'one that does not hold the operand',
      [{ dim: 'C', level: { I: 'sram_32KB' } }],
      ['DF6056 /mappings/0/loops/0/level/I sram_32KB does not hold I of conv'],
    ],
    [
      'one above the top',
      [{ dim: 'C', level: { I: 'sram_1MB_A' } }],
      [
        'DF6056 /mappings/0/loops/0/level/I I of conv lies no higher than sram_64KB in this tile, not in sram_1MB_A',
      ],
    ],
    [
      'an unknown operand',
      [{ dim: 'C', level: { Y: 'rf_2B' } }],
      ['DF6056 /mappings/0/loops/0/level/Y conv has no operand Y'],
    ],
    [
      'levels that go down',
      [{ dim: 'FX', level: { O: 'sram_64KB' } }, 'C', { dim: 'FY', level: { O: 'rf_2B' } }],
      ['DF6057 /mappings/0/loops/2/level/O O goes down to rf_2B at FY, from sram_64KB further in'],
    ],
  ])('%s', (_, loops, expected) => {
    expect(complaints(loops)).toEqual(expected);
  });

  test('sizes are explained by the unrolling', () => {
    const result = give(['OY7', 'K5']);
    expect(result.kind === 'refused' && result.diagnostics[0]?.terms).toEqual([
      'K: 12 iterations, 12 at a time on the array, are 1 temporal ones',
      'OY: 72 iterations, 4 at a time on the array, are 18 temporal ones',
    ]);
  });

  test('a memory that overflows: demand, capacity, gap', () => {
    // Register of 16 bit; 15 columns of unfinished sums, 16 bit each, are 30 bytes.
    const result = give([{ dim: 'OX', level: { O: 'rf_2B' } }]);
    expect(result).toMatchObject({
      kind: 'refused',
      shortage: { memory: 1, operand: 'O', demandBits: 240, boundBits: 16 },
      diagnostics: [
        {
          code: 'DF6058',
          message: 'the mapping given for conv does not fit: rf_2B holds 2 B, 30 B are needed (28 B short)',
        },
      ],
    });
    // The same in two loops, of which the first alone is too much.
    const inRegister = (size: number): LoopEntry => ({ dim: 'OX', size, level: { O: 'rf_2B' } });
    expect(give([inRegister(5), inRegister(3)])).toMatchObject({ shortage: { demandBits: 240 } });
  });
});
