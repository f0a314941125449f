/**
 * A given mapping laid over one layer tile: loops get their sizes, levels become bounds on the split of every operand.
 * What contradicts the tile is said at once, each with its place in the file.
 */
import { known } from '../base/assert.js';
import { valueOf, type Nest } from '../cost/nest.js';
import { diagnostic, type Diagnostic } from '../diag/diagnostic.js';
import type { Accelerator } from '../hw/accelerator.js';
import { LOOP_DIMS, type LoopDim, type LoopSize } from '../ir/layer.js';
import type { LayerTileProblem } from '../ir/layer-tile.js';
import type { SplitBounds } from './split-bounds.js';
import type { GivenLoop, GivenMapping } from './given.js';
import { givenLevels, splitBounds, unknownOperands, type SizedLoop } from './given-levels.js';

/** A given mapping laid over a tile. */
export interface LaidLoops {
  /** Loops of one iteration are left out. */
  readonly loops: readonly LoopSize[];
  /** Per operand. */
  readonly bounds: readonly SplitBounds[];
  /** These are all loops the tile has. */
  readonly complete: boolean;
}

export type Laying =
  | { readonly kind: 'laid'; readonly laid: LaidLoops }
  | { readonly kind: 'contradiction'; readonly diagnostics: readonly Diagnostic[] };

export function layLoops(
  hw: Accelerator,
  problem: LayerTileProblem,
  nest: Nest,
  mapping: GivenMapping,
): Laying {
  const sized = mapping.loops.map((loop): SizedLoop => ({
    ...loop,
    size: loop.size ?? rest(loop, mapping, nest),
  }));
  const wrong = sizeContradictions(problem, nest, mapping);
  const loops = sized.filter(({ size }) => size > 1);
  const levels = problem.operands.map((operand) => givenLevels(hw, operand, mapping, loops));
  const diagnostics = [
    ...wrong,
    ...unknownOperands(problem, mapping, loops),
    ...levels.flatMap((operand) => operand.diagnostics),
  ];
  if (diagnostics.length > 0) return { kind: 'contradiction', diagnostics };
  const bounds = levels.map((operand, op) =>
    splitBounds(operand.levels, known(problem.operands[op], 'operand').levels.length),
  );
  const complete = nest.temporal.every(({ dim, size }) => product(loops, dim) === size);
  return { kind: 'laid', laid: { loops: loops.map(({ dim, size }) => ({ dim, size })), bounds, complete } };
}

const product = (loops: readonly GivenLoop[], dim: LoopDim): number =>
  loops.reduce((sum, loop) => (loop.dim === dim ? sum * (loop.size ?? 1) : sum), 1);

const iterations = ({ temporal }: Nest, dim: LoopDim): number =>
  temporal.find((loop) => loop.dim === dim)?.size ?? 1;

/** What the sized loops of the dim leave; no integer where they do not divide the iterations. */
const rest = ({ dim }: GivenLoop, { loops }: GivenMapping, nest: Nest): number =>
  iterations(nest, dim) / product(loops, dim);

function sizeContradictions(
  problem: LayerTileProblem,
  nest: Nest,
  mapping: GivenMapping,
): readonly Diagnostic[] {
  const twice = mapping.loops.filter(
    ({ dim, size }, i) =>
      size === undefined &&
      mapping.loops.slice(0, i).some((other) => other.dim === dim && other.size === undefined),
  );
  if (twice.length > 0)
    return twice.map(({ dim, at }) =>
      diagnostic('DF6055', `${mapping.layer} has two loops of ${dim} without a size`, [at], {
        help: `give ${dim} a size in all places but one`,
      }),
    );
  const wrong = LOOP_DIMS.filter((dim) => iterations(nest, dim) % product(mapping.loops, dim) !== 0);
  if (wrong.length === 0) return [];
  const found = wrong.map(
    (dim) => `${dim} ${product(mapping.loops, dim)} instead of ${iterations(nest, dim)}`,
  );
  return [
    diagnostic(
      'DF6055',
      `the loops given for ${mapping.layer} do not make up its tile: ${found.join(', ')}`,
      [mapping.loopsAt],
      {
        terms: wrong.map((dim) => sizeTerm(problem, nest, dim)),
        help: 'per dimension the loops multiply to its temporal iterations, or to a divisor: the rest is searched',
      },
    ),
  ];
}

/** `OY: 72 iterations, 4 at a time on the array, are 18 temporal ones`. */
function sizeTerm({ loops }: LayerTileProblem, nest: Nest, dim: LoopDim): string {
  const size = loops.find((loop) => loop.dim === dim)?.size;
  if (size === undefined) return `${dim}: the layer has no such dimension`;
  const units = nest.spatial
    .filter((loop) => loop.dim === dim)
    .reduce((all, { unroll }) => all * valueOf(unroll), 1);
  const unrolled = units > 1 ? `, ${Number(units.toFixed(2))} at a time on the array` : '';
  return `${dim}: ${size} iterations${unrolled}, are ${iterations(nest, dim)} temporal ones`;
}
