/**
 * The numbers of one operand that a search needs, over the sub-multisets of the loops that change it: how much room
 * every level takes, and what every crossing of a boundary costs. They depend on nothing else in the layer tile, so
 * tiles that differ in other loops share them.
 */
import { BoundedMap, perObject } from '../base/bounded-map.js';
import { ContentTable } from './content-table.js';
import type { Crossing } from './crossing.js';
import type { Lattice } from './lattice.js';
import type { OperandForm } from './operand-form.js';

/** The boundary right above one memory of an operand that is not its top. By state of the operand's own lattice: */
export interface BoundaryNumbers {
  /** Whole elements that the memory below must have room for. */
  readonly elements: Float64Array;
  /** Elements that cross it, on average. */
  readonly held: Float64Array;
  /** Energy of one crossing, pJ, of finished and of unfinished data (the same for inputs). */
  readonly finishedPj: Float64Array;
  readonly unfinishedPj: Float64Array;
}

export interface OperandTables {
  /** Bottom up. */
  readonly boundaries: readonly BoundaryNumbers[];
  /** Whole elements of all loops: what the top memory must have room for. */
  readonly topElements: number;
  /** Some value depends on the order of multiplication, and the least is given (content-table.ts). */
  readonly ambiguous: boolean;
}

/** Tables of at most so many states are kept, and at most so many of them per form: some hundred KB. */
const MOST_STATES = 256;
const MOST_TABLES = 64;

const tablesOf = perObject<BoundedMap<string, OperandTables>, OperandForm>(() => new BoundedMap(MOST_TABLES));

/** `own`: the lattice of the loops that change the operand. */
export function operandTables(form: OperandForm, own: Lattice): OperandTables {
  if (own.states > MOST_STATES) return tabulate(form, own);
  let key = '';
  own.letters.forEach(({ dim, size }, i) => (key += `${dim}${size}^${own.times[i]!} `));
  return tablesOf(form).getOr(key, () => tabulate(form, own));
}

function tabulate(form: OperandForm, own: Lattice): OperandTables {
  const { isOutput, reducesAbove, levels, footprint, rounding, crossings, average, floats } = form;
  const contents = new ContentTable(footprint, own, average.loops, floats);
  const top = contents.all(levels.length);
  let { ambiguous } = top;
  const boundaries = levels.slice(1).map((_, level): BoundaryNumbers => {
    const a = level + 1;
    const { whole: room, average: held } = contents.values(a, rounding.elements);
    ambiguous ||= room.ambiguous || held.ambiguous;
    const [finished, unfinished] = crossings[a]!;
    const unfinishedPj = crossingPj(unfinished, held.elements);
    // A loop over the array above the boundary keeps sums unfinished whatever the temporal loops.
    const always = isOutput && reducesAbove[a] === true;
    const finishedPj = always || unfinished === finished ? unfinishedPj : crossingPj(finished, held.elements);
    return { elements: room.elements, held: held.elements, finishedPj, unfinishedPj };
  });
  return { boundaries, topElements: top.elements, ambiguous };
}

function crossingPj(crossing: Crossing, elements: Float64Array): Float64Array {
  const energyPj = new Float64Array(elements.length);
  for (let own = 0; own < energyPj.length; own++) energyPj[own] = crossing.energyPj(elements[own]!);
  return energyPj;
}
