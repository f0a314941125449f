/** The points of a grid: every combination once, in one order, whatever order was asked for. */
import { inShard, pointsOf, pointText } from '../../../src/explore/grid.js';
import { OVERLAP_MODES, type TileSize } from '../../../src/ir/stack.js';
import fc from 'fast-check';

const size = fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.constant('full' as const));
const grid = fc.record({
  stacks: fc.uniqueArray(fc.constantFrom('auto', 'one', 'single-layer', 'a,b'), { minLength: 1 }),
  modes: fc.uniqueArray(fc.constantFrom(...OVERLAP_MODES), { minLength: 1 }),
  tiles: fc.array(
    fc.record({ x: size, y: size, heads: fc.integer({ min: 1, max: 8 }) }, { requiredKeys: ['x', 'y'] }),
    { minLength: 1, maxLength: 12 },
  ),
});

test('tiles ascend, columns first, and whole maps come last', () => {
  const tiles = ['full', 60, 4].flatMap((x) => ['full', 2].map((y) => ({ x, y }) as TileSize));
  expect(pointsOf({ stacks: ['auto'], modes: ['fully-cached'], tiles }).map(pointText)).toEqual([
    'auto fully-cached 4x2',
    'auto fully-cached 4xfull',
    'auto fully-cached 60x2',
    'auto fully-cached 60xfull',
    'auto fully-cached fullx2',
    'auto fully-cached fullxfull',
  ]);
});

test('heads ascend within a tile, all of them last', () => {
  const tiles = [undefined, 8, 2].map((heads): TileSize => ({ x: 'full', y: 16, ...(heads && { heads }) }));
  expect(pointsOf({ stacks: ['auto'], modes: ['fully-cached'], tiles }).map(pointText)).toEqual([
    'auto fully-cached fullx16xh2',
    'auto fully-cached fullx16xh8',
    'auto fully-cached fullx16',
  ]);
});

test('every combination once, in the same order for every order of the lists', () => {
  fc.assert(
    fc.property(grid, ({ stacks, modes, tiles }) => {
      const points = pointsOf({ stacks, modes, tiles }).map(pointText);
      const distinct = new Set(tiles.map(({ x, y, heads }) => `${x}x${y} ${heads ?? 'all'}`)).size;
      expect(new Set(points).size).toBe(points.length);
      expect(points).toHaveLength(stacks.length * modes.length * distinct);
      const reversed = {
        stacks: stacks.toReversed(),
        modes: modes.toReversed(),
        tiles: [...tiles, ...tiles].reverse(),
      };
      expect(pointsOf(reversed).map(pointText)).toEqual(points);
    }),
  );
});

test('shards share all items out, none twice, and differ by one item at most', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 9 }), (items, count) => {
      const all = Array.from({ length: items }, (_, i) => i);
      const shards = Array.from({ length: count }, (_, i) => inShard(all, { index: i + 1, count }));
      expect(shards.flat().sort((a, b) => a - b)).toEqual(all);
      const sizes = shards.map(({ length }) => length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});
