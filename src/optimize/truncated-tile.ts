/**
 * A layer in one tile of known size where the profile truncates: what units share, what truncation leaves (formula 9) and
 * the lowest tops, which are those that the published rule gives such a tile.
 */
import { known } from '../base/assert.js';
import type { Profile } from '../base/profile.js';
import { fanOutNumbers } from '../cost/fan-out.js';
import { roundingOf } from '../cost/rounding.js';
import type { Accelerator } from '../hw/accelerator.js';
import { hierarchyOf } from '../schedule/hierarchy.js';
import { tileLoops } from '../schedule/layer-problem.js';
import {
  elementsOf,
  sharedAmong,
  type BoundLayer,
  type BoundOperand,
  type TileOutputs,
} from './bound-layer.js';
import type { LayerWork, OperandWork } from './layer-work.js';
import { areTopsPublished, publishedTops, type Tops } from './least-tops.js';
import { staysOf } from './stays.js';
import { tileNest, type TileNest } from './tile-nest.js';
import { keptAt } from './truncation.js';

export function truncatedTile(
  hw: Accelerator,
  profile: Profile,
  bound: BoundLayer,
  out: TileOutputs,
): LayerWork {
  const nest = tileNest(hw, profile, bound, out);
  const tops = areTopsPublished(profile)
    ? publishedTops(bound.data, out, hierarchyOf(hw), profile)
    : undefined;
  const { iterations, steps, countOf, outputs } = nest;
  return {
    isTile: true,
    iterations,
    steps,
    fewestSteps: steps,
    along: { x: 1, y: 1 },
    stays: staysOf(bound.operands, tileLoops(bound.layer, { out }), ({ dim }) => countOf(dim)),
    operands: bound.operands.map((operand, o): OperandWork => ({
      elements: elementsOf(bound, operand, outputs),
      lowestTop: raisedTop(operand, tops),
      mayPassBy: operand.mayPassBy,
      traffic: undefined,
      ...sharing(profile, bound, operand, nest, known(nest.loops[o], 'operand')),
    })),
  };
}

/** What units share, and what truncation leaves. */
function sharing(
  profile: Profile,
  bound: BoundLayer,
  operand: BoundOperand,
  { outputs, iterations, steps, sizeOf, countOf }: TileNest,
  loops: TileNest['loops'][number],
): Pick<OperandWork, 'shared' | 'kept'> {
  const { kept, memories } = operand;
  // Where a window meets a border there are fewer elements than units: sharing is bounded as for any tile.
  if (operand.windows.length > 0 && bound.clipped)
    return { shared: sharedAmong(bound, operand, outputs), kept };
  const fanOut = fanOutNumbers(operand, loops, roundingOf(profile));
  const { perCycle, instances } = fanOut;
  const laid = { operand, loops, fanOut, sizeOf, countOf };
  return {
    shared: memories.map((_, a) => iterations / (steps * perCycle[a]! * instances[a + 1]!)),
    kept: memories.map((_, a) => keptAt(laid, a)),
  };
}

const raisedTop = ({ path, levels, lowestTop }: BoundOperand, tops: Tops | undefined): number =>
  tops === undefined || path === 'W'
    ? lowestTop
    : Math.max(
        lowestTop,
        levels.findIndex((index) => index >= tops[path]),
      );
