/**
 * Weights and the top memory, on random networks, tiles and memories in the profile `default`: every weight that some
 * tile uses has left it, by the loops of a layer or by a copy; and where every pixel has weights of its own, each time
 * that the pixel is computed. Counted from the layers and tiles alone. The seed is printed on failure.
 */
import fc from 'fast-check';
import { memoryId, stackId } from '../../src/base/ids.js';
import { PROFILES } from '../../src/base/profile.js';
import type { StackCost } from '../../src/ir/cost.js';
import type { Layer, LoopDim } from '../../src/ir/layer.js';
import { OVERLAP_MODES } from '../../src/ir/stack.js';
import type { TiledStack } from '../../src/ir/tile.js';
import { createMapper } from '../../src/mapping/mapper.js';
import { evaluateStack } from '../../src/schedule/evaluate-stack.js';
import { memoised } from '../../src/schedule/memo.js';
import { acceleratorOf, levelsArb, levelsFor } from '../support/random-accelerators.js';
import { sparseNetworkArb, tileArb } from '../support/random-networks.js';
import { networkOf } from '../support/workloads.js';

const profile = PROFILES.default;
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 400);

const caseArb = fc.record({
  spec: sparseNetworkArb,
  tile: tileArb,
  mode: fc.constantFrom(...OVERLAP_MODES),
  levels: levelsArb,
});

const sizeOf = ({ loops }: Layer, dim: LoopDim): number => loops.find((loop) => loop.dim === dim)?.size ?? 1;

/** Pixels of a layer that the tiles make, again and again where they overlap. */
const pixelsMade = ({ types, columns, rows, layers }: TiledStack, { id }: Layer): number =>
  types.reduce((sum, { count, column, row }) => {
    const l = layers.indexOf(id);
    return sum + count * columns[column]!.actual.layers[l]!.out * rows[row]!.actual.layers[l]!.out;
  }, 0);

/** Bits of weights of a layer that leave DRAM, whose words are of 8 bit. */
const bitsBrought = (cost: StackCost, { id }: Layer): number =>
  cost.types.reduce((sum, { count, layers, copySteps }) => {
    const own = layers.filter(({ layer }) => layer === id).flatMap(({ accesses }) => accesses);
    const read = own.filter(({ operand, memory }) => operand === 'W' && memory === memoryId('dram'));
    const copied = copySteps.flatMap(({ copies }) => copies).filter(({ map }) => map === id);
    const words = read.reduce((all, { readLow }) => all + readLow, 0);
    return (
      sum +
      count * (8 * words + copied.reduce((all, { why, bits }) => all + (why === 'weights' ? bits : 0), 0))
    );
  }, 0);

test(`weights leave the top memory, ${RUNS} random cases`, () => {
  const seen = { kept: 0, late: 0, perPixel: 0 };
  fc.assert(
    fc.property(caseArb, ({ spec, tile, mode, levels }) => {
      const workload = networkOf(spec);
      const largest = Math.max(...workload.maps.map(({ width, height }) => 8 * width * height));
      const hw = acceleratorOf(levelsFor(levels, [largest]), 16);
      const layers = workload.layers.map(({ id }) => id);
      const stack = { id: stackId(0), layers, tile, mode, handOver: memoryId('dram') };
      const { mapper } = memoised(createMapper(hw, profile, { lpfLimit: null }));
      const result = evaluateStack(workload, stack, hw, profile, mapper);
      if (result.kind !== 'costed') return;
      const { tiled, cost, allocation } = result;
      for (const layer of workload.layers) {
        const weights = layer.inputs.find(({ path }) => path === 'W');
        const made = pixelsMade(tiled, layer);
        if (weights === undefined || made === 0) continue;
        const perPixel = weights.dims.includes('OX') && sizeOf(layer, 'OX') * sizeOf(layer, 'OY') > 1;
        const kernel = ['K', 'C', 'FY', 'FX'] as const;
        const { exist, of } = weights.share ?? { exist: 1, of: 1 };
        const bits = kernel.reduce((product, dim) => product * sizeOf(layer, dim), (8 * exist) / of);
        const least = perPixel ? bits * made : bits;
        const brought = bitsBrought(cost, layer);
        const late = cost.types[0]!.layers.every((one) => one.layer !== layer.id);
        seen[perPixel ? 'perPixel' : late ? 'late' : 'kept']++;
        // Words of fractional unrollings are fractions.
        expect([layer.id, brought >= least * (1 - 1e-9) ? least : brought]).toEqual([layer.id, least]);
        const stay = allocation.weightLevel !== memoryId('dram');
        if (late && !perPixel && stay) expect(brought).toBe(least);
      }
    }),
    { numRuns: RUNS, seed: 20230223 },
  );
  expect(seen.kept).toBeGreaterThan(RUNS);
  expect(seen.late).toBeGreaterThan(0);
  expect(seen.perPixel).toBeGreaterThan(RUNS / 20);
});
