/**
 * The least that a layer costs, whatever its tiles, levels and mappings (docs/lower-bound.md, whose numbered formulas
 * are cited here). Invariant: no schedule in the profile `default` is below it.
 */
import { known } from '../base/assert.js';
import type { Memory } from '../hw/memory.js';
import { elementsOf, stepsOf, type BoundLayer, type BoundOperand, type Outputs } from './bound-layer.js';
import { stay, type AxisSteps } from './stays.js';

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
  /** Memory that its output goes up to as it is (index); 0: wherever. */
  readonly outputLevel: number;
  /** Tiles of which each computes at least so many columns and rows. */
  readonly inner: { readonly tiles: number; readonly x: number; readonly y: number };
  /** Whether its input and its output are neither the stack's: they stay in the lowest memories that hold a tile. */
  readonly stays: { readonly input: boolean; readonly output: boolean };
}

/** Energy per bit, pJ. */
const readPj = ({ read }: Memory): number => read.energyPj / read.bits;
const writePj = ({ write }: Memory): number => write.energyPj / write.bits;
/**
 * The bound of a layer (formulas 1 to 8). `brought`: its weights come from the top memory in the first tile. `real`: the
 * profile truncates nothing; where it does, and the size of the tile is not known, only the array is counted.
 */
export function layerBound(bound: BoundLayer, work: LayerWork, brought: boolean, real: boolean): Point {
  const { layer, problem, fixedIterations, fixedSteps, unrollOf } = bound;
  const along = (dim: 'OX' | 'OY', outputs: number): number =>
    problem.loops.some((loop) => loop.dim === dim)
      ? outputs / (dim === 'OX' ? layer.upsample.x : layer.upsample.y)
      : 1;
  const [columns, rows] = [along('OX', work.columns), along('OY', work.rows)];
  const iterations = fixedIterations * columns * rows;
  const steps =
    bound.steps ?? fixedSteps * (columns / (unrollOf.get('OX') ?? 1)) * (rows / (unrollOf.get('OY') ?? 1));
  const tileSteps: AxisSteps = {
    x: stepsOf({ dim: 'OX', size: Math.ceil(work.largest.x / layer.upsample.x) }, unrollOf),
    y: stepsOf({ dim: 'OY', size: Math.ceil(work.largest.y / layer.upsample.y) }, unrollOf),
  };
  const arrayPj = problem.operationEnergyPj * iterations * problem.passes;
  if (!real && bound.steps === undefined) return { energyPj: arrayPj, latencyCycles: steps * problem.passes };
  const energyPj =
    arrayPj +
    bareEnergyPj(bound, iterations, tileSteps) +
    bound.operands.reduce(
      (sum, operand) => sum + chainPj(bound, operand, work, { columns, rows }, brought),
      0,
    ) +
    (real ? overflowPj(bound, work, along) : 0);
  const weights = bound.operands.find(({ path }) => path === 'W');
  const fetch =
    weights && brought && real
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
  { operands, problem, stays }: BoundLayer,
  iterations: number,
  along: AxisSteps,
): number {
  const output = known(operands[0], 'output');
  const sums = stay(stays, 0, 0, along);
  // With room for some finished sums a register may take in all summing for a few outputs (formula 5b).
  const kept = output.bare === 2 && output.held > 1 && sums > 1;
  let least = Infinity;
  for (let s = 0; s < operands.length; s++) {
    for (const inRegister of kept ? IN_REGISTER_OR_NOT : NOT_IN_REGISTER) {
      let cost = 0;
      for (let o = 0; o < operands.length; o++) {
        const over = stay(stays, s, o, along);
        const steps = inRegister ? Math.min(over, output.held * stay(stays, 0, o, along)) : over;
        cost +=
          o === 0
            ? outputPj(output, iterations, steps, sums, inRegister)
            : inputPj(operands[o]!, iterations * problem.passes, steps);
      }
      least = Math.min(least, cost);
    }
  }
  return least;
}

const NOT_IN_REGISTER = [false] as const;
const IN_REGISTER_OR_NOT = [false, true] as const;

/** The array takes an input element per iteration, less what units share; a register takes in a new one per `stay`. */
function inputPj(
  { name, memories, shared, kept, bare, bits }: BoundOperand,
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
  const above =
    bare === 2 && second
      ? ((readPj(second) / next + writePj(lowest) / first) / stay) * known(kept[1], 'level')
      : 0;
  return bits * iterations * (readPj(lowest) / first + above);
}

/** The array adds to a sum per iteration. Finished sums leave a register once; unfinished ones leave and come back. */
function outputPj(
  { memories, shared, kept, bare, bits, psumBits }: BoundOperand,
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
  const crossing = known(kept[1], 'level');
  const up = (each: number): number => each * (writePj(second) / next + readPj(lowest) / first);
  if (inRegister || stay >= sums) return array + up(bits * crossing * (iterations / sums));
  const passing = psumBits * crossing * (iterations / stay);
  return array + up(passing) + passing * (readPj(second) / next + writePj(lowest) / first);
}

/** Every element crosses the boundaries up to the lowest level that may be the top at least once (formula 6). */
function chainPj(
  bound: BoundLayer,
  operand: BoundOperand,
  { tiles, weightLevel, outputLevel }: LayerWork,
  outputs: Outputs,
  brought: boolean,
): number {
  const { memories, levels, bare, bits, path, name, lowestTop, kept } = operand;
  if (bits === 0 || name === 'Y') return 0;
  const once = elementsOf(bound, operand, outputs) * bits * (path === 'O' ? 1 : bound.problem.passes);
  let energyPj = 0;
  for (let a = bare; a < memories.length; a++) {
    const [below, above] = [known(memories[a - 1], 'memory'), known(memories[a], 'memory')];
    const perBit = path === 'O' ? readPj(below) + writePj(above) : readPj(above) + writePj(below);
    const crossings =
      path === 'W'
        ? Math.max(known(levels[a], 'level') <= weightLevel ? tiles : 0, brought ? 1 : 0)
        : a <= lowestTop || (path === 'O' && known(levels[a], 'level') <= outputLevel)
          ? 1
          : 0;
    energyPj += once * perBit * crossings * known(kept[a], 'level');
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
