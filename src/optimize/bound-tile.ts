/**
 * A layer in one tile of known size as its lower bound sees it: what units share, what truncation takes and what passes
 * the ports of its memories is then known, and formulas (3) to (5) become what the cost model itself counts.
 */
import { known } from '../base/assert.js';
import type { Profile } from '../base/profile.js';
import { fanOutNumbers } from '../cost/fan-out.js';
import { fanOutOf, nestOf } from '../cost/nest.js';
import { roundingOf, type Rounding } from '../cost/rounding.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { LoopDim } from '../ir/layer.js';
import type { LayerTileProblem } from '../ir/layer-tile.js';
import { hierarchyOf } from '../schedule/hierarchy.js';
import { tileLoops } from '../schedule/layer-problem.js';
import { elementsOf, limitsOf, type BoundLayer, type BoundOperand, type Outputs } from './bound-layer.js';
import { areTopsPublished, publishedTops, type Tops } from './least-tops.js';
import { staysOf } from './stays.js';
import { mostElements, trafficOf } from './traffic.js';
import { keptAt } from './truncation.js';

/** The same layer in a tile of so many output columns and rows. */
export function boundTile(
  hw: Accelerator,
  profile: Profile,
  whole: BoundLayer,
  out: Readonly<Record<'x' | 'y', number>>,
): BoundLayer {
  const tile = layerTile(hw, profile, whole, out);
  const { problem, countOf } = tile;
  const tops = areTopsPublished(profile)
    ? publishedTops(whole.data, out, hierarchyOf(hw), profile)
    : undefined;
  const passes = !whole.isReal || mayPassBy(whole, tile);
  const operands = whole.operands.map((operand, o): BoundOperand => {
    const loops = known(tile.loops[o], 'operand');
    return {
      ...operand,
      ...sharedIn(whole, operand, tile, loops),
      ...trafficIn(whole, operand, tile, loops),
      lowestTop: raisedTop(operand, tops),
      mayPassBy: operand.mayPassBy && passes,
    };
  });
  const stays = staysOf(problem.operands, problem.loops, ({ dim }) => countOf(dim));
  return { ...whole, problem, operands, stays, steps: tile.steps };
}

/** The loops of a layer in a tile of known size. */
interface LayerTile {
  readonly problem: LayerTileProblem;
  readonly outputs: Outputs;
  readonly iterations: number;
  readonly steps: number;
  readonly sizeOf: (dim: LoopDim) => number;
  readonly countOf: (dim: LoopDim) => number;
  /** Per operand, loops over the array by level. */
  readonly loops: readonly ReturnType<typeof fanOutOf>[];
  readonly rounding: Rounding;
}

function layerTile(
  hw: Accelerator,
  profile: Profile,
  { layer, problem: whole, fixedIterations }: BoundLayer,
  out: Readonly<Record<'x' | 'y', number>>,
): LayerTile {
  const problem = { ...whole, loops: tileLoops(layer, { out }) };
  const nest = nestOf(hw, profile, problem);
  const sizes = new Map(problem.loops.map(({ dim, size }) => [dim, size]));
  const counts = new Map(nest.temporal.map(({ dim, size }) => [dim, size]));
  const columns = sizes.has('OX') ? out.x / layer.upsample.x : 1;
  const rows = sizes.has('OY') ? out.y / layer.upsample.y : 1;
  return {
    problem,
    outputs: { columns, rows },
    iterations: fixedIterations * columns * rows,
    steps: nest.temporal.reduce((product, { size }) => product * size, 1),
    sizeOf: (dim) => sizes.get(dim) ?? 1,
    countOf: (dim) => counts.get(dim) ?? 1,
    loops: problem.operands.map((operand) => fanOutOf(hw, nest, operand)),
    rounding: roundingOf(profile),
  };
}

/** What units share, and what truncation leaves. */
function sharedIn(
  { clipped, isReal }: BoundLayer,
  operand: BoundOperand,
  tile: LayerTile,
  loops: LayerTile['loops'][number],
): Pick<BoundOperand, 'shared' | 'kept'> {
  const { shared, kept, memories } = operand;
  // Where a window meets a border there are fewer elements than units, and past the lowest level units share otherwise:
  // sharing is bounded as for any tile.
  if ((operand.windows.length > 0 && clipped) || (operand.name === 'Y' && isReal)) return { shared, kept };
  const fanOut = fanOutNumbers(operand, loops, tile.rounding);
  const { iterations, steps, sizeOf, countOf } = tile;
  const ofTile = memories.map(
    (_, a) =>
      iterations / (steps * known(fanOut.perCycle[a], 'level') * known(fanOut.instances[a + 1], 'level')),
  );
  // What nothing is taken from is whole already.
  if (isReal) return { shared: ofTile, kept };
  const laid = { operand, loops, fanOut, sizeOf, countOf };
  return { shared: ofTile, kept: memories.map((_, a) => keptAt(laid, a)) };
}

/** What passes the ports of its memories; none where it is not known how much of the map there is. */
function trafficIn(
  whole: BoundLayer,
  operand: BoundOperand,
  { outputs, countOf, rounding }: LayerTile,
  loops: LayerTile['loops'][number],
): Pick<BoundOperand, 'traffic'> {
  if (!whole.isReal) return {};
  const limits = limitsOf(whole, operand, outputs);
  return limits.includes(0) ? {} : { traffic: trafficOf(operand, loops, countOf, limits, rounding) };
}

/**
 * Whether the second input of an elementwise layer may pass by the lowest level: not where both inputs and the output
 * have room for what the array works on at once, or for all of an output that may stay there (reference model, 4.4).
 */
function mayPassBy(whole: BoundLayer, tile: LayerTile): boolean {
  const { operands } = whole;
  const memory = operands.find(({ name }) => name === 'Y')?.memories[0];
  if (memory === undefined) return false;
  const needs = operands.map((operand, o) => {
    const level = operand.memories.indexOf(memory);
    if (level < 0) return 0;
    const units = known(tile.loops[o], 'operand').slice(0, level + 1);
    const once = mostElements(operand, units, () => 1, tile.rounding);
    const widest = Math.max(operand.bits, operand.psumBits);
    const stays =
      operand.name === 'O' && elementsOf(whole, operand, tile.outputs) * operand.bits <= memory.sizeBits;
    return widest * (stays ? mostElements(operand, units, tile.countOf, tile.rounding) : once);
  });
  return needs.reduce((sum, bits) => sum + bits, 0) > memory.sizeBits;
}

const raisedTop = ({ path, levels, lowestTop }: BoundOperand, tops: Tops | undefined): number =>
  tops === undefined || path === 'W'
    ? lowestTop
    : Math.max(
        lowestTop,
        levels.findIndex((index) => index >= tops[path]),
      );
