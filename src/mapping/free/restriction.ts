/** Given loops and levels as limits of a free search: which loop may come next, and where a boundary may lie. */
import { sumOverLoops } from '../../cost/lattice.js';
import type { LatticeTables } from '../../cost/lattice-tables.js';
import type { SearchTables } from '../../cost/tables.js';
import type { FixedLoops } from '../split-bounds.js';
import type { Closing } from './split-states.js';

export interface Restriction {
  readonly mayStep: (state: number, letter: number) => boolean;
  readonly mayClose: (state: number, closing: Pick<Closing, 'operand' | 'level'>) => boolean;
}

export function restrictionTo(
  search: SearchTables,
  { lattice, operands }: LatticeTables,
  { letters, bounds }: FixedLoops,
): Restriction {
  const next = new Map<number, number>();
  let end = 0;
  for (const letter of letters) {
    next.set(end, letter);
    end += lattice.strides[letter]!;
  }
  const placed = sumOverLoops(lattice, new Int32Array(lattice.letters.length).fill(1));
  return {
    mayStep: (state, letter) => (next.get(state) ?? letter) === letter,
    mayClose: (state, { operand, level }) => {
      const { least, most } = bounds[operand]!;
      const count = placed[state]!;
      if (count < least[level]!) return false;
      // A boundary moves out over loops that do not index the operand.
      let last = most[level]!;
      while (last < letters.length && search.operands[operand]!.irrelevant[letters[last]!] === 1) last++;
      return (
        count <= last ||
        (last === letters.length && operands[operand]!.own[state] === operands[operand]!.own[end])
      );
    },
  };
}
