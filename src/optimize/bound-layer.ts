/**
 * A layer as its lower bound sees it, whatever its tiles: steps and iterations of the loops that tiles leave whole, and
 * per operand its memories, how many units share an element there, and where it may have its top. How much of it is
 * computed, and what is known of that, is its work (layer-work.ts).
 */
import { known } from '../base/assert.js';
import type { MemoryId } from '../base/ids.js';
import type { Profile } from '../base/profile.js';
import { instancesOf, type Accelerator } from '../hw/accelerator.js';
import type { Memory } from '../hw/memory.js';
import type { Axis, Layer, LoopDim, LoopSize, Region, Unrolling } from '../ir/layer.js';
import type { LayerTileProblem, TileOperand, TileWindow } from '../ir/layer-tile.js';
import { arrayPortsOf, type ArrayPorts } from './array-ports.js';
import type { StreamedData } from './least-tops.js';
import { portRoutesOf, type PortRoutes } from './port-loads.js';
import { staysOf, type Stays } from './stays.js';

/** What holds of an operand in any tile, or more closely in one of known size. */
export interface OperandLimits {
  /** Index in its memories of the lowest level that may be the top. */
  readonly lowestTop: number;
  /** By boundary: iterations of one cycle that share an element there, at most (formula 3). */
  readonly shared: readonly number[];
  /** By boundary: what truncation leaves of the elements that cross it, at least; 1 where nothing is truncated. */
  readonly kept: readonly number[];
  /** Whether it may pass by the lowest level, as the second input of an elementwise layer does that has no room there. */
  readonly mayPassBy: boolean;
}

export interface BoundOperand extends TileOperand, OperandLimits {
  readonly memories: readonly Memory[];
  /** Boundaries of which the innermost loops decide: below the lowest level, and above it if it holds one element. */
  readonly bare: 1 | 2;
  /** Elements of the lowest level, per instance: at most. */
  readonly held: number;
  /** Of the lowest level. */
  readonly instances: number;
}

export type OperandPath = Pick<BoundOperand, 'name' | 'path' | 'levels' | 'bare'>;

/** Output columns and rows of a tile. */
export type TileOutputs = Readonly<Record<Axis, number>>;

/** Those of its loops: with upsampling, each computes several. */
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
  readonly stays: Stays;
  readonly ports: ArrayPorts;
  readonly routes: PortRoutes;
  readonly top: Memory;
  /** Memories of which there is one instance. */
  readonly singles: ReadonlySet<MemoryId>;
  /** Elements outside of a map do not exist. */
  readonly clipped: boolean;
  /** Nothing is truncated. */
  readonly isReal: boolean;
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
  const ports = arrayPortsOf(hw, problem.operands.map(onAverage));
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
    stays: staysOf(problem.operands, problem.loops, (loop) =>
      fixed.includes(loop) ? stepsOf(loop, unrollOf) : undefined,
    ),
    ports,
    routes: portRoutesOf(hw, problem.operands, ports),
    top: known(hw.memories.at(-1), 'top memory'),
    singles: new Set(hw.memories.filter((memory) => instancesOf(hw, memory) === 1).map(({ id }) => id)),
    clipped: profile.padding === 'clipped',
    isReal: profile.fractions === 'real',
  };
}

/** Of elements of which a share exists, each has that share of its bits. */
function onAverage(operand: TileOperand): TileOperand {
  const { share, ...all } = operand;
  return share === undefined ? operand : { ...all, bits: (operand.bits * share.exist) / share.of };
}

export const stepsOf = ({ dim, size }: LoopSize, unrollOf: ReadonlyMap<LoopDim, number>): number =>
  Math.ceil(size / (unrollOf.get(dim) ?? 1));

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
  // Elements that do not exist, of a window or of a share, let one that does stay.
  const padded = operand.windows.some(({ out }) => !isUnpadded(layer, operand.name, out));
  return {
    ...onAverage(operand),
    memories,
    lowestTop,
    bare: single && lowestTop > 0 && !padded && operand.share === undefined ? 2 : 1,
    held,
    instances: instancesOf(hw, known(lowest, 'lowest memory')),
    mayPassBy: operand.name === 'Y',
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

/**
 * By boundary, iterations of one cycle that share an element: as many as in any tile, and those more that take none,
 * since all their outputs lie in pads. Of an operand, or of some of the dims that index it.
 */
export function sharedAmong(bound: BoundLayer, operand: BoundOperand, outputs: Outputs): readonly number[] {
  if (!bound.clipped) return operand.shared;
  const idle = operand.windows.reduce((factor, { out }) => {
    const outs = sizeIn(bound, out, outputs);
    const { upsample } = bound.layer;
    const pads = idleOutputs(bound.layer, operand.name, out) / (out === 'OX' ? upsample.x : upsample.y);
    return pads === 0 ? factor : factor * (outs / Math.max(0, outs - pads));
  }, 1);
  return idle === 1 ? operand.shared : operand.shared.map((iterations) => iterations * idle);
}

/** Output columns (rows) whose window reaches no column (row) of the map, at most. */
function idleOutputs(layer: Layer, name: TileOperand['name'], out: LoopDim): number {
  const idle = regionsOf(layer, name, out).map((region) => {
    if (region.kind !== 'window') return Infinity;
    const reach = region.dilation * (region.kernel - 1);
    const beyond = (pads: number): number => Math.max(0, Math.ceil((pads - reach) / region.stride));
    return beyond(region.before) + beyond(region.after);
  });
  return Math.min(...idle);
}

const isUnpadded = (layer: Layer, name: TileOperand['name'], out: LoopDim): boolean =>
  regionsOf(layer, name, out).every(
    (region) => region.kind === 'window' && region.before === 0 && region.after === 0,
  );

const regionsOf = (layer: Layer, name: TileOperand['name'], out: LoopDim): readonly Region[] =>
  (layer.inputs.find((candidate) => candidate.name === name)?.sources ?? []).map((source) =>
    out === 'OX' ? source.x : source.y,
  );

/** What is asked of an operand, or of some of the dims that index it. */
export type Indexed = Pick<TileOperand, 'name' | 'relevant' | 'windows'>;

/** Elements of an operand that the layer touches, each once (formula 6). */
export function elementsOf(bound: BoundLayer, operand: Indexed, outputs: Outputs): number {
  const direct = operand.relevant.reduce((product, dim) => product * sizeIn(bound, dim, outputs), 1);
  return operand.windows.reduce(
    (product, window) => product * touchedBy(bound, operand, window, outputs),
    direct,
  );
}

/** 1 along an axis that the layer has no loop for. */
export function loopOutputs({ layer, problem }: BoundLayer, { x, y }: TileOutputs): Outputs {
  const has = (along: LoopDim): boolean => problem.loops.some(({ dim }) => dim === along);
  return { columns: has('OX') ? x / layer.upsample.x : 1, rows: has('OY') ? y / layer.upsample.y : 1 };
}

/** Iterations of a loop of the layer; 1 where there is none. */
export const sizeIn = ({ problem }: BoundLayer, dim: LoopDim, { columns, rows }: Outputs): number => {
  if (dim === 'OX') return columns;
  if (dim === 'OY') return rows;
  return problem.loops.find((loop) => loop.dim === dim)?.size ?? 1;
};

/** Columns (rows) of the map that a window touches, at least. */
function touchedBy(
  bound: BoundLayer,
  { name }: Indexed,
  { out, kernel, stride, dilation }: TileWindow,
  outputs: Outputs,
): number {
  const { layer, clipped } = bound;
  const [outs, taps] = [sizeIn(bound, out, outputs), sizeIn(bound, kernel, outputs)];
  const regions = regionsOf(layer, name, out);
  if (!regions.every((region) => region.kind === 'window')) return 0;
  const pads = clipped ? Math.max(0, ...regions.map(({ before, after }) => before + after)) : 0;
  const touched = taps >= stride ? (outs - 1) * stride + taps : outs * taps;
  if (dilation === 1) return Math.max(0, touched - pads);
  return everyOutputHasItsOwn(layer, name, out) ? outs : 0;
}

/** By window: columns (rows) of the map that there are in the tile, at least; infinite: as many as it asks for. */
export const limitsOf = (bound: BoundLayer, operand: Indexed, outputs: Outputs): readonly number[] =>
  operand.windows.map((window) =>
    window.dilation === 1 && (!bound.clipped || isUnpadded(bound.layer, operand.name, window.out))
      ? Infinity
      : touchedBy(bound, operand, window, outputs),
  );
