/**
 * The least that a layer costs, whatever its tiles, levels and mappings (docs/lower-bound.md, whose numbered formulas
 * are cited here). Invariant: no schedule in the profile `default` is below it.
 */
import { known } from '../base/assert.js';
import type { Memory } from '../hw/memory.js';
import { arrayPortCycles } from './array-ports.js';
import type { Bounded } from '../ir/layer-tile.js';
import type { BoundLayer, BoundOperand, OperandPath } from './bound-layer.js';
import { insideTops } from './inside-tops.js';
import type { LayerWork, OperandWork } from './layer-work.js';
import { cyclesTable } from './port-loads.js';
import { stay } from './stays.js';

/** Energy and latency that nothing is below, or that something has. */
export interface Point {
  readonly energyPj: number;
  readonly latencyCycles: number;
}

/** The least energy of some points and the least latency; infinite: there are none. */
export const lowestOf = (points: readonly Point[]): Point => ({
  energyPj: points.reduce((least, { energyPj }) => Math.min(least, energyPj), Infinity),
  latencyCycles: points.reduce((least, { latencyCycles }) => Math.min(least, latencyCycles), Infinity),
});

/** Where the data of a tile lies, as far as it decides what moves. */
export interface LayerPlaces {
  /** Lowest memory that can hold the weights of its stack (index). */
  readonly weightLevel: number;
  /** Memory that its output goes up to as it is (index); 0: wherever. */
  readonly outputLevel: number;
  /** Whether its input and its output are neither the stack's: they stay in the lowest memories that hold a tile. */
  readonly staysInput: boolean;
  readonly staysOutput: boolean;
}

/** What the bound of some work is made of, wherever its data lies: a few numbers, for there are many tiles. */
export interface LayerFigures {
  readonly paths: readonly OperandPath[];
  /** At the array and its registers. */
  readonly arrayPj: number;
  /** Per operand, what crosses the boundaries from the first that is not bare up to each (formula 6); none: not counted. */
  readonly upToPj: readonly (readonly number[])[];
  /** Per operand, position in its memories of the lowest that may be its top. */
  readonly tops: readonly number[];
  /** The same of maps that stay in the stack: one of these, or higher. */
  readonly insideTops: readonly (readonly number[])[];
  /** Of the array: computing, and waiting for the lowest memories. */
  readonly arrayCycles: number;
  /** For the weights to come from the top memory. */
  readonly fetchCycles: number;
  /** Of one tile, what the ports of its memories take: as `caseAt` tells apart; absent: they are not counted. */
  readonly portCycles?: readonly number[];
}

/** Energy per bit, pJ. */
const readPj = ({ read }: Memory): number => read.energyPj / read.bits;
const writePj = ({ write }: Memory): number => write.energyPj / write.bits;

/**
 * Formulas 1 to 12. Where the profile truncates, and the size of the tile is not known, only the array is counted. `of`:
 * of what a bound is wanted; the other is 0.
 */
export function layerFigures(bound: BoundLayer, work: LayerWork, of: Bounded = 'both'): LayerFigures {
  const { isReal, paths } = bound;
  const tops = work.operands.map(({ lowestTop }) => lowestTop);
  const inside = isReal && work.isTile ? insideTops(bound, work) : [tops];
  return {
    paths,
    tops,
    insideTops: inside,
    ...(of === 'latency' ? NO_ENERGY : energyFigures(bound, work)),
    ...(of === 'energy' ? NO_CYCLES : cycleFigures(bound, work, tops, inside)),
  };
}

type EnergyFigures = Pick<LayerFigures, 'arrayPj' | 'upToPj'>;
const NO_ENERGY: EnergyFigures = { arrayPj: 0, upToPj: [] };

function energyFigures(bound: BoundLayer, work: LayerWork): EnergyFigures {
  const { problem, isReal, operands } = bound;
  const operationsPj = problem.operationEnergyPj * work.iterations * problem.passes;
  if (!isReal && !work.isTile) return { arrayPj: operationsPj, upToPj: [] };
  return {
    arrayPj: operationsPj + bareEnergyPj(bound, work),
    upToPj: operands.map((operand, o) => upToPj(bound, operand, work.operands[o]!)),
  };
}

type CycleFigures = Pick<LayerFigures, 'arrayCycles' | 'fetchCycles' | 'portCycles'>;
const NO_CYCLES: CycleFigures = { arrayCycles: 0, fetchCycles: 0 };

/** `tops`, `inside`: as in the figures. */
function cycleFigures(
  bound: BoundLayer,
  work: LayerWork,
  tops: LayerFigures['tops'],
  inside: LayerFigures['insideTops'],
): CycleFigures {
  const computeCycles = work.steps * bound.problem.passes;
  if (!bound.isReal) return { arrayCycles: computeCycles, fetchCycles: 0 };
  const array = arrayCycles(bound, work);
  return {
    arrayCycles: array.reduce((most, cycles) => Math.max(most, cycles), computeCycles),
    fetchCycles: fetchCycles(bound, work),
    ...(work.isTile && {
      portCycles: cyclesTable({ bound, work, array, computeCycles }, outsideInput(inside, tops), inside),
    }),
  };
}

/** For the weights to come from the top. What the array takes from there itself is not loaded before: (11) counts it. */
function fetchCycles({ operands, top }: BoundLayer, work: LayerWork): number {
  const o = operands.findIndex(({ path }) => path === 'W');
  const weights = operands[o];
  if (weights === undefined || weights.levels.length === 1) return 0;
  return (work.operands[o]!.elements * weights.bits) / top.read.bits;
}

/** Tops of a layer whose output stays, but not its input. */
const outsideInput = (
  inside: readonly (readonly number[])[],
  tops: readonly number[],
): readonly (readonly number[])[] => inside.map(([output = 0]) => [output, ...tops.slice(1)]);

const NOTHING: readonly number[] = [];

/** `brought`: the weights of the layer come from the top memory in this tile. */
export function leastPj(
  { paths, arrayPj, upToPj, tops, insideTops }: LayerFigures,
  places: LayerPlaces,
  brought: boolean,
): number {
  let least = Infinity;
  for (let i = 0; i < insideTops.length; i++) {
    let energyPj = arrayPj;
    for (let o = 0; o < paths.length; o++) {
      const path = paths[o]!;
      const stays = path.path === 'O' ? places.staysOutput : places.staysInput;
      energyPj += chainPj(path, (stays ? insideTops[i]! : tops)[o]!, upToPj[o] ?? NOTHING, places, brought);
    }
    least = Math.min(least, energyPj);
  }
  return least;
}

/** A layer in one tile, with each unrolling it may have. */
export interface TileFigures {
  readonly each: readonly LayerFigures[];
  /** Memories of its output. */
  readonly tops: number;
  /** Cycles with the best of them, where `caseAt` says. */
  readonly cycles: Float64Array;
}

export function tileFigures(each: readonly LayerFigures[]): TileFigures {
  const tops = known(known(each[0], 'unrolling').paths[0], 'output').levels.length;
  const cycles = new Float64Array(4 * (tops + 1)).fill(Infinity);
  for (const one of each)
    for (let i = 0; i < cycles.length; i++) {
      const brought = i % (2 * (tops + 1)) > tops;
      cycles[i] = Math.min(cycles[i]!, Math.max(leastCycles(one, brought), one.portCycles?.[i] ?? 0));
    }
  return { each, tops, cycles };
}

/** `top`: of the output, position in its memories; -1: it stays in the stack. */
export const caseAt = ({ tops }: TileFigures, staysInput: boolean, brought: boolean, top: number): number =>
  ((staysInput ? 2 : 0) + (brought ? 1 : 0)) * (tops + 1) + top + 1;

export const leastCycles = ({ arrayCycles, fetchCycles }: LayerFigures, brought: boolean): number =>
  brought ? Math.max(arrayCycles, fetchCycles) : arrayCycles;

/** What passes between the array and the lowest memories (formula 11). */
function arrayCycles({ ports, operands, problem }: BoundLayer, work: LayerWork): readonly number[] {
  const { iterations, steps, fewestSteps, isTile, stays, along } = work;
  const inStep = work.operands.map(({ traffic, shared, mayPassBy }, o) => {
    if (mayPassBy) return 0;
    return (
      traffic?.inStep ?? iterations / (steps * known(shared[0], 'lowest level') * operands[o]!.instances)
    );
  });
  const sums = stay(stays, 0, 0, along) > 1;
  return arrayPortCycles(ports, inStep, { steps, fewestSteps, passes: problem.passes, sums, isTile });
}

/**
 * What crosses the bare boundaries (formulas 4 and 5). Only the innermost loops let an element stay in a register, and
 * they index every operand but those that stay: so one operand stays longest, and the others no longer than over the
 * loops that index neither.
 */
function bareEnergyPj({ operands, problem }: BoundLayer, work: LayerWork): number {
  const { iterations, stays, along } = work;
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
        const own = work.operands[o]!;
        cost +=
          o === 0
            ? outputPj(output, own, iterations, { steps, sums, inRegister })
            : inputPj(operands[o]!, own, iterations * problem.passes, steps);
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
  { memories, bare, bits }: BoundOperand,
  { mayPassBy, shared, kept }: OperandWork,
  iterations: number,
  stay: number,
): number {
  const [lowest, second] = memories;
  const [first = 1, next = 1] = shared;
  if (!lowest || bits === 0) return 0;
  if (mayPassBy)
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

/** Steps over which an output stays in its register, of those that sum; whether all summing is done there. */
interface Summing {
  readonly steps: number;
  readonly sums: number;
  readonly inRegister: boolean;
}

/** The array adds to a sum per iteration. Finished sums leave a register once; unfinished ones leave and come back. */
function outputPj(
  { memories, bare, bits, psumBits }: BoundOperand,
  { shared, kept }: OperandWork,
  iterations: number,
  { steps, sums, inRegister }: Summing,
): number {
  const [lowest, second] = memories;
  if (!lowest) return 0;
  const [first = 1, next = 1] = shared;
  const atArray = sums > 1 ? psumBits * (writePj(lowest) + readPj(lowest)) : bits * writePj(lowest);
  const array = (iterations * atArray) / first;
  if (bare === 1 || !second) return array;
  const crossing = known(kept[1], 'level');
  const up = (each: number): number => each * (writePj(second) / next + readPj(lowest) / first);
  if (inRegister || steps >= sums) return array + up(bits * crossing * (iterations / sums));
  const passing = psumBits * crossing * (iterations / steps);
  return array + up(passing) + passing * (readPj(second) / next + writePj(lowest) / first);
}

/** Every element once through the boundaries from the first that is not bare up to each. */
function upToPj(
  { problem }: BoundLayer,
  { memories, bare, bits, path }: BoundOperand,
  { elements, mayPassBy, kept }: OperandWork,
): readonly number[] {
  if (bits === 0) return [];
  const once = elements * bits * (path === 'O' ? 1 : problem.passes);
  let energyPj = 0;
  return memories.slice(bare).map((above, i) => {
    if (mayPassBy && bare + i < 2) return 0;
    const below = known(memories[bare + i - 1], 'memory');
    const perBit = path === 'O' ? readPj(below) + writePj(above) : readPj(above) + writePj(below);
    return (energyPj += once * perBit * known(kept[bare + i], 'level'));
  });
}

/** Every element crosses the boundaries up to the lowest level that may be the top at least once (formula 6). */
function chainPj(
  { levels, bare, path }: OperandPath,
  top: number,
  upTo: readonly number[],
  { weightLevel, outputLevel }: LayerPlaces,
  brought: boolean,
): number {
  let crossed = 0;
  while (crossed < upTo.length) {
    const a = bare + crossed;
    const crosses =
      path === 'W'
        ? brought || levels[a]! <= weightLevel
        : a <= top || (path === 'O' && levels[a]! <= outputLevel);
    if (!crosses) break;
    crossed++;
  }
  return crossed === 0 ? 0 : upTo[crossed - 1]!;
}
