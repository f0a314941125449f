/** Closed-form tiling against the pixel simulator, on random small networks. The seed is printed on failure. */
import fc from 'fast-check';
import { PROFILES } from '../../src/base/profile.js';
import { bareName, memoryId, stackId } from '../../src/base/ids.js';
import { OVERLAP_MODES } from '../../src/ir/stack.js';
import { tileStack } from '../../src/schedule/tile-stack.js';
import { verifyTiles } from '../../src/ir/verify/tiles.js';
import { simulate } from '../support/tile-simulator.js';
import {
  networkOf,
  outputSize,
  type AxisSpec,
  type NetworkSpec,
  type NodeSpec,
} from '../support/workloads.js';

const axis = (k: number, s: number, d: number, before: number, after: number): AxisSpec => {
  const reach = d * (k - 1);
  return {
    kernel: k,
    stride: Math.min(s, reach + 1),
    dilation: d,
    before: Math.min(before, reach),
    after: Math.min(after, reach),
  };
};
const axisArb = fc
  .tuple(
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 2 }),
    fc.integer({ min: 1, max: 2 }),
    fc.integer({ min: 0, max: 2 }),
    fc.integer({ min: 0, max: 2 }),
  )
  .map(([k, s, d, b, a]) => axis(k, s, d, b, a));
const sameArb = fc
  .integer({ min: 0, max: 2 })
  .map((reach) => ({ kernel: 2 * reach + 1, stride: 1, dilation: 1, before: reach, after: reach }));

type Step =
  | { kind: 'conv'; x: AxisSpec; y: AxisSpec }
  | { kind: 'residual'; x: AxisSpec; y: AxisSpec; x2: AxisSpec; y2: AxisSpec }
  | { kind: 'two-branches'; x: AxisSpec; y: AxisSpec; x2: AxisSpec; y2: AxisSpec }
  | { kind: 'upsample' };
const stepArb: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('conv' as const), x: axisArb, y: axisArb }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('residual' as const, 'two-branches' as const),
      x: sameArb,
      y: sameArb,
      x2: sameArb,
      y2: sameArb,
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'upsample' as const }) },
);

/** Builds a network, leaving out steps that would shrink a map to nothing. */
function build(width: number, height: number, steps: readonly Step[]): NetworkSpec {
  const nodes: [string, NodeSpec][] = [];
  let [from, w, h] = ['in', width, height];
  steps.forEach((step, i) => {
    if (step.kind === 'conv') {
      const [nw, nh] = [outputSize(w, step.x), outputSize(h, step.y)];
      if (nw < 1 || nh < 1) return;
      nodes.push([`c${i}`, { op: 'conv', from, x: step.x, y: step.y }]);
      [from, w, h] = [`c${i}`, nw, nh];
    } else if (step.kind === 'upsample') {
      if (w * h > 60) return;
      nodes.push([`u${i}`, { op: 'upsample', from, factor: 2 }]);
      [from, w, h] = [`u${i}`, 2 * w, 2 * h];
    } else {
      nodes.push([`a${i}`, { op: 'conv', from, x: step.x, y: step.y }]);
      const other = step.kind === 'residual' ? from : `b${i}`;
      if (step.kind === 'two-branches') nodes.push([`b${i}`, { op: 'conv', from, x: step.x2, y: step.y2 }]);
      nodes.push([`s${i}`, { op: 'add', from: [`a${i}`, other] }]);
      from = `s${i}`;
    }
  });
  if (nodes.length === 0)
    nodes.push(['c', { op: 'conv', from: 'in', x: axis(1, 1, 1, 0, 0), y: axis(1, 1, 1, 0, 0) }]);
  return { input: { width, height, channels: 1 }, nodes };
}

const caseArb = fc.record({
  width: fc.integer({ min: 3, max: 11 }),
  height: fc.integer({ min: 3, max: 11 }),
  steps: fc.array(stepArb, { minLength: 1, maxLength: 4 }),
  tileX: fc.integer({ min: 1, max: 8 }),
  tileY: fc.integer({ min: 1, max: 8 }),
  mode: fc.constantFrom(...OVERLAP_MODES),
});

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 2000);

test(`closed-form tiling equals the pixel simulator on ${RUNS} random networks`, () => {
  fc.assert(
    fc.property(caseArb, ({ width, height, steps, tileX, tileY, mode }) => {
      const spec = build(width, height, steps);
      const workload = networkOf(spec);
      const sizes = new Map(workload.maps.map((map) => [bareName(map.id), map]));
      const stack = {
        id: stackId(0),
        layers: workload.layers.map((l) => l.id),
        tile: { x: tileX, y: tileY },
        mode,
        handOver: memoryId('dram'),
      };
      const tiled = tileStack(workload, stack, PROFILES.default);
      expect(verifyTiles(workload, { stacks: [tiled] }, PROFILES.default)).toEqual([]);
      const simulated = simulate(spec, sizes, tiled.tile, mode);
      expect(countedTiles(tiled)).toEqual(simulatedTiles(simulated, workload));
      const kept = (classes: typeof tiled.columns): string[] =>
        classes.flatMap((one) => one.actual.maps.map((map) => `${map.map} ${map.kept} x${one.count}`));
      expect(sumUp(kept(tiled.columns))).toEqual(
        sumUp(simulatedKept(simulated.keptColumns, mode !== 'fully-recompute')),
      );
      expect(sumUp(kept(tiled.rows))).toEqual(
        sumUp(simulatedKept(simulated.keptRows, mode === 'fully-cached')),
      );
    }),
    { numRuns: RUNS, seed: 20230223, verbose: 0 },
  );
});

/** Nothing is nothing, however wide. */
const sizeText = (x: number, y: number): string => (x * y === 0 ? 'nothing' : `${x}x${y}`);

type Tiled = ReturnType<typeof tileStack>;

/** How many tiles have which sizes: fresh extents of every map, pixels read and read from a cache per operand. */
function countedTiles(tiled: Tiled): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const type of tiled.types) {
    const [column, row] = [tiled.columns[type.column]!.actual, tiled.rows[type.row]!.actual];
    const fresh = column.maps.map(
      (map, m) => `${bareName(map.map)} ${sizeText(map.fresh, row.maps[m]!.fresh)}`,
    );
    const reads = column.layers.map((layer, l) =>
      layer.inputs
        .map((sources, i) =>
          sources
            .map((x, s) => {
              const y = row.layers[l]!.inputs[i]![s]!;
              const present = layer.out > 0 && row.layers[l]!.out > 0;
              const pixels = present ? x.needed * y.needed : 0;
              return `${pixels}-${present ? pixels - (x.needed - x.overlap) * (y.needed - y.overlap) : 0}`;
            })
            .join(),
        )
        .filter((text) => text !== '')
        .join(),
    );
    const key = [...fresh.toSorted(), ...reads].join(' ');
    counts[key] = (counts[key] ?? 0) + type.count;
  }
  return counts;
}

function simulatedTiles(
  simulation: ReturnType<typeof simulate>,
  workload: ReturnType<typeof networkOf>,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const tile of simulation.tiles) {
    const fresh = [...tile.fresh].map(([name, size]) => `${name} ${sizeText(size.x, size.y)}`).toSorted();
    const reads = workload.layers.map((layer) =>
      tile.reads
        .get(bareName(layer.id))!
        .map(({ pixels, old }) => `${pixels}-${old}`)
        .join(),
    );
    const key = [...fresh, ...reads].join(' ');
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

const simulatedKept = (kept: ReadonlyMap<string, readonly number[]>, cached: boolean): string[] =>
  [...kept].flatMap(([name, values]) => values.map((value) => `%${name} ${cached ? value : 0} x1`));

/** `%a 2 x3` twice -> `%a 2`: 6. */
function sumUp(lines: readonly string[]): Record<string, number> {
  const result: Record<string, number> = {};
  for (const line of lines) {
    const [, key = '', count = '0'] = /^(.*) x(\d+)$/.exec(line) ?? [];
    result[key] = (result[key] ?? 0) + Number(count);
  }
  return result;
}
