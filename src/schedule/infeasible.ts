/** A demand no choice of levels meets, told as a result: demand, bound, terms and what would change it. */
import { known } from '../base/assert.js';
import type { StackId } from '../base/ids.js';
import { grouped, sizeText } from '../base/units.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import { instancesOf, type Precision } from '../hw/accelerator.js';
import type { Infeasibility } from '../ir/alloc.js';
import type { Layer } from '../ir/layer.js';
import type { LayerTileName, Unmappable } from '../ir/layer-tile.js';
import type { Hierarchy } from './hierarchy.js';

/** A diagnostic with the layer tile it is about. */
export const inTile = (d: Diagnostic, { stack, type, layer }: LayerTileName): Diagnostic => ({
  ...d,
  at: [...d.at, { kind: 'ir', id: `${stack} ${type} ${layer}` }],
});

/** Elements of an operand as a memory holds them, what they are called, and where their bits are set. */
interface Held {
  readonly bits: number;
  readonly one: string;
  readonly many: string;
  readonly key: keyof Precision;
}

const elementsOf = (operand: string): Pick<Held, 'one' | 'many'> => ({
  one: `element of ${operand}`,
  many: `elements of ${operand}`,
});

/** In the lowest level of the output path sums are unfinished, unless the array adds them up at once. */
function heldIn(
  { levels }: Hierarchy,
  index: number,
  layer: Layer,
  { operand, demandBits }: Unmappable,
): Held {
  if (operand === 'O') {
    const { bits, psumBits } = layer.output;
    const finished = demandBits % bits === 0 && (demandBits % psumBits !== 0 || bits > psumBits);
    return levels.O[0] === index && !finished
      ? { bits: psumBits, one: 'partial sum', many: 'partial sums', key: 'psum' }
      : { bits, ...elementsOf('O'), key: 'O' };
  }
  const { bits, path } = known(
    layer.inputs.find((input) => input.name === operand),
    operand,
  );
  return { bits, ...elementsOf(operand), key: path };
}

export function infeasibility(
  hierarchy: Hierarchy,
  stack: StackId,
  type: string,
  layer: Layer,
  reason: Unmappable,
): Infeasibility {
  const { memory: index, operand, demandBits, boundBits } = reason;
  const memory = hierarchy.memory(index);
  const { bits, one, many, key } = heldIn(hierarchy, index, layer, reason);
  const fewer = Math.floor((bits * boundBits) / demandBits);
  const elements = demandBits / bits;
  const takenBits = Math.max(0, memory.sizeBits - boundBits);
  const instances = instancesOf(hierarchy.hw, memory);
  const each = instances === 1 ? memory.name : `each of the ${grouped(instances)} ${memory.name}`;
  return {
    stack,
    type,
    layer: layer.id,
    memory: memory.id,
    demandBits,
    boundBits,
    terms: [
      Number.isInteger(elements)
        ? `${each} has to hold at least ${grouped(elements)} ${elements === 1 ? one : many} of ${layer.id}, ${bits} bit each`
        : `the least that any split found leaves in ${memory.name}; ${layer.id}.${operand} has ${bits} bit per element`,
      ...(takenBits > 0
        ? [`${sizeText(takenBits)} of ${memory.name} are taken up by caches, weights and maps that wait`]
        : []),
    ],
    levers: [
      `at least ${sizeText(demandBits + takenBits)} of ${memory.name} instead of ${sizeText(memory.sizeBits)}`,
      ...(index === hierarchy.top ? ['a smaller tile, or cuts that make the stack smaller'] : []),
      ...(fewer > 0 ? [`at most ${fewer} bit per ${one} (--precision ${key}=${fewer})`] : []),
    ],
  };
}
