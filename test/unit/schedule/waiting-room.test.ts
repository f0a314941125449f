/**
 * What waits while a tile runs: held against adding it all up again for every layer, and counted in stacks where
 * thousands of maps are alive at once.
 */
import fc from 'fast-check';
import { aliveBits } from '../../../src/analysis/lifetime.js';
import type { StackGraph, Use } from '../../../src/analysis/stack-graph.js';
import type { MapSizes, TileSizes } from '../../../src/analysis/tile-sizes.js';
import { waitingRoom } from '../../../src/schedule/waiting-room.js';

/** Maps that each layer reads: inputs of the stack come first, then what the layers make. */
interface Shape {
  readonly inputs: number;
  readonly reads: readonly (readonly number[])[];
}

const size = (m: number): number => 1 + ((7 * m) % 13);

function stackOf({ inputs, reads }: Shape, maps = (sizes: MapSizes[]): readonly MapSizes[] => sizes) {
  const uses: Use[][] = Array.from({ length: inputs + reads.length }, () => []);
  reads.forEach((list, layer) => {
    list.forEach((m, source) => uses[m]!.push({ layer, input: 0, source }));
  });
  const graph = {
    layers: reads.map(() => ({})),
    maps: uses.map((list, m) => ({ uses: list, producer: m < inputs ? null : m - inputs })),
    outputOf: reads.map((_, l) => inputs + l),
  } as unknown as StackGraph;
  // Layers read some of the columns, and of every other map half the channels.
  const columns = (m: number): number => 1 + (m % size(m));
  const channelBits = (m: number): number => 1 + (m % 2);
  const sizes = {
    maps: maps(uses.map((_, m) => ({ pixelBits: 2, fresh: { x: size(m), y: 1 } }) as MapSizes)),
    layers: reads.map((list, l) => ({
      inputBits: list.length,
      outputBits: 2 * size(inputs + l),
      sources: list.map((map, source) => {
        const use = { layer: l, input: 0, source };
        const needed = { x: columns(map), y: 1 };
        return { use, map, pixelBits: channelBits(map), needed, overlap: { x: 0, y: 0 } };
      }),
    })),
  } as unknown as TileSizes;
  const last = (m: number): number => Math.max(-1, ...uses[m]!.map(({ layer }) => layer));
  const partBits = (m: number): number => channelBits(m) * columns(m);
  return { graph, sizes, last, partBits, count: uses.length };
}

const shapes: fc.Arbitrary<Shape> = fc.integer({ min: 1, max: 4 }).chain((inputs) =>
  fc
    .array(fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 12 })
    .map((lists) => ({
      inputs,
      // An input that nobody reads is none.
      reads: lists.map((list, l) => [
        ...list.map((m) => m % (inputs + l)),
        ...(l === 0 ? range(inputs) : []),
      ]),
    })),
);

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, k) => k);

test('what waits in a memory is what was put there and is read later', () => {
  fc.assert(
    fc.property(shapes, fc.array(fc.nat({ max: 2 }), { minLength: 20, maxLength: 20 }), (shape, places) => {
      const { graph, sizes, last, partBits, count } = stackOf(shape);
      const handedOver = range(count).map((m) => (m % 5 === 0 ? 1 : null));
      const room = waitingRoom(graph, sizes, handedOver);
      for (let l = -1; l < shape.reads.length; l++) {
        if (l === -1) range(shape.inputs).forEach((m) => room.put(m, places[m]!));
        for (const memory of [0, 1, 2]) {
          const there = range(shape.inputs + Math.max(0, l)).filter(
            (m) => places[m] === memory && handedOver[m] !== memory && last(m) > l,
          );
          const bits = there.reduce((sum, m) => sum + 2 * size(m), 0);
          expect(room.bitsAfter(l, memory)).toBe(bits);
          const read = there.filter((m) => shape.reads[l]?.includes(m));
          if (l >= 0) expect(room.readBits(l, memory)).toBe(read.reduce((sum, m) => sum + partBits(m), 0));
        }
        if (l >= 0) room.put(shape.inputs + l, places[shape.inputs + l]!);
      }
    }),
  );
});

test.each(['ignored', 'reserved'] as const)('alive at most, %s: added up for every layer', (residents) => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const { graph, sizes, last, partBits } = stackOf(shape);
      const sums = shape.reads.map((list, l) => {
        const waiting = range(shape.inputs + l).filter((m) => last(m) > l);
        const left = (m: number): number => (residents === 'reserved' ? 2 * size(m) - partBits(m) : 0);
        const { inputBits, outputBits } = sizes.layers[l]!;
        return waiting.reduce(
          (sum, m) => sum + (list.includes(m) ? left(m) : 2 * size(m)),
          inputBits + outputBits,
        );
      });
      // Before the first layer the inputs are there.
      const atStart = range(shape.inputs).reduce((sum, m) => sum + 2 * size(m), 0);
      expect(aliveBits(graph, sizes, residents)).toBe(Math.max(atStart, ...sums));
    }),
  );
});

const WIDE: readonly (readonly [string, (n: number) => Shape])[] = [
  [
    'many layers on one map',
    (n) => ({ inputs: 1, reads: [...range(n).map(() => [0]), range(n).map((k) => k + 1)] }),
  ],
  ['many maps from outside', (n) => ({ inputs: n, reads: [range(n), ...range(n).map((m) => [m])] })],
  [
    'skips within skips',
    (n) => ({
      inputs: 1,
      reads: [...range(n).map((k) => [k]), ...range(n - 1).map((k) => [n + k, n - 1 - k])],
    }),
  ],
];

test.each(WIDE)('what waits is not looked at for every layer: %s', (_what, shapeOf) => {
  const looks = (n: number): number => {
    let looked = 0;
    const counting = (sizes: MapSizes[]): readonly MapSizes[] =>
      new Proxy(sizes, { get: (list, key) => (looked++, Reflect.get(list, key) as unknown) });
    const shape = shapeOf(n);
    const { graph, sizes, count } = stackOf(shape, counting);
    aliveBits(graph, sizes, 'reserved');
    const room = waitingRoom(
      graph,
      sizes,
      range(count).map(() => null),
    );
    range(count).forEach((m) => room.put(m, 0));
    shape.reads.forEach((_, l) => room.bitsAfter(l, 0) + room.readBits(l, 0));
    return looked;
  };
  expect(looks(800)).toBeLessThan(2.2 * looks(400));
});
