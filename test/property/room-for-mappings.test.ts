/**
 * Mappings beside caches, weights and waiting maps, on random networks, stacks and memories: nothing overfills a memory.
 * What a mapping holds is counted element by element from its loops, and what else there is from the allocation. The
 * seed is printed on failure.
 */
import fc from 'fast-check';
import { memoryId, stackId } from '../../src/base/ids.js';
import { PROFILES } from '../../src/base/profile.js';
import type { Accelerator } from '../../src/hw/accelerator.js';
import type { Memory } from '../../src/hw/memory.js';
import type { LayerAllocation, StackAllocation, TypeAllocation } from '../../src/ir/alloc.js';
import type { LayerTileCost, TypeCost } from '../../src/ir/cost.js';
import type { InputOperand, Layer, LoopDim, Workload } from '../../src/ir/layer.js';
import { OVERLAP_MODES } from '../../src/ir/stack.js';
import type { AxisClass, TiledStack } from '../../src/ir/tile.js';
import { createMapper } from '../../src/mapping/mapper.js';
import { evaluateStack } from '../../src/schedule/evaluate-stack.js';
import { memoised } from '../../src/schedule/memo.js';
import { acceleratorOf, levelsArb, levelsFor } from '../support/random-accelerators.js';
import { sparseNetworkArb, tileArb } from '../support/random-networks.js';
import { networkOf } from '../support/workloads.js';

const profile = PROFILES.default;
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 200);
const PSUM_BITS = 16;

const caseArb = fc.record({
  spec: sparseNetworkArb,
  tile: tileArb,
  mode: fc.constantFrom(...OVERLAP_MODES),
  levels: levelsArb,
});

test(`what mappings hold fits beside everything else, ${RUNS} random cases`, () => {
  let [filled, crowded] = [0, 0];
  fc.assert(
    fc.property(caseArb, ({ spec, tile, mode, levels }) => {
      const workload = networkOf(spec);
      const evaluate = (hw: Accelerator) => {
        const stack = {
          id: stackId(0),
          layers: workload.layers.map(({ id }) => id),
          tile,
          mode,
          handOver: memoryId('dram'),
        };
        const { mapper } = memoised(createMapper(hw, profile, { lpfLimit: null }));
        return evaluateStack(workload, stack, hw, profile, mapper);
      };
      const roomy = evaluate(acceleratorOf([], PSUM_BITS));
      if (roomy.kind !== 'costed') throw new Error('everything fits into DRAM');
      const demands = roomy.allocation.types.map(
        (type) => type.aliveBits + type.hCacheBits + type.vCacheBits + roomy.allocation.weightBits,
      );
      const hw = acceleratorOf(levelsFor(levels, demands), PSUM_BITS);
      const result = evaluate(hw);
      if (result.kind !== 'costed') return;
      const { tiled, allocation, cost } = result;
      cost.types.forEach((type, t) => {
        for (const { id, held, others, sizeBits } of occupied(workload, hw, tiled, allocation, type, t)) {
          expect(
            `${id} ${held + others <= sizeBits ? 'holds' : `has ${sizeBits} bit for`} ${held} + ${others} bit`,
          ).toBe(`${id} holds ${held} + ${others} bit`);
          if (others > 0) crowded++;
          if (others > 0 && held + others > 0.9 * sizeBits) filled++;
        }
      });
    }),
    { numRuns: RUNS, seed: 20230223 },
  );
  expect(filled).toBeGreaterThan(crowded / 50);
});

interface Occupied {
  readonly id: string;
  readonly held: number;
  readonly others: number;
  readonly sizeBits: number;
}

/** Per layer of a tile and memory below the top. */
function occupied(
  workload: Workload,
  { memories }: Accelerator,
  tiled: TiledStack,
  allocation: StackAllocation,
  cost: TypeCost,
  t: number,
): readonly Occupied[] {
  const type = allocation.types[t]!;
  const { column, row } = tiled.types[t]!;
  const axes = { x: tiled.columns[column]!, y: tiled.rows[row]! };
  return cost.layers.flatMap((mapped, l) => {
    const layer = workload.layers.find(({ id }) => id === mapped.layer)!;
    return memories.slice(0, -1).map((memory): Occupied => {
      const held = heldBits(layer, mapped, memory, memories, type.layers[l]!, axes);
      const weights = allocation.weightLevel === memory.id ? allocation.weightBits - weightBits(layer) : 0;
      const waiting = waitingBits(workload, type, l, memory, axes);
      const others = weights + cacheBits(type, memory) + waiting;
      return { id: `${cost.type} ${layer.id} ${memory.id}`, held, others, sizeBits: memory.sizeBits };
    });
  });
}

/** Weights of a layer among those that stay: none that differ from pixel to pixel. */
const weightBits = ({ inputs, loops, weightBits: bits }: Layer): number => {
  const weights = inputs.find(({ path }) => path === 'W');
  const sizeOf = (dim: LoopDim): number => loops.find((loop) => loop.dim === dim)?.size ?? 1;
  const perPixel = weights?.dims.some((dim) => ['OX', 'OY'].includes(dim) && sizeOf(dim) > 1);
  return weights === undefined || perPixel ? 0 : bits;
};

function cacheBits(type: TypeAllocation, { id }: Memory): number {
  const columns = [type.hCache.read, type.hCache.write].includes(id);
  const rows = [type.vCache.read, type.vCache.write].includes(id);
  const both = columns && rows ? type.cornerBits : 0;
  return (columns ? type.hCacheBits : 0) + (rows ? type.vCacheBits : 0) - both;
}

interface Axes {
  readonly x: AxisClass;
  readonly y: AxisClass;
}

/** Maps made or brought in before layer `l` that one behind it reads, but for those that `l` itself may read there. */
function waitingBits(
  { layers, maps }: Workload,
  type: TypeAllocation,
  l: number,
  { id }: Memory,
  { x, y }: Axes,
): number {
  const run = type.layers.map(({ layer }) => layers.find((one) => one.id === layer)!);
  const reads = ({ inputs }: Layer, map: string): boolean =>
    inputs.some(({ sources }) => sources.some((source) => source.map === map));
  const placed = [
    ...type.inputLevels,
    ...run.slice(0, l).map(({ output }, at) => ({ map: output.map, memory: type.layers[at]!.top.O })),
  ];
  return placed
    .filter(({ map, memory }) => memory === id && run.slice(l + 1).some((later) => reads(later, map)))
    .filter(({ map }) => !(reads(run[l]!, map) && type.layers[l]!.top.I === id))
    .reduce((sum, { map }) => {
      const { elementsPerPixel, bits } = maps.find((one) => one.id === map)!;
      const fresh = (axis: AxisClass): number => axis.actual.maps.find((one) => one.map === map)!.fresh;
      return sum + elementsPerPixel * bits * fresh(x) * fresh(y);
    }, 0);
}

/** Bits of all operands in one instance of a memory. */
function heldBits(
  layer: Layer,
  mapped: LayerTileCost,
  memory: Memory,
  memories: readonly Memory[],
  { top, bypass }: LayerAllocation,
  axes: Axes,
): number {
  const rank = (id: string): number => memories.findIndex((one) => one.id === id);
  const bits = ({ name, path }: Pick<InputOperand, 'name' | 'path'> | { name: 'O'; path: 'O' }): number => {
    const isOpen = memory.operands.includes(path) && rank(memory.id) <= rank(top[path]!);
    const lowest = memories.find(({ operands }) => operands.includes(path))!;
    // What is only moved or compared passes by memories too narrow for an element.
    const widest = name === 'O' ? layer.output.psumBits : 8;
    if (!isOpen || (layer.kind !== 'mac' && memory.sizeBits < widest)) return 0;
    if (bypass && name === 'Y' && memory === lowest) return 0;
    const inside = mapped.temporal.map(({ level }) => rank(level[name]!) <= rank(memory.id));
    const below = mapped.temporal.map(({ level }) => rank(level[name]!) < rank(memory.id));
    const iterations = (dim: LoopDim): number => {
      const temporal = mapped.temporal.reduce(
        (product, one, i) => (one.dim === dim && inside[i]! ? product * one.size : product),
        1,
      );
      const units = mapped.spatial.find((one) => one.dim === dim && memory.serves.includes(one.array));
      return Math.ceil(temporal * (units?.size ?? 1) - 1e-9);
    };
    if (name === 'O') {
      const sums = mapped.temporal.some(({ dim }, i) => !below[i]! && !layer.output.dims.includes(dim));
      const elements = layer.output.dims.reduce((product, dim) => product * iterations(dim), 1);
      return elements * (sums ? layer.output.psumBits : layer.output.bits);
    }
    const input = layer.inputs.find((one) => one.name === name)!;
    return elementsOf(layer, input, iterations, axes) * input.bits;
  };
  return [{ name: 'O' as const, path: 'O' as const }, ...layer.inputs].reduce(
    (sum, one) => sum + bits(one),
    0,
  );
}

/** Distinct elements, window by window; no more of them than there are in the map, and of a share as many exist. */
function elementsOf(
  layer: Layer,
  { dims, windows, sources, share }: InputOperand,
  iterations: (dim: LoopDim) => number,
  axes: Axes,
): number {
  const windowed: readonly LoopDim[] = windows.flatMap(({ out, kernel }) => [out, kernel]);
  const direct = dims.filter((dim) => !windowed.includes(dim));
  const { exist, of } = share ?? { exist: 1, of: 1 };
  const elements = windows.reduce(
    (product, { axis, out, kernel, stride, dilation }) => {
      const touched = new Set<number>();
      for (let o = 0; o < iterations(out); o++)
        for (let k = 0; k < iterations(kernel); k++) touched.add(stride * o + dilation * k);
      const { layers } = axes[axis].actual;
      const extents = layers.find((one) => one.layer === layer.id)!.inputs;
      const at = layer.inputs.findIndex((one) => one.sources === sources);
      const present = Math.max(...extents[at]!.map(({ needed }) => needed));
      return product * Math.min(touched.size, present);
    },
    direct.reduce((product, dim) => product * iterations(dim), 1),
  );
  return Math.ceil((elements * exist) / of);
}
