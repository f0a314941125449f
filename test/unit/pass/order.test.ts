/** The static order check, by example and against the definition of the facet order. */
import fc from 'fast-check';
import { FACETS, type Facet } from '../../../src/ir/facets.js';
import { checkOrder } from '../../../src/pass/order.js';
import { createRegistry, resolvePipeline } from '../../../src/pass/registry.js';
import { parsePipeline } from '../../../src/pass/spec.js';
import { FAKES } from '../../support/fake-passes.js';

const registry = createRegistry(FAKES, []);
const check = (text: string, present: readonly Facet[] = []) =>
  checkOrder(resolvePipeline(registry, parsePipeline(text)), present, registry);

test('a pipeline in order has nothing to say', () => {
  expect(check('read,lower,cut,choose,tile,allocate')).toEqual([]);
  expect(check('tile,allocate', ['layers', 'stacks'])).toEqual([]);
});

test('a missing facet names its makers and the place', () => {
  expect(check('read,tile')).toMatchObject([
    {
      code: 'DF8003',
      message: 'tile needs the facet layers, which no pass before it makes',
      help: 'put lower before tile',
    },
    // choose makes stacks too, but needs them: it is no advice.
    {
      code: 'DF8003',
      message: 'tile needs the facet stacks, which no pass before it makes',
      help: 'put cut before tile',
    },
  ]);
  expect(check('read,tile')[0]?.at).toMatchObject([{ kind: 'spec', offset: 5, length: 4 }]);
});

test('a facet made again leaves the later ones stale', () => {
  expect(check('read,lower,cut,tile,choose,allocate')).toMatchObject([
    { message: 'allocate needs the facet tiles, which choose has made stale' },
  ]);
  expect(check('read,lower,cut,tile,choose,tile,allocate')).toEqual([]);
});

test('one mistake is reported once', () => {
  // allocate needs layers too, and tile has said that there are none.
  expect(check('read,tile,allocate').map(({ message }) => message)).toEqual([
    expect.stringMatching(/^tile needs the facet layers/),
    expect.stringMatching(/^tile needs the facet stacks/),
  ]);
});

test('agrees with a simulation over sets, for random pipelines', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...FAKES), { minLength: 1, maxLength: 8 }), (passes) => {
      const has = new Set<Facet>();
      const sound = passes.every(({ needs, makes }) => {
        if (!(needs as Facet[]).every((facet) => has.has(facet))) return false;
        // Later in the contract's order: dropped.
        for (const facet of FACETS) if (FACETS.indexOf(facet) > FACETS.indexOf(makes)) has.delete(facet);
        has.add(makes);
        return true;
      });
      expect(check(passes.map(({ name }) => name).join(',')).length === 0).toBe(sound);
    }),
    { seed: 2023, numRuns: 500 },
  );
});
