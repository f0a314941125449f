/**
 * Bounds on latency that see where several boundaries lie, against every mapping of random small layer tiles: none is
 * faster than the bound of the place of its output's lowest boundary, and none of least energy has a boundary where it is
 * said not to lie.
 */
import fc from 'fast-check';
import { PROFILES } from '../../src/base/profile.js';
import type { LatticeTables } from '../../src/cost/lattice-tables.js';
import type { SearchTables } from '../../src/cost/tables.js';
import { closableStates } from '../../src/mapping/free/closable.js';
import { CostToGo } from '../../src/mapping/free/cost-to-go.js';
import { outputClosings, type OutputClosings } from '../../src/mapping/free/output-closings.js';
import { splitStates } from '../../src/mapping/free/split-states.js';
import { TOLERANCE } from '../../src/mapping/objective.js';
import { forEachMapping, settingOf, type Scored } from '../support/brute-force.js';
import { tileCaseArb } from '../support/random-tiles.js';

/** More of them, from another seed: `RUNS=20000 SEED=7 npm run jest -- property/latency-bounds`. */
const RUNS = Number(process.env['RUNS'] ?? 250);
const SEED = Number(process.env['SEED'] ?? 20230223);

interface Mapping extends Scored {
  /** By boundary, the state that its loops inside make up. */
  readonly states: readonly number[];
}

/** Where the boundaries of the placement lie. */
function statesOf({ placement }: SearchTables, { lattice, boundaries }: LatticeTables): readonly number[] {
  const reached = [0];
  for (const letter of placement.order) reached.push(reached.at(-1)! + lattice.strides[letter]!);
  return boundaries.map(({ operand, level }) => reached[placement.below[operand]![level + 1]!]!);
}

/** By the place of the output's lowest boundary; `within`: whether another at the very same place lies within it. */
function leastCycles(
  { steps, closedAt, openAt }: OutputClosings,
  tables: LatticeTables,
  { states }: Mapping,
  within: boolean,
): { readonly there: number; readonly anywhere: number } {
  const { iterations, boundaries } = tables;
  const inside = (j: number): number => iterations[states[j]!]!;
  const sided = boundaries.reduce((sum, { operand }, j) => {
    const isWithin = inside(j) < inside(0) || (within && states[j] === states[0]);
    return isWithin ? sum + steps[operand]! : sum;
  }, states[0]!);
  return { there: closedAt[sided]!, anywhere: openAt[0]! };
}

test(`no mapping is faster than its output's lowest boundary lets it be, ${RUNS} random cases`, () => {
  let [met, told] = [0, 0];
  fc.assert(
    fc.property(tileCaseArb(4), ({ hw, problem }) => {
      const setting = settingOf(hw, PROFILES.default, problem, null);
      const search: SearchTables = { ...setting.tables, overfull: 'unmappable' };
      const tables = search.lattice(setting.word);
      const mappings: Mapping[] = [];
      forEachMapping(setting, (score) => mappings.push({ ...score, states: statesOf(search, tables) }));
      if (mappings.length === 0) return;
      const leastPj = Math.min(...mappings.map(({ energyPj }) => energyPj));
      const costToGo = new CostToGo(tables, splitStates(search, tables), undefined);
      for (const capPj of [Infinity, leastPj * (1 + TOLERANCE)]) {
        const closable = capPj < Infinity ? closableStates(costToGo, capPj) : undefined;
        const of = mappings.filter(({ energyPj }) => energyPj <= capPj);
        for (const { states } of of) states.forEach((state, j) => expect(closable?.[j]![state] ?? 1).toBe(1));
        const bound = search.latencyBound(tables, closable);
        const plain = bound.leastCyclesOfAll();
        const closings = outputClosings(bound, tables);
        const fastest = Math.min(...of.map(({ cycles }) => cycles));
        expect(plain).toBeLessThanOrEqual(fastest);
        if (!closings) continue;
        for (const mapping of of)
          for (const within of [false, true]) {
            const { there, anywhere } = leastCycles(closings, tables, mapping, within);
            expect(there).toBeLessThanOrEqual(mapping.cycles);
            expect(anywhere).toBeLessThanOrEqual(there);
          }
        told++;
        if (closings.openAt[0] === fastest) met++;
      }
    }),
    { seed: SEED, numRuns: RUNS },
  );
  // A bound that is never met would prune nothing.
  expect(met).toBeGreaterThan(told / 2);
});
