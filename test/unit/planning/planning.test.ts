/** What heuristics are written with: cuts against their definition, sizes by hand, receptive fields pixel by pixel. */
import fc from 'fast-check';
import { layerId, tensorId } from '../../../src/base/ids.js';
import { PROFILES } from '../../../src/base/profile.js';
import { diagnostic, type Diagnostic } from '../../../src/diag/diagnostic.js';
import type { Axis, Workload } from '../../../src/ir/layer.js';
import type { StackPlan } from '../../../src/ir/stack.js';
import { verifyStacks } from '../../../src/ir/verify/stacks.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import {
  cutAfter,
  cutBefore,
  cutWhere,
  isStack,
  legalCuts,
  smallestStacks,
} from '../../../src/planning/cuts.js';
import {
  mapBits,
  outputOf,
  producersOf,
  readersOf,
  receptiveField,
  recomputeOf,
  recomputeSavedByCut,
  weightBitsOf,
} from '../../../src/planning/measure.js';
import { stackOf, type Planner } from '../../../src/planning/plan.js';
import { fsrcnn } from '../../support/fsrcnn.js';
import { networkArb } from '../../support/random-networks.js';
import { inputsOf, networkOf, square, type NetworkSpec, type NodeSpec } from '../../support/workloads.js';

const reported: Diagnostic[] = [];
const ctx: Planner = {
  hw: loadAccelerator('meta-proto-df').accelerator,
  profile: PROFILES.default,
  diag: (...details) => void reported.push(diagnostic(...details)),
};
beforeEach(() => void reported.splice(0));

const RESIDUAL: NetworkSpec = {
  input: { width: 8, height: 8, channels: 2 },
  nodes: [
    ['a', { op: 'conv', from: 'in', ...square(3, 1, 1), channels: 2 }],
    ['b', { op: 'conv', from: 'a', ...square(3, 1, 1), channels: 2 }],
    ['c', { op: 'conv', from: 'b', ...square(3, 1, 1), channels: 2 }],
    ['add', { op: 'add', from: ['a', 'c'] }],
    ['d', { op: 'conv', from: 'add', ...square(3, 1, 1), channels: 2 }],
  ],
};
const namesOf = ({ stacks }: StackPlan): readonly string[] => stacks.map(({ layers }) => layers.join(' '));

/** Positions behind which the map of no layer but the last one is still to be read. */
function definition({ layers }: Workload): readonly number[] {
  const crosses = (map: string, position: number): boolean =>
    layers
      .slice(position + 1)
      .some(({ inputs }) => inputs.some(({ sources }) => sources.some((s) => s.map === map)));
  return layers
    .slice(0, -1)
    .flatMap((_, position) =>
      layers.slice(0, position).some(({ output }) => crosses(output.map, position)) ? [] : [position],
    );
}

describe('cuts', () => {
  test('are legal where one map carries the data flow', () => {
    fc.assert(
      fc.property(networkArb, (spec) => {
        const layers = networkOf(spec);
        const found = legalCuts({ layers }).map(({ before, after }) => [before.id, after.id]);
        expect(found).toEqual(
          definition(layers).map((p) => [layers.layers[p]?.id, layers.layers[p + 1]?.id]),
        );
      }),
      { seed: 2023, numRuns: 300 },
    );
  });

  test('of any choice give a plan that the verifier accepts, cut where it was asked', () => {
    fc.assert(
      fc.property(networkArb, fc.array(fc.boolean(), { minLength: 1 }), (spec, coins) => {
        const layers = networkOf(spec);
        const asked: string[] = [];
        let asks = 0;
        const plan = cutWhere({ layers }, ctx, ({ before }) => {
          const heads = coins[asks++ % coins.length] === true;
          if (heads) asked.push(before.id);
          return heads;
        });
        expect(verifyStacks(layers, plan, ctx.hw, PROFILES.default)).toEqual([]);
        expect(plan.stacks.map((stack) => stack.layers.at(-1))).toEqual(expect.arrayContaining(asked));
      }),
      { seed: 2023, numRuns: 300 },
    );
  });

  test('inside a residual block are left out, and a note says so', () => {
    const ir = { layers: networkOf(RESIDUAL) };
    expect(namesOf(cutAfter(ir, ctx, ({ op }) => op === 'Conv'))).toEqual(['@a', '@b @c @add @d']);
    expect(reported).toMatchObject([{ code: 'DF8321', severity: 'note' }]);
    expect(reported[0]?.message).toBe('2 of 4 cuts lie inside a unit and are left out: @b, @c');
    expect(namesOf(cutBefore(ir, ctx, ({ op }) => op !== 'Conv'))).toEqual(['@a @b @c @add @d']);
    expect(reported[1]?.message).toBe('1 of 1 cuts lie inside a unit and are left out: @add');
    expect(namesOf(cutBefore(ir, ctx, ({ id }) => id === '@d' || id === '@a'))).toEqual([
      '@a @b @c @add',
      '@d',
    ]);
    expect(reported).toHaveLength(2); // before the first layer there is nothing to cut off
  });

  test('give stacks their execution', () => {
    const ir = { layers: networkOf(RESIDUAL) };
    const tile = { x: 4, y: 'full' } as const;
    const plan = cutWhere(ir, ctx, () => true, { tile, mode: 'fully-recompute' });
    expect(plan.stacks.map(({ id }) => id)).toEqual(['$0', '$1', '$2']);
    for (const stack of plan.stacks)
      expect(stack).toMatchObject({ tile, mode: 'fully-recompute', handOver: 'mem:dram' });
  });

  test('the smallest stacks are units', () => {
    const ir = { layers: networkOf(RESIDUAL) };
    const smallest = smallestStacks(ir, ctx);
    expect(smallest.map((unit) => unit.map(({ id }) => id))).toEqual([['@a'], ['@b', '@c', '@add'], ['@d']]);
    expect(isStack(ir, ctx, ir.layers.layers.slice(0, 2))).toBe(false); // @add reads @a too
    expect(isStack(ir, ctx, [])).toBe(false);
  });
});

describe('sizes', () => {
  const ir = { layers: fsrcnn() };
  const [first, second] = ir.layers.layers;

  test('of weights and maps', () => {
    expect(weightBitsOf(ir, ['0', '1'].map(layerId))).toBe((56 * 25 + 56 * 12) * 8);
    expect(mapBits(outputOf(ir, first!))).toBe(970 * 550 * 56 * 8);
    expect(readersOf(ir, first!)).toEqual([second]);
    expect(producersOf(ir, second!)).toEqual([first]);
    expect(producersOf(ir, first!)).toEqual([]);
  });

  test('FSRCNN sees 15 x 15 pixels', () => {
    // 5x5, then five of 3x3: 1 + 4 + 5 x 2
    const field = receptiveField(ir, ir.layers.layers);
    expect(field[0]).toEqual({ map: '%in', producer: null, x: 15, y: 15 });
    expect(field.at(-1)).toMatchObject({ producer: '@7', x: 1, y: 1 });
  });
});

interface Traced {
  readonly indices: ReadonlySet<number>;
  /** Some tap lies in a pad. */
  readonly clipped: boolean;
}

/** Input indices along an axis that one output index needs, by following every tap of every layer. */
function traced({ nodes }: NetworkSpec, axis: Axis, size: (name: string) => number, out: number): Traced {
  const needed = new Map<string, Set<number>>([[nodes.at(-1)![0], new Set([out])]]);
  let clipped = false;
  for (const [name, node] of nodes.toReversed()) {
    for (const from of inputsOf(node)) {
      const set = needed.get(from) ?? new Set();
      needed.set(from, set);
      for (const o of needed.get(name) ?? [])
        for (const i of tapsOf(node, axis, o)) {
          if (i >= 0 && i < size(from)) set.add(i);
          else clipped = true;
        }
    }
  }
  return { indices: needed.get('in') ?? new Set(), clipped };
}

function tapsOf(node: NodeSpec, axis: Axis, o: number): readonly number[] {
  if (node.op === 'add') return [o];
  if (node.op === 'upsample') return [Math.floor(o / node.factor)];
  const { kernel, stride, dilation, before } = node[axis];
  return Array.from({ length: kernel }, (_, k) => o * stride - before + k * dilation);
}

test('receptive fields are the hull of what the taps of all layers reach', () => {
  let compared = 0;
  fc.assert(
    fc.property(networkArb, (spec) => {
      const layers = networkOf(spec);
      const maps = new Map(layers.maps.map((map) => [map.id, map]));
      const sink = maps.get(layers.layers.at(-1)!.output.map)!;
      const [input] = receptiveField({ layers }, layers.layers);
      for (const [axis, length] of [
        ['x', 'width'],
        ['y', 'height'],
      ] as const) {
        const middle = Math.floor((sink[length] - 1) / 2);
        const { indices, clipped } = traced(spec, axis, (name) => maps.get(tensorId(name))![length], middle);
        const hull = Math.max(...indices) - Math.min(...indices) + 1;
        // Where a tap lies in a pad, what is between it and the next one still counts.
        if (clipped) expect(input![axis]).toBeGreaterThanOrEqual(hull);
        else expect(input![axis]).toBe(hull);
        if (!clipped) compared++;
      }
    }),
    { seed: 2023, numRuns: 300 },
  );
  expect(compared).toBeGreaterThan(100);
});

describe('recompute', () => {
  // Two 3x3 convolutions without pads: 8x8 -> 6x6 -> 4x4, one channel each.
  const ir = {
    layers: networkOf({
      input: { width: 8, height: 8, channels: 1 },
      nodes: [
        ['a', { op: 'conv', from: 'in', ...square(3), channels: 1 }],
        ['b', { op: 'conv', from: 'a', ...square(3), channels: 1 }],
      ],
    }),
  };
  const tile = { x: 2, y: 2 };
  const stack = (mode: 'fully-recompute' | 'fully-cached', ...names: string[]) =>
    stackOf(ctx, names.map(layerId), { tile, mode });

  test('is what tiles do twice', () => {
    // Each of 2 x 2 tiles needs 4 x 4 pixels of @a, which has 6 x 6: 64 instead of 36, at 9 MAC each.
    expect(recomputeOf(ir, ctx, stack('fully-recompute', 'a', 'b'))).toEqual({
      macs: 9 * (64 + 16),
      recomputedMacs: 9 * 28,
    });
    expect(recomputeOf(ir, ctx, stack('fully-cached', 'a', 'b'))).toEqual({
      macs: 9 * 52,
      recomputedMacs: 0,
    });
  });

  test('is what a cut saves', () => {
    const [before, after] = [stack('fully-recompute', 'a'), stack('fully-recompute', 'b')];
    expect(recomputeSavedByCut(ir, ctx, before, after)).toBe(9 * 28);
  });
});
