/** Elements touched by loops: hand-counted extents, and the set of indices itself. */
import fc from 'fast-check';
import { Footprint } from '../../../src/cost/footprint.js';
import type { TileWindow } from '../../../src/ir/layer-tile.js';

const axis = (stride: number, dilation: number, limit?: number): TileWindow => ({
  out: 'OX',
  kernel: 'FX',
  stride,
  dilation,
  ...(limit === undefined ? {} : { limit }),
});

const extent = (window: TileWindow, outs: number, taps: number, round = Math.trunc): number =>
  new Footprint({ relevant: [], windows: [window] }, round).elements([outs, taps]);

test.each([
  // stride, dilation, outs, taps, distinct indices
  [1, 1, 10, 3, 12],
  [2, 1, 10, 3, 21],
  [1, 2, 10, 3, 14],
  [2, 1, 10, 1, 10], // every second column, not the 19 they span
  [3, 1, 4, 2, 8],
  [1, 1, 2.5, 3, 4], // 4.5, truncated
  [1, 1, 3.75, 1, 3],
])('stride %d, dilation %d: %d outputs x %d taps touch %d', (stride, dilation, outs, taps, distinct) => {
  expect(extent(axis(stride, dilation), outs, taps)).toBe(distinct);
});

test('an average extent is kept as it is without rounding', () => {
  expect(extent(axis(1, 1), 2.5, 3, (x) => x)).toBe(4.5); // 2.5 + 3 - 1
});

test('no more elements than exist', () => {
  expect(extent(axis(1, 1, 11), 10, 3)).toBe(11);
  expect(extent(axis(1, 1, 13), 10, 3)).toBe(12);
});

test('extents equal the number of distinct indices', () => {
  const small = fc.integer({ min: 1, max: 6 });
  fc.assert(
    fc.property(small, small, fc.integer({ min: 1, max: 20 }), small, (stride, dilation, outs, taps) => {
      fc.pre(outs >= dilation); // below, the published formula counts the span with its holes
      const indices = new Set<number>();
      for (let o = 0; o < outs; o++) for (let k = 0; k < taps; k++) indices.add(stride * o + dilation * k);
      expect(extent(axis(stride, dilation), outs, taps)).toBe(indices.size);
    }),
    { seed: 2023, numRuns: 500 },
  );
});

test('direct dims and windows multiply', () => {
  const footprint = new Footprint({ relevant: ['C', 'B'], windows: [axis(1, 1)] }, Math.trunc);
  expect(footprint.dims).toEqual(['C', 'B', 'OX', 'FX']);
  expect(footprint.elements([5, 2, 10, 3])).toBe(5 * 2 * 12);
});
