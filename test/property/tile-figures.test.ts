/**
 * Bounds of a layer in one tile of known size against every mapping of it, on random small layer tiles and hierarchies
 * with the levels of every operand given: ports of any kind, memories that hardly hold anything.
 */
import fc from 'fast-check';
import { distinctExtent } from '../../src/analysis/region.js';
import { known } from '../../src/base/assert.js';
import { layerId, tensorId } from '../../src/base/ids.js';
import { PROFILES } from '../../src/base/profile.js';
import { instancesOf, levelsOf, type Accelerator } from '../../src/hw/accelerator.js';
import type { Layer, LoopDim, Region } from '../../src/ir/layer.js';
import type { LayerTileProblem, TileOperand, TileWindow } from '../../src/ir/layer-tile.js';
import { createMapper } from '../../src/mapping/mapper.js';
import { boundLayer, type BoundLayer } from '../../src/optimize/bound-layer.js';
import { caseAt, layerFigures, leastPj, tileFigures } from '../../src/optimize/layer-bound.js';
import type { LayerWork } from '../../src/optimize/layer-work.js';
import { tileWorkOf } from '../../src/optimize/tile-work.js';
import { bestOfAllSplits } from '../support/brute-force.js';
import { tileCaseArb, type TileCase } from '../support/random-tiles.js';

const RUNS = Number(process.env['RUNS'] ?? 1500);
const SEED = Number(process.env['SEED'] ?? 20230223);
const { default: DEFAULT } = PROFILES;

const sizeIn = ({ loops }: LayerTileProblem, dim: LoopDim): number =>
  loops.find((loop) => loop.dim === dim)?.size ?? 1;

/** Columns (rows) that a window of the whole tile covers, those that do not exist included. */
const coveredBy = (problem: LayerTileProblem, { stride, out, dilation, kernel }: TileWindow): number =>
  distinctExtent(stride, sizeIn(problem, out), dilation, sizeIn(problem, kernel));

/** What a window reads, with pads as wide as what does not exist of it. */
function regionOf(problem: LayerTileProblem, { windows }: TileOperand, along: LoopDim): Region {
  const window = windows.find(({ out }) => out === along);
  if (window === undefined) return { kind: 'same' };
  const { stride, dilation, limit = Infinity } = window;
  const before = Math.max(0, coveredBy(problem, window) - limit);
  return { kind: 'window', stride, dilation, kernel: sizeIn(problem, window.kernel), before, after: 0 };
}

/** Where all that a window covers exists there is no limit to what it holds. */
const withRealLimits = ({ hw, problem }: TileCase): TileCase => ({
  hw,
  problem: {
    ...problem,
    operands: problem.operands.map((operand) => ({
      ...operand,
      windows: operand.windows.map((window): TileWindow => {
        const { limit, ...rest } = window;
        return limit !== undefined && limit < coveredBy(problem, window) ? window : rest;
      }),
    })),
  },
});

/** A layer that is no larger than the tile. */
function layerOf(problem: LayerTileProblem): Layer {
  const weights = problem.operands.find(({ path }) => path === 'W');
  const elements = weights?.relevant.reduce((product, dim) => product * sizeIn(problem, dim), 1) ?? 0;
  const output = known(problem.operands[0], 'output');
  return {
    id: layerId('layer'),
    op: 'random',
    kind: 'mac',
    coverage: 'exact',
    src: [],
    loops: problem.loops,
    output: { map: tensorId('out'), dims: output.relevant, psumBits: output.psumBits, bits: output.bits },
    inputs: problem.operands.flatMap((operand) => {
      const { name, path, bits, relevant } = operand;
      if (name === 'O' || path === 'O') return [];
      const [x, y] = [regionOf(problem, operand, 'OX'), regionOf(problem, operand, 'OY')];
      const sources = path === 'W' ? [] : [{ map: tensorId(name), elementsPerPixel: 1, x, y }];
      return [{ name, path, bits, dims: relevant, windows: [], sources }];
    }),
    upsample: { x: 1, y: 1 },
    weightBits: elements * (weights?.bits ?? 0),
    macs: 0,
    passes: problem.passes,
    postOps: [],
  };
}

/** With the tops of the problem: no lower ones, which would make for a weaker bound. */
function boundOf(
  hw: Accelerator,
  problem: LayerTileProblem,
): { readonly bound: BoundLayer; readonly work: LayerWork } {
  const data = { outputPixelBits: 0, sources: [] };
  const bound = boundLayer(hw, DEFAULT, layerOf(problem), data, problem);
  const work = tileWorkOf(hw, DEFAULT, bound)({ x: sizeIn(problem, 'OX'), y: sizeIn(problem, 'OY') });
  const operands = work.operands.map((operand, o) => ({
    ...operand,
    lowestTop: known(problem.operands[o], 'operand').levels.length - 1,
  }));
  return { bound, work: { ...work, operands } };
}

/** What a register serves no memory above it divides again, as in every accelerator that is accepted. */
function growing({ hw, problem }: TileCase): TileCase {
  let served: readonly string[] = [];
  const memories = hw.memories.map((memory) => {
    served = [...new Set([...served, ...memory.serves])];
    return { ...memory, serves: served };
  });
  return { hw: { ...hw, memories }, problem };
}

/** Weights come all the way, as in the first tile of a stack. */
const withAllWeights = ({ hw, problem }: TileCase): TileCase => ({
  hw,
  problem: {
    ...problem,
    operands: problem.operands.map((operand) =>
      operand.path === 'W' ? { ...operand, levels: levelsOf(hw, 'W') } : operand,
    ),
  },
});

test(`no mapping is below the bounds of its tile, ${RUNS} random cases`, () => {
  let [feasible, tightPj, tightCycles] = [0, 0, 0];
  fc.assert(
    fc.property(tileCaseArb(3).map(growing).map(withRealLimits).map(withAllWeights), ({ hw, problem }) => {
      const least = bestOfAllSplits(hw, DEFAULT, problem, null, (a, b) => a.energyPj < b.energyPj);
      const fastest = bestOfAllSplits(hw, DEFAULT, problem, null, (a, b) => a.cycles < b.cycles);
      if (!least || !fastest) return;
      const { bound, work } = boundOf(hw, problem);
      const figures = layerFigures(bound, work);
      const outputTop = known(known(problem.operands[0], 'output').levels.at(-1), 'top');
      const weightLevel = hw.memories.length - 1;
      const places = { weightLevel, outputLevel: outputTop, staysInput: true, staysOutput: true };
      const energyPj = leastPj(figures, places, true);
      expect(energyPj).toBeLessThanOrEqual(least.score.energyPj * (1 + 1e-9));
      const tile = tileFigures([figures]);
      const cycles = known(tile.cycles[caseAt(tile, true, true, tile.tops - 1)], 'cycles');
      expect(cycles).toBeLessThanOrEqual(fastest.score.cycles * (1 + 1e-9));
      feasible++;
      if (energyPj > 0.9 * least.score.energyPj) tightPj++;
      if (cycles > 0.9 * fastest.score.cycles) tightCycles++;
    }),
    { seed: SEED, numRuns: RUNS },
  );
  // Bounds that are never nearly met would prune nothing.
  expect(tightPj).toBeGreaterThan(feasible / 10);
  expect(tightCycles).toBeGreaterThan(feasible / 10);
});

test(`a second input passes by the lowest memory only where it is said that it may, ${RUNS} random cases`, () => {
  let [may, does] = [0, 0];
  fc.assert(
    fc.property(tileCaseArb(4).map(growing), ({ hw, problem: random }) => {
      const inputs = levelsOf(hw, 'I');
      const operands = random.operands.map((operand) =>
        operand.path === 'I' ? { ...operand, levels: inputs } : operand,
      );
      const problem = { ...random, operands };
      const second = boundOf(hw, problem).work.operands[operands.findIndex(({ name }) => name === 'Y')];
      const output = known(operands[0], 'output');
      const bottom = known(inputs[0], 'lowest memory');
      const elements = output.relevant.reduce((product, dim) => product * sizeIn(problem, dim), 1);
      // No stack leaves its output where it has no room.
      const hasRoom = elements * output.bits <= known(hw.memories[bottom], 'memory').sizeBits;
      if (second === undefined || (output.levels.at(-1) === bottom && !hasRoom)) return;
      // Caches may take up all of what exists once.
      const takenBits = hw.memories.map((memory, m) =>
        m === bottom && instancesOf(hw, memory) === 1 ? memory.sizeBits : 0,
      );
      const result = createMapper(hw, DEFAULT, { lpfLimit: null })({ ...problem, takenBits });
      const isShort = result.kind === 'unmappable' && result.reason.memory === bottom;
      if (isShort) expect(second.mayPassBy).toBe(true);
      if (second.mayPassBy) may++;
      if (isShort) does++;
    }),
    { seed: SEED, numRuns: RUNS },
  );
  expect(may).toBeGreaterThan(0);
  expect(does).toBeGreaterThan(may / 4);
});
