/** A demand no choice of levels meets, told as a result: demand, bound, terms and what would change it. */
import { known } from '../base/assert.js';
import type { StackId } from '../base/ids.js';
import { sizeText } from '../base/units.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { Infeasibility } from '../ir/alloc.js';
import type { Layer } from '../ir/layer.js';
import type { LayerTileName, Unmappable } from '../ir/layer-tile.js';
import type { Hierarchy } from './hierarchy.js';

/** A diagnostic with the layer tile it is about. */
export const inTile = (d: Diagnostic, { stack, type, layer }: LayerTileName): Diagnostic => ({
  ...d,
  at: [...d.at, { kind: 'ir', id: `${stack} ${type} ${layer}` }],
});

export function infeasibility(
  hierarchy: Hierarchy,
  stack: StackId,
  type: string,
  layer: Layer,
  { memory: index, operand, demandBits, boundBits }: Unmappable,
): Infeasibility {
  const memory = hierarchy.memory(index);
  const bits =
    operand === 'O'
      ? layer.output.psumBits
      : known(
          layer.inputs.find((i) => i.name === operand),
          operand,
        ).bits;
  const fewer = Math.floor((bits * boundBits) / demandBits);
  return {
    stack,
    type,
    layer: layer.id,
    memory: memory.id,
    demandBits,
    boundBits,
    terms: [
      `the least that any split found leaves in ${memory.name}; ${layer.id}.${operand} has ${bits} bit per element`,
    ],
    levers: [
      `at least ${sizeText(demandBits)} of ${memory.name} instead of ${sizeText(boundBits)}`,
      ...(index === hierarchy.top ? ['a smaller tile, or cuts that make the stack smaller'] : []),
      ...(fewer > 0 ? [`at most ${fewer} bit per element of ${operand}`] : []),
    ],
  };
}
