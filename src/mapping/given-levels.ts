/**
 * The memories that a given mapping names, as levels of the operands of a tile. Levels never go down from the inside
 * out: a loop further out cannot be held below the data of one it repeats.
 */
import { closest } from '../base/closest.js';
import { diagnostic, type Diagnostic } from '../diag/diagnostic.js';
import { levelsOf, type Accelerator } from '../hw/accelerator.js';
import type { LoopDim } from '../ir/layer.js';
import type { LayerTileProblem, TileOperand } from '../ir/layer-tile.js';
import type { SplitBounds } from './split-bounds.js';
import type { GivenLevel, GivenLoop, GivenMapping } from './given.js';

export type SizedLoop = GivenLoop & { readonly size: number };

export interface OperandLevels {
  /** By loop: position in the operand's open levels; undefined: any will do. */
  readonly levels: readonly (number | undefined)[];
  readonly diagnostics: readonly Diagnostic[];
}

export function givenLevels(
  hw: Accelerator,
  operand: TileOperand,
  { layer }: GivenMapping,
  loops: readonly SizedLoop[],
): OperandLevels {
  const diagnostics: Diagnostic[] = [];
  let highest = 0;
  const levels = loops.map(({ dim, levels: written }) => {
    const given = written.find((level) => level.operand === operand.name);
    if (given === undefined) return undefined;
    const level = operand.levels.findIndex((index) => hw.memories[index]?.name === given.memory);
    if (level < 0) diagnostics.push(notOpen(hw, operand, layer, given));
    else if (level < highest) diagnostics.push(goesDown(hw, operand, highest, dim, given));
    else highest = level;
    return level;
  });
  return { levels, diagnostics };
}

function notOpen(
  hw: Accelerator,
  operand: TileOperand,
  layer: string,
  { memory, at }: GivenLevel,
): Diagnostic {
  const path = levelsOf(hw, operand.path).map((index) => nameOf(hw, index));
  const open = operand.levels.map((index) => nameOf(hw, index));
  const data = `${operand.name} of ${layer}`;
  const place = `open to it ${open.length === 1 ? 'is' : 'are'} ${open.join(', ')}`;
  if (path.includes(memory)) {
    const above = path.indexOf(memory) > path.indexOf(open.at(-1) ?? '');
    const why = above ? `no higher than ${open.at(-1)}` : `in no memory below ${open[0]}`;
    return diagnostic('DF6056', `${data} lies ${why} in this tile, not in ${memory}`, [at], { help: place });
  }
  if (hw.memories.some(({ name }) => name === memory))
    return diagnostic('DF6056', `${memory} does not hold ${data}`, [at], { help: place });
  const near = closest(memory, path);
  return diagnostic('DF6056', `there is no memory "${memory}" for ${data}`, [at], {
    help: near === undefined ? place : `did you mean "${near}"?`,
  });
}

const goesDown = (
  hw: Accelerator,
  { name, levels }: TileOperand,
  highest: number,
  loop: LoopDim,
  { memory, at }: GivenLevel,
): Diagnostic =>
  diagnostic(
    'DF6057',
    `${name} goes down to ${memory} at ${loop}, from ${nameOf(hw, levels[highest])} further in`,
    [at],
    {
      help: 'from the inside out, name the same memory or a higher one',
    },
  );

const nameOf = (hw: Accelerator, index: number | undefined): string => hw.memories[index ?? -1]?.name ?? '';

export const unknownOperands = (
  { operands }: LayerTileProblem,
  { layer }: GivenMapping,
  loops: readonly SizedLoop[],
): readonly Diagnostic[] =>
  loops
    .flatMap(({ levels }) => levels)
    .filter(({ operand }) => !operands.some(({ name }) => name === operand))
    .map(({ operand, at }) =>
      diagnostic('DF6056', `${layer} has no operand ${operand}`, [at], {
        help: `its operands are ${operands.map(({ name }) => name).join(', ')}`,
      }),
    );

/** What levels of single loops, inside out, say about how many loops each of `count` levels holds with those below. */
export function splitBounds(levels: readonly (number | undefined)[], count: number): SplitBounds {
  const least = Array.from({ length: count }, () => 0);
  const most = Array.from({ length: count }, () => Infinity);
  levels.forEach((level, position) => {
    if (level === undefined) return;
    for (let a = 0; a < count; a++) {
      if (level <= a) least[a] = position + 1;
      else most[a] = Math.min(most[a] ?? Infinity, position);
    }
  });
  return { least, most };
}
