/**
 * The numbers that a search over loop orders needs, by state of the lattice: how much room every level takes, and what
 * every crossing of a boundary costs. No formula shows through, so a search works on arrays alone.
 */
import { ContentTable } from './content-table.js';
import type { EnergyModel } from './energy.js';
import { latticeOf, productOverLoops, sumOverLoops, type Lattice } from './lattice.js';
import type { LayerTileModel } from './model.js';

/** An operand's own lattice: only loops that change it are digits of it. */
export interface OperandLattice {
  /** By state of the tile's lattice: the operand's own state. */
  readonly own: Int32Array;
  /** Number of own states. */
  readonly size: number;
  /** By letter: what one more loop adds to the own state; 0: the loop is no digit of it. */
  readonly steps: readonly number[];
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
  const floats = model.profile.loopCounts === 'floating-quotient';
  const contents = model.operands.map(
    ({ footprint, loops }) => new ContentTable(footprint, lattice, loops, floats),
  );
  let ambiguous = false;
  const boundaries = model.operands.flatMap((operand, op) =>
    operand.levels.slice(1).map((_, level): BoundaryTable => {
      const a = level + 1;
      const table = contents[op]!;
      const { whole: room, average: held } = table.values(a, model.rounding.elements);
      ambiguous ||= room.ambiguous || held.ambiguous;
      const [finished, unfinished] = energy.crossings[op]![a]!;
      const unfinishedPj = held.elements.map((elements) => unfinished.energyPj(elements));
      // A loop over the array above the boundary keeps sums unfinished whatever the temporal loops.
      const always = operand.isOutput && operand.reducesAbove[a] === true;
      const finishedPj =
        always || unfinished === finished
          ? unfinishedPj
          : held.elements.map((elements) => finished.energyPj(elements));
      return { operand: op, level, elements: room.elements, held: held.elements, finishedPj, unfinishedPj };
    }),
  );
  const tops = contents.map((table, op) => table.all(model.operands[op]!.levels.length));
  ambiguous ||= tops.some((top) => top.ambiguous);
  const reduces = model.operands[0]!.irrelevant;
  const reductions = word.reduce((count, letter) => count + reduces[letter]!, 0);
  const iterations = productOverLoops(lattice);
  return {
    lattice,
    iterations,
    reductionsLeft: sumOverLoops(
      lattice,
      Array.from(reduces, (sums) => -sums),
    ).map((left) => reductions + left),
    operands: contents.map(({ steps, size }, op) => ({
      own: sumOverLoops(lattice, steps),
      size,
      steps,
      topElements: tops[op]!.elements,
    })),
    boundaries,
    constantPj: constantPj(model, energy, iterations.at(-1)!, reductions > 0),
    ambiguous,
  };
}

/** Operations, and boundary 0 of every operand: crossed in every cycle by what the array works on. */
function constantPj(
  { operands }: LayerTileModel,
  energy: EnergyModel,
  cycles: number,
  reduces: boolean,
): number {
  return operands.reduce((sum, { isOutput, reducesAbove }, op) => {
    const partial = isOutput && (reducesAbove[0] === true || reduces);
    return sum + energy.crossings[op]![0]![partial ? 1 : 0].energyPj(1) * cycles;
  }, energy.operationsPj);
}
