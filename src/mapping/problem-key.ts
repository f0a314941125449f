/**
 * A text that two layer-tile problems share exactly if they have the same answer by construction. Loops of one
 * iteration touch nothing and are left out, wherever they are mentioned.
 *
 * Hot: asked for every layer of every tile of an exploration, hence plain loops.
 */
import type { LoopDim } from '../ir/layer.js';
import type { LayerTileProblem, TileOperand } from '../ir/layer-tile.js';

export function problemKey({
  loops,
  unrolling,
  operands,
  passes,
  operationEnergyPj,
  takenBits,
}: LayerTileProblem): string {
  const repeated: LoopDim[] = [];
  let key = '';
  for (const { dim, size } of loops) {
    if (size === 1) continue;
    repeated.push(dim);
    key += `${dim}${size} `;
  }
  key += ';';
  for (const { array, dim, size } of unrolling) if (repeated.includes(dim)) key += ` ${array}=${dim}${size}`;
  for (const operand of operands) key += `; ${operandKey(operand, repeated)}`;
  key += `; x${passes} ${operationEnergyPj}pJ`;
  return takenBits === undefined ? key : `${key}; -${takenBits.join()}`;
}

function operandKey(
  { name, path, bits, psumBits, relevant, irrelevant, windows, share, levels }: TileOperand,
  repeated: readonly LoopDim[],
): string {
  let key = `${name}@${path} ${bits}/${psumBits} `;
  // Which loops index an operand is a set: in the order of the loops, not of the lists.
  for (const dim of repeated) if (relevant.includes(dim)) key += `${dim},`;
  key += ' ';
  for (const dim of repeated) if (irrelevant.includes(dim)) key += `${dim},`;
  for (const { out, kernel, stride, dilation, limit } of windows)
    // A window that touches nothing at all is another one even where no loop moves it.
    if (repeated.includes(out) || repeated.includes(kernel) || limit === 0)
      key += ` ${stride}${out}+${dilation}${kernel}<${limit ?? ''}`;
  if (share !== undefined) key += ` ${share.exist}/${share.of}`;
  for (const level of levels) key += `.${level}`;
  return key;
}
