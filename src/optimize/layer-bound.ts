/**
 * The least that a layer costs, whatever its tiles, levels and mappings (docs/lower-bound.md, whose numbered formulas
 * are cited here). Invariant: no schedule in the profile `default` is below it.
 */
import { known } from '../base/assert.js';
import type { MemoryId } from '../base/ids.js';
import type { Memory } from '../hw/memory.js';
import { instancesOf, type Accelerator } from '../hw/accelerator.js';
import type { Layer, LoopDim, LoopSize, Region, Unrolling } from '../ir/layer.js';
import type { LayerTileProblem, TileOperand } from '../ir/layer-tile.js';

/** Energy and latency that nothing is below, or that something has. */
export interface Point {
  readonly energyPj: number;
  readonly latencyCycles: number;
}

/** How much of a layer is computed, all tiles together. */
export interface LayerWork {
  /** Output columns and rows, those computed again included. */
  readonly columns: number;
  readonly rows: number;
  /** Largest share of one tile. */
  readonly largest: { readonly x: number; readonly y: number };
  /** Tiles in which the layer runs, at least. */
  readonly tiles: number;
  /** Lowest memory that can hold the weights of its stack (index). */
  readonly weightLevel: number;
  /** Tiles of which each computes at least so many columns and rows. */
  readonly inner: { readonly tiles: number; readonly x: number; readonly y: number };
  /** Whether its input and its output are neither the stack's: they stay in the lowest memories that hold a tile. */
  readonly stays: { readonly input: boolean; readonly output: boolean };
}

/** Energy per bit, pJ. */
const readPj = ({ read }: Memory): number => read.energyPj / read.bits;
const writePj = ({ write }: Memory): number => write.energyPj / write.bits;

interface BoundOperand extends TileOperand {
  readonly memories: readonly Memory[];
  /** Index in `memories` of the lowest level that may be the top. */
  readonly lowestTop: number;
  /** Boundaries of which the innermost loops decide: below the lowest level, and above it if it holds one element. */
  readonly bare: 1 | 2;
  /** Elements of the lowest level, per instance: at most. */
  readonly held: number;
  /** By boundary: iterations of one cycle that share an element there, at most (formula 3). */
  readonly shared: readonly number[];
}

interface Outputs {
  readonly columns: number;
  readonly rows: number;
}

/** What does not depend on tiles. */
export interface BoundLayer {
  readonly layer: Layer;
  readonly problem: LayerTileProblem;
  readonly operands: readonly BoundOperand[];
  /** Steps of the loops that tiles do not divide, and their iterations. */
  readonly fixedSteps: number;
  readonly fixedIterations: number;
  readonly unrollOf: ReadonlyMap<LoopDim, number>;
  readonly top: Memory;
  /** Memories of which there is one instance. */
  readonly singles: ReadonlySet<MemoryId>;
}

/** `problem`: of the whole layer, with all levels open. */
export function boundLayer(hw: Accelerator, layer: Layer, problem: LayerTileProblem): BoundLayer {
  const unrollOf = new Map<LoopDim, number>();
  for (const { dim, size } of problem.unrolling) unrollOf.set(dim, (unrollOf.get(dim) ?? 1) * size);
  const fixed = problem.loops.filter(({ dim }) => dim !== 'OX' && dim !== 'OY');
  return {
    layer,
    problem,
    operands: problem.operands.map((operand) => boundOperand(hw, layer, problem, operand)),
    fixedSteps: fixed.reduce((product, loop) => product * stepsOf(loop, unrollOf), 1),
    fixedIterations: fixed.reduce((product, { size }) => product * size, 1),
    unrollOf,
    top: known(hw.memories.at(-1), 'top memory'),
    singles: new Set(hw.memories.filter((memory) => instancesOf(hw, memory) === 1).map(({ id }) => id)),
  };
}

const stepsOf = ({ dim, size }: LoopSize, unrollOf: ReadonlyMap<LoopDim, number>): number =>
  Math.ceil(size / (unrollOf.get(dim) ?? 1));

function boundOperand(
  hw: Accelerator,
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

/**
 * The bound of a layer (formulas 1 to 6). `brought`: its weights come from the top memory in the first tile. `real`: the
 * profile truncates nothing; where it does, only the array is counted.
 */
export function layerBound(bound: BoundLayer, work: LayerWork, brought: boolean, real: boolean): Point {
  const { layer, problem, fixedIterations, fixedSteps, unrollOf } = bound;
  const along = (dim: 'OX' | 'OY', outputs: number): number =>
    problem.loops.some((loop) => loop.dim === dim)
      ? outputs / (dim === 'OX' ? layer.upsample.x : layer.upsample.y)
      : 1;
  const [columns, rows] = [along('OX', work.columns), along('OY', work.rows)];
  const iterations = fixedIterations * columns * rows;
  const steps = fixedSteps * (columns / (unrollOf.get('OX') ?? 1)) * (rows / (unrollOf.get('OY') ?? 1));
  const stepsOfDim = (dim: LoopDim): number => {
    const size =
      dim === 'OX'
        ? Math.ceil(work.largest.x / layer.upsample.x)
        : dim === 'OY'
          ? Math.ceil(work.largest.y / layer.upsample.y)
          : (problem.loops.find((loop) => loop.dim === dim)?.size ?? 1);
    return stepsOf({ dim, size }, unrollOf);
  };
  const arrayPj = problem.operationEnergyPj * iterations * problem.passes;
  if (!real) return { energyPj: arrayPj, latencyCycles: steps * problem.passes };
  const energyPj =
    arrayPj +
    bareEnergyPj(bound, iterations, stepsOfDim) +
    bound.operands.reduce(
      (sum, operand) => sum + chainPj(bound, operand, work, { columns, rows }, brought),
      0,
    ) +
    overflowPj(bound, work, along);
  const weights = bound.operands.find(({ path }) => path === 'W');
  const fetch =
    weights && brought
      ? (elementsOf(bound, weights, { columns, rows }) * weights.bits) / bound.top.read.bits
      : 0;
  return { energyPj, latencyCycles: Math.max(steps * problem.passes, fetch) };
}

/**
 * What crosses the bare boundaries (formulas 4 and 5). Only the innermost loops let an element stay in a register, and
 * they index every operand but those that stay: so one operand stays longest, and the others no longer than over the
 * loops that index neither.
 */
function bareEnergyPj(
  { operands, problem }: BoundLayer,
  iterations: number,
  stepsOfDim: (dim: LoopDim) => number,
): number {
  const stays = (...them: readonly TileOperand[]): number =>
    problem.loops.reduce(
      (product, { dim }) =>
        them.every(({ irrelevant }) => irrelevant.includes(dim)) ? product * stepsOfDim(dim) : product,
      1,
    );
  const output = known(operands[0], 'output');
  const sums = stays(output);
  // With room for some finished sums a register may take in all summing for a few outputs (formula 5b).
  const kept = output.bare === 2 && output.held > 1 && sums > 1;
  let least = Infinity;
  for (const stationary of operands) {
    for (const inRegister of kept ? [false, true] : [false]) {
      const cost = operands.reduce((total, operand) => {
        const over = stays(stationary, operand);
        const stay = inRegister ? Math.min(over, output.held * stays(output, operand)) : over;
        return (
          total +
          (operand === output
            ? outputPj(output, iterations, stay, sums, inRegister)
            : inputPj(operand, iterations * problem.passes, stay))
        );
      }, 0);
      least = Math.min(least, cost);
    }
  }
  return least;
}

/** The array takes an input element per iteration, less what units share; a register takes in a new one per `stay`. */
function inputPj(
  { name, memories, shared, bare, bits }: BoundOperand,
  iterations: number,
  stay: number,
): number {
  const [lowest, second] = memories;
  const [first = 1, next = 1] = shared;
  if (!lowest || bits === 0) return 0;
  // The second input of an elementwise layer may pass by the lowest level.
  if (name === 'Y')
    return (
      (bits * iterations * Math.min(readPj(lowest), second ? readPj(second) : Infinity)) /
      Math.max(first, next)
    );
  const above = bare === 2 && second ? (readPj(second) / next + writePj(lowest) / first) / stay : 0;
  return bits * iterations * (readPj(lowest) / first + above);
}

/** The array adds to a sum per iteration. Finished sums leave a register once; unfinished ones leave and come back. */
function outputPj(
  { memories, shared, bare, bits, psumBits }: BoundOperand,
  iterations: number,
  stay: number,
  sums: number,
  inRegister: boolean,
): number {
  const [lowest, second] = memories;
  if (!lowest) return 0;
  const [first = 1, next = 1] = shared;
  const atArray = sums > 1 ? psumBits * (writePj(lowest) + readPj(lowest)) : bits * writePj(lowest);
  const array = (iterations * atArray) / first;
  if (bare === 1 || !second) return array;
  const up = (each: number): number => each * (writePj(second) / next + readPj(lowest) / first);
  if (inRegister || stay >= sums) return array + up(bits * (iterations / sums));
  const passing = psumBits * (iterations / stay);
  return array + up(passing) + passing * (readPj(second) / next + writePj(lowest) / first);
}

/** Elements of an operand that the layer touches, each once (formula 6). */
function elementsOf(
  { layer, problem }: BoundLayer,
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
    const pads = Math.max(0, ...regions.map(({ before, after }) => before + after));
    const touched = taps >= stride ? (outs - 1) * stride + taps : outs * taps;
    if (dilation === 1) return product * Math.max(0, touched - pads);
    return everyOutputHasItsOwn(layer, name, out) ? product * outs : 0;
  }, direct);
}

/** Every element crosses the boundaries up to the lowest level that may be the top at least once (formula 6). */
function chainPj(
  bound: BoundLayer,
  operand: BoundOperand,
  { tiles, weightLevel }: LayerWork,
  outputs: Outputs,
  brought: boolean,
): number {
  const { memories, levels, bare, bits, path, name, lowestTop } = operand;
  if (bits === 0 || name === 'Y') return 0;
  const once = elementsOf(bound, operand, outputs) * bits * (path === 'O' ? 1 : bound.problem.passes);
  let energyPj = 0;
  for (let a = bare; a < memories.length; a++) {
    const [below, above] = [known(memories[a - 1], 'memory'), known(memories[a], 'memory')];
    const perBit = path === 'O' ? readPj(below) + writePj(above) : readPj(above) + writePj(below);
    const crossings =
      path === 'W'
        ? Math.max(known(levels[a], 'level') <= weightLevel ? tiles : 0, brought ? 1 : 0)
        : a <= lowestTop
          ? 1
          : 0;
    energyPj += once * perBit * crossings;
  }
  return energyPj;
}

/**
 * Where a tile of a map is larger than the lowest memories, it lies above them, and every element of it crosses the
 * boundaries in between (formula 8).
 */
function overflowPj(
  bound: BoundLayer,
  { inner, stays }: LayerWork,
  along: (dim: 'OX' | 'OY', outputs: number) => number,
): number {
  if (inner.tiles === 0 || inner.x <= 0 || inner.y <= 0) return 0;
  const outputs = { columns: along('OX', inner.x), rows: along('OY', inner.y) };
  return bound.operands.reduce((sum, operand) => {
    const { memories, path, name, bits, bare, lowestTop } = operand;
    if (path === 'W' || name === 'Y' || !(path === 'O' ? stays.output : stays.input)) return sum;
    const tileBits = elementsOf(bound, operand, outputs) * bits;
    const holder = memories.findIndex(
      (memory, m) =>
        m >= lowestTop &&
        (m === memories.length - 1 || (memory.sizeBits >= tileBits && isSingle(bound, memory))),
    );
    let perBit = 0;
    for (let a = Math.max(bare, lowestTop + 1); a <= holder; a++) {
      const [below, above] = [known(memories[a - 1], 'memory'), known(memories[a], 'memory')];
      perBit += path === 'O' ? readPj(below) + writePj(above) : readPj(above) + writePj(below);
    }
    return sum + inner.tiles * tileBits * perBit;
  }, 0);
}

const isSingle = ({ singles }: BoundLayer, memory: Memory): boolean => singles.has(memory.id);
