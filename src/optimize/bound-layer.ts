/**
 * A layer as its lower bound sees it, whatever its tiles: steps and iterations of the loops that tiles leave whole, and
 * per operand its memories, how many units share an element there, and where it may have its top.
 */
import { known } from '../base/assert.js';
import type { MemoryId } from '../base/ids.js';
import type { Profile } from '../base/profile.js';
import { fanOutNumbers } from '../cost/fan-out.js';
import { fanOutOf, nestOf } from '../cost/nest.js';
import { roundingOf } from '../cost/rounding.js';
import { instancesOf, type Accelerator } from '../hw/accelerator.js';
import type { Memory } from '../hw/memory.js';
import type { Layer, LoopDim, LoopSize, Region, Unrolling } from '../ir/layer.js';
import type { LayerTileProblem, TileOperand } from '../ir/layer-tile.js';
import { hierarchyOf } from '../schedule/hierarchy.js';
import { tileLoops } from '../schedule/layer-problem.js';
import { arrayPortsOf, type ArrayPorts } from './array-ports.js';
import { areTopsPublished, publishedTops, type StreamedData, type Tops } from './least-tops.js';
import { portRoutesOf, type PortRoutes } from './port-loads.js';
import { staysOf, type Stays } from './stays.js';
import { keptAt } from './truncation.js';

export interface BoundOperand extends TileOperand {
  readonly memories: readonly Memory[];
  /** Index in `memories` of the lowest level that may be the top. */
  readonly lowestTop: number;
  /** Boundaries of which the innermost loops decide: below the lowest level, and above it if it holds one element. */
  readonly bare: 1 | 2;
  /** Elements of the lowest level, per instance: at most. */
  readonly held: number;
  /** By boundary: iterations of one cycle that share an element there, at most (formula 3). */
  readonly shared: readonly number[];
  /** By boundary: what truncation leaves of the elements that cross it, at least; 1 where nothing is truncated. */
  readonly kept: readonly number[];
}

export type OperandPath = Pick<BoundOperand, 'name' | 'path' | 'levels' | 'bare'>;

export interface Outputs {
  readonly columns: number;
  readonly rows: number;
}

/** What does not depend on tiles. */
export interface BoundLayer {
  readonly layer: Layer;
  readonly data: StreamedData;
  readonly problem: LayerTileProblem;
  readonly operands: readonly BoundOperand[];
  /** The memories they take, which are the same in every tile. */
  readonly paths: readonly OperandPath[];
  /** Steps of the loops that tiles do not divide, and their iterations. */
  readonly fixedSteps: number;
  readonly fixedIterations: number;
  readonly unrollOf: ReadonlyMap<LoopDim, number>;
  /** Of all loops, where the size of the tile is known. */
  readonly steps: number | undefined;
  readonly stays: Stays;
  readonly ports: ArrayPorts;
  readonly routes: PortRoutes;
  readonly top: Memory;
  /** Memories of which there is one instance. */
  readonly singles: ReadonlySet<MemoryId>;
  /** Elements outside of a map do not exist. */
  readonly clipped: boolean;
}

/** `problem`: of the whole layer, with all levels open. */
export function boundLayer(
  hw: Accelerator,
  profile: Profile,
  layer: Layer,
  data: StreamedData,
  problem: LayerTileProblem,
): BoundLayer {
  const unrollOf = new Map<LoopDim, number>();
  for (const { dim, size } of problem.unrolling) unrollOf.set(dim, (unrollOf.get(dim) ?? 1) * size);
  const ports = arrayPortsOf(hw, problem.operands);
  const fixed = problem.loops.filter(({ dim }) => dim !== 'OX' && dim !== 'OY');
  const operands = problem.operands.map((operand) => boundOperand(hw, profile, layer, problem, operand));
  return {
    layer,
    data,
    problem,
    operands,
    paths: operands,
    fixedSteps: fixed.reduce((product, loop) => product * stepsOf(loop, unrollOf), 1),
    fixedIterations: fixed.reduce((product, { size }) => product * size, 1),
    unrollOf,
    steps: undefined,
    stays: staysOf(problem.operands, problem.loops, (loop) =>
      fixed.includes(loop) ? stepsOf(loop, unrollOf) : undefined,
    ),
    ports,
    routes: portRoutesOf(hw, problem.operands, ports),
    top: known(hw.memories.at(-1), 'top memory'),
    singles: new Set(hw.memories.filter((memory) => instancesOf(hw, memory) === 1).map(({ id }) => id)),
    clipped: profile.padding === 'clipped',
  };
}

export const stepsOf = ({ dim, size }: LoopSize, unrollOf: ReadonlyMap<LoopDim, number>): number =>
  Math.ceil(size / (unrollOf.get(dim) ?? 1));

/**
 * The same layer in a tile of known size: what units share and what truncation takes is then known as well, and
 * formulas (3) to (5) become what the cost model itself counts.
 */
export function boundTile(
  hw: Accelerator,
  profile: Profile,
  whole: BoundLayer,
  out: Readonly<Record<'x' | 'y', number>>,
): BoundLayer {
  const { layer, fixedIterations } = whole;
  const problem = { ...whole.problem, loops: tileLoops(layer, { out }) };
  const nest = nestOf(hw, profile, problem);
  const count = nest.temporal.reduce((product, { size }) => product * size, 1);
  const has = (dim: LoopDim): boolean => problem.loops.some((loop) => loop.dim === dim);
  const columns = has('OX') ? out.x / layer.upsample.x : 1;
  const rows = has('OY') ? out.y / layer.upsample.y : 1;
  const iterations = fixedIterations * columns * rows;
  const sizes = new Map(problem.loops.map(({ dim, size }) => [dim, size]));
  const counts = new Map(nest.temporal.map(({ dim, size }) => [dim, size]));
  const tile = {
    sizeOf: (dim: LoopDim): number => sizes.get(dim) ?? 1,
    countOf: (dim: LoopDim): number => counts.get(dim) ?? 1,
  };
  const tops = areTopsPublished(profile)
    ? publishedTops(whole.data, out, hierarchyOf(hw), profile)
    : undefined;
  const operands = whole.operands.map((operand): BoundOperand => {
    // Where a window meets a border there are fewer elements than units: sharing is bounded as for any tile.
    if (operand.windows.length > 0 && profile.padding === 'clipped') return operand;
    const loops = fanOutOf(hw, nest, operand);
    const fanOut = fanOutNumbers(operand, loops, roundingOf(profile));
    const shared = operand.memories.map(
      (_, a) =>
        iterations / (count * known(fanOut.perCycle[a], 'level') * known(fanOut.instances[a + 1], 'level')),
    );
    const laid = { operand, loops, fanOut, ...tile };
    // What nothing is taken from is whole already.
    const kept =
      profile.fractions === 'real' ? operand.kept : operand.memories.map((_, a) => keptAt(laid, a));
    return { ...operand, shared, kept, lowestTop: raisedTop(operand, tops) };
  });
  const stays = staysOf(problem.operands, problem.loops, ({ dim }) => tile.countOf(dim));
  return { ...whole, problem, operands, stays, steps: count };
}

const raisedTop = ({ path, levels, lowestTop }: BoundOperand, tops: Tops | undefined): number =>
  tops === undefined || path === 'W'
    ? lowestTop
    : Math.max(
        lowestTop,
        levels.findIndex((index) => index >= tops[path]),
      );

function boundOperand(
  hw: Accelerator,
  profile: Profile,
  layer: Layer,
  { loops, unrolling }: LayerTileProblem,
  operand: TileOperand,
): BoundOperand {
  const memories = operand.levels.map((index) => known(hw.memories[index], 'memory'));
  const top = memories.length - 1;
  const [lowest] = memories;
  const widest = Math.max(operand.bits, 1);
  const held = Math.floor(known(lowest, 'lowest memory').sizeBits / widest);
  // Weights may stay in a memory of many instances, activations in one of a single instance only (4.2 to 4.4).
  const mayBeTop = (memory: Memory): boolean =>
    operand.path === 'W' ? memory.sizeBits >= layer.weightBits : instancesOf(hw, memory) === 1;
  const single = Math.floor(known(lowest, 'lowest memory').sizeBits / Math.max(operand.psumBits, 1)) <= 1;
  const lowestTop = memories.findIndex((memory, m) => m === top || mayBeTop(memory));
  // Of a window, elements that do not exist let one that does stay.
  const padded = operand.windows.some(({ out }) => !isUnpadded(layer, operand.name, out));
  return {
    ...operand,
    memories,
    lowestTop,
    bare: single && lowestTop > 0 && !padded ? 2 : 1,
    held,
    shared: memories.map((_, a) =>
      sharedIterations(operand, layer, unrolling, loops, memories.slice(0, a + 1)),
    ),
    kept: memories.map(() => (profile.fractions === 'real' ? 1 : 0)),
  };
}

/**
 * Iterations of one cycle that use the same element of an operand in the memories up to a boundary: those of the array
 * dims they serve that do not index it; of a window those of the kernel, for outputs have elements of their own.
 */
function sharedIterations(
  operand: TileOperand,
  layer: Layer,
  unrolling: readonly Unrolling[],
  loops: readonly LoopSize[],
  memories: readonly Memory[],
): number {
  const sizes = new Map(loops.map(({ dim, size }) => [dim, size]));
  const used = new Map<LoopDim, number>();
  for (const { array, dim, size } of unrolling) {
    if (!memories.some(({ serves }) => serves.includes(array))) continue;
    const total = sizes.get(dim) ?? 1;
    // Loops that tiles do not divide use the same units in every tile, on average; others at most all of them.
    const units = dim === 'OX' || dim === 'OY' ? size : total / Math.ceil(total / size);
    used.set(dim, (used.get(dim) ?? 1) * Math.max(1, units));
  }
  const of = (dim: LoopDim): number => used.get(dim) ?? 1;
  const direct = operand.irrelevant.reduce((product, dim) => product * of(dim), 1);
  return operand.windows.reduce(
    (product, { out, kernel }) =>
      product * (everyOutputHasItsOwn(layer, operand.name, out) ? of(kernel) : of(out) * of(kernel)),
    direct,
  );
}

/** Whether as many outputs in a row always touch at least as many real columns (rows): none lies in pads alone. */
function everyOutputHasItsOwn(layer: Layer, name: TileOperand['name'], out: LoopDim): boolean {
  return regionsOf(layer, name, out).every(
    (region) =>
      region.kind === 'window' && region.before + region.after <= region.dilation * (region.kernel - 1),
  );
}

const isUnpadded = (layer: Layer, name: TileOperand['name'], out: LoopDim): boolean =>
  regionsOf(layer, name, out).every(
    (region) => region.kind === 'window' && region.before === 0 && region.after === 0,
  );

const regionsOf = (layer: Layer, name: TileOperand['name'], out: LoopDim): readonly Region[] =>
  (layer.inputs.find((candidate) => candidate.name === name)?.sources ?? []).map((source) =>
    out === 'OX' ? source.x : source.y,
  );

/** Elements of an operand that the layer touches, each once (formula 6). */
export function elementsOf(
  { layer, problem, clipped }: BoundLayer,
  { name, relevant, windows }: TileOperand,
  outputs: Outputs,
): number {
  const sizeOf = (dim: LoopDim): number => {
    if (dim === 'OX') return outputs.columns;
    if (dim === 'OY') return outputs.rows;
    return problem.loops.find((loop) => loop.dim === dim)?.size ?? 1;
  };
  const direct = relevant.reduce((product, dim) => product * sizeOf(dim), 1);
  return windows.reduce((product, { out, kernel, stride, dilation }) => {
    const [outs, taps] = [sizeOf(out), sizeOf(kernel)];
    const regions = regionsOf(layer, name, out);
    if (!regions.every((region) => region.kind === 'window')) return 0;
    const pads = clipped ? Math.max(0, ...regions.map(({ before, after }) => before + after)) : 0;
    const touched = taps >= stride ? (outs - 1) * stride + taps : outs * taps;
    if (dilation === 1) return product * Math.max(0, touched - pads);
    return everyOutputHasItsOwn(layer, name, out) ? product * outs : 0;
  }, direct);
}
