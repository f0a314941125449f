/**
 * A text that two layer-tile problems share exactly if they have the same answer by construction. Loops of one
 * iteration touch nothing and are left out, wherever they are mentioned.
 */
import type { LoopDim } from '../ir/layer.js';
import type { LayerTileProblem, TileOperand } from '../ir/layer-tile.js';

export function problemKey({
  loops,
  unrolling,
  operands,
  passes,
  operationEnergyPj,
}: LayerTileProblem): string {
  const repeated = loops.filter(({ size }) => size > 1);
  const counts = (dim: LoopDim): boolean => repeated.some((loop) => loop.dim === dim);
  return [
    repeated.map(({ dim, size }) => `${dim}${size}`).join(' '),
    unrolling.flatMap(({ array, dim, size }) => (counts(dim) ? [`${array}=${dim}${size}`] : [])).join(' '),
    ...operands.map((operand) => operandKey(operand, counts)),
    `x${passes} ${operationEnergyPj}pJ`,
  ].join('; ');
}

function operandKey(
  { name, path, bits, psumBits, relevant, irrelevant, windows, levels }: TileOperand,
  counts: (dim: LoopDim) => boolean,
): string {
  const windowKeys = windows.flatMap(({ out, kernel, stride, dilation, limit }) =>
    counts(out) || counts(kernel) ? [`${stride}${out}+${dilation}${kernel}<${limit ?? ''}`] : [],
  );
  return [
    `${name}@${path}`,
    `${bits}/${psumBits}`,
    // Which loops index an operand is a set.
    relevant.filter(counts).sort().join(),
    irrelevant.filter(counts).sort().join(),
    windowKeys.join(),
    levels.join(),
  ].join(' ');
}
