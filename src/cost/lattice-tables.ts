/**
 * The numbers that a search over loop orders needs, by state of the lattice: how much room every level takes, and what
 * every crossing of a boundary costs. No formula shows through, so a search works on arrays alone.
 */
import { ContentTable } from './content-table.js';
import type { Crossing } from './crossing.js';
import type { EnergyModel } from './energy.js';
import { latticeOf, latticeOver, productOverLoops, sumOverLoops, type Lattice } from './lattice.js';
import type { LayerTileModel } from './model.js';

/** An operand's own lattice: only loops that change it are digits of it. */
export interface OperandLattice {
  /** By state of the tile's lattice: the operand's own state. */
  readonly own: Int32Array;
  /** Number of own states. */
  readonly size: number;
  /** By letter: what one more loop adds to the own state; 0: the loop is no digit of it. */
  readonly steps: Int32Array;
  /** Whole elements of all loops: what the top memory must have room for. */
  readonly topElements: number;
}

/** The boundary of one operand right above one of its memories that is not its top. */
export interface BoundaryTable {
  readonly operand: number;
  /** Level of the memory below it, 0 the lowest. */
  readonly level: number;
  /** By own state of the operand: whole elements that the memory below must have room for. */
  readonly elements: Float64Array;
  /** By own state: elements that cross it, on average. */
  readonly held: Float64Array;
  /** By own state: energy of one crossing, pJ, of finished and of unfinished data (the same for inputs). */
  readonly finishedPj: Float64Array;
  readonly unfinishedPj: Float64Array;
  /** What finished and what unfinished data does there. */
  readonly crossings: readonly [Crossing, Crossing];
}

export interface LatticeTables {
  readonly lattice: Lattice;
  /** By state: iterations of the loops inside. */
  readonly iterations: Float64Array;
  /** By state: loops outside that sum into the output. */
  readonly reductionsLeft: Int32Array;
  readonly operands: readonly OperandLattice[];
  /** Per operand, bottom up. */
  readonly boundaries: readonly BoundaryTable[];
  /** Energy whatever the order, pJ: operations, and what the array takes and gives. */
  readonly constantPj: number;
  /** Some value depends on the order of multiplication, and the least is given (content-table.ts). */
  readonly ambiguous: boolean;
}

/** `word`: all loops, as indices of the model's letters. */
export function latticeTables(
  model: LayerTileModel,
  energy: EnergyModel,
  word: readonly number[],
): LatticeTables {
  const lattice = latticeOf(model.letters, word);
  const operands: OperandLattice[] = [];
  const boundaries: BoundaryTable[] = [];
  let ambiguous = false;
  for (let op = 0; op < model.operands.length; op++) {
    const { footprint, average, levels } = model.operands[op]!;
    const { lattice: loops, steps } = latticeOver(lattice, footprint.dims);
    const floats = model.profile.loopCounts === 'floating-quotient';
    const contents = new ContentTable(footprint, loops, average.loops, floats, model.rounding.elements);
    const top = contents.all(levels.length);
    const own = sumOverLoops(lattice, steps);
    operands.push({ own, size: loops.states, steps, topElements: top.elements });
    ambiguous ||= top.ambiguous;
    for (let level = 0; level < levels.length - 1; level++) {
      const { whole, average: held } = contents.values(level + 1);
      boundaries.push(boundaryTable(model, energy, { operand: op, level }, whole.elements, held.elements));
      ambiguous ||= whole.ambiguous || held.ambiguous;
    }
  }
  const iterations = productOverLoops(lattice);
  const reductionsLeft = reductionsOutside(lattice, model.operands[0]!.irrelevant);
  return {
    lattice,
    iterations,
    reductionsLeft,
    operands,
    boundaries,
    constantPj: constantPj(model, energy, iterations[iterations.length - 1]!, reductionsLeft[0]! > 0),
    ambiguous,
  };
}

function boundaryTable(
  { operands }: LayerTileModel,
  { crossings }: EnergyModel,
  { operand, level }: Pick<BoundaryTable, 'operand' | 'level'>,
  elements: Float64Array,
  held: Float64Array,
): BoundaryTable {
  const { isOutput, reducesAbove } = operands[operand]!;
  const [finished, unfinished] = crossings[operand]![level + 1]!;
  const unfinishedPj = crossingPj(unfinished, held);
  // A loop over the array above the boundary keeps sums unfinished whatever the temporal loops.
  const always = isOutput && reducesAbove[level + 1] === true;
  const same = always || unfinished === finished;
  const finishedPj = same ? unfinishedPj : crossingPj(finished, held);
  return {
    operand,
    level,
    elements,
    held,
    finishedPj,
    unfinishedPj,
    crossings: [same ? unfinished : finished, unfinished],
  };
}

function crossingPj(crossing: Crossing, held: Float64Array): Float64Array {
  const energyPj = new Float64Array(held.length);
  for (let own = 0; own < energyPj.length; own++) energyPj[own] = crossing.energyPj(held[own]!);
  return energyPj;
}

/** By state: loops outside whose letters are marked. */
function reductionsOutside(lattice: Lattice, marks: Uint8Array): Int32Array {
  const change = new Int32Array(marks.length);
  let all = 0;
  for (let letter = 0; letter < marks.length; letter++) {
    change[letter] = -marks[letter]!;
    all += marks[letter]! * lattice.times[letter]!;
  }
  return sumOverLoops(lattice, change, all);
}

/** Operations, and boundary 0 of every operand: crossed in every cycle by what the array works on. */
function constantPj(
  { operands }: LayerTileModel,
  energy: EnergyModel,
  cycles: number,
  reduces: boolean,
): number {
  return operands.reduce((sum, { isOutput, reducesAbove, single }, op) => {
    const partial = isOutput && (reducesAbove[0] === true || reduces);
    return sum + energy.crossings[op]![0]![partial ? 1 : 0].energyPj(single) * cycles;
  }, energy.operationsPj);
}
