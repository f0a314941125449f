/**
 * What the walk through a stack leaves on record, against that walk, path by path, on random small networks; and on a
 * network of so many branches that nobody could walk all their paths. Seeds are fixed.
 */
import fc from 'fast-check';
import { recordedLags, streamedUses, type Delay } from '../../src/analysis/published-lags.js';
import { sourceOf, stackGraph, type StackGraph } from '../../src/analysis/stack-graph.js';
import { known } from '../../src/base/assert.js';
import { networkArb } from '../support/random-networks.js';
import { networkOf, type NetworkSpec } from '../support/workloads.js';

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 100);

function graphOf(spec: NetworkSpec): StackGraph {
  const workload = networkOf(spec);
  return stackGraph(
    workload,
    workload.layers.map(({ id }) => id),
  );
}

/** The walk itself: a layer once per path to it. */
function walked(
  graph: StackGraph,
  delays: readonly (readonly Delay[])[],
): readonly (readonly (number | undefined)[])[] {
  const left = delays.map((own) => own.map((): number | undefined => undefined));
  const onRecord = graph.maps.map(() => new Map<string, number>());
  const stack = [{ layer: graph.sink, lag: 0 }];
  for (let visit = stack.pop(); visit; visit = stack.pop()) {
    const { layer, lag } = visit;
    streamedUses(graph, layer).forEach((use, u) => {
      const map = known(graph.mapIndex.get(sourceOf(graph, use).map), 'map');
      const { stride, shift } = delays[layer]![u]!;
      left[layer]![u] = stride * lag + shift;
      onRecord[map]!.set(`${layer} ${u}`, stride * lag + shift);
      const { producer } = graph.maps[map]!;
      if (producer !== null) stack.push({ layer: producer, lag: Math.max(...onRecord[map]!.values()) });
    });
  }
  return left;
}

test(`the lags on record are those of the walk, ${RUNS} random networks`, () => {
  let branched = 0;
  const delayArb = fc.record({
    stride: fc.integer({ min: 1, max: 3 }),
    shift: fc.integer({ min: -3, max: 4 }),
  });
  fc.assert(
    fc.property(networkArb, fc.array(delayArb, { minLength: 1, maxLength: 60 }), (spec, some) => {
      const graph = graphOf(spec);
      const delays = graph.layers.map((_, l) =>
        streamedUses(graph, l).map((_use, u) => some[(3 * l + u) % some.length]!),
      );
      expect(recordedLags(graph, delays)).toEqual(walked(graph, delays));
      if (graph.maps.some(({ uses }) => uses.length > 1)) branched++;
    }),
    { numRuns: RUNS, seed: 20230223 },
  );
  expect(branched).toBeGreaterThan(RUNS / 4);
});

/** Blocks of a path of convolutions beside one that skips them, joined by an addition: 2 paths each. */
function blocks(count: number, skipFirst: boolean): NetworkSpec {
  const nodes = Array.from({ length: count }, (_, b): NetworkSpec['nodes'] => {
    const from = b === 0 ? 'in' : `s${b - 1}`;
    const both: [string, string] = skipFirst ? [from, `c${b}`] : [`c${b}`, from];
    return [
      [`c${b}`, { op: 'conv', from, x: WINDOW, y: WINDOW, channels: 4 }],
      [`s${b}`, { op: 'add', from: both }],
    ];
  }).flat();
  return { input: { width: 40, height: 40, channels: 4 }, nodes };
}
const WINDOW = { kernel: 3, stride: 1, dilation: 1, before: 1, after: 1 };

test.each([true, false])('60 blocks have 2^60 paths; skip first: %s', (skipFirst) => {
  const delaysOf = (graph: StackGraph): readonly (readonly Delay[])[] =>
    graph.layers.map((_, l) =>
      streamedUses(graph, l).map((_use, u) => ({ stride: 1, shift: 1 + ((l + u) % 3) })),
    );
  const small = graphOf(blocks(8, skipFirst));
  expect(recordedLags(small, delaysOf(small))).toEqual(walked(small, delaysOf(small)));
  const large = graphOf(blocks(60, skipFirst));
  const lags = recordedLags(large, delaysOf(large)).flat();
  expect(lags).toHaveLength(60 * 3);
  expect(lags.every((lag) => Number.isInteger(lag))).toBe(true);
});
